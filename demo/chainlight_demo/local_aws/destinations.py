"""Where events end up: destination records and dead letters, in AWS's shapes, sent over HTTP.

A dead letter is the original event with three attributes; a destination record wraps the event and
the answer. Both go out through boto3, like anybody's message, with the invocation's trace header.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeAlias

from botocore.exceptions import BotoCoreError, ClientError

from chainlight_demo.local_aws import clock
from chainlight_demo.local_aws.async_queue import Settled
from chainlight_demo.local_aws.attempts import Attempt

Json: TypeAlias = Any
BotoClient: TypeAlias = Any
ERROR_MESSAGE_CHARACTERS_MAX = 1_024
_LOG = logging.getLogger(__name__)


def destination_record(settled: Settled) -> dict[str, Json]:
    """Return the record of an asynchronous invocation (Lambda guide, "Destinations")."""
    invocation = settled.invocation
    record: dict[str, Json] = {
        "version": "1.0",
        "timestamp": clock.iso_ms(clock.now_us()),
        "requestContext": {
            "requestId": invocation.request_id,
            "functionArn": f"{invocation.settings.arn}:{invocation.settings.version}",
            "condition": settled.condition,
            "approximateInvokeCount": len(settled.attempts),
        },
        "requestPayload": _parse(invocation.payload),
    }
    if settled.attempts:
        last = settled.attempts[-1]
        record["responseContext"] = _response_context(settled, invocation.settings.version)
        record["responsePayload"] = _parse(last.payload)
    return record


def dead_letter_attributes(settled: Settled) -> dict[str, dict[str, str]]:
    """Return the message attributes of a dead letter."""
    last = settled.attempts[-1] if settled.attempts else None
    code, message = ("200", _error_message(last)) if last else ("429", "Rate Exceeded.")
    return {
        "RequestID": {"DataType": "String", "StringValue": settled.invocation.request_id},
        "ErrorCode": {"DataType": "Number", "StringValue": code},
        "ErrorMessage": {"DataType": "String", "StringValue": message},
    }


class Outbox:
    """Sends what settled events leave behind."""

    def __init__(
        self,
        client: Callable[[str], BotoClient],
        invoke_async: Callable[[str, bytes, str], None],
    ) -> None:
        self._client = client
        self._invoke_async = invoke_async
        self._senders: dict[str, Callable[[str, Settled, str], None]] = {
            "sqs": self._to_sqs,
            "sns": self._to_sns,
            "lambda": self._to_lambda,
            "events": self._to_events,
            "s3": self._to_bucket,
        }

    def settle(self, settled: Settled) -> None:
        """Deliver to the destination of this end and to the dead letter queue, if there are any.

        A target that cannot be reached is logged and skipped, as AWS counts it in
        DestinationDeliveryFailures or DeadLetterErrors.
        """
        config = settled.invocation.settings.asynchronous
        target = config.on_success_arn if settled.is_success else config.on_failure_arn
        if target:
            body = json.dumps(destination_record(settled))
            service = target.split(":")[2]
            self._attempt(lambda: self._senders[service](target, settled, body), target)
        if config.dead_letter_arn and not settled.is_success:
            queue_arn = config.dead_letter_arn
            self._attempt(lambda: self._send_dead_letter(queue_arn, settled), queue_arn)

    def _attempt(self, send: Callable[[], None], target: str) -> None:
        try:
            send()
        except (BotoCoreError, ClientError, KeyError) as error:
            _LOG.warning("nothing delivered to %s: %s", target, error)

    def _send_dead_letter(self, target: str, settled: Settled) -> None:
        body = settled.invocation.payload.decode("utf-8", "replace")
        attributes = dead_letter_attributes(settled)
        if target.split(":")[2] == "sqs":
            self._send_sqs(target, body, settled, attributes)
        else:
            self._publish(target, body, settled, attributes)

    def _to_sqs(self, target: str, settled: Settled, body: str) -> None:
        self._send_sqs(target, body, settled, {})

    def _to_sns(self, target: str, settled: Settled, body: str) -> None:
        self._publish(target, body, settled, {})

    def _to_lambda(self, target: str, settled: Settled, body: str) -> None:
        self._invoke_async(target, body.encode(), _trace_header(settled))

    def _to_events(self, target: str, settled: Settled, body: str) -> None:
        kind = "Success" if settled.is_success else "Failure"
        entry = {
            "Source": "lambda",
            "DetailType": f"Lambda Function Invocation Result - {kind}",
            "Resources": [settled.invocation.settings.arn, target],
            "Detail": body,
            "EventBusName": target,
            "TraceHeader": _trace_header(settled),
        }
        self._client("events").put_events(Entries=[entry])

    def _to_bucket(self, target: str, settled: Settled, body: str) -> None:
        """Write an object named as Lambda names it: function, day, time, id."""
        at = datetime.now(UTC)
        name = settled.invocation.settings.arn.rpartition(":")[2]
        key = f"aws/lambda/async/{name}/{at:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"
        self._client("s3").put_object(Bucket=target.rpartition(":")[2], Key=key, Body=body.encode())

    def _send_sqs(
        self, target: str, body: str, settled: Settled, attributes: dict[str, dict[str, str]]
    ) -> None:
        sqs = self._client("sqs")
        url = sqs.get_queue_url(QueueName=target.rpartition(":")[2])["QueueUrl"]
        header = {"DataType": "String", "StringValue": _trace_header(settled)}
        sqs.send_message(
            QueueUrl=url,
            MessageBody=body,
            MessageAttributes=attributes,
            MessageSystemAttributes={"AWSTraceHeader": header},
        )

    def _publish(
        self, target: str, body: str, settled: Settled, attributes: dict[str, dict[str, str]]
    ) -> None:
        sns = self._client("sns")
        with _TraceHeader(sns, _trace_header(settled)):
            sns.publish(TopicArn=target, Message=body, MessageAttributes=attributes)


class _TraceHeader:
    """Adds the trace header to what a client sends while it is entered."""

    def __init__(self, client: BotoClient, header: str) -> None:
        self._events = client.meta.events
        self._header = header

    def __enter__(self) -> None:
        self._events.register("before-send.sns", self._add)

    def __exit__(self, *_: object) -> None:
        self._events.unregister("before-send.sns", self._add)

    def _add(self, request: Json, **_: object) -> None:
        request.headers["X-Amzn-Trace-Id"] = self._header


def _trace_header(settled: Settled) -> str:
    return settled.invocation.trace.header(settled.parent_segment_id)


def _response_context(settled: Settled, version: str) -> dict[str, Json]:
    context: dict[str, Json] = {"statusCode": 200, "executedVersion": version}
    if not settled.is_success:
        context["functionError"] = "Unhandled"
    return context


def _error_message(attempt: Attempt) -> str:
    document = _parse(attempt.payload)
    message = document.get("errorMessage") if isinstance(document, dict) else None
    return str(message or attempt.error_type or "Unknown")[:ERROR_MESSAGE_CHARACTERS_MAX]


def _parse(payload: bytes) -> Json:
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode("utf-8", "replace")
