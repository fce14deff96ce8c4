"""What X-Ray adds to a chain: attempts, calls, waits and links that nothing else tells, once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from chainlight_collector import ingest
from chainlight_collector.derive import derive

from .derive_facts import (
    MS,
    T0_US,
    Call,
    Execution,
    chain_of,
    derived,
    empty,
    insert_all,
    open_database,
    rows_of,
)

SEEN_US = T0_US + 10**9
TRACE = chain_of(1)
Segments = list[dict[str, Any]]


@pytest.fixture(scope="module")
def shared_database() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = open_database()
    yield connection
    connection.close()


@pytest.fixture
def database(shared_database: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    empty(shared_database)
    return shared_database


def segment(
    number: int, name: str, at_us: int, length_us: int | None, **other: Any
) -> dict[str, Any]:
    """Return a segment or subsegment; `length_us` None means in progress."""
    started_us = T0_US + at_us
    found = {
        "id": f"{number:016x}",
        "trace_id": TRACE,
        "name": name,
        "start_time": started_us / 1_000_000,
        **other,
    }
    if length_us is None:
        return {**found, "in_progress": True}
    return {**found, "end_time": (started_us + length_us) / 1_000_000}


def invocation(
    number: int, name: str, request: str, at_us: int, length_us: int, **other: Any
) -> Segments:
    """Return what X-Ray has of one invocation: the service's segment and the function's in it.

    `parent` is the number of the segment above, `parts` are the function's subsegments.
    """
    parent, parts = other.pop("parent", None), other.pop("parts", [])
    arn = f"arn:aws:lambda:eu-west-1:111122223333:function:{name}"
    above = {"parent_id": f"{parent:016x}"} if parent is not None else {}
    service = segment(
        number,
        name,
        at_us - 2 * MS,
        length_us + 4 * MS,
        origin="AWS::Lambda",
        resource_arn=arn,
        aws={"request_id": request},
        **above,
        **other,
    )
    function = segment(
        number + 1,
        name,
        at_us,
        length_us,
        origin="AWS::Lambda::Function",
        parent_id=service["id"],
        aws={"function_arn": arn},
        subsegments=parts,
    )
    return [service, function]


def sdk_call(number: int, name: str, at_us: int, length_us: int, **aws: Any) -> dict[str, Any]:
    """Return a subsegment of the X-Ray SDK."""
    return segment(number, name, at_us, length_us, namespace="aws", aws=aws)


def keep(database: duckdb.DuckDBPyConnection, segments: Segments) -> None:
    ingest.xray_documents(database, segments, SEEN_US)


def links(database: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return rows_of(
        database,
        "SELECT caller_function, callee_function, callee_request_id, evidence, share "
        "FROM link_rows WHERE is_callee_seen ORDER BY callee_request_id, call_id",
    )


INVOKE = {"operation": "Invoke", "function_name": "pay", "request_id": "p1", "retries": 2}
PAIR = [
    *invocation(
        16, "cart", "c1", 0, 90 * MS, parts=[sdk_call(32, "Lambda", 10 * MS, 60 * MS, **INVOKE)]
    ),
    *invocation(48, "pay", "p1", 20 * MS, 40 * MS, parent=32),
]


def test_functions_that_only_x_ray_shows_are_attempts_a_call_and_a_link(
    database: duckdb.DuckDBPyConnection,
) -> None:
    keep(database, PAIR)
    derive(database, None)

    assert rows_of(
        database,
        "SELECT function_name, request_id, attempt_number, chain_id, duration_us, outcome, "
        "has_record, has_report, billed_ms, paid_idle_us, idle_evidence FROM attempts ORDER BY 1",
    ) == [
        ("cart", "c1", 1, TRACE, 90 * MS, "ok", False, False, None, 60 * MS, "xray"),
        ("pay", "p1", 1, TRACE, 40 * MS, "ok", False, False, None, None, None),
    ]
    assert rows_of(
        database, "SELECT kind, target, mode, wait_us, tries_count, outcome FROM calls"
    ) == [("lambda", "pay", "sync", 60 * MS, 3, "ok")]
    assert links(database) == [("cart", "pay", "p1", "request_id", 1.0)]


def _logged(**other: Any) -> list[Execution]:
    """Return the lines of the same two invocations, the caller's with its record."""
    call = Call("c" * 16, "pay", 10 * MS, 60 * MS, keys=("p1",), **other)
    return [
        Execution("cart", "c1", 0, 90 * MS, chain=TRACE, calls=[call], trace_root=TRACE),
        Execution("pay", "p1", 20 * MS, 40 * MS, lines="start report", trace_root=TRACE),
    ]


