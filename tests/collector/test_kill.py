"""Killed at random moments, ingest ends with the tables of an undisturbed run."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from chainlight_collector.store import Store

KILLS_COUNT = int(os.environ.get("CHAINLIGHT_KILLS_COUNT", "4"))
BATCHES_COUNT = 6 * KILLS_COUNT
INGESTER = """
import sys
sys.modules["pandas"] = None  # the collector has none; importing it takes longer than the rest
from pathlib import Path
from chainlight_collector import ingest, snapshots
from chainlight_collector.store import Store

folder = Path(sys.argv[2])
with Store.open(sys.argv[1]) as store:
    row = store.query("SELECT coalesce(max(position_us), 0) FROM checkpoints").fetchone()
    for number in range(row[0], int(sys.argv[3])):
        with store.transaction() as connection:
            ingest.log_events(connection, [folder / f"{number}.ndjson"], 1)
            connection.execute("DELETE FROM checkpoints")
            connection.execute(f"INSERT INTO checkpoints VALUES ('t', 's', {number + 1}, NULL, 1)")
        if number % 5 == 4:
            snapshots.publish(store)
"""


def _write_batches(folder: Path) -> None:
    """Write batches that overlap: each repeats half of the one before."""
    lines = [_event(number) for number in range(BATCHES_COUNT * 20 + 20)]
    for number in range(BATCHES_COUNT):
        (folder / f"{number}.ndjson").write_text("\n".join(lines[number * 20 : number * 20 + 40]))


def _event(number: int) -> str:
    rid = f"rid-{number // 3}"
    message = (
        f"START RequestId: {rid} Version: $LATEST",
        json.dumps({"chainlight": 1, "r": rid, "f": "f", "t": number * 10**6, "n": [{"i": rid}]},
                   separators=(",", ":")),
        f"REPORT RequestId: {rid}\tDuration: {number} ms\tBilled Duration: {number} ms\t",
    )[number % 3]  # fmt: skip
    return json.dumps(
        {"logGroup": "g", "logStream": "s", "timestamp": number * 1000, "message": message}
    )


def _run(database: Path, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", INGESTER, str(database), str(folder), str(BATCHES_COUNT)],
        stderr=subprocess.PIPE,
    )


def _tables(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    with Store.open(database) as store:
        names = store.query("SELECT table_name FROM duckdb_tables() WHERE NOT temporary").fetchall()
        return {
            name: store.query(f'SELECT * FROM "{name}" ORDER BY ALL').fetchall()  # noqa: S608
            for (name,) in names
        }


def _position(database: Path) -> int:
    with Store.open(database) as store:
        row = store.query("SELECT coalesce(max(position_us), 0) FROM checkpoints").fetchone()
        assert row is not None
        return int(row[0])


def test_killed_ingest_loses_and_doubles_nothing(tmp_path: Path) -> None:
    chance = random.Random(20261121)  # noqa: S311  moments, no secrets
    _write_batches(tmp_path)
    killed, whole = tmp_path / "killed.duckdb", tmp_path / "whole.duckdb"

    for kill in range(KILLS_COUNT):
        before = _position(killed)
        process = _run(killed, tmp_path)
        wal = Path(f"{killed}.wal")
        while process.poll() is None and not wal.exists():
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.5))
        process.kill()
        _, errors = process.communicate()
        assert not errors, errors.decode()
        assert _position(killed) >= before, f"kill {kill} lost a committed batch"
    for database in (killed, whole):
        process = _run(database, tmp_path)
        _, errors = process.communicate()
        assert process.returncode == 0, errors.decode()

    assert _position(killed) == BATCHES_COUNT
    assert _tables(killed) == _tables(whole)
