"""One collector at a time on one database file; the kernel lets go when the process dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chainlight_collector.errors import StoreLockedError


@contextmanager
def run_lock(database: Path) -> Iterator[None]:
    """Hold the file's run lock.

    Raises:
        StoreLockedError: another collector holds it; the message names its process.

    """
    path = Path(f"{database}.collecting")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise StoreLockedError(
                f"another collector (process {file.read().strip() or 'unknown'}) is at work on "
                f"{database}. Wait for it to end, stop it, or give this one another --db."
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