def test_a_call_seen_by_record_x_ray_and_request_id_is_one_in_any_order(
    database: duckdb.DuckDBPyConnection,
) -> None:
    def add_segments() -> None:
        keep(database, PAIR)

    def add_caller() -> None:
        insert_all(database, _logged()[:1])

    def add_callee() -> None:
        insert_all(database, _logged()[1:])

    states = []
    orders = list(itertools.permutations((add_segments, add_caller, add_callee)))
    for order in orders[::2]:
        empty(database)
        for add in order:
            add()
            derive(database, T0_US)
        states.append(derived(database))

    assert all(state == states[0] for state in states)
    assert rows_of(database, "SELECT count(*), min(call_id) FROM calls") == [(1, "c" * 16)]
    assert links(database) == [("cart", "pay", "p1", "request_id", 1.0)]
    assert rows_of(
        database, "SELECT function_name, has_report, idle_evidence FROM attempts ORDER BY 1"
    ) == [("cart", True, "record"), ("pay", True, None)]


def test_a_segment_that_comes_days_later_leaves_the_trace_s_executions_their_lines(
    database: duckdb.DuckDBPyConnection,
) -> None:
    """The trace is touched as a whole, however long ago it began."""
    later_us = 3 * 24 * 3_600_000 * MS
    insert_all(database, _logged())
    keep(database, PAIR)
    derive(database, None)
    before = rows_of(database, "FROM attempts ORDER BY ALL")
    keep(database, [segment(64, "audit", later_us, MS, parent_id=f"{16:016x}")])
    derive(database, T0_US + later_us)

    assert rows_of(database, "FROM attempts ORDER BY ALL") == before
    in_parts = derived(database)
    derive(database, None)
    assert in_parts == derived(database)


def test_a_caller_with_a_report_and_no_record_has_its_waits_from_x_ray(
    database: duckdb.DuckDBPyConnection,
) -> None:
    insert_all(database, [Execution("cart", "c1", 0, 90 * MS, lines="start report")])
    keep(database, PAIR)
    derive(database, None)

    assert rows_of(
        database,
        "SELECT billed_ms, paid_idle_us, idle_evidence, trace_root FROM attempts "
        "WHERE function_name = 'cart'",
    ) == [(90, 60 * MS, "xray", TRACE)]


def test_a_record_whose_call_lost_its_key_is_linked_by_the_segment_above(
    database: duckdb.DuckDBPyConnection,
) -> None:
    keyless = Call("c" * 16, "pay", 10 * MS, 60 * MS)
    insert_all(database, [Execution("cart", "c1", 0, 90 * MS, chain=TRACE, calls=[keyless])])
    insert_all(database, [Execution("pay", "p1", 20 * MS, 40 * MS, lines="start report")])
    keep(database, PAIR)
    derive(database, None)

    assert rows_of(database, "SELECT call_id FROM calls") == [("c" * 16,)]
    assert links(database) == [("cart", "pay", "p1", "xray_parent", 1.0)]


def test_a_caller_without_the_sdk_is_linked_and_its_wait_is_unknown(
    database: duckdb.DuckDBPyConnection,
) -> None:
    keep(database, invocation(16, "cart", "c1", 0, 90 * MS))
    keep(database, invocation(48, "pay", "p1", 20 * MS, 40 * MS, parent=17))
    derive(database, None)

    assert links(database) == [("cart", "pay", "p1", "request_id", 1.0)]
    assert rows_of(database, "SELECT wait_us FROM calls") == [(None,)]
    assert rows_of(database, "SELECT paid_idle_us FROM attempts WHERE function_name = 'cart'") == [
        (None,)
    ]


