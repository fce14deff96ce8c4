"""How fast are the answers? chainlight's views over 1, 10 or 50 million attempts, beside the peers.

    make bench-query                     one million attempts, with ClickHouse and SQLite
    make bench-query ATTEMPTS=10000000   the size that the limits are meant for
    make bench-query ATTEMPTS=50000000 PEERS=0

The file is warm: each question is asked once before it is timed. Minimum and 90th percentile are
printed; peers answer the same questions over the same rows, and every answer is compared. Databases
are kept in .build/bench-query, by size, until they are deleted.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import environments
import rows
from questions import COLUMNS, OWN, SAME

from chainlight_collector.store import Settings, Store

if TYPE_CHECKING:
    from collections.abc import Callable

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = PROJECT / ".build" / "bench-query"
CLICKHOUSE = FOLDER / "env" / "bin" / "python"
ATTEMPTS = int(os.environ.get("ATTEMPTS") or 1_000_000)
HAS_PEERS = os.environ.get("PEERS", "1") != "0"
ROUNDS = 11
BATCH = 20_000
LIMITS_HOLD_UP_TO = 10_000_000


def main() -> int:
    """Make the database where it is missing, ask, and return 1 where a limit was missed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{ATTEMPTS}.duckdb"
    if not path.exists():
        started_s = time.perf_counter()
        unfinished = path.with_suffix(".unfinished")
        rows.make(unfinished, ATTEMPTS)
        unfinished.rename(path)
        print(f"made in {time.perf_counter() - started_s:.0f} s")
    with Store.open(path, settings=Settings(memory_limit="6GB")):
        pass  # brings the views of a kept database up to date
    with Store.open(
        path, read_only=True, settings=Settings(threads=2, memory_limit="6GB")
    ) as store:
        count = _one(store, "SELECT count(*) FROM attempt_rows")
        chain_ids = _chain_ids(store)
        size_mb = path.stat().st_size / 1e6
        print(f"{count:,} attempts, {size_mb:,.0f} MB, load {os.getloadavg()[0]:.1f}\n")
        missed = _own(store, chain_ids)
        if HAS_PEERS:
            _same(store, chain_ids[0])
    return 1 if missed and count <= LIMITS_HOLD_UP_TO * 1.1 else 0


def _chain_ids(store: Store) -> list[str]:
    found = store.query("SELECT chain_id FROM chain_rows USING SAMPLE 20 ROWS (reservoir, 7)")
    return [chain_id for (chain_id,) in found.fetchall()]


def _own(store: Store, chain_ids: list[str]) -> int:
    print(f"{'chainlight':24} {'min ms':>9} {'p90 ms':>9} {'limit':>7}")
    missed = 0
    for name, (sql, limit_ms) in OWN.items():
        turns = iter(chain_ids * ROUNDS)
        took_ms = _timed(
            lambda sql=sql, turns=turns: store.query(sql.format(chain_id=next(turns))).fetchall()
        )
        is_missed = min(took_ms) > limit_ms
        missed += is_missed
        verdict = "MISSED" if is_missed else ""
        print(f"{name:24} {min(took_ms):9.1f} {_p90(took_ms):9.1f} {limit_ms:7.0f} {verdict}")
    return missed


def _timed(ask: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    ask()
    took_ms = []
    for _ in range(rounds):
        started_s = time.perf_counter()
        ask()
        took_ms.append(1000 * (time.perf_counter() - started_s))
    return took_ms


def _p90(took_ms: list[float]) -> float:
    return quantiles(took_ms, n=10)[-1]


def _one(store: Store, sql: str) -> int:
    row = store.query(sql).fetchone()
    return int(row[0]) if row else 0


def _same(store: Store, chain_id: str) -> None:
    folder = FOLDER / "peers"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    answers = {"DuckDB": _duckdb(store, chain_id)}
    answers["ClickHouse"] = _clickhouse(store, folder, chain_id)
    answers["SQLite"] = _sqlite(store, folder / "rows.sqlite", chain_id)
    shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{'same rows, same answers':32}" + "".join(f"{peer + ' ms':>16}" for peer in answers))
    for name in SAME:
        own_ms = answers["DuckDB"][name]["ms"]
        line = f"{name:32}"
        for peer, answer in answers.items():
            _compare(name, peer, answers["DuckDB"][name]["rows"], answer.get(name))
            ms = answer[name]["ms"] if name in answer else None
            line += f"{'-':>16}" if ms is None else f"{ms:9.1f} x{ms / own_ms:5.1f}"
        print(line)


def _compare(name: str, peer: str, expected: Any, answer: dict[str, Any] | None) -> None:
    if answer is None:
        return
    if len(answer["rows"]) != len(expected):
        raise SystemExit(f"{peer} answers {name} with {len(answer['rows'])} rows")
    for found, wanted in zip(answer["rows"], expected, strict=True):
        if not all(map(_is_same, found, wanted)):
            raise SystemExit(f"{peer} answers {name} otherwise than DuckDB: {found}, {wanted}")


def _is_same(found: object, wanted: object) -> bool:
    """Tell whether two cells are one, to a unit: engines interpolate and round in their ways."""
    try:
        return math.isclose(float(str(found)), float(str(wanted)), rel_tol=1e-9, abs_tol=1.01)
    except ValueError:
        return str(found) == str(wanted)


def _duckdb(store: Store, chain_id: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, question in SAME.items():
        sql = question.duckdb.format(chain_id=chain_id)
        found[name] = {
            "ms": min(_timed(lambda sql=sql: store.query(sql).fetchall())),
            "rows": store.query(sql).fetchall(),
        }
    return found


def _clickhouse(store: Store, folder: Path, chain_id: str) -> dict[str, Any]:
    if not CLICKHOUSE.exists() and not environments.is_made(CLICKHOUSE, "chdb"):
        print("ClickHouse: NOT MEASURED, chdb could not be installed")
        return {}
    for table, columns in COLUMNS.items():
        store.query(
            f"COPY (SELECT {', '.join(columns)} FROM {table}) TO '{folder}/{table}.parquet'"
        )
    questions = {name: one.clickhouse.format(chain_id=chain_id) for name, one in SAME.items()}
    done = subprocess.run(
        [str(CLICKHOUSE), str(Path(__file__).parent / "clickhouse.py"), str(folder)],
        input=json.dumps(questions),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(f"ClickHouse: NOT MEASURED, {done.stderr.strip()[-300:]}")
        return {}
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


def _sqlite(store: Store, path: Path, chain_id: str) -> dict[str, Any]:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA cache_size = -2000000")
    for table, columns in COLUMNS.items():
        names, holes = ", ".join(columns), ", ".join("?" * len(columns))
        connection.execute(f"CREATE TABLE {table} ({names})")
        cursor = store.query(f"SELECT {names} FROM {table}")
        while batch := cursor.fetchmany(BATCH):
            connection.executemany(f"INSERT INTO {table} VALUES ({holes})", batch)
    connection.execute("CREATE INDEX by_chain ON timeline_rows (chain_id, row)")
    connection.commit()
    found: dict[str, Any] = {}
    for name, question in SAME.items():
        sql = question.sqlite.format(chain_id=chain_id)
        took_ms = _timed(lambda sql=sql: connection.execute(sql).fetchall(), rounds=1)
        found[name] = {"ms": min(took_ms), "rows": connection.execute(sql).fetchall()}
    connection.close()
    return found


if __name__ == "__main__":
    raise SystemExit(main())
