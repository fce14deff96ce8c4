from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from chainlight_collector.derive import derive

from .derive_facts import (
    MS,
    T0_US,
    Call,
    Execution,
    chain_of,
    day_of,
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


def test_retries_of_one_request_are_attempts_in_the_order_of_their_starts(
    database: duckdb.DuckDBPyConnection,
) -> None:
    tries = [
        Execution("f", "R", 60_000 * MS, 30 * MS, outcome="error", stream="a"),
        Execution("f", "R", 0, 20 * MS, outcome="error", stream="b"),
        Execution("f", "R", 180_000 * MS, 40 * MS, stream="a"),
    ]
    insert_all(database, tries)
    derive(database, None)
    assert rows_of(
        database,
        "SELECT attempt_number, started_us, duration_us, outcome FROM attempts ORDER BY ALL",
    ) == [
        (1, T0_US, 20 * MS, "error"),
        (2, T0_US + 60_000 * MS, 30 * MS, "error"),
        (3, T0_US + 180_000 * MS, 40 * MS, "ok"),
    ]


def test_retries_in_one_stream_keep_their_own_reports_where_one_left_no_record(
    database: duckdb.DuckDBPyConnection,
) -> None:
    tries = [
        Execution("f", "R", 0, 3_000 * MS, lines="start report", status="timeout", billed_ms=3000),
        Execution("f", "R", 60_000 * MS, 20 * MS, billed_ms=20),
    ]
    insert_all(database, tries)
    derive(database, None)
    assert rows_of(
        database, "SELECT attempt_number, outcome, billed_ms, has_record FROM attempts ORDER BY ALL"
    ) == [(1, "timeout", 3000, False), (2, "ok", 20, True)]


@pytest.mark.parametrize("first_us", [30 * MS, 30 * MS + 400])
def test_a_report_in_the_millisecond_of_the_next_start_is_of_the_execution_before(
    database: duckdb.DuckDBPyConnection, first_us: int
) -> None:
    tries = [
        Execution("f", "R", 0, first_us),
        Execution("f", "R", first_us + 100, 40 * MS),
        Execution("f", "R", 70 * MS + 900, 90),
    ]
    insert_all(database, tries)
    derive(database, None)
    assert rows_of(
        database,
        "SELECT attempt_number, duration_us, has_record, has_report FROM attempts ORDER BY ALL",
    ) == [
        (1, first_us, True, True),
        (2, 40 * MS, True, True),
        (3, 90, True, True),
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("start record report", (T0_US + 7, 20 * MS, 20, True, True, "ok")),
        ("record report", (T0_US + 7, 20 * MS, 20, True, True, "ok")),
        ("start record", (T0_US + 7, 20 * MS, None, True, False, "ok")),
        ("start report", (T0_US, 20 * MS, 20, False, True, "unknown")),
        ("report", (T0_US, 20 * MS, 20, False, True, "unknown")),
        ("start", (T0_US, None, None, False, False, "unknown")),
    ],
)
def test_an_attempt_is_made_of_the_lines_there_are(
    database: duckdb.DuckDBPyConnection, lines: str, expected: tuple[object, ...]
) -> None:
    insert_all(database, [Execution("f", "R", 7, 20 * MS, lines=lines)])
    derive(database, None)
    assert rows_of(
        database,
        "SELECT started_us, duration_us, billed_ms, has_record, has_report, outcome FROM attempts",
    ) == [expected]


def test_without_any_start_each_report_is_an_attempt(database: duckdb.DuckDBPyConnection) -> None:
    tries = [
        Execution("f", "R", 0, 20 * MS, lines="record report", outcome="error"),
        Execution("f", "R", 60_000 * MS, 30 * MS, lines="record report"),
    ]
    insert_all(database, tries)
    derive(database, None)
    assert rows_of(
        database, "SELECT attempt_number, duration_us, outcome FROM attempts ORDER BY ALL"
    ) == [(1, 20 * MS, "error"), (2, 30 * MS, "ok")]


def test_a_report_without_a_time_is_kept_without_one(database: duckdb.DuckDBPyConnection) -> None:
    ((table, row),) = Execution("f", "R", 0, 20 * MS, lines="report").rows()
    insert(database, [(table, row | {"logged_us": None, "day": None})])
    derive(database, None)
    assert rows_of(database, "SELECT started_us, ended_us, billed_ms FROM attempts") == [
        (None, None, 20)
    ]


@pytest.mark.parametrize(("billed_ms", "expected"), [(121, (True,)), (21, (False,))])
def test_init_is_inside_the_billed_duration_or_it_is_not(
    database: duckdb.DuckDBPyConnection, billed_ms: int, expected: tuple[bool]
) -> None:
    insert_all(database, [Execution("f", "R", 0, 20_400, init_us=100 * MS, billed_ms=billed_ms)])
    derive(database, None)
    assert rows_of(database, "SELECT is_init_billed, is_cold, billed_ms FROM attempts") == [
        (*expected, True, billed_ms)
    ]


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ({"status": "timeout"}, "timeout"),
        ({"status": "error", "error_type": "Runtime.ExitError"}, "crash"),
        ({"status": "error", "error_type": "ValueError"}, "error"),
        ({"outcome": "exit"}, "crash"),
        ({"outcome": "error", "error_type": "KeyError"}, "error"),
    ],
)
def test_the_outcome_is_the_report_s_else_the_record_s(
    database: duckdb.DuckDBPyConnection, values: dict[str, Any], outcome: str
) -> None:
    insert_all(database, [Execution("f", "R", 0, 20 * MS, **values)])
    derive(database, None)
    assert rows_of(database, "SELECT outcome FROM attempts") == [(outcome,)]


