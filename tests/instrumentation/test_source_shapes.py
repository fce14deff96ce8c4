"""Sources by the format AWS documents: kind, sender, keys, and the context that came with them."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from chainlight.keys import item_key
from chainlight.sources import Source, recognise

CHAIN_ID = "1-65f0c0de-0123456789abcdef01234567"
OTHER = "1-65f0c0df-fedcba98765432100123abcd"
CALL_ID = "00112233445566ff"
TRACEPARENT = f"00-{CHAIN_ID[2:].replace('-', '')}-{CALL_ID}-01"
HEADER = f"Root={OTHER};Parent={CALL_ID};Sampled=0"
TOLD = f"{CHAIN_ID};caller-request;{CALL_ID}"
BINARY = base64.b64encode(TOLD.encode()).decode()
EXECUTION = "arn:aws:states:eu-west-1:1:execution:m:x"
DURABLE = "arn:aws:lambda:eu-west-1:1:function:f:1/durable-execution/name/id"


def _said(source: Source) -> tuple[object, ...]:
    """Return kind, sender and for each cause its keys, chain, caller and call."""
    causes = [
        (cause.natural_keys, cause.chain_id, cause.caller_request_id, cause.call_id)
        for cause in source.causes
    ]
    return source.kind, source.arn, causes


def _keys(*keys: str) -> tuple[object, ...]:
    return list(keys), None, None, None


def _octets(text: str) -> list[int]:
    return list(text.encode())


SQS = {"eventSource": "aws:sqs", "eventSourceARN": "arn:q", "messageId": "m1", "body": "x"}
DESTINATION = {
    "version": "1.0",
    "requestContext": {
        "requestId": "failed",
        "functionArn": "arn:f",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 3,
    },
    "requestPayload": {"Records": [{"eventSource": "aws:sqs", "messageId": "not this"}]},
}
STREAM_FAILURE = {
    "requestContext": DESTINATION["requestContext"],
    "KinesisBatchInfo": {"shardId": "shardId-0", "startSequenceNumber": "49", "batchSize": 1},
}
BUS_FAILURE = {
    "id": "e1",
    "source": "lambda",
    "detail-type": "Lambda Function Invocation Result - Failure",
    "detail": DESTINATION,
}
KAFKA_ITEM = {
    "topic": "t",
    "partition": 3,
    "offset": 15,
    "timestamp": 1_545_084_650_987,
    "headers": [{"other": [1]}, {"traceparent": _octets(TRACEPARENT)}],
}
RABBIT = {
    "basicProperties": {
        "messageId": None,
        "headers": {"traceparent": {"bytes": _octets(TRACEPARENT)}},
    }
}


@pytest.mark.parametrize(
    ("event", "said"),
    [
        pytest.param(
            DESTINATION,
            ("destination", "arn:f", [(["failed"], None, "failed", None)]),
            id="a destination's record",
        ),
        pytest.param(
            STREAM_FAILURE,
            ("destination", "arn:f", [(["failed", "shardId-0:49"], None, "failed", None)]),
            id="a failed batch of a stream",
        ),
        pytest.param(
            BUS_FAILURE,
            ("eventbridge", "lambda", [(["e1", "failed"], None, "failed", None)]),
            id="a destination that is a bus",
        ),
        pytest.param(
            {"Records": [{**SQS, "body": json.dumps(DESTINATION)}]},
            ("sqs", "arn:q", [(["m1", "failed"], None, "failed", None)]),
            id="a destination that is a queue",
        ),
        pytest.param(
            {
                "Records": [
                    {
                        **SQS,
                        "messageAttributes": {
                            "RequestID": {"stringValue": "failed", "dataType": "String"},
                            "ErrorCode": {"stringValue": "200", "dataType": "Number"},
                            "ErrorMessage": {"stringValue": "boom", "dataType": "String"},
                        },
                    }
                ]
            },
            ("sqs", "arn:q", [_keys("m1", "failed")]),
            id="a function's dead-letter queue",
        ),
        pytest.param(
            {
                "Records": [
                    {
                        "EventSource": "aws:sns",
                        "Sns": {
                            "TopicArn": "arn:t",
                            "MessageId": "n1",
                            "Message": "{}",
                            "MessageAttributes": {
                                "RequestID": {"Type": "String", "Value": "failed"},
                                "ErrorCode": {"Type": "String", "Value": "200"},
                            },
                        },
                    }
                ]
            },
            ("sns", "arn:t", [_keys("n1", "failed")]),
            id="a function's dead-letter topic",
        ),
        pytest.param(
            {"Records": [{**SQS, "messageAttributes": {"RequestID": {"stringValue": "mine"}}}]},
            ("sqs", "arn:q", [_keys("m1")]),
            id="an attribute of the user's own that is named alike",
        ),
        pytest.param(
            {
                "Records": [
                    {
                        **SQS,
                        "attributes": {
                            "DeadLetterQueueSourceArn": "arn:first",
                            "AWSTraceHeader": HEADER,
                            "ApproximateReceiveCount": "4",
                        },
                    }
                ]
            },
            ("sqs", "arn:q", [(["m1"], OTHER, None, CALL_ID)]),
            id="a queue's dead-letter queue, or the same redriven: the header stays",
        ),
        pytest.param(
            {
                "Records": [
                    {**SQS, "messageAttributes": {"TraceParent": {"stringValue": TRACEPARENT}}}
                ]
            },
            ("sqs", "arn:q", [(["m1"], CHAIN_ID, None, CALL_ID)]),
            id="another tracer's attribute",
        ),
        pytest.param(
            {
                "Records": [
                    {
                        "eventSource": "aws:dynamodb",
                        "eventSourceARN": "arn:aws:dynamodb:r:1:table/orders/stream/s",
                        "eventID": "1",
                        "dynamodb": {"Keys": {"id": {"S": "x"}}},
                    },
                    {"eventSource": "aws:dynamodb", "eventID": "2", "dynamodb": {"Keys": 7}},
                ]
            },
            (
                "dynamodb",
                "arn:aws:dynamodb:r:1:table/orders/stream/s",
                [_keys(str(item_key("orders", {"id": "x"})), "1"), _keys("2")],
            ),
            id="a table's stream: the key that the writer works out too, and the event's id",
        ),
        pytest.param(
            {
                "eventSource": "aws:kafka",
                "eventSourceArn": "arn:k",
                "records": {"t-3": [KAFKA_ITEM, {"offset": 16}, None]},
            },
            (
                "msk",
                "arn:k",
                [
                    (["t-3:15"], CHAIN_ID, None, CALL_ID),
                    _keys("t-3:16"),
                    _keys(),
                ],
            ),
            id="kafka",
        ),
        pytest.param(
            [{"eventSource": "aws:kafka", "eventSourceArn": "arn:k", **KAFKA_ITEM}],
            ("msk", "arn:k", [(["t-3:15"], CHAIN_ID, None, CALL_ID)]),
            id="kafka through a pipe",
        ),
        pytest.param(
            [{**SQS, "eventSource": "aws:sqs"}],
            ("sqs", "arn:q", [_keys("m1")]),
            id="a queue through a pipe",
        ),
        pytest.param(
            {"eventSource": "aws:rmq", "rmqMessagesByQueue": {"q::/": [RABBIT]}},
            ("mq", None, [([], CHAIN_ID, None, CALL_ID)]),
            id="rabbitmq",
        ),
        pytest.param(
            {
                "requestContext": {"requestId": "r1", "apiId": "a", "stage": "s"},
                "headers": {"TraceParent": TRACEPARENT, "X-Amzn-Trace-Id": HEADER},
            },
            ("apigw", "a", [(["r1"], CHAIN_ID, None, CALL_ID)]),
            id="traceparent names the very call",
        ),
        pytest.param(
            {
                "requestContext": {"elb": {"targetGroupArn": "arn:tg"}},
                "multiValueHeaders": {
                    "x-amzn-trace-id": [f"Self=1-2-3;{HEADER}"],
                    "traceparent": [],
                },
            },
            ("alb", "arn:tg", [([], OTHER, None, CALL_ID)]),
            id="headers of several values, as load balancers have them",
        ),
        pytest.param(
            {
                "info": {"fieldName": "f", "parentTypeName": "Query"},
                "arguments": {},
                "request": {"headers": {"traceparent": TRACEPARENT}},
            },
            ("appsync", None, [([], CHAIN_ID, None, CALL_ID)]),
            id="a resolver",
        ),
        pytest.param(
            {
                "body-json": {},
                "params": {"path": {}, "querystring": {}, "header": {"Traceparent": TRACEPARENT}},
                "stage-variables": {},
                "context": {"api-id": "a", "stage": "s", "request-id": "r1"},
            },
            ("apigw", "a", [(["r1"], CHAIN_ID, None, CALL_ID)]),
            id="a mapping template that passes all through",
        ),
        pytest.param(
            {"input": 1, "context": {"Execution": {"Id": EXECUTION}, "StateMachine": {"Id": "m"}}},
            ("stepfunctions", "m", [_keys(EXECUTION)]),
            id="the context object under a name of the user's",
        ),
        pytest.param(
            {
                "id": "e1",
                "detail-type": "Scheduled Event",
                "source": "aws.scheduler",
                "resources": ["arn:aws:scheduler:r:1:schedule/default/s"],
                "detail": "{}",
            },
            ("schedule", "arn:aws:scheduler:r:1:schedule/default/s", [_keys("e1")]),
            id="a schedule",
        ),
    ],
)
def test_causes_carry_the_keys_and_the_context_that_the_event_has(
    event: object, said: tuple[object, ...]
) -> None:
    assert _said(recognise(event)) == said


def _durable(payload: object) -> dict[str, Any]:
    execution = {"Type": "EXECUTION", "ExecutionDetails": {"InputPayload": payload}}
    return {
        "DurableExecutionArn": DURABLE,
        "CheckpointToken": "t",
        "InitialExecutionState": {"Operations": [execution], "NextMarker": ""},
    }


@pytest.mark.parametrize(
    ("payload", "causes"),
    [
        (json.dumps({"a": 1}), [_keys(DURABLE)]),
        (json.dumps({"Records": [SQS]}), [_keys("m1", DURABLE)]),
        (json.dumps({"chainlight": TOLD}), [([DURABLE], CHAIN_ID, "caller-request", CALL_ID)]),
        ("{", [_keys(DURABLE)]),
        (json.dumps(_durable("{}")), [_keys(DURABLE)]),
        (None, [_keys(DURABLE)]),
    ],
    ids=["plain", "a queue's", "told", "no JSON", "another's", "none"],
)
def test_each_step_of_a_durable_execution_knows_what_started_it(
    payload: object, causes: list[tuple[object, ...]]
) -> None:
    assert _said(recognise(_durable(payload))) == ("durable", DURABLE.partition("/")[0], causes)


@pytest.mark.parametrize(
    ("text", "is_taken"),
    [
        (TRACEPARENT, True),
        (TRACEPARENT.replace("00-", "01-", 1) + "-more", True),
        (TRACEPARENT.replace("00-", "ff-", 1), False),
        (f"00-{'0' * 32}-{CALL_ID}-01", False),
        (TRACEPARENT.upper(), False),
        (TRACEPARENT[:-3], False),
        (TRACEPARENT.replace("-", "_"), False),
        ("", False),
        (7, False),
    ],
)
def test_traceparent_is_read_as_w3c_has_it_and_never_repaired(
    text: object, *, is_taken: bool
) -> None:
    event = {"requestContext": {"elb": {}}, "headers": {"traceparent": text}}

    causes = [([], CHAIN_ID, None, CALL_ID)] if is_taken else []
    assert _said(recognise(event)) == ("alb", None, causes)


@pytest.mark.parametrize(
    ("event", "sent_us"),
    [
        (
            {"Records": [{**SQS, "attributes": {"SentTimestamp": "1545082649183"}}]},
            1545082649183000,
        ),
        ({"Records": [{**SQS, "attributes": {"SentTimestamp": "9" * 16}}]}, None),
        ({"Records": [{**SQS, "attributes": {"SentTimestamp": -5}}]}, None),
        (
            {"Records": [{"eventSource": "aws:s3", "eventTime": "2019-09-03T19:37:27.192Z"}]},
            1_567_539_447_192_000,
        ),
        (
            {"Records": [{"EventSource": "aws:sns", "Sns": {"Timestamp": "2024-02-29T00:00:00Z"}}]},
            1_709_164_800_000_000,
        ),
        (
            {"Records": [{"EventSource": "aws:sns", "Sns": {"Timestamp": "2024-02-29 00:00"}}]},
            None,
        ),
        (
            {
                "Records": [
                    {"eventSource": "aws:kinesis", "kinesis": {"approximateArrivalTimestamp": 1.5}}
                ]
            },
            1_500_000,
        ),
        (
            {
                "Records": [
                    {"eventSource": "aws:kinesis", "kinesis": {"approximateArrivalTimestamp": 1e99}}
                ]
            },
            None,
        ),
        (
            {"requestContext": {"requestId": "r", "apiId": "a", "timeEpoch": 1583348638390}},
            1_583_348_638_390_000,
        ),
        (
            {
                "requestContext": {"serviceArn": "arn:s", "timeEpoch": "1696331543569073"},
                "headers": {"traceparent": TRACEPARENT},
            },
            1_696_331_543_569_073,
        ),
    ],
)
def test_instants_of_sending_become_microseconds_or_unknown(
    event: object, sent_us: int | None
) -> None:
    (cause,) = recognise(event).causes

    assert cause.sent_us == sent_us


def test_a_count_too_high_to_be_true_is_cut() -> None:
    event = {"Records": [{**SQS, "attributes": {"ApproximateReceiveCount": "9" * 15}}]}

    assert recognise(event).causes[0].receive_count == 1_000_000
