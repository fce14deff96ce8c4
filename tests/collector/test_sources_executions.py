"""The execution and durable sources: histories are read once, and again while they run."""

from __future__ import annotations

import json
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from chainlight_collector.aws import Aws, Deadline
from chainlight_collector.sources import durable, executions
from chainlight_collector.sources.operations_traces import ALL
from chainlight_collector.sources.run import Options, Outcome, Run
from chainlight_collector.store import Store

from .derive_facts import new_file

FAST = {operation.action: 1000.0 for operation in ALL} | {"logs:FilterLogEvents": 1000.0}
BEGUN_S = int(time.time()) - 600
MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:orders"
FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:pay"


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with Store.open(new_file(tmp_path / "chainlight.duckdb")) as opened:
        yield opened


def pulled(source: ModuleType, store: Store) -> Outcome:
    """Read a source and derive what it brought, as the end of a run does."""
    run = Run(Aws(calls_per_s=FAST), store, Options(settle_us=0), Deadline.never())
    outcome: Outcome = source.pull(run)
    store.catch_up()
    return outcome


def execution_arn(number: int) -> str:
    return f"arn:aws:states:eu-central-1:123456789012:execution:orders:e{number}"


def history(number: int, *, tries: int = 1, is_running: bool = False) -> list[dict[str, Any]]:
    """Return the events of an execution whose one task fails until its last try."""
    at_s = BEGUN_S + number
    events: list[dict[str, Any]] = [
        {"type": "ExecutionStarted", "executionStartedEventDetails": {"input": "{}"}},
        {"type": "TaskStateEntered", "stateEnteredEventDetails": {"name": "Pay", "input": "{}"}},
    ]
    for one in range(tries):
        is_last = one == tries - 1
        parameters = json.dumps({"FunctionName": FUNCTION, "Payload": {}})
        task = {"resourceType": "lambda", "resource": "invoke", "region": "x"}
        output = {"SdkResponseMetadata": {"RequestId": f"r{number}-{one}"}, "Payload": {}}
        cause = json.dumps({"errorType": "No", "requestId": f"r{number}-{one}"})
        events += [
            {"type": "TaskScheduled",
             "taskScheduledEventDetails": task | {"parameters": parameters}},
            {"type": "TaskStarted", "taskStartedEventDetails": task},
            {"type": "TaskSucceeded",
             "taskSucceededEventDetails": task | {"output": json.dumps(output)}}
            if is_last
            else {"type": "TaskFailed",
                  "taskFailedEventDetails": task | {"error": "No", "cause": cause}},
        ]  # fmt: skip
    if not is_running:
        events += [
            {"type": "TaskStateExited", "stateExitedEventDetails": {"name": "Pay"}},
            {"type": "ExecutionSucceeded", "executionSucceededEventDetails": {"output": "{}"}},
        ]
    return [
        {"id": place, "previousEventId": place - 1, "timestamp": at_s + place / 10, **event}
        for place, event in enumerate(events, start=1)
    ]


def _executions(store: Store) -> list[Any]:
    sql = "SELECT execution_arn, status, retries_count, transitions_count FROM executions"
    return store.query(f"{sql} ORDER BY ALL").fetchall()


def test_histories_of_all_pages_become_executions_and_their_tasks_calls(
    cloudwatch: Any, store: Store
) -> None:
    cloudwatch.foreign.machines[MACHINE] = {
        execution_arn(n): history(n, tries=n + 1) for n in range(3)
    }
    cloudwatch.foreign.page_count = 2

    outcome = pulled(executions, store)

    assert (outcome.problems, outcome.done_count) == ([], 3)
    assert _executions(store) == [(execution_arn(n), "ok", n, n + 1) for n in range(3)]
    calls = store.query(
        "SELECT caller_function, kind, target_name, natural_key, outcome FROM calls "
        "WHERE caller_request_id = $arn ORDER BY started_us",
        {"arn": execution_arn(1)},
    ).fetchall()
    assert calls == [
        ("orders", "lambda", "pay", "r1-0", "error"),
        ("orders", "lambda", "pay", "r1-1", "ok"),
    ]


def test_a_running_execution_is_read_again_and_an_ended_one_is_not(
    cloudwatch: Any, store: Store
) -> None:
    histories = cloudwatch.foreign.machines[MACHINE] = {
        execution_arn(0): history(0),
        execution_arn(1): history(1, is_running=True),
        execution_arn(2): history(2),
    }
    pulled(executions, store)
    running = _executions(store)[1][1]
    histories[execution_arn(1)] = history(1)
    cloudwatch.foreign.requests.clear()

    pulled(executions, store)
    third = pulled(executions, store)

    assert (running, [row[1] for row in _executions(store)]) == ("running", ["ok"] * 3)
    asked = [
        request["executionArn"]
        for name, request in cloudwatch.foreign.requests
        if name == "GetExecutionHistory"
    ]
    assert asked == [execution_arn(1), execution_arn(2), execution_arn(2)]
    assert third.counts.kept == 0


