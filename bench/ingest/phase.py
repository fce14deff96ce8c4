"""One phase of the ingest bench in a process of its own, so that its peak memory is its own.

Prints one JSON object: seconds of wall and CPU time, peak RSS, lines read.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from chainlight_collector import derive, ingest
from chainlight_collector.store import Settings, Store

COUNT_COLUMNS = """
SELECT count(*), sum(strlen(message)), max("logGroup"), max("logStreamName"), max("timestamp"),
    max("ingestionTime")
FROM read_json($file, format = 'newline_delimited', columns = {
    'logGroup': 'VARCHAR', 'logStreamName': 'VARCHAR', 'timestamp': 'BIGINT',
    'ingestionTime': 'BIGINT', 'message': 'VARCHAR'
})
"""


def read_json(file: Path, _: Path) -> int:
    """Read every column that the collector reads, and nothing more: the baseline."""
    connection = duckdb.connect()
    rows = connection.execute(COUNT_COLUMNS, {"file": str(file)}).fetchall()
    return int(rows[0][0])


def facts(file: Path, database: Path) -> int:
    """Bring the events into the fact tables of a new database, checkpoint included."""
    with Store.open(database, settings=Settings()) as store:
        lines_count = _take(store, file)
        store.checkpoint()
    return lines_count


def derived(file: Path, database: Path) -> int:
    """As facts, and derive attempts, calls, links and chains from them."""
    with Store.open(database, settings=Settings()) as store:
        lines_count = _take(store, file)
        with store.transaction() as connection:
            derive.postpone(connection, None)
        store.catch_up()
        store.checkpoint()
    return lines_count


def _take(store: Store, file: Path) -> int:
    counts = ingest.Counts()
    with store.memory.spared():
        for step in ingest.steps(file, store.cursor):
            with store.transaction(step.connection) as connection:
                counts += step(connection, time.time_ns() // 1000)
    return counts.kept + counts.known + counts.skipped + counts.rejected


PHASES: dict[str, Callable[[Path, Path], int]] = {
    "read_json": read_json,
    "facts": facts,
    "facts + derived": derived,
}


def main() -> int:
    """Run the phase named first on the file named second."""
    # DuckDB looks for pandas at the first parameter of a process: not what is measured here.
    duckdb.connect().execute("SELECT $one", {"one": 1}).fetchall()
    with tempfile.TemporaryDirectory(prefix="chainlight-bench-") as folder:
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        lines_count = PHASES[sys.argv[1]](Path(sys.argv[2]), Path(folder, "bench.duckdb"))
        figures = {
            "wall_s": time.perf_counter() - wall_s,
            "cpu_s": time.process_time() - cpu_s,
            "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "lines_count": lines_count,
        }
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
