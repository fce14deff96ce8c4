"""Whether other engines answer the same from the lake's Parquet, and how a lake grows.

    make bench-engine                      ten million attempts: sizes, questions, DuckDB and Spark
    make bench-engine ATTEMPTS=5000000 SPARK=0
    make bench-engine VIEWS=edges,functions    these alone compared
    make bench-engine SOURCE=big.duckdb        of a database that exists, by chainlight migrate

Prints what an attempt weighs and how long three questions take, beside what other sizes took
before; then each view's time in both engines and whether the answers are equal. Returns 1 where one
differs or fails. Spark (PyPI, Java from PATH) runs in an environment of its own; lakes are kept in
.build/bench-engine, by size, until they are deleted.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import environments
import lake as lakes
import sizing
from compared import MAIN, PERCENTILE, ROWS_MAX, Columns
from lake import Lake

from chainlight_collector import portable
from chainlight_collector.lake_store import LakeStore
from chainlight_collector.portable import sources
from chainlight_collector.store import Settings

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = PROJECT / ".build" / "bench-engine"
PYTHON = FOLDER / "env" / "bin" / "python"
ATTEMPTS = int(os.environ.get("ATTEMPTS") or 10_000_000)
SOURCE = os.environ.get("SOURCE")
VIEWS = os.environ["VIEWS"].split(",") if os.environ.get("VIEWS") else MAIN
HAS_SPARK = os.environ.get("SPARK", "1") != "0"
TOLERANCE = 1e-9
SPARK_TYPES = {"VARCHAR": "STRING", "INTEGER": "INT", "VARCHAR[]": "ARRAY<STRING>"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A view's question for Spark, and what DuckDB answered to the same."""

    spark: str
    names: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    took_s: float
    count: int


def main() -> int:
    """Make the lake, measure it, and compare; return 1 where an answer differs."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("CHAINLIGHT_MEMORY_LIMIT", "6GB")
    lake = lakes.made(FOLDER, ATTEMPTS, Path(SOURCE) if SOURCE else None)
    sizing.measure(lake, FOLDER / "figures.json")
    if not HAS_SPARK:
        return 0
    if not PYTHON.exists() and not environments.is_made(PYTHON, "pyspark"):
        print("Spark: NOT MEASURED, pyspark could not be installed")
        return 1
    exported = portable.export("spark", is_temporary=True)
    views = [each.view for each in exported.statements if each.view in VIEWS]
    with LakeStore.read(lake.address, Settings(threads=2, memory_limit="6GB")) as store:
        asked = {view: _asked(store, view) for view in views}
    answers = _spark(lake, [each.sql for each in exported.statements], asked)
    return _told(asked, answers)


def _asked(store: LakeStore, view: str) -> Asked:
    columns = Columns.of(sources.read().columns[view])
    count = int(store.query(f"SELECT count(*) FROM {view}").fetchall()[0][0])
    write = columns.rows if count <= ROWS_MAX else columns.checksum
    started_s = time.perf_counter()
    rows = store.query(write(view, is_spark=False)).fetchall()
    took_s = time.perf_counter() - started_s
    names = columns.names if count <= ROWS_MAX else ()
    return Asked(write(view, is_spark=True), names, rows, took_s, count)


def _spark(lake: Lake, statements: list[str], asked: dict[str, Asked]) -> Iterator[dict[str, Any]]:
    """Yield Spark's answers as they come."""
    columns = sources.read().columns
    scratch = FOLDER / "spark"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    order = json.dumps(
        {
            "folder": str(scratch),
            "tables": {
                table: {"files": files, "columns": _ddl(columns[table])}
                for table, files in lake.files.items()
                if table in columns
            },
            "statements": statements,
            "questions": {view: each.spark for view, each in asked.items()},
        }
    )
    command = [str(PYTHON), str(Path(__file__).with_name("spark.py"))]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=scratch
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise SystemExit("Spark was not started")
        process.stdin.write(order)
        process.stdin.close()
        yield from (json.loads(line) for line in process.stdout if line.startswith("{"))
    shutil.rmtree(scratch, ignore_errors=True)


def _ddl(columns: Any) -> str:
    return ", ".join(f"`{name}` {SPARK_TYPES.get(kind, kind)}" for name, kind in columns.items())


def _told(asked: dict[str, Asked], answers: Iterator[dict[str, Any]]) -> int:
    version = next(answers, {}).get("ready")
    print(f"\nDuckDB in chainlight, Spark {version} local[2]; the same question of each")
    print(f"{'view':18} {'rows':>12} {'compared':>9} {'DuckDB s':>9} {'Spark s':>9}  verdict")
    equal_count = sum(
        _is_equal(answer["view"], asked[answer["view"]], answer) for answer in answers
    )
    return 0 if equal_count == len(asked) else 1


def _is_equal(view: str, own: Asked, answer: dict[str, Any]) -> bool:
    verdict = answer.get("error") or _verdict(own, answer["rows"])
    how = "each row" if own.count <= ROWS_MAX else "checksum"
    times = f"{own.took_s:9.2f} {answer['s']:9.2f}"
    print(f"{view:18} {own.count:12,} {how:>9} {times}  {verdict}", flush=True)
    return bool(verdict.startswith("equal"))


def _verdict(own: Asked, other: list[list[Any]]) -> str:
    if len(own.rows) != len(other):
        return f"DIFFERENT: {len(own.rows)} rows and {len(other)}"
    apart = []
    for wanted, found in zip(sorted(own.rows, key=_order), sorted(other, key=_order), strict=True):
        names = own.names or ("",) * len(wanted)
        apart += [each for each in zip(names, wanted, found, strict=True) if not _is_same(*each)]
    near_count = sum(PERCENTILE.search(name) is not None for name, _, _ in apart)
    is_near = all(PERCENTILE.search(name) and abs(a - b) <= 1 for name, a, b in apart)
    if apart and not is_near:
        return f"DIFFERENT: {len(apart)} values, {apart[:4]}"
    return f"equal, {near_count} percentiles one unit apart" if apart else "equal"


def _order(row: Any) -> list[str]:
    return [value if isinstance(value, str) else "" for value in row]


def _is_same(_: str, wanted: object, found: object) -> bool:
    if isinstance(wanted, float) and isinstance(found, float | int):
        return math.isclose(wanted, found, rel_tol=TOLERANCE, abs_tol=1e-15)
    return wanted == found


if __name__ == "__main__":
    raise SystemExit(main())
