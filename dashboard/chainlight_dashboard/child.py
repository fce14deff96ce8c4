"""One hostile query, alone in a process: JSON on stdin, an Arrow stream on stdout.

Run as `python -I child.py` with an empty environment. The limits are set before DuckDB is loaded,
so nothing the query does can undo them; the parent kills the process group at the deadline.
Input: path, sql, rows_max, memory_bytes, cpu_s. On failure one line of text goes to stderr and the
exit status is REFUSED (the statement) or STOPPED (a limit).
"""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    import duckdb

REFUSED = 3
STOPPED = 4
READING = {"SELECT", "EXPLAIN"}


class Task(TypedDict):
    """What the parent asks for; the row cap is applied here, one row more tells of a cut."""

    path: str
    sql: str
    rows_max: int
    memory_bytes: int
    cpu_s: int


def main() -> int:
    """Run the task on stdin and return the exit status."""
    task: Task = json.load(sys.stdin)
    _limit(resource.RLIMIT_AS, task["memory_bytes"])
    _limit(resource.RLIMIT_CPU, task["cpu_s"])
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    try:
        return _run(task)
    except MemoryError:
        return _fail(STOPPED, "the query needs more memory than a query may use")


def _limit(which: int, value: int) -> None:
    resource.setrlimit(which, (value, value))


def _run(task: Task) -> int:
    import duckdb  # noqa: PLC0415  after the limits

    try:
        connection = duckdb.connect(task["path"], read_only=True, config=_settings(task))
        _check(connection, task["sql"])
        _write(connection, task["sql"], task["rows_max"])
    except duckdb.OutOfMemoryException:
        return _fail(STOPPED, "the query needs more memory than a query may use")
    except (duckdb.Error, RuntimeError) as error:
        return _fail(REFUSED, str(error))
    return 0


def _settings(task: Task) -> dict[str, str | bool | int | float | list[str]]:
    return {
        "enable_external_access": "false",
        "lock_configuration": "true",
        "threads": 1,
        "temp_directory": "",
        "memory_limit": f"{task['memory_bytes'] // 3}B",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }


def _check(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise RuntimeError(f"Expected one statement, found {len(statements)}.")
    kind = statements[0].type.name
    if sql.lstrip().upper().startswith("PRAGMA"):
        kind = "PRAGMA"  # DuckDB turns some into a SELECT; none is needed here
    if kind not in READING:
        raise RuntimeError(f"{kind} is not run here: the page reads with SELECT, WITH or EXPLAIN.")


def _write(connection: duckdb.DuckDBPyConnection, sql: str, rows_max: int) -> None:
    import pyarrow as pa  # noqa: PLC0415  after the limits

    reader = connection.execute(sql).to_arrow_reader(2048)
    left = rows_max + 1
    with pa.ipc.new_stream(sys.stdout.buffer, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch[:left])
            left -= batch.num_rows
            if left <= 0:
                break


def _fail(status: int, message: str) -> int:
    sys.stderr.write(message[:4_000])
    return status


if __name__ == "__main__":
    exit_status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit: tearing DuckDB and Arrow down after a SUMMARIZE crashes (duckdb 1.5.5).
    os._exit(exit_status)