def test_an_old_timeout_line_after_the_report_makes_a_timeout(
    database: duckdb.DuckDBPyConnection,
) -> None:
    one = Execution("f", "R", 0, 20 * MS, lines="start report")
    line = one.rows()[0][1] | {"kind": "timeout", "logged_us": one.ended_us + MS}
    insert(database, [*one.rows(), ("invocation_errors", _without(line, "trace_root"))])
    derive(database, None)
    assert rows_of(database, "SELECT attempt_number, outcome FROM attempts") == [(1, "timeout")]


LOST_ERROR = {
    "log_group": "/aws/lambda/f",
    "log_stream": "s1",
    "function_name": "f",
    "kind": "application",
    "error_type": "ValueError",
}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_an_error_line_without_a_request_id_is_of_the_execution_then_running(
    database: duckdb.DuckDBPyConnection, order: tuple[int, ...]
) -> None:
    first = Execution("f", "R1", 0, 20 * MS, lines="start report").rows()
    second = Execution("f", "R2", 5_000 * MS, 20 * MS, lines="start report").rows()
    logged_us = T0_US + 5_010 * MS
    lost = [("invocation_errors", LOST_ERROR | {"logged_us": logged_us})]
    facts = [first, second, lost]
    for index in order:
        insert(database, facts[index])
        derive(database, min(row["logged_us"] for _, row in facts[index]))

    assert rows_of(
        database, "SELECT request_id, outcome, error_type FROM attempts ORDER BY ALL"
    ) == [("R1", "unknown", None), ("R2", "error", "ValueError")]


def test_an_error_line_of_an_idle_stream_is_of_the_execution_that_began_there_days_before(
    database: duckdb.DuckDBPyConnection,
) -> None:
    insert(database, Execution("f", "R1", 0, 20 * MS, lines="start report").rows())
    derive(database, None)
    late_us = T0_US + 3 * 24 * 3_600_000 * MS
    insert(database, [("invocation_errors", LOST_ERROR | {"logged_us": late_us})])
    derive(database, late_us)

    assert rows_of(database, "SELECT request_id, outcome, has_report FROM attempts") == [
        ("R1", "error", True)
    ]


def test_an_initialization_repeated_inside_the_invocation_is_a_cold_start(
    database: duckdb.DuckDBPyConnection,
) -> None:
    one = Execution("f", "R", 0, 20_000 * MS, lines="start report")
    again = _without(LOST_ERROR, "error_type") | {
        "kind": "init_report",
        "phase": "invoke",
        "logged_us": T0_US + 11_000 * MS,
    }
    insert(database, [*one.rows(), ("environment_events", again)])
    derive(database, None)
    assert rows_of(database, "SELECT is_cold, init_us FROM attempts") == [(True, None)]


def test_a_report_of_managed_instances_is_a_report_without_a_bill(
    database: duckdb.DuckDBPyConnection,
) -> None:
    ((table, row),) = Execution("f", "R", 0, 20 * MS, lines="report", status="success").rows()
    insert(database, [(table, row | {"billed_ms": None, "memory_mb": None, "is_end": False})])
    derive(database, None)
    assert rows_of(
        database, "SELECT has_report, outcome, duration_us, billed_ms, cost_usd FROM attempts"
    ) == [(True, "ok", 20 * MS, None, None)]


def test_lines_that_lambda_dropped_are_shown_in_coverage(
    database: duckdb.DuckDBPyConnection,
) -> None:
    dropped = {
        "kind": "logs_dropped",
        "logged_us": T0_US,
        "detail": '{"reason":"BufferFull","droppedRecords":7,"droppedBytes":1024}',
        "day": day_of(T0_US),
    }
    insert(database, [("environment_events", dropped)])
    assert rows_of(database, "SELECT day, rejects_count, dropped_lines_count FROM coverage") == [
        (day_of(T0_US), 0, 7)
    ]


def test_the_same_call_in_a_timeout_record_and_a_final_one_is_one_call(
    database: duckdb.DuckDBPyConnection,
) -> None:
    early = Execution("f", "R", 0, 900 * MS, calls=[Call("c", "g", 10, None, is_open=True)])
    late = Execution("f", "R", 0, 950 * MS, calls=[Call("c", "g", 10, 400 * MS)])
    insert_all(database, [early])
    insert(database, [row for row in late.rows() if row[0] == "record_calls"])
    derive(database, None)
    assert rows_of(database, "SELECT call_id, wait_us, outcome FROM calls") == [
        ("c", 400 * MS, "ok")
    ]


def test_a_function_without_the_layer_gets_its_outcome_from_the_caller_that_waited(
    database: duckdb.DuckDBPyConnection,
) -> None:
    caller = Execution(
        "a", "A", 0, 100 * MS, chain=chain_of(1), calls=[Call("c", "b", MS, 80 * MS, keys=("B",))]
    )
    insert_all(database, [caller, Execution("b", "B", 5 * MS, 60 * MS, lines="start report")])
    derive(database, None)
    assert rows_of(
        database, "SELECT function_name, outcome, chain_id FROM attempts ORDER BY 1"
    ) == [
        ("a", "ok", chain_of(1)),
        ("b", "ok", chain_of(1)),
    ]


def _without(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}
