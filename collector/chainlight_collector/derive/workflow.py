"""From the events of one Step Functions execution to its states, its tasks and its end.

An event belongs to the state that its chain of previous events leads to; what a Map or Parallel
says of itself (``MapIterationSucceeded``) to the nearest one around. A retry is a new
``…Scheduled`` (of Map and Parallel a new ``…StateStarted``) without a new ``…StateEntered``; a
state that is left after its last try had failed was caught. Source: the history events of the
Step Functions API.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

FINAL = {
    "ExecutionSucceeded": "ok",
    "ExecutionFailed": "error",
    "ExecutionTimedOut": "timeout",
    "ExecutionAborted": "aborted",
}
_SCHEDULED = frozenset({"TaskScheduled", "LambdaFunctionScheduled", "ActivityScheduled"})
_FAILED = frozenset(
    {
        "ActivityFailed",
        "ActivityScheduleFailed",
        "EvaluationFailed",
        "LambdaFunctionFailed",
        "LambdaFunctionScheduleFailed",
        "LambdaFunctionStartFailed",
        "MapRunFailed",
        "MapStateFailed",
        "ParallelStateFailed",
        "TaskFailed",
        "TaskStartFailed",
        "TaskSubmitFailed",
    }
)
_TIMED_OUT = frozenset({"ActivityTimedOut", "LambdaFunctionTimedOut", "TaskTimedOut"})
_SUCCEEDED = frozenset({"ActivitySucceeded", "LambdaFunctionSucceeded", "TaskSucceeded"})
_CONTAINERS = ("Map", "Parallel")
_KINDS = {
    "lambda": "lambda",
    "sqs": "sqs",
    "sns": "sns",
    "events": "eventbridge",
    "states": "stepfunctions",
    "kinesis": "kinesis",
    "s3": "s3",
    "dynamodb": "dynamodb",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a history; fields as in the table execution_events."""

    event_id: int
    previous_event_id: int | None
    event_type: str
    at_us: int | None = None
    state_name: str | None = None
    resource_type: str | None = None
    resource: str | None = None
    target: str | None = None
    is_event_invoke: bool = False
    request_id: str | None = None
    natural_key: str | None = None
    error_type: str | None = None
    items_count: int | None = None
    item_index: int | None = None


@dataclass(slots=True)
class Task:
    """One try of a task."""

    scheduled_id: int
    entered_id: int | None
    state_name: str | None
    try_number: int
    kind: str | None
    resource: str | None
    target: str | None
    mode: str
    scheduled_us: int | None
    ended_us: int | None = None
    outcome: str = "open"
    error_type: str | None = None
    natural_keys: list[str] = field(default_factory=list)
    is_on_error: bool = False


@dataclass(slots=True)
class State:
    """One state as it was entered."""

    entered_id: int
    container_id: int | None
    state_name: str | None
    state_type: str
    entered_us: int | None
    exited_us: int | None = None
    status: str = "running"
    error_type: str | None = None
    tries_count: int = 1
    branches_count: int | None = None
    item_index: int | None = None
    is_on_error: bool = False
    is_unpaid: bool | None = None


@dataclass(slots=True)
class Execution:
    """What an execution did. ``status`` is 'running' where no end has been seen."""

    states: dict[int, State] = field(default_factory=dict)
    tasks: list[Task] = field(default_factory=list)
    started_us: int | None = None
    ended_us: int | None = None
    status: str = "running"
    error_type: str | None = None
    events_count: int = 0

    @property
    def retries_count(self) -> int:
        """Tries beyond the first, of tasks and of whole Maps and Parallels."""
        return sum(state.tries_count - 1 for state in self.states.values())

    @property
    def transitions_count(self) -> int:
        """States entered and retried: what Standard workflows bill."""
        return len(self.states) + self.retries_count

    @property
    def caught_count(self) -> int:
        """States that failed and whose Catch went on."""
        return sum(state.status == "caught" for state in self.states.values())


def read(events: Iterable[Event], *, is_standard: bool = True) -> Execution:
    """Return what these events of one execution tell, in any order; some may be missing."""
    reader = _Reader(is_standard=is_standard)
    for event in sorted(events, key=lambda e: e.event_id):
        reader.take(event)
    return reader.finish()


