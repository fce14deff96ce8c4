"""One harmless request for each operation tells whether its IAM action is granted.

AWS decides whether the caller may before it looks whether the thing is there. So an operation that
could change something, such as ReceiveMessage, is asked of a queue that does not exist, and what
would write is not tried at all. Any answer but a refusal says that the action is granted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chainlight_collector.aws import Aws, AwsError, Operation, PermissionMissingError
from chainlight_collector.sources import operations

NOBODY = "chainlight-doctor"
NOT_TRIED = {
    "s3:PutObject": "it would write",
    "secretsmanager:GetSecretValue": "only a lake whose address names a secret needs it",
    "sns:Publish": "it would send a message",
}
_NO_TRACE = "1-00000000-000000000000000000000000"

Parameters = dict[str, object]


@dataclass(frozen=True, slots=True)
class Ground:
    """Things that are there, for requests that need one; None where none was found."""

    log_group: str | None = None
    function_arn: str | None = None
    queue_url: str | None = None
    bucket: str | None = None

    def arn(self, service: str, rest: str) -> str:
        """Return the ARN of something that does not exist, in the account that was found."""
        parts = (self.function_arn or "arn:aws:lambda:us-east-1:000000000000:").split(":")
        return f"arn:{parts[1]}:{service}:{parts[3]}:{parts[4]}:{rest}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one probe: `is_granted` is None where it could not be tried."""

    action: str
    is_granted: bool | None
    reason: str = ""


def ask_all(aws: Aws, ground: Ground) -> list[Answer]:
    """Try every operation of the collector once."""
    by_action = {operation.action: operation for operation in operations.ALL}
    return [_ask(aws, operation, ground) for operation in by_action.values()]


def _ask(aws: Aws, operation: Operation[Any], ground: Ground) -> Answer:
    if operation.action in NOT_TRIED:
        return Answer(operation.action, None, NOT_TRIED[operation.action])
    parameters = PROBES[operation.action](ground)
    if parameters is None:
        return Answer(operation.action, None, "there is nothing here to try it on")
    try:
        aws.call(operation, **parameters)
    except PermissionMissingError as error:
        return Answer(operation.action, is_granted=False, reason=error.code)
    except AwsError as error:
        return Answer(operation.action, is_granted=True, reason=error.code)
    return Answer(operation.action, is_granted=True)


def _log_events(ground: Ground) -> Parameters:
    now_ms = time.time_ns() // 1_000_000
    group = ground.log_group or f"/aws/lambda/{NOBODY}"
    return {"logGroupName": group, "startTime": now_ms, "endTime": now_ms, "limit": 1}


def _function(ground: Ground) -> Parameters:
    return {"FunctionName": ground.function_arn or NOBODY}


def _function_tags(ground: Ground) -> Parameters | None:
    return {"Resource": ground.function_arn} if ground.function_arn else None


def _durable_history(ground: Ground) -> Parameters:
    arn = ground.function_arn or ground.arn("lambda", f"function:{NOBODY}")
    return {"DurableExecutionArn": f"{arn}:$LATEST/durable-execution/{NOBODY}/{NOBODY}"}


def _queue(ground: Ground) -> Parameters | None:
    return {"QueueUrl": ground.queue_url} if ground.queue_url else None


def _no_queue(**more: object) -> Callable[[Ground], Parameters | None]:
    """Address a queue that does not exist, beside one that does."""

    def parameters(ground: Ground) -> Parameters | None:
        if ground.queue_url is None:
            return None
        return {"QueueUrl": f"{ground.queue_url.rpartition('/')[0]}/{NOBODY}", **more}

    return parameters


def _object(ground: Ground) -> Parameters | None:
    return {"Bucket": ground.bucket, "Key": NOBODY} if ground.bucket else None


def _bucket(ground: Ground) -> Parameters | None:
    return {"Bucket": ground.bucket, "MaxKeys": 1} if ground.bucket else None


