"""One suite for every carrier: what goes over the wire with us and without us, byte for byte.

The clock of the signature and botocore's own random id are frozen, so that two requests of a client
are equal but for what we add. The fake checks each signature as AWS would: over what it received.
"""

from __future__ import annotations

import base64
import copy
import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

import chainlight
from chainlight.carriers import buses, functions, topics
from chainlight.testing import capture_records

Maker = Callable[..., Any]
NOW = dt.datetime(2026, 11, 25, 9, 0, 0, tzinfo=dt.UTC)
INVOCATION_ID = uuid.UUID("11111111-2222-3333-4444-555555555555")
QUEUE = "http://127.0.0.1/1/orders"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:orders"
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:m"
LONG_LINEAGE = "Root=1-65f0c0de-0123456789abcdef01234567;Sampled=0;Lineage=" + "1:a:0|" * 40
SIGNING_NAMES = {"stepfunctions": "states"}
Slot = Callable[[str, str], bytes]


def _no_slot(_context: str, _header: str) -> bytes:
    return b""


def _message_slot(_context: str, header: str) -> bytes:
    told = {"AWSTraceHeader": {"DataType": "String", "StringValue": header}}
    return f', "MessageSystemAttributes": {json.dumps(told)}'.encode()


def _attribute_slot(prefix: str = "MessageAttributes", number: int = 1) -> Slot:
    def slot(context: str, _header: str) -> bytes:
        value = quote_plus(base64.b64encode(context.encode()))
        start = f"&{prefix}.entry.{number}"
        told = f"{start}.Name=chainlight{start}.Value.DataType=Binary"
        return f"{told}{start}.Value.BinaryValue={value}".encode()

    return slot


def _header_slot(name: str) -> Slot:
    return lambda _context, header: f', "{name}": "{header}"'.encode()


def _payload_slot(context: str, _header: str) -> bytes:
    return f'"chainlight":"{context}",'.encode()


@dataclass(frozen=True)
class Case:
    """One operation with small parameters, and where the context goes."""

    service: str
    operation: str
    params: dict[str, Any]
    slot: Slot = _no_slot
    slots_count: int = 1
    header: str | None = None
    """The request header that is the slot, where it is none of the body."""
    environment: dict[str, str] = field(default_factory=dict)


def _entry(**more: Any) -> dict[str, Any]:
    return {"Source": "s", "DetailType": "t", "Detail": '{"a": 1.10}', **more}


