"""From the events of one durable execution to its operations, its invocations and its end.

A durable function is invoked again and again under new request ids; between two invocations it
waits without compute. Steps run inside an invocation and are paid; waits, callbacks and chained
invokes are not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from chainlight_collector.derive.workflow import Execution, State, Task

_FINAL = {
    "ExecutionSucceeded": "ok",
    "ExecutionFailed": "error",
    "ExecutionTimedOut": "timeout",
    "ExecutionStopped": "aborted",
}
_OPERATIONS = ("Step", "Wait", "ChainedInvoke", "Callback", "Context")
_UNPAID = frozenset({"Wait", "ChainedInvoke", "Callback"})
_ENDINGS = {
    "Succeeded": "ok",
    "Failed": "error",
    "TimedOut": "timeout",
    "Stopped": "aborted",
    "Cancelled": "aborted",
}


@dataclass(frozen=True, slots=True)
class DurableEvent:
    """One event of a durable history; fields as in the table durable_events."""

    event_id: int
    event_type: str
    at_us: int | None = None
    operation_id: str | None = None
    parent_id: str | None = None
    operation_name: str | None = None
    target: str | None = None
    natural_key: str | None = None
    request_id: str | None = None
    started_us: int | None = None
    ended_us: int | None = None
    try_number: int | None = None
    error_type: str | None = None


def read(events: Iterable[DurableEvent], arn: str, function_name: str | None) -> Execution:
    """Return what these events of one durable execution tell, in any order.

    A chained invoke's key is the execution's ARN, a # and the operation's id: the layer of a
    function that starts one names it so too.
    """
    execution = Execution()
    operations: dict[str, list[DurableEvent]] = defaultdict(list)
    for event in sorted(events, key=lambda e: e.event_id):
        execution.events_count += 1
        if event.event_type == "InvocationCompleted":
            execution.tasks.append(_own_invocation(event, function_name))
        elif event.event_type.startswith("Execution"):
            _take_execution(execution, event)
        else:
            operations[event.operation_id or str(event.event_id)].append(event)
    entered = {operation: found[0].event_id for operation, found in operations.items()}
    for found in operations.values():
        state = _state(found, entered)
        execution.states[state.entered_id] = state
        if state.state_type == "ChainedInvoke":
            execution.tasks.append(_chained(found, state, arn))
    return execution


def _take_execution(execution: Execution, event: DurableEvent) -> None:
    if event.event_type == "ExecutionStarted":
        execution.started_us = event.at_us
    elif event.event_type in _FINAL:
        execution.status, execution.ended_us = _FINAL[event.event_type], event.at_us
        execution.error_type = event.error_type


def _state(found: list[DurableEvent], entered: dict[str, int]) -> State:
    first, last = found[0], found[-1]
    kind = next((k for k in _OPERATIONS if first.event_type.startswith(k)), first.event_type)
    ending = _ENDINGS.get(last.event_type.removeprefix(kind))
    starts_count = sum(event.event_type == f"{kind}Started" for event in found)
    tries = [starts_count, *(event.try_number or 1 for event in found)]
    return State(
        first.event_id,
        entered.get(first.parent_id or ""),
        first.operation_name or first.operation_id,
        kind,
        first.at_us,
        last.at_us if ending else None,
        ending or "running",
        last.error_type,
        max(1, *tries),
        is_unpaid=kind in _UNPAID,
    )


def _chained(found: list[DurableEvent], state: State, arn: str) -> Task:
    first = found[0]
    keys = [key for event in found if (key := event.natural_key)]
    return Task(
        state.entered_id,
        state.entered_id,
        state.state_name,
        1,
        "lambda",
        "chained invoke",
        first.target,
        "sync",
        state.entered_us,
        state.exited_us,
        "open" if state.status == "running" else state.status,
        state.error_type,
        [*keys, f"{arn}#{first.operation_id}"],
    )


def _own_invocation(event: DurableEvent, function_name: str | None) -> Task:
    return Task(
        event.event_id,
        None,
        None,
        1,
        "durable",
        "invocation",
        function_name,
        "sync",
        event.started_us,
        event.ended_us,
        "error" if event.error_type else "ok",
        event.error_type,
        [event.request_id] if event.request_id else [],
    )
