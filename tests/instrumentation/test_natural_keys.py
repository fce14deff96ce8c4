"""What a call says of itself after its answer: kind, target, and keys that the other side sees."""

from __future__ import annotations

import io
import json
import struct
import threading
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import chainlight
from chainlight.carriers import tables
from chainlight.keys import item_key
from chainlight.testing import capture_records

Maker = Callable[..., Any]
Do = Callable[[str, str, dict[str, Any]], Any]
EXECUTION = "arn:aws:lambda:eu-west-1:123456789012:function:f:1/durable-execution/e/i"


@pytest.fixture
def calls_of(client: Maker, context: Maker) -> Callable[..., list[Any]]:
    """Return a runner of operations in one handler; it returns the calls that were recorded."""

    def run(service: str, *steps: tuple[str, dict[str, Any]]) -> list[Any]:
        one = client(service)

        def handler(_event: object, _context: object) -> None:
            for operation, params in steps:
                getattr(one, operation)(**params)

        with capture_records() as records:
            chainlight.trace(handler)({}, context())
        return list(records[0]["calls"])  # type: ignore[call-overload]

    return run


def _told(call: Any) -> tuple[Any, ...]:
    return tuple(call[name] for name in ("kind", "target", "is_async", "natural_keys"))


def test_kinesis_keys_are_the_consumers_event_ids(calls_of: Any) -> None:
    record = {"Data": b"x", "PartitionKey": "p"}
    arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/s"

    one, several = calls_of(
        "kinesis",
        ("put_record", {"StreamName": "s", **record}),
        ("put_records", {"StreamARN": arn, "Records": [record, record]}),
    )

    assert _told(one) == ("kinesis", "s", 1, ("shardId-000000000000:4959",))
    assert _told(several) == ("kinesis", arn, 1, ("shardId-0:40", "shardId-1:41"))
    assert (one["payload_bytes"], several["payload_bytes"]) == (1, 2)


def test_refused_records_of_a_batch_name_their_error(
    calls_of: Any, fake_aws: Any, answer: Any
) -> None:
    told = [{"ErrorCode": "Throttled"}, {"ShardId": "s", "SequenceNumber": "1"}]
    fake_aws.answers.append(answer(json.dumps({"FailedRecordCount": 1, "Records": told}).encode()))

    (call,) = calls_of(
        "kinesis",
        ("put_records", {"StreamName": "s", "Records": [{"Data": b"x", "PartitionKey": "p"}] * 2}),
    )

    assert (call["natural_keys"], call["error_type"]) == (("s:1",), "Throttled")


ONE, TWO, THREE = ({"id": {"S": str(n)}} for n in range(3))
FULL = {**TWO, "name": {"S": "x"}}
TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/t"
CHECK = {"TableName": "t", "Key": ONE, "ConditionExpression": "attribute_exists(id)"}
WRITES = {
    "t": [{"PutRequest": {"Item": FULL}}, {"DeleteRequest": {"Key": ONE}}],
}
TRANSACTION = [
    {"Put": {"TableName": "t", "Item": FULL}},
    {"Delete": {"TableName": "t", "Key": THREE}},
    {"ConditionCheck": CHECK},
]
TABLE_STEPS = (
    ("put_item", {"TableName": "t", "Item": FULL}),
    ("put_item", {"TableName": "t", "Item": {**ONE, "paid": {"BOOL": True}}}),
    ("get_item", {"TableName": TABLE, "Key": ONE}),
    ("put_item", {"TableName": "t", "Item": FULL}),
    ("update_item", {"TableName": "t", "Key": THREE}),
    ("delete_item", {"TableName": TABLE, "Key": THREE}),
    ("batch_write_item", {"RequestItems": WRITES}),
    ("transact_write_items", {"TransactItems": TRANSACTION}),
)


