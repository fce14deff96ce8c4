from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from chainlight_collector.derive import derive

from .derive_facts import (
    MS,
    T0_US,
    Call,
    Cause,
    Execution,
    chain_of,
    empty,
    insert,
    insert_all,
    open_database,
    rows_of,
)


@pytest.fixture(scope="module")
def shared() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = open_database()
    yield connection
    connection.close()


@pytest.fixture
def database(shared: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    empty(shared)
    return shared


def _nested() -> list[Execution]:
    return [
        Execution(
            "order",
            "A",
            0,
            300 * MS,
            chain=chain_of(1),
            source="apigw",
            calls=[Call("c1", "charge", 10 * MS, 200 * MS, keys=("B",))],
        ),
        Execution(
            "charge",
            "B",
            20 * MS,
            180 * MS,
            chain=chain_of(1),
            init_us=5 * MS,
            causes=[Cause(call_id="c1", caller="A")],
            calls=[Call("c2", "fraud", 10 * MS, 100 * MS, keys=("C",))],
        ),
        Execution("fraud", "C", 40 * MS, 60 * MS, lines="start report"),
    ]


def test_nested_sync_calls_are_one_chain_with_idle_inside_each_bar(
    database: duckdb.DuckDBPyConnection,
) -> None:
    insert_all(database, _nested())
    derive(database, None)
    assert rows_of(database, "SELECT chain_id, shape, status, attempts_count FROM chains") == [
        (chain_of(1), "order → charge → fraud", "ok", 3)
    ]
    assert rows_of(
        database,
        "SELECT row, parent_row, depth, function_name, edge_kind, is_on_critical_path "
        "FROM chain_timeline ORDER BY row",
    ) == [
        (0, None, 0, "order", "apigw", True),
        (1, 0, 1, "charge", "sync", True),
        (2, 1, 2, "fraud", "sync", True),
    ]
    segments = (
        f"SELECT row, kind, started_us - {T0_US}, ended_us - {T0_US} "  # noqa: S608  a number
        "FROM chain_segments ORDER BY row, started_us"
    )
    assert rows_of(database, segments) == [
        (0, "run", 0, 10 * MS),
        (0, "idle", 10 * MS, 210 * MS),
        (0, "run", 210 * MS, 300 * MS),
        (1, "queued", 10 * MS, 15 * MS),
        (1, "cold", 15 * MS, 20 * MS),
        (1, "run", 20 * MS, 30 * MS),
        (1, "idle", 30 * MS, 130 * MS),
        (1, "run", 130 * MS, 200 * MS),
        (2, "queued", 30 * MS, 40 * MS),
        (2, "run", 40 * MS, 100 * MS),
    ]


def test_an_async_call_that_fails_three_times_ends_in_its_dead_letter(
    database: duckdb.DuckDBPyConnection,
) -> None:
    caller = Execution(
        "order",
        "A",
        0,
        20 * MS,
        chain=chain_of(1),
        source="apigw",
        calls=[Call("c", "mail", MS, MS, is_async=True, keys=("B",), status_code=202)],
    )
    tries = [
        Execution("mail", "B", at * MS, 10 * MS, chain=chain_of(1), outcome="error", stream=f"{at}")
        for at in (50, 1000, 3000)
    ]
    letter = {
        "queue_arn": "arn:aws:sqs:eu-west-1:1:mail-dlq",
        "message_id": "M",
        "source": "lambda_dlq",
        "request_id": "B",
        "function_name": "mail",
        "sent_us": T0_US + 3100 * MS,
        "seen_us": T0_US + 9000 * MS,
    }
    scan = {
        "queue_arn": letter["queue_arn"],
        "scanned_us": T0_US + 20_000 * MS,
        "is_complete": True,
        "messages_count": 0,
        "message_ids": [],
    }
    insert_all(database, [caller, *tries])
    insert(database, [("dead_letter_messages", letter), ("dead_letter_scans", scan)])
    derive(database, None)
    assert rows_of(
        database,
        "SELECT status, retries_count, failed_count, dead_letters_count FROM chains",
    ) == [("dead_lettered", 2, 3, 1)]
    assert rows_of(database, "SELECT chain_id, is_gone FROM dead_letters") == [(chain_of(1), True)]
    assert rows_of(
        database, "SELECT kind FROM chain_segments WHERE row = 1 ORDER BY started_us"
    ) == [(kind,) for kind in ("queued", "error", "backoff", "error", "backoff", "error", "dlq")]
    assert rows_of(
        database,
        "SELECT retried_count, recovered_count, exhausted_count, wasted_usd > 0 FROM retries "
        "WHERE function_name = 'mail'",
    ) == [(1, 0, 1, True)]


def test_three_executions_of_one_call_are_three_links(database: duckdb.DuckDBPyConnection) -> None:
    caller = Execution(
        "a",
        "A",
        0,
        900 * MS,
        chain=chain_of(1),
        calls=[
            Call("c", "b", MS, 800 * MS, status_code=None, error_type="ReadTimeoutError", tries=3)
        ],
    )
    runs = [
        Execution(
            "b", f"B{i}", (5 + 300 * i) * MS, 700 * MS, causes=[Cause(call_id="c", caller="A")]
        )
        for i in range(3)
    ]
    insert_all(database, [caller, *runs])
    derive(database, None)
    assert rows_of(database, "SELECT callee_request_id, evidence FROM links ORDER BY 1") == [
        (f"B{i}", "call_id") for i in range(3)
    ]
    ((executions, duplicated, advice),) = rows_of(
        database, "SELECT executions_count, duplicated_usd, advice FROM sdk_retries"
    )
    assert executions == 3
    assert duplicated == pytest.approx(2 * (0.7 * 0.0000166667 + 0.0000002))
    assert advice.startswith("Config(connect_timeout=5, read_timeout=")


def test_a_batch_belongs_to_the_chains_of_its_messages_by_their_number(
    database: duckdb.DuckDBPyConnection,
) -> None:
    senders = [
        Execution(
            "s",
            "A",
            0,
            9 * MS,
            chain=chain_of(1),
            calls=[Call("c1", "q", MS, MS, "sqs", keys=("m1", "m2"))],
        ),
        Execution(
            "s",
            "B",
            0,
            9 * MS,
            chain=chain_of(2),
            calls=[Call("c2", "q", MS, MS, "sqs", keys=("m3",))],
        ),
    ]
    causes = [Cause(keys=(key,)) for key in ("m1", "m2", "m3")]
    insert_all(
        database, [*senders, Execution("w", "W", 99 * MS, 9 * MS, chain=chain_of(1), causes=causes)]
    )
    derive(database, None)
    assert rows_of(
        database,
        "SELECT chain_id, round(share, 9) FROM chain_members WHERE request_id = 'W' ORDER BY 1",
    ) == [(chain_of(1), round(2 / 3, 9)), (chain_of(2), round(1 / 3, 9))]
    assert rows_of(database, "SELECT call_id, evidence, round(share, 9) FROM links ORDER BY 1") == [
        ("c1", "message_id", round(2 / 3, 9)),
        ("c2", "message_id", round(1 / 3, 9)),
    ]


def test_a_published_message_reaches_every_subscriber(database: duckdb.DuckDBPyConnection) -> None:
    publisher = Execution(
        "p",
        "A",
        0,
        9 * MS,
        chain=chain_of(1),
        calls=[Call("c", "arn:aws:sns:eu-west-1:1:orders", MS, MS, "sns", keys=("m",))],
    )
    subscribers = [
        Execution(f, f.upper(), 50 * MS, 9 * MS, source="sns", causes=[Cause(keys=("m",))])
        for f in ("x", "y", "z")
    ]
    insert_all(database, [publisher, *subscribers])
    derive(database, None)
    assert rows_of(database, "SELECT width, arrived_count, is_joined FROM joins") == [(3, 3, False)]
    assert rows_of(database, "SELECT shape FROM chains") == [("p ⇢ x ⇢ y ⇢ z",)]


def test_work_that_outlives_a_caller_that_timed_out_is_orphaned(
    database: duckdb.DuckDBPyConnection,
) -> None:
    caller = Execution(
        "a",
        "A",
        0,
        1000 * MS,
        chain=chain_of(1),
        status="timeout",
        outcome="timeout",
        calls=[Call("c", "b", 10 * MS, None, is_open=True, status_code=None)],
    )
    callee = Execution("b", "B", 20 * MS, 2500 * MS, causes=[Cause(call_id="c", caller="A")])
    insert_all(database, [caller, callee])
    derive(database, None)
    assert rows_of(
        database, "SELECT caller_function, callee_request_id, orphan_us FROM orphans"
    ) == [("a", "B", 1520 * MS)]
    assert rows_of(
        database,
        f"SELECT kind, started_us - {T0_US}, ended_us - {T0_US} FROM chain_segments "  # noqa: S608
        "WHERE row = 1 ORDER BY 2",
    ) == [
        ("queued", 10 * MS, 20 * MS),
        ("run", 20 * MS, 1000 * MS),
        ("orphan", 1000 * MS, 2520 * MS),
    ]
    assert rows_of(database, "SELECT status FROM chains") == [("failed",)]


def test_a_killed_caller_is_linked_from_the_callee_s_side(
    database: duckdb.DuckDBPyConnection,
) -> None:
    callee = Execution(
        "b", "B", 20 * MS, 9 * MS, chain=chain_of(1), causes=[Cause(call_id="c", caller="A")]
    )
    insert_all(database, [Execution("a", "A", 0, 50 * MS, lines="start report"), callee])
    derive(database, None)
    assert rows_of(
        database, "SELECT caller_function, callee_function, evidence, mode FROM links"
    ) == [("a", "b", "call_id", "sync")]


def test_a_callee_without_any_line_is_missing_until_it_comes(
    database: duckdb.DuckDBPyConnection,
) -> None:
    order, charge, fraud = _nested()
    insert_all(database, [order, charge])
    derive(database, None)
    missing = (
        "SELECT function_name, request_id, status, attempts_count FROM chain_timeline WHERE row = 2"
    )
    assert rows_of(database, missing) == [("fraud", "C", "missing", 0)]
    insert_all(database, [fraud])
    derive(database, T0_US)
    assert rows_of(database, missing) == [("fraud", "C", "ok", 1)]


def test_clocks_that_disagree_leave_the_queue_time_unknown(
    database: duckdb.DuckDBPyConnection,
) -> None:
    order, charge, _ = _nested()
    charge.at_us = 7 * MS
    insert_all(database, [order, charge])
    derive(database, None)
    assert rows_of(database, "SELECT queued_us, has_skew FROM links WHERE call_id = 'c1'") == [
        (None, True)
    ]


def test_the_linked_caller_s_chain_wins_over_the_one_in_band(
    database: duckdb.DuckDBPyConnection,
) -> None:
    order, charge, _ = _nested()
    charge.chain = chain_of(7)
    insert_all(database, [order, charge])
    derive(database, None)
    assert rows_of(database, "SELECT DISTINCT chain_id FROM attempts") == [(chain_of(1),)]


def test_invocations_that_only_cause_each_other_are_chains_all_the_same(
    database: duckdb.DuckDBPyConnection,
) -> None:
    ring = [
        Execution(
            "f",
            name,
            0,
            50 * MS,
            chain=chain_of(number),
            calls=[Call(f"c{name}", "f", MS, MS, is_async=True, keys=(follower,))],
        )
        for number, (name, follower) in enumerate(("AB", "BC", "CA"))
    ]
    insert_all(database, ring)
    derive(database, None)
    assert rows_of(
        database, "SELECT request_id, sum(share), count(*) FROM chain_members GROUP BY 1 ORDER BY 1"
    ) == [("A", 1.0, 1), ("B", 1.0, 1), ("C", 1.0, 1)]


def test_a_request_without_chain_root_or_caller_gets_a_chain_of_its_own(
    database: duckdb.DuckDBPyConnection,
) -> None:
    insert_all(database, [Execution("f", "R", 0, 5 * MS, lines="start report")])
    derive(database, None)
    ((chain_id,),) = rows_of(database, "SELECT chain_id FROM chains")
    assert chain_id.startswith(f"1-{T0_US // 1_000_000:08x}-")
    assert len(chain_id) == 35