class _Reader:
    """Goes through the events in their order and remembers which state each belongs to."""

    def __init__(self, *, is_standard: bool) -> None:
        self.execution = Execution()
        self._is_standard = is_standard
        self._events: dict[int, Event] = {}
        self._state_of: dict[int, int | None] = {}
        self._open_tasks: dict[int | None, Task] = {}
        self._starts_count: dict[int, int] = {}
        self._started_id: dict[int, int] = {}
        self._left: set[int] = set()

    def take(self, event: Event) -> None:
        """Take the next event."""
        self.execution.events_count += 1
        self._events[event.event_id] = event
        if event.event_type.startswith("Execution"):
            self._take_execution(event)
            self._state_of[event.event_id] = None
        elif event.event_type.endswith("StateEntered"):
            self._enter(event)
        else:
            entered_id = self._owner(event)
            self._state_of[event.event_id] = entered_id
            self._take_task(event, entered_id)
            state = self.execution.states.get(entered_id or 0)
            if state is not None and entered_id not in self._left:
                self._take_state(event, state)

    def finish(self) -> Execution:
        """Close what the end of the execution has closed."""
        if self.execution.status != "running":
            for state in self.execution.states.values():
                if state.status == "running":
                    state.status = "aborted" if self.execution.status == "ok" else "error"
                    state.exited_us = state.exited_us or self.execution.ended_us
        return self.execution

    def _take_execution(self, event: Event) -> None:
        if event.event_type == "ExecutionStarted":
            self.execution.started_us = event.at_us
        elif event.event_type == "ExecutionRedriven":
            self.execution.status, self.execution.ended_us = "running", None
        elif event.event_type in FINAL:
            self.execution.status = FINAL[event.event_type]
            self.execution.ended_us = event.at_us
            self.execution.error_type = event.error_type

    def _enter(self, event: Event) -> None:
        before = self._events.get(event.previous_event_id or 0)
        left_id = self._state_of.get(event.previous_event_id or 0)
        left = self.execution.states.get(left_id or 0)
        has_left = before is not None and before.event_type.endswith("StateExited")
        container_id = left.container_id if left is not None and has_left else left_id
        if before is None and self.execution.states:
            container_id = self._open_container()
        if before is not None and before.event_type == "ParallelStateStarted" and left is not None:
            left.branches_count = (left.branches_count or 0) + 1
        self._state_of[event.event_id] = event.event_id
        self.execution.states[event.event_id] = State(
            event.event_id,
            container_id,
            event.state_name,
            event.event_type.removesuffix("StateEntered"),
            event.at_us,
            item_index=self._item_index(before, left if has_left else None),
            is_on_error=left is not None and has_left and left.status == "caught",
            status="error" if event.event_type == "FailStateEntered" else "running",
            is_unpaid=self._is_standard,
        )

    @staticmethod
    def _item_index(before: Event | None, left: State | None) -> int | None:
        if left is not None:
            return left.item_index
        return before.item_index if before is not None else None

    def _owner(self, event: Event) -> int | None:
        """Return the state that an event belongs to."""
        entered_id = self._state_of.get(event.previous_event_id or 0)
        kind = next((k for k in _CONTAINERS if event.event_type.startswith(k)), None)
        while kind is not None and entered_id is not None:
            state = self.execution.states[entered_id]
            if state.state_type == kind:
                return entered_id
            entered_id = state.container_id
        return entered_id if kind is None else self._open_container(kind)

    def _open_container(self, kind: str | None = None) -> int | None:
        """Return the last Map or Parallel that was entered and not left: for what lost its way."""
        kinds = _CONTAINERS if kind is None else (kind,)
        found = [
            state.entered_id
            for state in self.execution.states.values()
            if state.state_type in kinds and state.entered_id not in self._left
        ]
        return found[-1] if found else None

    def _take_state(self, event: Event, state: State) -> None:
        name = event.event_type
        if name in _SCHEDULED or name.endswith("StateStarted"):
            count = self._starts_count.get(state.entered_id, 0) + 1
            self._starts_count[state.entered_id] = state.tries_count = count
            self._started_id[state.entered_id] = event.event_id
            state.branches_count = event.items_count
            state.status, state.error_type = "running", None
        elif name in _FAILED or name in _TIMED_OUT:
            state.status = "timeout" if name in _TIMED_OUT else "error"
            state.error_type = event.error_type
        elif name.endswith("StateAborted"):
            state.status, state.exited_us = "aborted", event.at_us
        elif name.endswith("StateExited"):
            has_failed = state.status in ("error", "timeout") or self._has_dead_branch(state)
            self._left.add(state.entered_id)
            state.status, state.exited_us = "caught" if has_failed else "ok", event.at_us

    def _has_dead_branch(self, container: State) -> bool:
        """Whether a state inside of the last try has failed: not every history says so itself."""
        since_id = self._started_id.get(container.entered_id, 0)
        return any(
            state.container_id == container.entered_id
            and state.entered_id > since_id
            and state.status in ("error", "timeout", "aborted")
            for state in self.execution.states.values()
        )

    def _take_task(self, event: Event, entered_id: int | None) -> None:
        if event.event_type in _SCHEDULED:
            self._schedule(event, entered_id)
            return
        task = self._open_tasks.get(entered_id)
        if task is None:
            return
        task.natural_keys += [
            key
            for key in (event.request_id, event.natural_key)
            if key is not None and key not in task.natural_keys
        ]
        self._end(event, task)

    def _schedule(self, event: Event, entered_id: int | None) -> None:
        state = self.execution.states.get(entered_id or 0)
        is_lambda = event.event_type == "LambdaFunctionScheduled"
        kind = "lambda" if is_lambda else _kind_of(event.resource_type)
        task = Task(
            event.event_id,
            entered_id,
            state.state_name if state else None,
            self._starts_count.get(entered_id or 0, 0) + 1,
            kind,
            event.resource,
            event.target,
            _mode_of(event, kind),
            event.at_us,
            is_on_error=state.is_on_error if state else False,
        )
        self._open_tasks[entered_id] = task
        self.execution.tasks.append(task)

    @staticmethod
    def _end(event: Event, task: Task) -> None:
        name = event.event_type
        if name in _SUCCEEDED:
            task.outcome, task.ended_us = "ok", event.at_us
        elif name in _FAILED or name in _TIMED_OUT:
            task.outcome = "timeout" if name in _TIMED_OUT else "error"
            task.ended_us, task.error_type = event.at_us, event.error_type
        elif name.endswith("StateAborted"):
            task.outcome, task.ended_us = "error", event.at_us


def _kind_of(resource_type: str | None) -> str | None:
    name = (resource_type or "").removeprefix("aws-sdk:")
    return _KINDS.get(name)


def _mode_of(event: Event, kind: str | None) -> str:
    """Return 'sync' where the state waits for the result of what it has set off."""
    waits = (event.resource or "").endswith((".sync", ".sync:2", ".waitForTaskToken"))
    is_answered = kind == "lambda" and not event.is_event_invoke
    return "sync" if waits or is_answered else "async"
