"""Runs a reader's SQL in a child process that cannot write, reach other files or hold the page.

Two children at a time; a third query waits for its turn within its deadline. The child's own
limits bound memory and processor time, the deadline here bounds everything else: at it the whole
process group is killed. The answer is cut at a number of rows and refused above a number of bytes.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from chainlight_dashboard import child
from chainlight_dashboard.errors import QueryRefusedError, QueryStoppedError

if TYPE_CHECKING:
    import pandas as pd

CHILD = Path(child.__file__)
CHILDREN_MAX = 2
CHUNK_BYTES = 1 << 16
_turns = threading.BoundedSemaphore(CHILDREN_MAX)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may use."""

    deadline_s: float = 10.0
    cpu_s: int = 10
    memory_bytes: int = 1_500_000_000
    rows_max: int = 10_000
    answer_bytes_max: int = 64_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows, at most `rows_max` of them, and whether there were more."""

    rows: pd.DataFrame
    is_cut: bool
    took_us: int


def run(path: str, sql: str, limits: Limits | None = None) -> Answer:
    """Run one reading statement on the database file at `path`.

    Raises:
        QueryRefusedError: it is no reading statement, or DuckDB refused it.
        QueryStoppedError: a limit stopped it.

    """
    allowed = limits or Limits()
    started_s = time.monotonic()
    if not _turns.acquire(timeout=allowed.deadline_s):
        raise QueryStoppedError("Other queries are running; try again in a moment.")
    try:
        rows = _answer(path, sql, allowed)
    finally:
        _turns.release()
    is_cut = len(rows) > allowed.rows_max
    took_us = int((time.monotonic() - started_s) * 1_000_000)
    return Answer(rows.head(allowed.rows_max), is_cut, took_us)


def _answer(path: str, sql: str, limits: Limits) -> pd.DataFrame:
    task: child.Task = {
        "path": path,
        "sql": sql,
        "rows_max": limits.rows_max,
        "memory_bytes": limits.memory_bytes,
        "cpu_s": limits.cpu_s,
    }
    process = subprocess.Popen(
        [sys.executable, "-I", str(CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={},
        start_new_session=True,
    )
    watch = _Watch(process, limits.deadline_s)
    try:
        output, errors = _talk(process, json.dumps(task).encode(), limits)
    finally:
        watch.cancel()
        _kill_group(process)
        status = process.wait()
    if watch.has_fired:
        raise QueryStoppedError(f"Stopped after {limits.deadline_s:.0f} s. Narrow the query.")
    return _judged(status, output, errors)


class _Watch:
    """Kills the process group at the deadline, unless cancelled before."""

    def __init__(self, process: subprocess.Popen[bytes], deadline_s: float) -> None:
        self.has_fired = False
        self._process = process
        self._timer = threading.Timer(deadline_s, self._fire)
        self._timer.daemon = True
        self._timer.start()

    def _fire(self) -> None:
        self.has_fired = True
        _kill_group(self._process)

    def cancel(self) -> None:
        """Let the process live on."""
        self._timer.cancel()


def _talk(process: subprocess.Popen[bytes], task: bytes, limits: Limits) -> tuple[bytes, bytes]:
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise QueryStoppedError("The query's process has no pipes.")
    with process.stdin, process.stdout, process.stderr:
        try:
            process.stdin.write(task)
            process.stdin.close()
        except BrokenPipeError:
            return b"", process.stderr.read(CHUNK_BYTES)
        output = process.stdout.read(limits.answer_bytes_max + 1)
        if len(output) > limits.answer_bytes_max:
            raise QueryStoppedError(
                f"The answer is above {limits.answer_bytes_max // 1_000_000} MB. "
                "Choose fewer columns or rows."
            )
        return output, process.stderr.read(CHUNK_BYTES)


def _judged(status: int, output: bytes, errors: bytes) -> pd.DataFrame:
    message = errors.decode(errors="replace")
    if status == child.REFUSED:
        raise QueryRefusedError(message)
    if status in {-signal.SIGXCPU, -signal.SIGKILL}:
        raise QueryStoppedError("Stopped: it used all the processor time a query may use.")
    if status != 0:
        raise QueryStoppedError(message.splitlines()[-1] if message else "Stopped at a limit.")
    with pa.ipc.open_stream(output) as reader:
        return reader.read_all().to_pandas()


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
