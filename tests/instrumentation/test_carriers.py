"""A carrier uses a free slot or nothing: requests with and without us, compared on the wire."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import pytest

import chainlight
from chainlight.carriers.functions import CLIENT_CONTEXT_BYTES_MAX
from chainlight.carriers.topics import REQUEST_BYTES_MAX
from chainlight.testing import capture_records

Maker = Callable[..., Any]
ROOT = "1-65f0c0de-0123456789abcdef01234567"
SIGNING = {"Authorization", "X-Amz-Date", "amz-sdk-invocation-id", "Content-Length"}
QUEUE = "http://127.0.0.1/1/orders"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:orders"


class Wire:
    """Sends the same parameters bare and traced, and keeps both requests and what was recorded."""

    def __init__(self, client: Any, context: Maker, fake_aws: Any) -> None:
        self.client, self.context, self.fake_aws = client, context, fake_aws

    def send(self, operation: str, **params: Any) -> tuple[Any, Any]:
        """Return the bare and the traced request of one operation."""
        before = copy.deepcopy(params)
        method = getattr(self.client, operation)
        method(**params)
        with capture_records() as records:
            chainlight.trace(lambda _event, _context: method(**params))({}, self.context())
        assert params == before, "the caller's parameters were changed"
        self.record = records[0]
        self.call = records[0]["calls"][0]  # type: ignore[index]
        bare, traced = self.fake_aws.requests[-2:]
        return bare, traced


@pytest.fixture
def wire(client: Maker, context: Maker, fake_aws: Any) -> Callable[[str], Wire]:
    return lambda service: Wire(client(service), context, fake_aws)


def _headers(request: Any) -> dict[str, str]:
    return {name: value for name, value in request.headers.items() if name not in SIGNING}


def _client_context(request: Any) -> Any:
    return json.loads(base64.b64decode(request.headers["X-Amz-Client-Context"]))


def _encoded(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def test_sync_invoke_differs_in_the_client_context_alone(wire: Any) -> None:
    lane = wire("lambda")

    bare, traced = lane.send("invoke", FunctionName="other", Payload=b'{"a": 1.10}')

    headers = _headers(traced)
    del headers["X-Amz-Client-Context"]
    assert headers == _headers(bare)
    assert (traced.path, traced.body) == (bare.path, bare.body)
    told = _client_context(traced)["custom"]["chainlight"]
    expected = (lane.record["chain_id"], lane.record["request_id"], lane.call["call_id"])
    assert told == ";".join(expected)


def test_signature_covers_the_client_context(wire: Any) -> None:
    _, traced = wire("lambda").send("invoke", FunctionName="other")

    assert "x-amz-client-context" in traced.headers["Authorization"]


def test_event_invoke_is_the_same_request(wire: Any) -> None:
    bare, traced = wire("lambda").send("invoke", FunctionName="other", InvocationType="Event")

    assert _headers(traced) == _headers(bare)
    assert traced.body == bare.body


def test_trace_header_of_the_request_is_lambdas_own(
    wire: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = f"Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a87bd80c:0"
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "shop-orders")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", header)

    bare, traced = wire("lambda").send("invoke", FunctionName="other")

    assert traced.headers["X-Amzn-Trace-Id"] == bare.headers["X-Amzn-Trace-Id"] == header


def test_users_client_context_is_kept_beside_ours(wire: Any) -> None:
    theirs = {"client": {"app_title": "shöp"}, "custom": {"tenant": "t1"}, "env": {"n": 1.5}}

    _, traced = wire("lambda").send("invoke", FunctionName="o", ClientContext=_encoded(theirs))

    told = _client_context(traced)
    assert told["custom"].pop("chainlight")
    assert told == theirs


@pytest.mark.parametrize(
    "theirs",
    [
        _encoded(["a", "list"]),
        _encoded({"custom": "a text"}),
        base64.b64encode(b'{"n": 1.10}').decode(),
        base64.b64encode(b"no json").decode(),
        "no base64!",
    ],
)
def test_client_context_we_cannot_extend_exactly_is_sent_as_it_is(wire: Any, theirs: str) -> None:
    _, traced = wire("lambda").send("invoke", FunctionName="other", ClientContext=theirs)

    assert traced.headers["X-Amz-Client-Context"] == theirs


def test_client_context_at_the_limit_is_extended_and_one_byte_more_is_not(wire: Any) -> None:
    lane = wire("lambda")
    _, traced = lane.send("invoke", FunctionName="o", ClientContext=_encoded({"p": ""}))
    raw_bytes = len(base64.b64decode(traced.headers["X-Amz-Client-Context"]))
    room = CLIENT_CONTEXT_BYTES_MAX // 4 * 3 - raw_bytes

    fitting = _encoded({"p": "x" * room})
    _, traced = lane.send("invoke", FunctionName="o", ClientContext=fitting)
    assert len(traced.headers["X-Amz-Client-Context"]) == CLIENT_CONTEXT_BYTES_MAX // 4 * 4

    full = _encoded({"p": "x" * (room + 1)})
    _, traced = lane.send("invoke", FunctionName="o", ClientContext=full)
    assert traced.headers["X-Amz-Client-Context"] == full


def test_message_differs_in_the_system_attribute_alone(wire: Any) -> None:
    lane = wire("sqs")

    bare, traced = lane.send("send_message", QueueUrl=QUEUE, MessageBody="x")

    assert _headers(traced) == _headers(bare)
    sent = json.loads(traced.body)
    slot = sent.pop("MessageSystemAttributes")
    assert sent == json.loads(bare.body)
    header = f"Root={lane.record['chain_id']};Parent={lane.call['call_id']};Sampled=0"
    assert slot == {"AWSTraceHeader": {"DataType": "String", "StringValue": header}}


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (
            f"Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a:0",
            f"Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a:0",
        ),
        (
            f"Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=0;Lineage=1:a:0",
            f"Root={ROOT};Parent={{call_id}};Sampled=0;Lineage=1:a:0",
        ),
    ],
)
def test_message_header_leaves_a_sampled_parent_and_the_lineage_alone(
    wire: Any, monkeypatch: pytest.MonkeyPatch, given: str, sent: str
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", given)
    lane = wire("sqs")

    _, traced = lane.send("send_message", QueueUrl=QUEUE, MessageBody="x")

    told = json.loads(traced.body)["MessageSystemAttributes"]["AWSTraceHeader"]["StringValue"]
    assert told == sent.format(call_id=lane.call["call_id"])


def test_header_that_the_user_set_stays(wire: Any) -> None:
    theirs = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=mine"}}

    bare, traced = wire("sqs").send(
        "send_message", QueueUrl=QUEUE, MessageBody="x", MessageSystemAttributes=theirs
    )

    assert traced.body == bare.body


def test_each_message_of_a_batch_gets_the_header_unless_it_has_one(wire: Any) -> None:
    theirs = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=mine"}}
    entries = [
        {"Id": "0", "MessageBody": "x"},
        {"Id": "1", "MessageBody": "y", "MessageSystemAttributes": theirs},
    ]

    bare, traced = wire("sqs").send("send_message_batch", QueueUrl=QUEUE, Entries=entries)

    sent = json.loads(traced.body)
    assert sent["Entries"][0].pop("MessageSystemAttributes")["AWSTraceHeader"]
    assert sent == json.loads(bare.body)


def _published(wire: Any, fake_aws: Any, answer: Any, operation: str, **params: Any) -> Any:
    """Publish bare and traced, and return both forms as dicts, and the lane."""
    result = b"<PublishResult><MessageId>m</MessageId></PublishResult><PublishBatchResult/>"
    body = b"<PublishResponse>" + result + b"</PublishResponse>"
    fake_aws.answers += [answer(body), answer(body)]
    lane = wire("sns")
    bare, traced = lane.send(operation, **params)
    return dict(parse_qsl(bare.body.decode())), dict(parse_qsl(traced.body.decode())), lane


def test_publication_differs_in_one_binary_attribute(wire: Any, fake_aws: Any, answer: Any) -> None:
    attributes = {"tenant": {"DataType": "String", "StringValue": "t1"}}

    bare, traced, lane = _published(
        wire, fake_aws, answer, "publish", TopicArn=TOPIC, Message="x", MessageAttributes=attributes
    )

    prefix = "MessageAttributes.entry.2"
    value = base64.b64decode(traced.pop(f"{prefix}.Value.BinaryValue")).decode()
    assert traced.pop(f"{prefix}.Name") == "chainlight"
    assert traced.pop(f"{prefix}.Value.DataType") == "Binary"
    assert traced == bare
    record = lane.record
    assert value == f"{record['chain_id']};{record['request_id']};{lane.call['call_id']}"
    assert lane.call["natural_keys"] == ("m",)


def test_publication_with_ten_attributes_is_sent_as_it_is(
    wire: Any, fake_aws: Any, answer: Any
) -> None:
    ten = {f"a{n}": {"DataType": "String", "StringValue": "x"} for n in range(10)}

    bare, traced, _ = _published(
        wire, fake_aws, answer, "publish", TopicArn=TOPIC, Message="x", MessageAttributes=ten
    )

    assert traced == bare


def test_publication_at_the_size_limit_gets_the_attribute_and_one_byte_more_does_not(
    wire: Any, fake_aws: Any, answer: Any
) -> None:
    slot_bytes = len("chainlight") + len("Binary") + 35 + 1 + 36 + 1 + 16
    fitting = "x" * (REQUEST_BYTES_MAX - slot_bytes)

    bare, traced, _ = _published(wire, fake_aws, answer, "publish", TopicArn=TOPIC, Message=fitting)
    assert len(traced) == len(bare) + 3

    bare, traced, _ = _published(
        wire, fake_aws, answer, "publish", TopicArn=TOPIC, Message=fitting + "x"
    )
    assert traced == bare


def test_publication_batch_over_the_limit_is_skipped_whole(
    wire: Any, fake_aws: Any, answer: Any
) -> None:
    entries = [{"Id": str(n), "Message": "x" * (REQUEST_BYTES_MAX // 2 - 60)} for n in range(2)]

    bare, traced, _ = _published(
        wire, fake_aws, answer, "publish_batch", TopicArn=TOPIC, PublishBatchRequestEntries=entries
    )

    assert traced == bare


def test_text_message_to_a_phone_is_no_call(
    client: Maker, context: Maker, fake_aws: Any, answer: Any
) -> None:
    topics = client("sns")
    fake_aws.answers.append(answer(b"<PublishResponse><PublishResult/></PublishResponse>"))

    with capture_records() as records:
        chainlight.trace(
            lambda _event, _context: topics.publish(PhoneNumber="+491", Message="x") and None
        )({}, context())

    assert records[0]["calls"] == ()
    assert b"chainlight" not in fake_aws.requests[0].body


def test_bus_events_are_recorded_with_their_ids(wire: Any, fake_aws: Any, answer: Any) -> None:
    body = b'{"Entries":[{"EventId":"e1"},{"ErrorCode":"Throttled"}],"FailedEntryCount":1}'
    fake_aws.answers += [answer(body), answer(body)]
    lane = wire("events")
    entries = [{"EventBusName": "shop", "Detail": "{}", "Source": "s", "DetailType": "t"}] * 2

    bare, traced = lane.send("put_events", Entries=entries)

    sent = json.loads(traced.body)
    header = f"Root={lane.record['chain_id']};Parent={lane.call['call_id']};Sampled=0"
    assert [entry.pop("TraceHeader") for entry in sent["Entries"]] == [header] * 2
    assert sent == json.loads(bare.body)
    assert (lane.call["kind"], lane.call["target"]) == ("eventbridge", "shop")
    assert (lane.call["natural_keys"], lane.call["error_type"]) == (("e1",), "Throttled")


def test_executions_are_recorded_with_their_arn(wire: Any, fake_aws: Any, answer: Any) -> None:
    body = b'{"executionArn":"arn:aws:states:eu-west-1:1:execution:m:e","startDate":1}'
    fake_aws.answers += [answer(body), answer(body)]
    lane = wire("stepfunctions")
    machine = "arn:aws:states:eu-west-1:1:stateMachine:m"

    bare, traced = lane.send("start_execution", stateMachineArn=machine, input="{}")

    sent = json.loads(traced.body)
    header = f"Root={lane.record['chain_id']};Parent={lane.call['call_id']};Sampled=0"
    assert sent.pop("traceHeader") == header
    assert sent == json.loads(bare.body)
    assert (lane.call["kind"], lane.call["target"]) == ("stepfunctions", machine)
    assert lane.call["natural_keys"] == ("arn:aws:states:eu-west-1:1:execution:m:e",)


def test_objects_are_recorded_with_the_request_id_their_event_will_have(
    wire: Any, fake_aws: Any, answer: Any
) -> None:
    headers = {"x-amz-request-id": "D82B88E5F771F645"}
    fake_aws.answers += [answer(b"", headers=headers), answer(b"", headers=headers)]
    lane = wire("s3")

    bare, traced = lane.send("put_object", Bucket="shop", Key="k", Body=b"xyz")

    assert traced.body == bare.body
    assert (lane.call["kind"], lane.call["target"], lane.call["payload_bytes"]) == ("s3", "shop", 3)
    assert lane.call["natural_keys"] == ("D82B88E5F771F645",)
