"""Pages on their way to the database: one NDJSON file and the checkpoints that it justifies.

A batch is committed whole: rows, what is to be derived from them, and checkpoints in one
transaction. Killed before that, the next run reads the same pages again; killed after it, it reads
on.
"""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from chainlight_collector import ingest, scratch
from chainlight_collector.ingest import Counts
from chainlight_collector.sources import checkpoints
from chainlight_collector.sources.checkpoints import Checkpoint
from chainlight_collector.sources.run import Run, postpone_touched

BATCH_BYTES = 32_000_000
BATCH_AGE_S = 30.0


class Batch:
    """Collect raw FilterLogEvents answers and commit them when 32 MB or 30 s are together."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._folder = ExitStack()
        self._file = self._folder.enter_context(scratch.folder()) / "pages.ndjson"
        self._checkpoints: list[Checkpoint] = []
        self._began_s = time.monotonic()
        self._size_bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._folder.close()

    @property
    def is_due(self) -> bool:
        """Whether it should be committed now."""
        age_s = time.monotonic() - self._began_s
        return bool(self._checkpoints) and (self._size_bytes >= BATCH_BYTES or age_s >= BATCH_AGE_S)

    def add(self, group: str, bodies: tuple[bytes, ...], after: list[Checkpoint]) -> None:
        """Append the pages of one log group and the checkpoints that hold once they are in."""
        head = b'{"logGroup":' + json.dumps(group).encode() + b',"body":'
        with self._file.open("ab") as file:
            for body in bodies:
                if b'"message"' in body:
                    # JSON has newlines between its tokens only: none is inside a message.
                    self._size_bytes += file.write(head + body.replace(b"\n", b" ") + b"}\n")
        self._checkpoints += after

    def commit(self) -> Counts:
        """Bring rows, their note for derive, and checkpoints into the database at once."""
        counts = Counts()
        with self._run.store.transaction() as connection:
            if self._size_bytes:
                counts = ingest.log_pages(connection, [self._file], self._run.now_us)
                postpone_touched(connection, counts)
            checkpoints.write(connection, self._checkpoints, self._run.now_us)
        self._file.unlink(missing_ok=True)
        self._checkpoints, self._size_bytes = [], 0
        self._began_s = time.monotonic()
        return counts
