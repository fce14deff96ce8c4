from __future__ import annotations

import os
import random
from collections import defaultdict
from collections.abc import Callable, Iterator

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chainlight_collector import derive as derivation
from chainlight_collector.derive import derive

from .derive_facts import T0_US, Rows, derived, empty, insert, open_database, rows_of
from .random_worlds import World, worlds

EXAMPLES = int(os.environ.get("CHAINLIGHT_EXAMPLES", "5"))
"""Worlds of twenty chains on average: 50 are a thousand chains, a hundred chains by default."""

MANY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.reuse, Phase.generate],  # a smaller seed is not a smaller world
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
FEWER = settings(MANY, max_examples=max(2, EXAMPLES // 4))
"""Where one example takes three to six recomputes."""


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = open_database()
    yield connection
    connection.close()


@MANY
@given(world=worlds())
def test_links_shares_waits_and_costs_are_the_true_ones(
    database: duckdb.DuckDBPyConnection, world: World
) -> None:
    _load(database, world.rows())
    derive(database, None)
    _check_links(database, world)
    _check_shares(database, world)
    _check_costs(database, world)
    _check_waits(database, world)
    _check_sums(database, world)


def _check_links(database: duckdb.DuckDBPyConnection, world: World) -> None:
    found = rows_of(database, "SELECT call_id, callee_request_id FROM links WHERE is_callee_seen")
    assert sorted(found) == sorted(world.links)


def _check_shares(database: duckdb.DuckDBPyConnection, world: World) -> None:
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for request, chain, share in rows_of(
        database, "SELECT DISTINCT request_id, chain_id, share FROM chain_members"
    ):
        found[request][chain] = share
    assert found == {
        request: pytest.approx(shares, abs=1e-9) for request, shares in world.shares.items()
    }


def _check_costs(database: duckdb.DuckDBPyConnection, world: World) -> None:
    sums = "SELECT sum(cost_usd), sum(paid_idle_usd) FROM "
    assert rows_of(database, sums + "chains")[0] == pytest.approx(
        rows_of(database, sums + "attempts")[0]
    )
    true = sum(
        one.billed() / 1000 * one.memory_mb / 1024 * 0.0000166667 + 0.0000002
        for one in world.executions
        if "record" in one.lines and "report" in one.lines
    )
    assert rows_of(database, sums + "attempts")[0][0] == pytest.approx(true or None)


def _check_waits(database: duckdb.DuckDBPyConnection, world: World) -> None:
    for request, at_us, idle, billed_ms, calls, waits in rows_of(
        database,
        """
        SELECT request_id, started_us, paid_idle_us, coalesce(billed_ms, 900000),
            (SELECT coalesce(sum(c.paid_idle_us), 0) FROM calls AS c
             WHERE c.caller_request_id = a.request_id
                AND c.caller_attempt_number = a.attempt_number),
            (SELECT coalesce(sum(w.paid_idle_us), 0) FROM waits AS w
             WHERE (w.request_id, w.attempt_number) = (a.request_id, a.attempt_number))
        FROM attempts AS a WHERE has_record
        """,
    ):
        assert 0 <= idle <= billed_ms * 1000
        assert idle == calls == waits
        assert idle == world.idle_us.get((request, at_us - T0_US), 0)


def _check_sums(database: duckdb.DuckDBPyConnection, world: World) -> None:
    """Compare the sums over days, edges and functions with that over attempts."""
    told = {one.request for one in world.executions if "record" in one.lines}
    idle_us = sum(idle for (request, _), idle in world.idle_us.items() if request in told)
    ((attempts_us, attempts_usd, cost_usd),) = rows_of(
        database,
        "SELECT coalesce(sum(paid_idle_us), 0), sum(paid_idle_usd), sum(cost_usd) FROM attempts",
    )
    assert attempts_us == idle_us
    for relation in ("edges", "edges_daily", "edge_calls"):
        ((us, usd),) = rows_of(
            database,
            f"SELECT coalesce(sum(paid_idle_us), 0), sum(paid_idle_usd) FROM {relation}",  # noqa: S608
        )
        assert us == idle_us, relation
        assert (usd or 0) == pytest.approx(attempts_usd or 0), relation
    for relation in ("functions", "function_totals"):
        ((usd,),) = rows_of(database, f"SELECT sum(cost_usd) FROM {relation}")  # noqa: S608
        assert (usd or 0) == pytest.approx(cost_usd or 0), relation
    ((calls_count, links_count),) = rows_of(
        database, "SELECT (SELECT sum(calls_count) FROM edges), (SELECT count(*) FROM edge_rows)"
    )
    assert calls_count == (links_count or None)


@FEWER
@given(world=worlds(), seed=st.integers(0, 1000))
def test_nothing_depends_on_the_order_of_facts_or_on_doing_it_twice(
    database: duckdb.DuckDBPyConnection, world: World, seed: int
) -> None:
    rows = world.rows()
    _load(database, rows)
    derive(database, None)
    expected = derived(database)
    random.Random(seed).shuffle(rows)  # noqa: S311
    _load(database, rows)
    derive(database, None)
    derive(database, None)
    assert derived(database) == expected


@FEWER
@given(world=worlds(), seed=st.integers(0, 1000), parts=st.integers(2, 5))
def test_facts_that_come_in_parts_give_what_a_full_recompute_gives(
    database: duckdb.DuckDBPyConnection, world: World, seed: int, parts: int
) -> None:
    dice = random.Random(seed)  # noqa: S311
    rows = world.rows()
    dice.shuffle(rows)
    _load(database, [])
    for part in range(parts):
        chunk = rows[part::parts]
        insert(database, chunk)
        since_us = min((_time_of(row) for _, row in chunk), default=T0_US)
        derive(database, since_us)
    in_parts = derived(database)
    derive(database, None)
    assert in_parts == derived(database)


_COUNT_ALL = """
INSERT INTO counted_requests BY NAME
SELECT request_id, false AS is_repeated
FROM touched_requests ANTI JOIN counted_requests USING (request_id);
SET VARIABLE counted_from_us = -4611686018427387904;
SET VARIABLE counted_until_us = 4611686018427387904;
"""


@FEWER
@given(world=worlds())
def test_lines_of_what_ran_once_give_the_same_rows_joined_as_they_are_and_counted(
    database: duckdb.DuckDBPyConnection, world: World
) -> None:
    _load(database, world.rows())
    derive(database, None)
    joined = derived(database)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(derivation, "_run", _counting_all(derivation._run))
        derive(database, None)
    assert derived(database) == joined


def _counting_all(run: Callable[..., None]) -> Callable[..., None]:
    """Return what runs the steps of derive as ``run`` does, and lets no request be joined."""

    def counting(connection: duckdb.DuckDBPyConnection, names: tuple[str, ...]) -> None:
        for name in names:
            run(connection, (name,))
            if name == "counted_requests.sql":
                connection.execute(_COUNT_ALL)

    return counting


def _time_of(row: dict) -> int:
    return row.get("logged_us") or row.get("record_started_us") or T0_US


def _load(database: duckdb.DuckDBPyConnection, rows: Rows) -> None:
    empty(database)
    insert(database, rows)