def test_every_write_to_a_table_has_the_key_of_its_items(
    calls_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_key_names", {})

    calls = calls_of("dynamodb", *TABLE_STEPS)

    one, two, three = (item_key("t", key) for key in (ONE, TWO, THREE))
    assert [call["natural_keys"] for call in calls] == [
        (),  # two attributes could be the key, and nobody has said which
        (one,),
        (two,),
        (three,),
        (three,),
        (two, one),
        (two, three),
    ]
    assert {call["kind"] for call in calls} == {"dynamodb"}
    assert [call["target"] for call in calls] == ["t", "t", "t", "t", TABLE, "t", "t"]


def test_boto3s_table_has_the_same_keys_as_its_client(
    fake_aws: Any, session: Any, context: Maker
) -> None:
    credentials = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    resource = session.resource(
        "dynamodb", region_name="eu-west-1", endpoint_url=fake_aws.url, **credentials
    )

    def handler(_event: object, _context: object) -> None:
        resource.Table("t").delete_item(Key={"id": "1", "n": 5})
        resource.meta.client.close()

    with capture_records() as records:
        chainlight.trace(handler)({}, context())

    (call,) = records[0]["calls"]  # type: ignore[misc]
    assert call["natural_keys"] == (item_key("t", {"id": {"S": "1"}, "n": {"N": "5"}}),)


def test_objects_in_parts_and_from_threads_are_calls_of_the_invocation(
    client: Maker, context: Maker
) -> None:
    bucket = client("s3")
    from boto3.s3.transfer import TransferConfig  # noqa: PLC0415 - heavy, and only here

    parts = TransferConfig(multipart_threshold=5 * 2**20, multipart_chunksize=5 * 2**20)

    def handler(_event: object, _context: object) -> None:
        bucket.upload_fileobj(io.BytesIO(b"x"), "b", "small")
        bucket.upload_fileobj(io.BytesIO(bytes(6 * 2**20)), "b", "large", Config=parts)

    with capture_records() as records:
        chainlight.trace(handler)({}, context())

    small, large = records[0]["calls"]  # type: ignore[misc]
    assert (small["operation"], large["operation"]) == ("PutObject", "CompleteMultipartUpload")
    assert len(small["natural_keys"]) == len(large["natural_keys"]) == 1
    assert records[0]["other_waits"]["s3"][0] == 3  # type: ignore[index]


def test_metadata_goes_into_a_copy_that_replaces_it(
    calls_of: Any, fake_aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAINLIGHT_S3_METADATA", "1")
    params = {"Bucket": "b", "Key": "k", "CopySource": "b/o"}

    (call,) = calls_of("s3", ("copy_object", {**params, "MetadataDirective": "REPLACE"}))

    assert call["call_id"] in fake_aws.requests[0].headers["x-amz-meta-chainlight"]


def test_chained_invoke_of_a_durable_execution_is_a_call_and_other_checkpoints_are_not(
    calls_of: Any,
) -> None:
    step = {"Id": "1", "Type": "STEP", "Action": "START"}
    chained = {"Id": "2", "Type": "CHAINED_INVOKE", "Action": "START"}
    chained |= {"ChainedInvokeOptions": {"FunctionName": "callee"}}
    params = {"DurableExecutionArn": EXECUTION, "CheckpointToken": "t"}

    calls = calls_of(
        "lambda",
        ("checkpoint_durable_execution", {**params, "Updates": [step]}),
        ("checkpoint_durable_execution", {**params, "Updates": [step, chained]}),
    )

    assert [_told(call) for call in calls] == [("durable", "callee", 1, (f"{EXECUTION}#2",))]


def test_deprecated_invoke_async_is_an_asynchronous_call(calls_of: Any) -> None:
    (call,) = calls_of("lambda", ("invoke_async", {"FunctionName": "f", "InvokeArgs": b"{}"}))

    assert (call["is_async"], call["status_code"], call["payload_bytes"]) == (1, 202, 2)
    assert len(call["natural_keys"]) == 1


def _event(kind: str, payload: bytes) -> bytes:
    """Return one message of an event stream: lengths, checksum, headers, payload, checksum."""
    told = {":message-type": "event", ":event-type": kind, ":content-type": "application/json"}
    headers = b"".join(
        struct.pack("!B", len(name)) + name.encode() + b"\7" + struct.pack("!H", len(value))
        + value.encode()
        for name, value in told.items()
    )  # fmt: skip
    prelude = struct.pack("!II", 16 + len(headers) + len(payload), len(headers))
    head = prelude + struct.pack("!I", zlib.crc32(prelude)) + headers + payload
    return head + struct.pack("!I", zlib.crc32(head))


@pytest.mark.parametrize(("is_read", "error_code"), [(True, None), (True, "Boom"), (False, None)])
def test_streamed_answer_is_waited_for_as_long_as_it_is_read(
    is_read: bool,  # noqa: FBT001
    error_code: str | None,
    client: Maker,
    context: Maker,
    fake_aws: Any,
    answer: Any,
) -> None:
    done = json.dumps({"ErrorCode": error_code} if error_code else {}).encode()
    body = _event("PayloadChunk", b"abc") + _event("PayloadChunk", b"de")
    fake_aws.answers.append(
        answer(body + _event("InvokeComplete", done), headers={"x-amzn-RequestId": "r"})
    )
    functions = client("lambda")
    saw = []

    def handler(_event: object, _context: object) -> None:
        stream = functions.invoke_with_response_stream(FunctionName="f")["EventStream"]
        if is_read:
            saw.extend(stream)
        stream.close()

    with capture_records() as records:
        chainlight.trace(handler)({}, context())

    (call,) = records[0]["calls"]  # type: ignore[misc]
    chunks = [event["PayloadChunk"]["Payload"] for event in saw if "PayloadChunk" in event]
    assert chunks == ([b"abc", b"de"] if is_read else [])
    assert (call["result_was_read"], call["error_type"]) == (int(is_read), error_code)
    assert call["response_bytes"] == (5 if is_read else len(body + _event("InvokeComplete", done)))
    assert call["natural_keys"] == ("r",)


def test_threads_of_an_executor_have_calls_and_waits_of_their_own(
    client: Maker, context: Maker, fake_aws: Any
) -> None:
    functions = client("lambda", max_pool_connections=4)
    together = threading.Barrier(4)
    usual = fake_aws.usual

    def answered(request: Any) -> Any:
        told = usual(request)
        told.before = lambda: together.wait(20)
        return told

    fake_aws.usual = answered

    def invoke(n: int) -> str:
        answer = functions.invoke(FunctionName=f"f{n}")
        return str(answer["ResponseMetadata"]["RequestId"])

    def handler(_event: object, _context: object) -> list[str]:
        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(invoke, range(4)))

    with capture_records() as records:
        request_ids = chainlight.trace(handler)({}, context())

    calls = {call["target"]: call for call in records[0]["calls"]}  # type: ignore[attr-defined]
    assert [calls[f"f{n}"]["natural_keys"] for n in range(4)] == [(one,) for one in request_ids]
    ends_us = [call["offset_us"] + call["wait_us"] for call in calls.values()]
    assert max(call["offset_us"] for call in calls.values()) < min(ends_us)


def test_call_inside_of_a_call_has_its_own_exchange(client: Maker, context: Maker) -> None:
    outer, inner = client("lambda"), client("sqs")
    outer.meta.events.register(
        "before-send.lambda.Invoke",
        lambda **_: inner.send_message(QueueUrl="http://127.0.0.1/1/q", MessageBody="x") and None,
    )

    with capture_records() as records:
        chainlight.trace(lambda _event, _context: outer.invoke(FunctionName="f") and None)(
            {}, context()
        )

    first, second = records[0]["calls"]  # type: ignore[misc]
    assert (first["kind"], second["kind"]) == ("lambda", "sqs")
    assert (first["tries_count"], second["tries_count"]) == (1, 1)
    assert second["offset_us"] + second["wait_us"] <= first["offset_us"] + first["wait_us"]


def test_wrapped_twice_there_is_one_record_and_one_call(client: Maker, context: Maker) -> None:
    functions = client("lambda")

    with capture_records() as records:
        chainlight.trace(
            chainlight.trace(lambda _event, _context: functions.invoke(FunctionName="f") and None)
        )({}, context())

    assert [len(record["calls"]) for record in records] == [1]  # type: ignore[arg-type]