def test_attempts_of_an_asynchronous_invocation_are_counted_by_either_side(
    database: duckdb.DuckDBPyConnection,
) -> None:
    service = segment(
        16,
        "pay",
        0,
        5 * MS,
        origin="AWS::Lambda",
        resource_arn="arn:aws:lambda:eu-west-1:111122223333:function:pay",
        aws={"request_id": "p1"},
        http={"response": {"status": 202}},
        subsegments=[
            segment(17, "Dwell Time", 0, 20 * MS),
            segment(18, "Attempt #1", 20 * MS, 30 * MS, error=True),
            segment(19, "Attempt #2", 60_000 * MS, 30 * MS),
        ],
    )
    first = segment(
        20, "pay", 22 * MS, 26 * MS, origin="AWS::Lambda::Function", parent_id=f"{18:016x}",
        error=True, cause={"exceptions": [{"type": "ValueError"}]},
    )  # fmt: skip
    insert_all(database, [Execution("pay", "p1", 60_001 * MS, 28 * MS, lines="start report")])
    keep(database, [service, first])
    derive(database, None)

    assert rows_of(
        database,
        "SELECT attempt_number, outcome, error_type, has_report FROM attempts ORDER BY 1",
    ) == [(1, "error", "ValueError", False), (2, "unknown", None, True)]


def test_a_batch_is_shared_among_the_traces_that_it_links_to(
    database: duckdb.DuckDBPyConnection,
) -> None:
    send = {"operation": "SendMessage", "queue_url": "https://sqs/q"}
    senders: Segments = []
    for number in (1, 2):
        found = invocation(
            16, f"sender{number}", f"s{number}", 0, 9 * MS,
            parts=[sdk_call(32, "SQS", MS, 4 * MS, message_id=f"m{number}", **send)],
        )  # fmt: skip
        senders += [{**each, "trace_id": chain_of(number)} for each in found]
    consumer = [
        {**each, "trace_id": chain_of(3)}
        for each in invocation(
            64, "worker", "w1", 500 * MS, 20 * MS,
            links=[{"trace_id": chain_of(number), "id": f"{32:016x}"} for number in (1, 2)],
        )
    ]  # fmt: skip
    keep(database, [*senders, *consumer])
    derive(database, None)

    assert links(database) == [
        ("sender1", "worker", "w1", "xray_parent", 0.5),
        ("sender2", "worker", "w1", "xray_parent", 0.5),
    ]
    assert rows_of(
        database,
        "SELECT chain_id, share FROM chain_members WHERE function_name = 'worker' ORDER BY 1",
    ) == [(chain_of(1), 0.5), (chain_of(2), 0.5)]


def test_a_function_without_layer_and_segments_hangs_on_the_publish_of_its_trace(
    database: duckdb.DuckDBPyConnection,
) -> None:
    publish = Call("c" * 16, "topic", 10 * MS, 5 * MS, "sns", keys=("m1",))
    insert_all(
        database,
        [
            Execution("cart", "c1", 0, 30 * MS, chain=TRACE, calls=[publish], trace_root=TRACE),
            Execution("mail", "x1", 90 * MS, 5 * MS, lines="start report", trace_root=TRACE),
        ],
    )
    keep(database, invocation(16, "cart", "c1", 0, 30 * MS))
    derive(database, None)

    assert links(database) == [("cart", "mail", "x1", "trace_root", 1.0)]


def test_an_api_stage_is_a_node_with_its_function_below(
    database: duckdb.DuckDBPyConnection,
) -> None:
    stage = segment(
        1, "shop/prod", 0, 100 * MS, origin="AWS::ApiGateway::Stage",
        aws={"api_gateway": {"request_id": "api-1"}},
        subsegments=[sdk_call(2, "Lambda", 5 * MS, 92 * MS, operation="Invoke")],
    )  # fmt: skip
    keep(database, [stage, *invocation(16, "cart", "c1", 10 * MS, 80 * MS, parent=2)])
    derive(database, None)

    assert rows_of(
        database,
        "SELECT function_name, request_id, parent_row, edge_kind, node_kind FROM chain_timeline",
    ) == [
        ("shop/prod", "api-1", None, "apigateway", "apigateway"),
        ("cart", "c1", 0, "sync", "function"),
    ]
    assert rows_of(
        database, "SELECT functions_count, invocations_count, entry_function FROM chains"
    ) == [(1, 1, "shop/prod")]
    assert rows_of(database, "SELECT function_name FROM chain_members") == [("cart",)]
    assert rows_of(database, "SELECT function_name FROM attempts") == [("cart",)]
