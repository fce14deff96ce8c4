"""Whether other engines answer the same from the lake's Parquet, and how a lake grows.

    make bench-engine                      ten million attempts: sizes, questions, DuckDB and Spark
    make bench-engine ATTEMPTS=5000000 SPARK=0
    make bench-engine ATTEMPTS=50000000 SPARK=0 SOURCE=big.duckdb   of a database that exists

Prints what an attempt weighs and how long three questions take, beside what other sizes took
before; then each view's time in both engines and whether the answers are equal. Returns 1 where one
differs or fails. Spark (PyPI, Java from PATH) runs in an environment of its own; databases and
lakes are kept in .build/bench-engine, by size, until they are deleted.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lake as lakes
import sizing
from compared import MAIN, ROWS_MAX, Columns
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
HAS_SPARK = os.environ.get("SPARK", "1") != "0"
TOLERANCE = 1e-9
SPARK_TYPES = {"VARCHAR": "STRING", "INTEGER": "INT", "VARCHAR[]": "ARRAY<STRING>"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A view's question for Spark, and what DuckDB answered to the same."""

    spark: str
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
    if not PYTHON.exists() and not _install():
        print("Spark: NOT MEASURED, pyspark could not be installed")
        return 1
    exported = portable.export("spark", is_temporary=True)
    views = [each.view for each in exported.statements if each.view in MAIN]
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
    return Asked(write(view, is_spark=True), rows, took_s, count)


def _spark(lake: Lake, statements: list[str], asked: dict[str, Asked]) -> dict[str, Any]:
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
            },
            "statements": statements,
            "questions": {view: each.spark for view, each in asked.items()},
        }
    )
    command = [str(PYTHON), str(Path(__file__).with_name("spark.py"))]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=scratch
    ) as process:
        printed, _ = process.communicate(order)
    lines = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    shutil.rmtree(scratch, ignore_errors=True)
    if process.returncode or not lines:
        raise SystemExit("Spark ended without an answer")
    print(f"\nDuckDB in chainlight, Spark {lines[0]['ready']} local[2]; the same question of each")
    return {line["view"]: line for line in lines[1:]}


def _ddl(columns: Any) -> str:
    return ", ".join(f"`{name}` {SPARK_TYPES.get(kind, kind)}" for name, kind in columns.items())


def _told(asked: dict[str, Asked], answers: dict[str, Any]) -> int:
    print(f"{'view':18} {'rows':>12} {'compared':>9} {'DuckDB s':>9} {'Spark s':>9}  verdict")
    differing = 0
    for view, own in asked.items():
        answer = answers[view]
        verdict = answer.get("error") or _verdict(own.rows, answer["rows"])
        differing += verdict != "equal"
        how = "each row" if own.count <= ROWS_MAX else "checksum"
        print(f"{view:18} {own.count:12,} {how:>9} {own.took_s:9.2f} {answer['s']:9.2f}  {verdict}")
    return 1 if differing else 0


def _verdict(own: list[tuple[Any, ...]], other: list[list[Any]]) -> str:
    if len(own) != len(other):
        return f"DIFFERENT: {len(own)} rows and {len(other)}"
    for wanted, found in zip(sorted(own, key=_order), sorted(other, key=_order), strict=True):
        if not all(map(_is_same, wanted, found)):
            pairs = zip(wanted, found, strict=True)
            return f"DIFFERENT: {[pair for pair in pairs if not _is_same(*pair)][:4]}"
    return "equal"


def _order(row: Any) -> list[str]:
    return [value if isinstance(value, str) else "" for value in row]


def _is_same(wanted: object, found: object) -> bool:
    if isinstance(wanted, float) and isinstance(found, float | int):
        return math.isclose(wanted, found, rel_tol=TOLERANCE, abs_tol=1e-15)
    return wanted == found


def _install() -> bool:
    uv = shutil.which("uv") or str(PROJECT / ".tools" / "bin" / "uv")
    environment = PYTHON.parents[1]
    make = [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(environment)]
    fill = [uv, "pip", "install", "--quiet", "--python", str(PYTHON), "pyspark"]
    return all(not subprocess.run(one, check=False).returncode for one in (make, fill))


if __name__ == "__main__":
    raise SystemExit(main())
