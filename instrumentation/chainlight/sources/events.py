"""Single events: EventBridge and its schedules, Step Functions, durable executions, log groups."""

from __future__ import annotations

from chainlight.context import SLOT
from chainlight.sources import Cause, Source, recognise
from chainlight.sources.shapes import at, dict_of, list_of

Json = dict[str, object]

_TEXT_CHARS_MAX = 1_100_000


def event(event: Json) -> Source | None:
    """Recognise an EventBridge event; an object's event also has the writer's request id."""
    if not isinstance(event.get("id"), str) or "source" not in event:
        return None
    cause = Cause()
    take_bus_event(cause, event)
    if event["detail-type"] == "Scheduled Event":
        rules = list_of(event.get("resources"))
        return Source("schedule", rules[0] if rules else None, [cause])
    return Source("eventbridge", event["source"], [cause])


def take_bus_event(cause: Cause, event: Json) -> None:
    """Take the keys of an EventBridge event: its own, its object's, its failed invocation's."""
    cause.add_key(event.get("id"))
    detail = dict_of(event.get("detail"))
    cause.add_key(detail.get("request-id"))
    take_destination(cause, detail)


def take_destination(cause: Cause, record: Json) -> None:
    """Take the invocation that a destination's record tells of, as key and as caller.

    Failures of stream batches name the first record of the batch instead of repeating it.
    """
    context = dict_of(record.get("requestContext"))
    request_id = context.get("requestId")
    if "condition" not in context or not isinstance(request_id, str):
        return
    cause.add_key(request_id)
    cause.caller_request_id = cause.caller_request_id or request_id
    stream = dict_of(record.get("KinesisBatchInfo") or record.get("DDBStreamBatchInfo"))
    if stream:
        cause.add_key(f"{stream.get('shardId')}:{stream.get('startSequenceNumber')}")


def state_machine(event: Json) -> Source | None:
    """Recognise a task whose input has the context object (``$$``) of its execution."""
    execution_arn = at(event, "Execution", "Id")
    if not isinstance(execution_arn, str) or ":states:" not in execution_arn:
        return None
    return Source("stepfunctions", at(event, "StateMachine", "Id"), [Cause(execution_arn)])


def durable_execution(event: Json) -> Source | None:
    """Recognise a step of a durable execution; its first operation holds what started it all."""
    execution_arn = event["DurableExecutionArn"]
    if not isinstance(execution_arn, str) or "CheckpointToken" not in event:
        return None
    causes = _causes_of_input(event) or [Cause()]
    for cause in causes:
        cause.add_key(execution_arn)
    return Source("durable", execution_arn.partition("/durable-execution/")[0], causes)


def _causes_of_input(event: Json) -> list[Cause]:
    operations = list_of(at(event, "InitialExecutionState", "Operations"))
    text = at(operations[0], "ExecutionDetails", "InputPayload") if operations else None
    if not isinstance(text, str) or len(text) > _TEXT_CHARS_MAX:
        return []
    from json import loads  # noqa: PLC0415 - only durable functions need it

    try:
        given = loads(text)
    except (ValueError, RecursionError):
        return []
    if isinstance(given, dict) and "DurableExecutionArn" in given:
        return []
    cause = Cause()
    is_told = isinstance(given, dict) and cause.take_context(given.get(SLOT))
    return [cause] if is_told else recognise(given).causes


def log_subscription(event: Json) -> Source | None:
    """Recognise a CloudWatch Logs subscription; its data stays packed."""
    return Source("logs") if at(event, "awslogs", "data") else None
