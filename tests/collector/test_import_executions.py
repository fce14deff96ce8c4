"""Histories of Step Functions and durable functions: what they say is counted independently."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from chainlight_collector import ingest
from chainlight_collector.derive import derive, workflow
from chainlight_collector.derive.workflow import Event
from chainlight_collector.ingest import durable, executions, recognise

from .derive_facts import (
    MS,
    T0_US,
    Call,
    Execution,
    chain_of,
    insert_all,
    open_database,
    rows_of,
)

SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples" / "sfn"
needs_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason=f"the recorded samples are not at {SAMPLES}"
)
ARN = "arn:aws:states:eu-west-1:111122223333:execution:orders:e1"
PAY = "arn:aws:lambda:eu-west-1:111122223333:function:pay"
SEEN_US = T0_US + 10**9


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = open_database()
    yield connection
    connection.close()


def _histories() -> list[dict[str, Any]]:
    file = SAMPLES / "localstack-recorded-histories.jsonl"
    return [json.loads(line)["history"] for line in file.read_text().splitlines()]


def _read(history: dict[str, Any]) -> workflow.Execution:
    fields = Event.__dataclass_fields__
    rows = executions.event_rows(history)
    return workflow.read(Event(**{name: row[name] for name in fields}) for row in rows)


def _retries_of(history: dict[str, Any]) -> int:
    """Count by names alone: what was scheduled or started more often than it was entered."""
    counted = Counter(event["type"] for event in history["events"])
    scheduled = sum(counted[f"{kind}Scheduled"] for kind in ("Task", "LambdaFunction", "Activity"))
    never_scheduled = counted["TaskStateEntered"] - scheduled
    tasks = max(0, -never_scheduled)
    containers = sum(
        max(0, counted[f"{kind}StateStarted"] - counted[f"{kind}StateEntered"])
        for kind in ("Map", "Parallel")
    )
    return tasks + containers


@needs_samples
def test_states_retries_and_transitions_are_those_that_the_events_name() -> None:
    for history in _histories():
        entered = [e["stateEnteredEventDetails"]["name"] for e in history["events"]
                   if e["type"].endswith("StateEntered")]  # fmt: skip
        execution = _read(history)

        assert sorted(str(s.state_name) for s in execution.states.values()) == sorted(entered)
        assert execution.retries_count == _retries_of(history), history
        assert execution.transitions_count == len(entered) + _retries_of(history)
        assert execution.events_count == len(history["events"])


@needs_samples
def test_every_recorded_history_imports_whole_once_and_in_any_order(
    database: duckdb.DuckDBPyConnection,
) -> None:
    found = recognise.documents_in(SAMPLES / "localstack-recorded-histories.jsonl")
    events_count = sum(len(history["events"]) for history in _histories())
    rows = list(found.execution_events)
    random.Random(5).shuffle(rows)  # noqa: S311  an order, no secret

    first = ingest.execution_events(database, rows[:200], SEEN_US)
    second = ingest.execution_events(database, rows, SEEN_US)
    derive(database, None)

    assert found.rejects == []
    assert (first.kept + second.kept, second.known) == (events_count, 200)
    totals = "SELECT count(*), sum(states_count), sum(transitions_count) FROM executions"
    wanted = [_read(history) for history in _histories()]
    assert rows_of(database, totals) == [
        (
            len(wanted),
            sum(len(each.states) for each in wanted),
            sum(each.transitions_count for each in wanted),
        )
    ]


def event(number: int, kind: str, before: int, at_us: int, **details: Any) -> dict[str, Any]:
    """Return one event as GetExecutionHistory writes it."""
    name = kind[0].lower() + kind[1:] + "EventDetails"
    if kind.endswith("StateEntered"):
        name = "stateEnteredEventDetails"
    if kind.endswith("StateExited"):
        name = "stateExitedEventDetails"
    at_s = (T0_US + at_us) / 1_000_000
    return {"id": number, "previousEventId": before, "type": kind, "timestamp": at_s, name: details}


def task(request_id: str) -> dict[str, Any]:
    output = {"SdkResponseMetadata": {"RequestId": request_id}}
    return {"resourceType": "lambda", "resource": "invoke", "output": json.dumps(output)}


SCHEDULED = {
    "resourceType": "lambda",
    "resource": "invoke",
    "parameters": json.dumps({"FunctionName": PAY}),
}
# Pay in parallel: one branch fails, is tried again, fails and is caught; the other goes well.
ORDERS = [
    event(1, "ExecutionStarted", 0, 20 * MS, input="{}"),
    event(2, "ParallelStateEntered", 0, 21 * MS, name="Both"),
    event(3, "ParallelStateStarted", 2, 22 * MS),
    event(4, "TaskStateEntered", 3, 23 * MS, name="Pay"),
    event(5, "TaskStateEntered", 3, 23 * MS, name="Ship"),
    event(6, "TaskScheduled", 4, 24 * MS, **SCHEDULED),
    event(7, "TaskScheduled", 5, 25 * MS, **SCHEDULED),
    event(8, "TaskFailed", 6, 40 * MS, error="No", cause=json.dumps({"requestId": "p1"})),
    event(9, "TaskScheduled", 8, 50 * MS, **SCHEDULED),
    event(10, "TaskSucceeded", 7, 60 * MS, **task("s1")),
    event(11, "TaskStateExited", 10, 61 * MS, name="Ship"),
    event(12, "TaskFailed", 9, 70 * MS, error="No", cause=json.dumps({"requestId": "p2"})),
    event(13, "TaskStateExited", 12, 71 * MS, name="Pay"),
    event(14, "TaskStateEntered", 13, 72 * MS, name="Refund"),
    event(15, "LambdaFunctionScheduled", 14, 73 * MS, resource=PAY),
    event(16, "LambdaFunctionSucceeded", 15, 90 * MS, output="{}"),
    event(17, "TaskStateExited", 16, 91 * MS, name="Refund"),
    event(18, "ParallelStateSucceeded", 17, 92 * MS),
    event(19, "ParallelStateExited", 18, 93 * MS, name="Both"),
    event(20, "ExecutionSucceeded", 19, 94 * MS, output="{}"),
]


def _world() -> list[Execution]:
    """Return a layered function that starts the execution, and the invocations of its tasks."""
    starter = Call("c" * 16, "orders", 10 * MS, 8 * MS, "stepfunctions", keys=(ARN,))
    return [
        Execution("front", "f1", 0, 30 * MS, chain=chain_of(1), calls=[starter], source="apigw"),
        *(
            Execution("pay", request, at, length, chain=chain_of(9), lines="start report")
            for request, at, length in (
                ("p1", 26 * MS, 12 * MS),
                ("s1", 27 * MS, 30 * MS),
                ("p2", 52 * MS, 15 * MS),
                ("old-style", 75 * MS, 10 * MS),
            )
        ),
    ]


def _keep(database: duckdb.DuckDBPyConnection, events: list[dict[str, Any]]) -> None:
    rows = list(executions.event_rows({"events": events}, ARN))
    ingest.execution_events(database, rows, SEEN_US)


def _links(database: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return rows_of(
        database,
        "SELECT caller_function, callee_function, callee_request_id, evidence, is_on_error "
        "FROM link_rows WHERE is_callee_seen ORDER BY sent_us, callee_request_id",
    )


def test_a_function_its_execution_and_the_tasks_are_one_chain(
    database: duckdb.DuckDBPyConnection,
) -> None:
    insert_all(database, _world())
    _keep(database, ORDERS)
    derive(database, None)

    assert _links(database) == [
        ("front", "orders", ARN, "execution", False),
        ("orders", "pay", "p1", "execution", False),
        ("orders", "pay", "s1", "execution", False),
        ("orders", "pay", "p2", "execution", False),
        ("orders", "pay", "old-style", "execution", True),
    ]
    assert rows_of(
        database,
        "SELECT row, parent_row, function_name, node_kind, attempts_count FROM chain_timeline "
        "WHERE chain_id = (SELECT min(chain_id) FROM chains) ORDER BY row",
    ) == [
        (0, None, "front", "function", 1),
        (1, 0, "orders", "stepfunctions", 1),
        (2, 1, "pay", "function", 1),
        (3, 1, "pay", "function", 1),
        (4, 1, "pay", "function", 1),
        (5, 1, "pay", "function", 1),
    ]
    assert rows_of(
        database, "SELECT chain_id, entry_function, functions_count, attempts_count FROM chains"
    ) == [(chain_of(1), "front", 2, 5)]
    assert rows_of(database, "SELECT count(DISTINCT chain_id), count(*) FROM chain_members") == [
        (1, 5)
    ]
    counts = "SELECT chain_id, status, caught_count, retries_count, transitions_usd FROM executions"
    assert rows_of(database, counts) == [(chain_of(1), "ok", 1, 1, pytest.approx(5 * 0.000025))]


def test_the_order_in_which_facts_come_does_not_matter(
    database: duckdb.DuckDBPyConnection,
) -> None:
    _keep(database, ORDERS[8:])
    derive(database, SEEN_US)
    insert_all(database, _world()[1:])
    derive(database, None)
    _keep(database, ORDERS[:12])
    derive(database, T0_US)
    insert_all(database, _world()[:1])
    derive(database, T0_US)
    parts = _everything(database)
    whole = open_database()
    insert_all(whole, _world())
    _keep(whole, ORDERS)
    derive(whole, None)

    assert parts == _everything(whole)
    whole.close()


def _everything(database: duckdb.DuckDBPyConnection) -> list[list[tuple[Any, ...]]]:
    tables = ("execution_rows", "execution_state_rows", "execution_task_rows", "service_rows",
              "attempt_rows", "call_rows", "link_rows", "member_rows", "timeline_rows",
              "chain_rows")  # fmt: skip
    return [sorted(rows_of(database, f"FROM {table}"), key=repr) for table in tables]


def test_states_say_what_was_caught_and_what_was_entered_through_a_catch() -> None:
    execution = _read({"events": ORDERS})

    assert [
        (s.state_name, s.status, s.tries_count, s.branches_count, s.container_id, s.is_on_error)
        for s in execution.states.values()
    ] == [
        ("Both", "ok", 1, 2, None, False),
        ("Pay", "caught", 2, None, 2, False),
        ("Ship", "ok", 1, None, 2, False),
        ("Refund", "ok", 1, None, 2, True),
    ]


def test_inputs_and_outputs_are_not_kept(database: duckdb.DuckDBPyConnection) -> None:
    secret = event(2, "TaskStateEntered", 1, 0, name="x", input='{"card": "4111"}')
    _keep(database, [secret])

    assert "4111" not in repr(rows_of(database, "FROM execution_events"))


DURABLE_ARN = "arn:aws:lambda:eu-west-1:111122223333:function:order:1/durable-execution/x/1"


def _keep_durable(database: duckdb.DuckDBPyConnection) -> None:
    """Keep the history of an order that is invoked, chains an invoke, and is invoked again."""
    at_s = T0_US / 1_000_000
    ran = {"StartTimestamp": at_s, "EndTimestamp": at_s + 0.1, "RequestId": "d1"}
    again = {"StartTimestamp": at_s + 60, "EndTimestamp": at_s + 60.2, "RequestId": "d2"}
    kinds = [
        ("ExecutionStarted", 0, None, {}),
        ("ChainedInvokeStarted", 0.05, "c", {"FunctionName": "pay"}),
        ("InvocationCompleted", 0.1, None, ran),
        ("ChainedInvokeSucceeded", 59, "c", {}),
        ("InvocationCompleted", 60.2, None, again),
        ("ExecutionSucceeded", 60.2, None, {}),
    ]
    history = {
        "Events": [
            {"EventId": n, "EventType": kind, "EventTimestamp": at_s + after_s, "Id": operation,
             f"{kind}Details": details}
            for n, (kind, after_s, operation, details) in enumerate(kinds, start=1)
        ]
    }  # fmt: skip
    ingest.durable_events(database, list(durable.event_rows(history, DURABLE_ARN)), SEEN_US)


DURABLE_LINES = [
    Execution("order", "d1", 0, 100 * MS, chain=chain_of(1), lines="start report"),
    Execution("pay", "p1", 2_000 * MS, 5_000 * MS, chain=chain_of(2), lines="start report"),
    Execution("order", "d2", 60_000 * MS, 200 * MS, lines="start report"),
]


def test_invocations_of_a_durable_function_and_its_chained_invoke_are_one_chain(
    database: duckdb.DuckDBPyConnection,
) -> None:
    insert_all(database, DURABLE_LINES)
    _keep_durable(database)
    derive(database, None)

    assert rows_of(
        database,
        "SELECT function_name, depth, node_kind FROM chain_timeline ORDER BY started_us, depth",
    ) == [
        ("order", 0, "durable"),
        ("order", 1, "function"),
        ("pay", 1, "function"),
        ("order", 1, "function"),
    ]
    assert rows_of(database, "SELECT unpaid_us FROM executions") == [(58_950_000,)]
    assert rows_of(
        database,
        "SELECT DISTINCT kind FROM chain_segments JOIN chain_timeline USING (chain_id, row) "
        "WHERE node_kind <> 'function'",
    ) == [("service",)]


def test_a_chained_invoke_that_record_and_history_tell_of_is_one_call(
    database: duckdb.DuckDBPyConnection,
) -> None:
    insert_all(database, DURABLE_LINES)
    _keep_durable(database)
    derive(database, None)
    keys = (f"{DURABLE_ARN}#c",)
    told = Call("d" * 16, "pay", 50 * MS, 3 * MS, "durable", is_async=True, keys=keys)
    insert_all(database, [Execution("order", "d1", 0, 100 * MS, calls=[told], lines="record")])
    derive(database, T0_US)

    assert rows_of(
        database,
        "SELECT call_id, caller_request_id, evidence FROM link_rows WHERE callee_request_id = 'p1'",
    ) == [("d" * 16, "d1", "execution")]
    assert rows_of(database, "SELECT count(*) FROM call_rows WHERE target_name = 'pay'") == [(1,)]
