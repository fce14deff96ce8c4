"""The requests for traces, executions of state machines and durable executions.

AWS charges $0.50 for a million traces retrieved or scanned (2026-11), nothing for the others.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

from chainlight_collector.aws import Operation


class Destination(TypedDict, total=False):
    """Where X-Ray keeps segments: `XRay`, or `CloudWatchLogs` with Transaction Search."""

    Destination: str
    Status: str


class TraceSummary(TypedDict, total=False):
    """One trace as GetTraceSummaries lists it."""

    Id: str
    Duration: float
    IsPartial: bool
    Revision: int


class SummariesPage(TypedDict, total=False):
    """One page of GetTraceSummaries."""

    TraceSummaries: list[TraceSummary]
    NextToken: str


class TracesPage(TypedDict, total=False):
    """One page of BatchGetTraces."""

    Traces: list[dict[str, Any]]
    UnprocessedTraceIds: list[str]
    NextToken: str


class Retrieval(TypedDict):
    """What StartTraceRetrieval began."""

    RetrievalToken: str


class RetrievedPage(TypedDict, total=False):
    """One page of ListRetrievedTraces; empty until the status is COMPLETE."""

    RetrievalStatus: str
    Traces: list[dict[str, Any]]
    NextToken: str


class StateMachine(TypedDict, total=False):
    """A state machine as ListStateMachines lists it; `type` is STANDARD or EXPRESS."""

    stateMachineArn: str
    name: str
    type: str


class StateMachinesPage(TypedDict, total=False):
    """One page of ListStateMachines."""

    stateMachines: list[StateMachine]
    nextToken: str


class StateMachineDescription(TypedDict, total=False):
    """A state machine with where it logs."""

    loggingConfiguration: dict[str, Any]


class Execution(TypedDict, total=False):
    """An execution as ListExecutions lists it, the newest first."""

    executionArn: str
    status: str
    startDate: datetime


class ExecutionsPage(TypedDict, total=False):
    """One page of ListExecutions."""

    executions: list[Execution]
    nextToken: str


class HistoryPage(TypedDict, total=False):
    """One page of GetExecutionHistory, 1,000 events at most."""

    events: list[dict[str, Any]]
    nextToken: str


class DurableExecution(TypedDict, total=False):
    """A durable execution as ListDurableExecutionsByFunction lists it."""

    DurableExecutionArn: str
    Status: str
    StartTimestamp: datetime


class DurableExecutionsPage(TypedDict, total=False):
    """One page of ListDurableExecutionsByFunction."""

    DurableExecutions: list[DurableExecution]
    NextMarker: str


class DurableHistoryPage(TypedDict, total=False):
    """One page of GetDurableExecutionHistory."""

    Events: list[dict[str, Any]]
    NextMarker: str


GET_DESTINATION: Operation[Destination] = Operation(
    "xray", "get_trace_segment_destination", "xray:GetTraceSegmentDestination", calls_per_s=1
)
GET_TRACE_SUMMARIES: Operation[SummariesPage] = Operation(
    "xray", "get_trace_summaries", "xray:GetTraceSummaries", calls_per_s=2
)
BATCH_GET_TRACES: Operation[TracesPage] = Operation(
    "xray", "batch_get_traces", "xray:BatchGetTraces", calls_per_s=5
)
START_RETRIEVAL: Operation[Retrieval] = Operation(
    "xray", "start_trace_retrieval", "xray:StartTraceRetrieval", calls_per_s=2
)
LIST_RETRIEVED: Operation[RetrievedPage] = Operation(
    "xray", "list_retrieved_traces", "xray:ListRetrievedTraces", calls_per_s=2
)
LIST_STATE_MACHINES: Operation[StateMachinesPage] = Operation(
    "stepfunctions", "list_state_machines", "states:ListStateMachines", calls_per_s=5
)
DESCRIBE_STATE_MACHINE: Operation[StateMachineDescription] = Operation(
    "stepfunctions", "describe_state_machine", "states:DescribeStateMachine"
)
LIST_EXECUTIONS: Operation[ExecutionsPage] = Operation(
    "stepfunctions", "list_executions", "states:ListExecutions", calls_per_s=5
)
GET_HISTORY: Operation[HistoryPage] = Operation(
    "stepfunctions", "get_execution_history", "states:GetExecutionHistory"
)
LIST_DURABLE: Operation[DurableExecutionsPage] = Operation(
    "lambda",
    "list_durable_executions_by_function",
    "lambda:ListDurableExecutionsByFunction",
    calls_per_s=5,
)
GET_DURABLE_HISTORY: Operation[DurableHistoryPage] = Operation(
    "lambda", "get_durable_execution_history", "lambda:GetDurableExecutionHistory", calls_per_s=5
)

ALL: tuple[Operation[Any], ...] = (
    GET_DESTINATION,
    GET_TRACE_SUMMARIES,
    BATCH_GET_TRACES,
    START_RETRIEVAL,
    LIST_RETRIEVED,
    LIST_STATE_MACHINES,
    DESCRIBE_STATE_MACHINE,
    LIST_EXECUTIONS,
    GET_HISTORY,
    LIST_DURABLE,
    GET_DURABLE_HISTORY,
)
