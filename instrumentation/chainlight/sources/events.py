"""Single events: EventBridge and its schedules, Step Functions, log subscriptions and the rest."""

from __future__ import annotations

from chainlight.causes import Cause, Source

Json = dict[str, object]

_NAMED = {
    "aws:kafka": "msk",
    "SelfManagedKafka": "kafka",
    "aws:amq": "mq",
    "aws:rmq": "mq",
    "aws:docdb": "documentdb",
}


def event(event: Json) -> Source | None:
    """Recognise an EventBridge event; an object's event also has the writer's request id."""
    if not isinstance(event.get("id"), str) or "source" not in event:
        return None
    detail = event.get("detail")
    request_id = detail.get("request-id") if isinstance(detail, dict) else None
    cause = Cause(event["id"], request_id)
    resources = event.get("resources")
    if event["detail-type"] == "Scheduled Event":
        rule = resources[0] if isinstance(resources, list) and resources else None
        return Source("schedule", rule, [cause])
    return Source("eventbridge", event["source"], [cause])


def state_machine(event: Json) -> Source | None:
    """Recognise a task whose input has the context object (``$$``) of its execution."""
    execution = event.get("Execution")
    execution_arn = execution.get("Id") if isinstance(execution, dict) else None
    if not isinstance(execution_arn, str) or ":states:" not in execution_arn:
        return None
    machine = event.get("StateMachine")
    return Source(
        "stepfunctions",
        machine.get("Id") if isinstance(machine, dict) else None,
        [Cause(execution_arn)],
    )


def log_subscription(event: Json) -> Source | None:
    """Recognise a CloudWatch Logs subscription; its data stays packed."""
    logs = event.get("awslogs")
    return Source("logs") if isinstance(logs, dict) and "data" in logs else None


def named(event: Json) -> Source | None:
    """Recognise Kafka, MQ and others, which name themselves at the top of the event."""
    name = event.get("eventSource")
    if not isinstance(name, str) or name not in _NAMED:
        return None
    return Source(_NAMED[name], event.get("eventSourceArn"))


def delivery_stream(event: Json) -> Source | None:
    """Recognise a Firehose transformation."""
    return Source("firehose", event["deliveryStreamArn"]) if "invocationId" in event else None


def user_pool(event: Json) -> Source | None:
    """Recognise a Cognito trigger."""
    return Source("cognito") if "userPoolId" in event else None
