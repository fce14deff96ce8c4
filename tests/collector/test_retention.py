"""Old rows go by whole days and whole chains; what is left is what its facts would give."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pytest

from chainlight_collector import compaction, retention
from chainlight_collector.collect import Surroundings, collect
from chainlight_collector.derive import derive
from chainlight_collector.sources.run import Options
from chainlight_collector.store import Store

from .derive_facts import (
    MS,
    T0_US,
    Call,
    Cause,
    Execution,
    chain_of,
    config_of,
    day_of,
    derived,
    insert,
    insert_all,
    open_database,
)

DAY_US = retention.DAY_US
MIDNIGHT_US = (T0_US // DAY_US + 1) * DAY_US - T0_US
FIRST_DAY = dt.date.fromordinal(dt.date(1970, 1, 1).toordinal() + (T0_US + MIDNIGHT_US) // DAY_US)


def _pair(number: int, at_us: int, after_us: int = 50 * MS) -> list[Execution]:
    """Return a caller and its callee, which begins `after_us` later."""
    call_id, request = f"{number:016x}", f"r{number}"
    call = Call(call_id, "callee", 10 * MS, 20 * MS, is_async=True, keys=(f"{request}-callee",))
    chain = chain_of(number)
    cause = Cause(keys=(f"{request}-callee",), call_id=call_id, caller=request, chain=chain)
    return [
        Execution("caller", request, at_us, 100 * MS, chain, [call]),
        Execution("callee", f"{request}-callee", at_us + after_us, 30 * MS, chain, causes=[cause]),
    ]


def _batch(number: int, at_us: int, *chains: int) -> Execution:
    """Return an execution that was given a message of each of these chains."""
    causes = [Cause(chain=chain_of(chain), keys=(f"m{chain}",)) for chain in chains]
    return Execution("batch", f"b{number}", at_us, 10 * MS, chain_of(chains[0]), causes=causes)


def _world() -> list[Execution]:
    return [
        *_pair(1, 0),  # all of it old
        *_pair(2, MIDNIGHT_US - 20 * MS),  # its callee begins after midnight
        *_pair(3, MIDNIGHT_US + 1_000 * MS),  # all of it new
        *_pair(4, 5_000 * MS),  # old, but shares a batch with chain 5
        _batch(1, 6_000 * MS, 4, 5),
        *_pair(5, MIDNIGHT_US - 20 * MS),
    ]


@pytest.fixture
def database() -> duckdb.DuckDBPyConnection:
    connection = open_database()
    insert_all(connection, _world())
    old_us, new_us = T0_US, T0_US + MIDNIGHT_US
    configs = [
        config_of("caller", observed_us=old_us + size, day=day_of(old_us), memory_mb=size)
        for size in (1, 2)
    ]
    reject = {"source": "g", "reason": "r"}
    rejects = [
        ("reject_rows", reject | {"raw": str(us), "seen_us": us, "day": day_of(us)})
        for us in (old_us, new_us)
    ]
    insert(connection, [*configs, *rejects])
    connection.execute("INSERT INTO checkpoints VALUES ('logs', '/g', 1, NULL, 1)")
    derive(connection, None)
    return connection


def _requests(connection: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    rows = connection.execute(f"SELECT request_id FROM {table}").fetchall()  # noqa: S608
    return {request for (request,) in rows}


def test_what_is_left_is_what_the_facts_that_are_left_would_give(
    database: duckdb.DuckDBPyConnection,
) -> None:
    retention.expire(database, FIRST_DAY)
    left = derived(database)

    derive(database, None)

    assert left == derived(database)


def test_chain_that_reaches_into_the_kept_days_stays_whole_and_draws_in_what_it_shares(
    database: duckdb.DuckDBPyConnection,
) -> None:
    deleted_count = retention.expire(database, FIRST_DAY)

    kept = {"r2", "r2-callee", "r3", "r3-callee", "r4", "r4-callee", "r5", "r5-callee", "b1"}
    for table in ("invocation_starts", "invocation_reports", "records", "attempt_rows"):
        assert _requests(database, table) == kept, table
    assert deleted_count > 0


def test_settings_and_checkpoints_stay_and_the_rest_goes_by_its_day(
    database: duckdb.DuckDBPyConnection,
) -> None:
    retention.expire(database, FIRST_DAY)

    assert database.execute("SELECT memory_mb FROM function_configs").fetchall() == [(2,)]
    assert database.execute("SELECT shard FROM checkpoints").fetchall() == [("/g",)]
    assert database.execute("SELECT raw FROM reject_rows").fetchall() == [
        (str(T0_US + MIDNIGHT_US),)
    ]


def test_nothing_to_delete_deletes_nothing(database: duckdb.DuckDBPyConnection) -> None:
    before = derived(database)

    assert retention.expire(database, FIRST_DAY - dt.timedelta(days=2)) == 0
    assert derived(database) == before


def test_everything_may_go(database: duckdb.DuckDBPyConnection) -> None:
    retention.expire(database, FIRST_DAY + dt.timedelta(days=2))

    assert all(rows == [] for rows in derived(database).values())


def test_run_that_keeps_so_many_days_deletes_once_a_day_and_makes_the_file_small(
    cloudwatch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloudwatch.groups["/aws/lambda/a"] = []
    monkeypatch.setattr(compaction, "FREE_BYTES_MIN", 0)
    path = tmp_path / "chainlight.duckdb"
    with Store.open(path) as store, store.transaction() as connection:
        insert_all(connection, _pair(1, 0))
        connection.execute(
            "INSERT INTO reject_rows (source, raw, day) "
            "SELECT 'g', sha256(i::VARCHAR), DATE '2020-01-01' FROM range(60000) AS t(i)"
        )
    full_bytes = path.stat().st_size
    options = Options(settle_us=0, keep_us=DAY_US)

    first = collect(path, options, Surroundings(publishes_snapshot=True))
    again = collect(path, options)

    with Store.open(path, read_only=True) as store:
        left = store.query("SELECT count(*) FROM reject_rows").fetchone()
    assert (first.outcome, left) == ("ok", (0,))
    assert first.sources["retention"]["done_count"] > 60000
    assert again.sources["retention"]["done_count"] == 0
    assert path.stat().st_size < full_bytes
    assert first.snapshot is not None