MESSAGES = [{"Id": "0", "MessageBody": "x"}, {"Id": "1", "MessageBody": "ü"}]
PAYLOAD = {"FunctionName": "f", "InvocationType": "Event", "Payload": b'{ "a": 1.10}'}
KEY = {"id": {"S": "1"}}
SMALL = {
    "invoke": Case(
        "lambda", "invoke", {"FunctionName": "f", "Payload": b"{}"}, header="X-Amz-Client-Context"
    ),
    "invoke, streamed": Case(
        "lambda",
        "invoke_with_response_stream",
        {"FunctionName": "f", "Payload": b"{}"},
        header="X-Amz-Client-Context",
    ),
    "event": Case("lambda", "invoke", PAYLOAD),
    "event, payload by opt-in": Case(
        "lambda", "invoke", PAYLOAD, _payload_slot, environment={"CHAINLIGHT_PAYLOAD": "1"}
    ),
    "invoke_async": Case("lambda", "invoke_async", {"FunctionName": "f", "InvokeArgs": b"{}"}),
    "message": Case("sqs", "send_message", {"QueueUrl": QUEUE, "MessageBody": "x"}, _message_slot),
    "message batch": Case(
        "sqs", "send_message_batch", {"QueueUrl": QUEUE, "Entries": MESSAGES}, _message_slot, 2
    ),
    "publication": Case("sns", "publish", {"TopicArn": TOPIC, "Message": "x"}, _attribute_slot()),
    "publication batch": Case(
        "sns",
        "publish_batch",
        {"TopicArn": TOPIC, "PublishBatchRequestEntries": [{"Id": "0", "Message": "x"}]},
        _attribute_slot("PublishBatchRequestEntries.member.1.MessageAttributes"),
    ),
    "bus": Case(
        "events", "put_events", {"Entries": [_entry(), _entry()]}, _header_slot("TraceHeader"), 2
    ),
    "execution": Case(
        "stepfunctions",
        "start_execution",
        {"stateMachineArn": MACHINE, "input": "{}"},
        _header_slot("traceHeader"),
    ),
    "sync execution": Case(
        "stepfunctions",
        "start_sync_execution",
        {"stateMachineArn": MACHINE, "input": "{}"},
        _header_slot("traceHeader"),
    ),
    "record": Case("kinesis", "put_record", {"StreamName": "s", "Data": b"x", "PartitionKey": "p"}),
    "records": Case(
        "kinesis",
        "put_records",
        {"StreamName": "s", "Records": [{"Data": b"x", "PartitionKey": "p"}] * 2},
    ),
    "object": Case("s3", "put_object", {"Bucket": "b", "Key": "k", "Body": b"xyz"}),
    "object, metadata by opt-in": Case(
        "s3",
        "put_object",
        {"Bucket": "b", "Key": "k", "Body": b"xyz", "Metadata": {"tenant": "t1"}},
        header="x-amz-meta-chainlight",
        environment={"CHAINLIGHT_S3_METADATA": "1"},
    ),
    "completed upload": Case(
        "s3",
        "complete_multipart_upload",
        {
            "Bucket": "b",
            "Key": "k",
            "UploadId": "u",
            "MultipartUpload": {"Parts": [{"ETag": "e", "PartNumber": 1}]},
        },
    ),
    "item": Case("dynamodb", "put_item", {"TableName": "t", "Item": {**KEY, "n": {"N": "1.10"}}}),
    "item, updated": Case("dynamodb", "update_item", {"TableName": "t", "Key": KEY}),
    "item, deleted": Case("dynamodb", "delete_item", {"TableName": "t", "Key": KEY}),
    "items": Case(
        "dynamodb",
        "batch_write_item",
        {"RequestItems": {"t": [{"PutRequest": {"Item": KEY}}, {"DeleteRequest": {"Key": KEY}}]}},
    ),
    "transaction": Case(
        "dynamodb",
        "transact_write_items",
        {"TransactItems": [{"Put": {"TableName": "t", "Item": KEY}}], "ClientRequestToken": "c"},
    ),
}


def _encoded(bytes_count: int) -> str:
    """Return a client context of just so many bytes of base64."""
    room = bytes_count // 4 * 3 - len('{"p":""}')
    return base64.b64encode(json.dumps({"p": "x" * room}, separators=(",", ":")).encode()).decode()


