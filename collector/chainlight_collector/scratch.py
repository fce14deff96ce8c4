"""Working folders that do not outlive their process for long.

A process that is killed cannot tidy up, and a Lambda environment keeps its disk for the next
invocation. So every working folder holds a file that its process has locked; the kernel lets go
when the process dies, and the next collector removes the folders that nobody holds.
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

PREFIX = "chainlight-"
_HELD = ".held"
_YOUNG_S = 60.0
"""A folder so young may not hold its lock yet."""


@contextmanager
def folder() -> Iterator[Path]:
    """Yield a new folder in the system's temporary folder; it is removed at the end."""
    path = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        with (path / _HELD).open("w", encoding="ascii") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def sweep() -> int:
    """Remove the folders of processes that were killed, and return how many there were."""
    return sum(_drop(path) for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"))


def _drop(path: Path) -> bool:
    with suppress(OSError):
        if time.time() - path.stat().st_mtime < _YOUNG_S:
            return False
        with (path / _HELD).open("r+", encoding="ascii") as held:
            if _is_held(held):
                return False
            shutil.rmtree(path, ignore_errors=True)
            return True
    return False


def _is_held(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False