def _metric(_: Ground) -> Parameters:
    now = datetime.now(UTC)
    metric = {"Namespace": "AWS/Lambda", "MetricName": "Throttles"}
    stat = {"Metric": metric, "Period": 300, "Stat": "Sum"}
    return {
        "MetricDataQueries": [{"Id": "probe", "MetricStat": stat}],
        "StartTime": now - timedelta(minutes=5),
        "EndTime": now,
    }


def _second(_: Ground) -> Parameters:
    now = datetime.now(UTC)
    return {"StartTime": now - timedelta(seconds=1), "EndTime": now}


def _retrieval(ground: Ground) -> Parameters:
    return {"TraceIds": [_NO_TRACE], **_second(ground)}


def _machine(**more: object) -> Callable[[Ground], Parameters]:
    return lambda ground: {
        "stateMachineArn": ground.arn("states", f"stateMachine:{NOBODY}"),
        **more,
    }


def _history(ground: Ground) -> Parameters:
    return {"executionArn": ground.arn("states", f"execution:{NOBODY}:{NOBODY}"), "maxResults": 1}


def _subscription(ground: Ground) -> Parameters:
    return {"SubscriptionArn": ground.arn("sns", f"{NOBODY}:00000000-0000-0000-0000-000000000000")}


def _always(**parameters: object) -> Callable[[Ground], Parameters]:
    return lambda _: parameters


PROBES: Mapping[str, Callable[[Ground], Parameters | None]] = {
    "logs:DescribeLogGroups": _always(limit=1),
    "logs:FilterLogEvents": _log_events,
    "tag:GetResources": _always(ResourcesPerPage=1),
    "lambda:ListFunctions": _always(MaxItems=1),
    "lambda:ListEventSourceMappings": _always(MaxItems=1),
    "lambda:GetFunctionEventInvokeConfig": _function,
    "lambda:GetFunctionConcurrency": _function,
    "lambda:GetFunctionRecursionConfig": _function,
    "lambda:ListProvisionedConcurrencyConfigs": _function,
    "lambda:ListDurableExecutionsByFunction": _function,
    "lambda:GetDurableExecutionHistory": _durable_history,
    "lambda:ListTags": _function_tags,
    "sqs:GetQueueUrl": _always(QueueName=NOBODY),
    "sqs:GetQueueAttributes": _queue,
    "sqs:ListDeadLetterSourceQueues": _queue,
    "sqs:ReceiveMessage": _no_queue(MaxNumberOfMessages=1),
    "sqs:ChangeMessageVisibility": _no_queue(
        Entries=[{"Id": "0", "ReceiptHandle": "none", "VisibilityTimeout": 0}]
    ),
    "s3:GetObject": _object,
    "s3:ListBucket": _bucket,
    "sns:ListSubscriptions": _always(),
    "sns:GetSubscriptionAttributes": _subscription,
    "events:ListEventBuses": _always(Limit=1),
    "events:ListRules": _always(Limit=1),
    "events:ListTargetsByRule": _always(Rule=NOBODY, Limit=1),
    "cloudwatch:ListMetrics": _always(Namespace="AWS/Lambda", MetricName="Throttles"),
    "cloudwatch:GetMetricData": _metric,
    "xray:GetTraceSegmentDestination": _always(),
    "xray:GetTraceSummaries": _second,
    "xray:BatchGetTraces": _always(TraceIds=[_NO_TRACE]),
    "xray:StartTraceRetrieval": _retrieval,
    "xray:ListRetrievedTraces": _always(RetrievalToken=NOBODY),
    "states:ListStateMachines": _always(maxResults=1),
    "states:DescribeStateMachine": _machine(),
    "states:ListExecutions": _machine(maxResults=1),
    "states:GetExecutionHistory": _history,
}
"""IAM action: the parameters of its probe, None where there is nothing to ask about."""