TEN = {f"a{n}": {"DataType": "String", "StringValue": "x"} for n in range(10)}
OPT_IN = {"CHAINLIGHT_PAYLOAD": "1"}
METADATA_IN = {"CHAINLIGHT_S3_METADATA": "1"}
BUS_ROOM = buses.REQUEST_BYTES_MAX - len("st")
FULL = {
    "invoke": Case(
        "lambda",
        "invoke",
        {"FunctionName": "f", "ClientContext": _encoded(functions.CLIENT_CONTEXT_BYTES_MAX)},
    ),
    "event, payload by opt-in": Case(
        "lambda",
        "invoke",
        {**PAYLOAD, "Payload": b'{"a":"' + b"x" * (functions.EVENT_BYTES_MAX - 8) + b'"}'},
        environment=OPT_IN,
    ),
    "event, a list by opt-in": Case(
        "lambda", "invoke", {**PAYLOAD, "Payload": b"[1]"}, environment=OPT_IN
    ),
    "event, our key by opt-in": Case(
        "lambda", "invoke", {**PAYLOAD, "Payload": b'{"chainlight":1}'}, environment=OPT_IN
    ),
    "publication, bytes": Case(
        "sns", "publish", {"TopicArn": TOPIC, "Message": "x" * topics.REQUEST_BYTES_MAX}
    ),
    "publication, attributes": Case(
        "sns", "publish", {"TopicArn": TOPIC, "Message": "x", "MessageAttributes": TEN}
    ),
    "publication batch": Case(
        "sns",
        "publish_batch",
        {
            "TopicArn": TOPIC,
            "PublishBatchRequestEntries": [
                {"Id": str(n), "Message": "x" * (topics.REQUEST_BYTES_MAX // 2)} for n in range(2)
            ],
        },
    ),
    "bus": Case("events", "put_events", {"Entries": [_entry(Detail="x" * BUS_ROOM)]}),
    "bus, header too long": Case(
        "events",
        "put_events",
        {"Entries": [_entry()]},
        environment={"_X_AMZN_TRACE_ID": LONG_LINEAGE + "1:a:0|" * 40},
    ),
    "bus, theirs": Case("events", "put_events", {"Entries": [_entry(TraceHeader="Root=mine")]}),
    "execution, header too long": Case(
        "stepfunctions",
        "start_execution",
        {"stateMachineArn": MACHINE, "input": "{}"},
        environment={"_X_AMZN_TRACE_ID": LONG_LINEAGE},
    ),
    "execution, theirs": Case(
        "stepfunctions",
        "start_execution",
        {"stateMachineArn": MACHINE, "input": "{}", "traceHeader": "Root=mine"},
    ),
    "object, metadata by opt-in": Case(
        "s3",
        "put_object",
        {"Bucket": "b", "Key": "k", "Body": b"xyz", "Metadata": {"t": "x" * 2047}},
        environment=METADATA_IN,
    ),
    "object, our metadata by opt-in": Case(
        "s3",
        "put_object",
        {"Bucket": "b", "Key": "k", "Body": b"xyz", "Metadata": {"Chainlight": "mine"}},
        environment=METADATA_IN,
    ),
    "copy that keeps its source's metadata": Case(
        "s3",
        "copy_object",
        {"Bucket": "b", "Key": "k", "CopySource": "b/o"},
        environment=METADATA_IN,
    ),
}
"""Requests that have no room for one byte more, or whose slot is taken."""


@pytest.fixture
def pair(
    client: Maker, context: Maker, fake_aws: Any, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Case], tuple[Any, Any, Any]]:
    """Return a sender of a case, bare and traced: both requests, and the record."""
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda *_, **__: NOW)
    monkeypatch.setattr("botocore.endpoint.uuid.uuid4", lambda: INVOCATION_ID)

    def send(case: Case) -> tuple[Any, Any, Any]:
        for name, value in case.environment.items():
            monkeypatch.setenv(name, value)
        method = getattr(client(case.service, inject_host_prefix=False), case.operation)
        before = copy.deepcopy(case.params)
        _send(method, case.params)
        with capture_records() as records:
            chainlight.trace(lambda _event, _context: _send(method, case.params))({}, context())
        assert case.params == before, "the caller's parameters were changed"
        bare, traced = fake_aws.requests
        for request in (bare, traced):
            assert _claimed(request) == _signature(request, case.service, fake_aws.url)
        return bare, traced, records[0]

    return send


def _send(method: Any, params: dict[str, Any]) -> None:
    answer = method(**params)
    if "EventStream" in answer:
        answer["EventStream"].close()


def _claimed(request: Any) -> str:
    return str(request.headers["Authorization"].rpartition("Signature=")[2])


