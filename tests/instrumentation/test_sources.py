"""Where an event came from, and a cause for each of its records."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from awslambdaric.lambda_context import LambdaContext
from hypothesis import given as for_all
from hypothesis import settings, strategies

import chainlight
from chainlight import sources
from chainlight.testing import capture_records

CHAIN_ID = "1-65f0c0de-0123456789abcdef01234567"
TRACEPARENT = "00-65f0c0de0123456789abcdef01234567-00112233445566ff-01"
ROOT = "1-65f0c0df-fedcba98765432100123abcd"
TOLD = f"{CHAIN_ID};caller-request;00112233445566ff"
BINARY = base64.b64encode(TOLD.encode()).decode()
Contexts = Callable[..., SimpleNamespace]


def _record(event: object, context: Contexts) -> dict[str, Any]:
    with capture_records() as records:
        chainlight.trace(lambda _event, _context: None)(event, context())
    return records[0]


def _queued(body: object, **more: object) -> dict[str, object]:
    text = body if isinstance(body, str) else json.dumps(body)
    record = {"messageId": "q1", "eventSource": "aws:sqs", "eventSourceARN": "arn:q", "body": text}
    return {"Records": [{**record, **more}]}


NOTIFICATION = {
    "Type": "Notification",
    "MessageId": "n1",
    "TopicArn": "arn:t",
    "Message": "hello",
    "MessageAttributes": {"chainlight": {"Type": "Binary", "Value": BINARY}},
}
OBJECT = {"Records": [{"eventSource": "aws:s3", "responseElements": {"x-amz-request-id": "o1"}}]}
BUS_EVENT = {"id": "e1", "detail-type": "Order", "source": "shop", "detail": {"request-id": "o1"}}


@pytest.mark.parametrize(
    ("event", "kind", "arn", "keys"),
    [
        ({"a": 1}, "lambda", None, []),
        (_queued("hello"), "sqs", "arn:q", [("q1",)]),
        (_queued(NOTIFICATION), "sqs", "arn:q", [("q1", "n1")]),
        (_queued(OBJECT), "sqs", "arn:q", [("q1", "o1")]),
        (_queued(BUS_EVENT), "sqs", "arn:q", [("q1", "e1", "o1")]),
        (
            _queued({**NOTIFICATION, "Message": json.dumps(OBJECT)}),
            "sqs",
            "arn:q",
            [("q1", "n1", "o1")],
        ),
        (
            {"Records": [{"EventSource": "aws:sns", "Sns": NOTIFICATION}]},
            "sns",
            "arn:t",
            [("n1",)],
        ),
        (OBJECT, "s3", None, [("o1",)]),
        (BUS_EVENT, "eventbridge", "shop", [("e1", "o1")]),
        (
            {
                **BUS_EVENT,
                "detail-type": "Scheduled Event",
                "resources": ["arn:rule"],
                "detail": {},
            },
            "schedule",
            "arn:rule",
            [("e1",)],
        ),
        (
            {"requestContext": {"requestId": "r1", "apiId": "a1", "stage": "prod"}},
            "apigw",
            "a1",
            [("r1",)],
        ),
        (
            {"requestContext": {"requestId": "r1", "apiId": "a", "http": {}, "stage": "$default"}},
            "apigw",
            "a",
            [("r1",)],
        ),
        (
            {
                "requestContext": {
                    "requestId": "r1",
                    "apiId": "u",
                    "domainName": "u.lambda-url.eu-west-1.on.aws",
                }
            },
            "function_url",
            "u",
            [("r1",)],
        ),
        (
            {"requestContext": {"requestId": "r1", "apiId": "w", "connectionId": "c"}},
            "websocket",
            "w",
            [("r1",)],
        ),
        ({"requestContext": {"elb": {"targetGroupArn": "arn:tg"}}}, "alb", "arn:tg", []),
        (
            {"Execution": {"Id": "arn:aws:states:e:1:execution:m:x"}, "StateMachine": {"Id": "m"}},
            "stepfunctions",
            "m",
            [("arn:aws:states:e:1:execution:m:x",)],
        ),
        (
            {"requestContext": {"requestId": "r", "functionArn": "arn:f", "condition": "Success"}},
            "destination",
            "arn:f",
            [("r",)],
        ),
        ({"awslogs": {"data": "H4"}}, "logs", None, []),
    ],
)
def test_sources_are_known_by_shape_with_the_keys_of_every_envelope_outer_first(
    event: object, kind: str, arn: str | None, keys: list[tuple[str, ...]], context: Contexts
) -> None:
    record = _record(event, context)

    assert (record["source_kind"], record["source_arn"]) == (kind, arn)
    assert [cause["natural_keys"] for cause in record["causes"]] == keys


@pytest.mark.parametrize(
    "event",
    [
        _queued(NOTIFICATION),
        _queued("raw", messageAttributes={"chainlight": {"binaryValue": BINARY}}),
        {"Records": [{"EventSource": "aws:sns", "Sns": NOTIFICATION}]},
    ],
    ids=["notification in a queue", "raw delivery", "notification"],
)
def test_context_of_a_publication_is_read_in_every_form_it_arrives_in(
    event: object, context: Contexts
) -> None:
    record = _record(event, context)

    assert record["chain_id"] == CHAIN_ID
    (cause,) = record["causes"]
    assert (cause["caller_request_id"], cause["call_id"]) == ("caller-request", "00112233445566ff")


def test_each_message_of_a_batch_has_its_own_cause(context: Contexts) -> None:
    first = _queued("a", attributes={"AWSTraceHeader": f"Root={CHAIN_ID};Sampled=1"})
    attributes = {
        "AWSTraceHeader": f"Root={ROOT};Parent=00112233445566ff;Sampled=0",
        "ApproximateReceiveCount": "3",
        "SentTimestamp": "1681332219270",
    }
    second = _queued("b", messageId="q2", attributes=attributes)
    event = {"Records": [*first["Records"], *second["Records"]]}  # type: ignore[misc]

    record = _record(event, context)

    unset = {"caller_request_id": None, "call_id": None, "receive_count": 1, "sent_us": None}
    assert record["chain_id"] == CHAIN_ID
    assert record["causes"] == (
        {**unset, "natural_keys": ("q1",), "chain_id": None},
        {
            "natural_keys": ("q2",),
            "chain_id": ROOT,
            "caller_request_id": None,
            "call_id": "00112233445566ff",
            "receive_count": 3,
            "sent_us": 1_681_332_219_270_000,
        },
    )


def test_parent_of_a_sampled_header_belongs_to_xray(context: Contexts) -> None:
    header = f"Root={CHAIN_ID};Parent=00112233445566ff;Sampled=1"

    record = _record(_queued("a", attributes={"AWSTraceHeader": header}), context)

    assert (record["chain_id"], record["causes"][0]["call_id"]) == (CHAIN_ID, None)


def test_envelopes_in_envelopes_end_somewhere(context: Contexts) -> None:
    inner: dict[str, object] = {**NOTIFICATION}
    for number in range(10):
        inner = {**NOTIFICATION, "MessageId": f"d{number}", "Message": json.dumps(inner)}

    (cause,) = _record(_queued(inner), context)["causes"]

    assert 2 <= len(cause["natural_keys"]) <= 6


@pytest.mark.parametrize(
    "told", ["", "a;b", "1-zz-zz;r;c", f"{CHAIN_ID};r;short", TOLD + ";more", "x" * 10_000]
)
def test_contexts_that_are_not_ours_are_ignored(told: str, context: Contexts) -> None:
    given = context()
    given.client_context = SimpleNamespace(custom={"chainlight": told})

    with capture_records() as records:
        chainlight.trace(lambda _event, _context: None)({}, given)

    assert records[0]["causes"] == ()


@pytest.mark.parametrize(
    ("client_context", "told"),
    [
        ({"custom": {"chainlight": TOLD}}, (CHAIN_ID, "caller-request", "00112233445566ff")),
        ({"custom": {}, "w3c": {"traceparent": TRACEPARENT}}, (CHAIN_ID, None, "00112233445566ff")),
        ({"custom": {"chainlight": "x"}, "w3c": {"traceparent": "x"}}, None),
        ({"client": {"installation_id": "i"}}, None),
    ],
    ids=["ours", "another tracer's", "neither", "a mobile client's"],
)
def test_direct_invocation_says_so_in_the_context_whatever_its_event_looks_like(
    client_context: dict[str, Any], told: tuple[object, ...] | None
) -> None:
    given = LambdaContext("id", client_context, None, 0)
    with capture_records() as records:
        chainlight.trace(lambda _event, _context: None)(_queued("forwarded"), given)

    (record,) = records
    (cause,) = record["causes"]  # type: ignore[misc]
    assert record["source_kind"] == ("lambda" if told else "sqs")
    assert (record["chain_id"], cause["caller_request_id"], cause["call_id"]) == (
        told or (record["chain_id"], None, None)
    )


_TEXTS = strategies.sampled_from(
    ["aws:sqs", "aws:sns", "aws:s3", "aws:kafka", TOLD, BINARY, '{"Records":[1]}', "[", "3"]
)
_INNER = """
eventSource EventSource Sns body attributes messageAttributes chainlight elb apiId detail id source
Message MessageAttributes kinesis dynamodb Keys SentTimestamp AWSTraceHeader headers traceparent
invocationId records messages rmqMessagesByQueue CheckpointToken InitialExecutionState Operations
ExecutionDetails InputPayload parentTypeName request method methodArn StateMachine Id
"""
_KEYS = strategies.sampled_from([*sources._SIGNS, *_INNER.split()])
_SHAPES = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() | _TEXTS,
    lambda inner: (
        strategies.lists(inner, max_size=3) | strategies.dictionaries(_KEYS, inner, max_size=5)
    ),
    max_leaves=25,
)


@for_all(_SHAPES)
@settings(max_examples=300, deadline=None)
def test_no_shape_of_event_costs_a_coded_line(event: object) -> None:
    from chainlight import errors  # noqa: PLC0415

    errors._printed.clear()
    with capture_records() as records:
        chainlight.trace(lambda _event, _context: None)(event, None)

    assert len(records) == 1
    assert errors._printed == set()