def test_express_workflows_are_read_from_their_log(cloudwatch: Any, store: Store) -> None:
    arn = "arn:aws:states:eu-central-1:123456789012:express:quick:e:1"
    machine = MACHINE.replace("orders", "quick")
    cloudwatch.foreign.express[machine] = "/aws/vendedlogs/states/quick"
    lines = [
        {
            "id": str(event["id"]),
            "type": event["type"],
            "details": next((v for k, v in event.items() if k.endswith("EventDetails")), {}),
            "previous_event_id": str(event["previousEventId"]),
            "event_timestamp": str(int(event["timestamp"] * 1000)),
            "execution_arn": arn,
        }
        for event in history(0, tries=2)
    ]
    cloudwatch.groups["/aws/vendedlogs/states/quick"] = [
        {"timestamp": int(line["event_timestamp"]), "message": json.dumps(line)} for line in lines
    ] + [{"timestamp": int(lines[0]["event_timestamp"]), "message": "something else"}]

    first = pulled(executions, store)
    again = pulled(executions, store)

    assert first.problems == []
    assert (first.counts.kept, again.counts.kept) == (len(lines), 0)
    found = store.query("SELECT kind, machine_name, status, retries_count FROM executions")
    assert found.fetchall() == [("express", "quick", "ok", 1)]


def durable_history(callee_arn: str | None = None) -> list[dict[str, Any]]:
    """Return a durable execution: a step that is retried, a wait, a chained invoke."""
    at_s = BEGUN_S
    chained = {"FunctionName": "bill", "Input": {"Payload": "{}"}}
    if callee_arn:
        chained["DurableExecutionArn"] = callee_arn
    invocation = {"StartTimestamp": at_s, "EndTimestamp": at_s + 2, "RequestId": "r1"}
    events: list[tuple[float, str, str | None, dict[str, Any]]] = [
        (0, "ExecutionStarted", None, {"ExecutionTimeout": 60}),
        (0.1, "StepStarted", "s1", {}),
        (0.5, "StepFailed", "s1", {"RetryDetails": {"CurrentAttempt": 1}}),
        (1.0, "StepSucceeded", "s1", {"RetryDetails": {"CurrentAttempt": 2}}),
        (1.1, "WaitStarted", "w1", {"Duration": 30}),
        (2.0, "InvocationCompleted", None, invocation),
        (31.1, "WaitSucceeded", "w1", {"Duration": 30}),
        (31.2, "ChainedInvokeStarted", "c1", chained),
        (36.2, "ChainedInvokeSucceeded", "c1", {}),
        (36.5, "InvocationCompleted", None,
         {**invocation, "StartTimestamp": at_s + 31, "EndTimestamp": at_s + 36.4,
          "RequestId": "r2"}),
        (36.6, "ExecutionSucceeded", None, {}),
    ]  # fmt: skip
    return [
        {
            "EventId": number,
            "EventType": kind,
            "EventTimestamp": at_s + after_s,
            f"{kind}Details": details,
            **({"Id": operation, "Name": f"name {operation}"} if operation else {}),
        }
        for number, (after_s, kind, operation, details) in enumerate(events, start=1)
    ]


def test_durable_histories_show_unpaid_waits_retries_and_chained_invokes(
    cloudwatch: Any, store: Store
) -> None:
    arn = f"{FUNCTION}:1/durable-execution/order/1"
    cloudwatch.foreign.durable[FUNCTION] = {arn: durable_history()}
    cloudwatch.foreign.page_count = 4

    outcome = pulled(durable, store)
    again = pulled(durable, store)

    assert (outcome.problems, outcome.counts.kept, again.counts.kept) == ([], 11, 0)
    assert store.query(
        "SELECT machine_name, kind, status, unpaid_us FROM executions"
    ).fetchall() == [("pay", "durable", "ok", 35_000_000)]
    states = store.query(
        "SELECT state_name, state_type, status, tries_count, is_unpaid, length_us "
        "FROM execution_states ORDER BY state_id"
    )
    assert states.fetchall() == [
        ("name s1", "Step", "ok", 2, False, 900_000),
        ("name w1", "Wait", "ok", 1, True, 30_000_000),
        ("name c1", "ChainedInvoke", "ok", 1, True, 5_000_000),
    ]
    calls = store.query("SELECT kind, target, natural_key FROM calls ORDER BY started_us")
    assert calls.fetchall() == [
        ("durable", "pay", "r1"),
        ("durable", "pay", "r2"),
        ("lambda", "bill", f"{arn}#c1"),
    ]