def _signature(request: Any, service: str, url: str) -> str:
    """Sign what was received, as AWS does to check: an independent record."""
    signed = request.headers["Authorization"].partition("SignedHeaders=")[2].partition(",")[0]
    names = set(signed.split(";"))
    headers = {name: value for name, value in request.headers.items() if name.lower() in names}
    received = AWSRequest(request.method, url + request.path, headers, request.body)
    received.context["timestamp"] = request.headers["X-Amz-Date"]
    sign = S3SigV4Auth if service == "s3" else SigV4Auth
    signing_name = SIGNING_NAMES.get(service, service)
    auth = sign(Credentials("a", "b"), signing_name, "eu-west-1")
    told_sha256 = request.headers.get("X-Amz-Content-SHA256")
    assert told_sha256 in (None, hashlib.sha256(request.body).hexdigest())
    return str(
        auth.signature(auth.string_to_sign(received, auth.canonical_request(received)), received)
    )


def _wire(request: Any, *without: str) -> Any:
    """Return all of a request but the named headers, in the order it was sent."""
    dropped = {name.lower() for name in without}
    headers = [
        (name, value) for name, value in request.headers.items() if name.lower() not in dropped
    ]
    return request.method, request.path, headers, request.body


@pytest.mark.parametrize("case", SMALL.values(), ids=SMALL.keys())
def test_only_the_slot_differs(case: Case, pair: Any) -> None:
    bare, traced, record = pair(case)

    (call,) = record["calls"]
    context = f"{record['chain_id']};{record['request_id']};{call['call_id']}"
    slot = case.slot(context, f"Root={record['chain_id']};Parent={call['call_id']};Sampled=0")
    assert traced.body.count(slot) == case.slots_count if slot else True
    traced.body = traced.body.replace(slot, b"")
    changed = ["Authorization", case.header] if case.header else []
    changed += ["Authorization", "Content-Length"] if slot else []
    assert _wire(traced, *changed) == _wire(bare, *changed)
    if case.header is not None:
        assert case.header.lower() not in {name.lower() for name in bare.headers}
        assert context in _told(traced.headers[case.header])


def _told(value: str) -> str:
    return value if ";" in value else base64.b64decode(value).decode()


@pytest.mark.parametrize("case", FULL.values(), ids=FULL.keys())
def test_nothing_differs_where_there_is_no_room(case: Case, pair: Any) -> None:
    bare, traced, record = pair(case)

    assert _wire(traced) == _wire(bare)
    assert len(record["calls"]) == 1


@pytest.mark.parametrize("lineage", ["", ";Lineage=1:a87bd80c:0"])
@pytest.mark.parametrize("sampled", ["", ";Sampled=0", ";Sampled=1"])
@pytest.mark.parametrize("name", ["message", "bus", "execution"])
def test_slots_keep_lineage_and_a_sampled_parent(
    name: str, sampled: str, lineage: str, pair: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = "Root=1-65f0c0de-0123456789abcdef01234567"
    given = f"{root};Parent=53995c3f42cd8ad8{sampled}{lineage}"
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "shop-orders")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", given)

    bare, traced, record = pair(SMALL[name])

    assert traced.headers["X-Amzn-Trace-Id"] == bare.headers["X-Amzn-Trace-Id"] == given
    ours = f"{root};Parent={record['calls'][0]['call_id']};Sampled=0{lineage}"
    assert (given if sampled == ";Sampled=1" else ours).encode() in traced.body


def test_message_of_the_greatest_size_carries_the_header_which_does_not_count(pair: Any) -> None:
    params = {"QueueUrl": QUEUE, "MessageBody": "x" * 1_048_576, "MessageAttributes": TEN}

    bare, traced, record = pair(Case("sqs", "send_message", params))

    header = f"Root={record['chain_id']};Parent={record['calls'][0]['call_id']};Sampled=0"
    assert traced.body.replace(_message_slot("", header), b"") == bare.body


def test_bus_entries_are_measured_as_eventbridge_does() -> None:
    event = _entry(Detail="ü", Resources=["arn", "é"], Time=NOW, TraceHeader="Root=x")

    assert buses._Bus().message_bytes(event) == 1 + 1 + 2 + 3 + 2 + 14 + 6
