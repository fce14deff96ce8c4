"""What a handler's boto3 calls become in its record; real clients against a server on loopback."""

from __future__ import annotations

import gc
import json
import threading
import time
import weakref
from collections.abc import Callable
from multiprocessing.dummy import Pool
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError, ReadTimeoutError

import chainlight
from chainlight.testing import capture_records

Maker = Callable[..., Any]
REQUEST_ID = "11111111-2222-3333-4444-555555555555"


def _record(handler: Callable[[Any, Any], object], context: Maker) -> dict[str, Any]:
    with capture_records() as records:
        chainlight.trace(handler)({}, context())
    return records[0]


def test_sync_invoke_is_a_call_with_the_callees_request_id(
    client: Maker, context: Maker, fake_aws: Any, answer: Any
) -> None:
    functions = client("lambda")
    fake_aws.answers.append(
        answer(
            b'{"a":1}', headers={"x-amzn-RequestId": REQUEST_ID}, before=lambda: time.sleep(0.05)
        )
    )

    record = _record(
        lambda _event, _context: functions.invoke(FunctionName="other", Payload=b"{}") and None,
        context,
    )

    (call,) = record["calls"]
    assert (call["kind"], call["operation"], call["target"]) == ("lambda", "Invoke", "other")
    assert call["natural_keys"] == (REQUEST_ID,)
    assert (call["is_async"], call["status_code"], call["tries_count"]) == (0, 200, 1)
    assert (call["payload_bytes"], call["response_bytes"]) == (2, 7)
    assert call["result_was_read"] == 0
    assert call["is_open"] == 0
    assert 50_000 <= call["wait_us"] <= record["duration_us"]
    assert call["offset_us"] + call["wait_us"] <= record["duration_us"]


def test_event_invoke_is_asynchronous_and_has_no_result_to_read(
    client: Maker, context: Maker, fake_aws: Any
) -> None:
    functions = client("lambda")

    record = _record(
        lambda _event, _context: functions.invoke(FunctionName="other", InvocationType="Event"),
        context,
    )

    (call,) = record["calls"]
    assert (call["is_async"], call["status_code"]) == (1, 202)
    assert call["result_was_read"] is None
    assert "X-Amz-Client-Context" not in fake_aws.requests[0].headers


def test_dry_run_starts_nothing_and_is_only_counted(client: Maker, context: Maker) -> None:
    functions = client("lambda")

    record = _record(
        lambda _event, _context: functions.invoke(FunctionName="other", InvocationType="DryRun"),
        context,
    )

    assert record["calls"] == ()
    assert record["other_waits"]["lambda"][0] == 1


@pytest.mark.parametrize(
    "read",
    [
        lambda body: body.read(),
        json.load,
        list,
        lambda body: list(body.iter_lines()),
        lambda body: body.readlines(),
        lambda body: body.readinto(bytearray(4)),
        next,
    ],
    ids=["read", "json.load", "iteration", "iter_lines", "readlines", "readinto", "next"],
)
def test_every_way_to_read_a_result_is_noticed(
    client: Maker, context: Maker, read: Callable[[Any], object]
) -> None:
    functions = client("lambda")

    record = _record(
        lambda _event, _context: read(functions.invoke(FunctionName="other")["Payload"]), context
    )

    assert record["calls"][0]["result_was_read"] == 1


def test_unread_results_can_be_collected_while_the_handler_runs(
    client: Maker, context: Maker
) -> None:
    functions = client("lambda")
    is_gone = []

    def handler(_event: object, _context: object) -> None:
        body = weakref.ref(functions.invoke(FunctionName="other")["Payload"])
        gc.collect()
        is_gone.append(body() is None)

    _record(handler, context)

    assert is_gone == [True]


def test_function_error_is_the_calls_error_and_the_result_is_untouched(
    client: Maker, context: Maker, fake_aws: Any, answer: Any
) -> None:
    functions = client("lambda")
    fake_aws.answers.append(
        answer(b'{"errorMessage":"x"}', headers={"X-Amz-Function-Error": "Unhandled"})
    )
    seen = []

    record = _record(
        lambda _event, _context: seen.append(functions.invoke(FunctionName="other")), context
    )

    assert record["calls"][0]["error_type"] == "Unhandled"
    assert seen[0]["FunctionError"] == "Unhandled"
    assert record["outcome"] == "ok"


def test_boto3s_own_tries_are_one_call(
    client: Maker, context: Maker, fake_aws: Any, answer: Any
) -> None:
    functions = client("lambda", retries={"mode": "standard", "max_attempts": 3})
    fake_aws.answers += [answer(b"{}", 500), answer(b"{}", 503)]

    record = _record(lambda _event, _context: functions.invoke(FunctionName="o") and None, context)

    (call,) = record["calls"]
    assert (call["tries_count"], call["error_type"]) == (3, None)
    assert len(fake_aws.requests) == 3
    carried = {request.headers["X-Amz-Client-Context"] for request in fake_aws.requests}
    assert len(carried) == 1


def test_timed_out_wait_names_its_exception_and_raises_it(
    client: Maker, context: Maker, fake_aws: Any, answer: Any
) -> None:
    functions = client("lambda", read_timeout=0.1, retries={"total_max_attempts": 1})
    done = threading.Event()
    fake_aws.answers.append(answer(before=lambda: done.wait(5)))

    def handler(_event: object, _context: object) -> None:
        try:
            with pytest.raises(ReadTimeoutError):
                functions.invoke(FunctionName="slow")
        finally:
            done.set()

    (call,) = _record(handler, context)["calls"]

    assert (call["error_type"], call["natural_keys"]) == ("ReadTimeoutError", ())
    assert call["wait_us"] >= 100_000


def test_refusal_by_the_service_keeps_its_status(
    client: Maker, context: Maker, fake_aws: Any, answer: Any
) -> None:
    functions = client("lambda", retries={"total_max_attempts": 1})
    headers = {"x-amzn-RequestId": REQUEST_ID, "X-Amzn-ErrorType": "ResourceNotFoundException"}
    fake_aws.answers.append(answer(b'{"Message":"no"}', 404, headers))

    def handler(_event: object, _context: object) -> None:
        with pytest.raises(ClientError):
            functions.invoke(FunctionName="missing")

    (call,) = _record(handler, context)["calls"]

    assert (call["status_code"], call["error_type"]) == (404, "ResourceNotFoundException")


def test_parameters_that_boto3_refuses_are_no_call(client: Maker, context: Maker) -> None:
    functions = client("lambda")

    def handler(_event: object, _context: object) -> None:
        with pytest.raises(ParamValidationError):
            functions.invoke(FunctionName=7)

    assert _record(handler, context)["calls"] == ()


def test_messages_are_calls_with_the_ids_the_receiver_will_see(
    client: Maker, context: Maker, fake_aws: Any
) -> None:
    queues = client("sqs")
    url = f"{fake_aws.url}/1/orders"

    def handler(_event: object, _context: object) -> str:
        queues.send_message_batch(
            QueueUrl=url, Entries=[{"Id": str(n), "MessageBody": "xx"} for n in range(2)]
        )
        return str(queues.send_message(QueueUrl=url, MessageBody="x")["MessageId"])

    with capture_records() as records:
        message_id = chainlight.trace(handler)({}, context())

    batch, single = records[0]["calls"]  # type: ignore[misc]
    assert (batch["kind"], batch["target"], batch["is_async"]) == ("sqs", url, 1)
    assert (batch["natural_keys"], batch["payload_bytes"]) == (("m-0", "m-1"), 4)
    assert single["natural_keys"] == (message_id,)


def test_other_services_are_counted_and_timed_in_total(client: Maker, context: Maker) -> None:
    tables = client("dynamodb")

    def handler(_event: object, _context: object) -> None:
        for _ in range(3):
            tables.get_item(TableName="t", Key={"id": {"S": "1"}})

    record = _record(handler, context)

    assert record["calls"] == ()
    count, wait_us = record["other_waits"]["dynamodb"]
    assert count == 3
    assert 0 < wait_us <= record["duration_us"]


def test_calls_of_pool_threads_belong_to_the_invocation(client: Maker, context: Maker) -> None:
    functions = client("lambda")

    def handler(_event: object, _context: object) -> None:
        with Pool(4) as pool:
            pool.map(lambda n: functions.invoke(FunctionName=f"f{n}"), range(8))

    calls = _record(handler, context)["calls"]

    assert sorted(call["target"] for call in calls) == [f"f{n}" for n in range(8)]
    assert len({call["call_id"] for call in calls}) == 8


def test_work_of_other_threads_during_a_wait_is_not_idle(
    client: Maker, context: Maker, fake_aws: Any, answer: Any
) -> None:
    functions = client("lambda")

    def burn() -> None:
        started_s = time.thread_time()
        while time.thread_time() - started_s < 0.1:
            pass

    # The server is a thread of this process: what it burns before it answers is not the handler's.
    fake_aws.answers.append(answer(before=burn))

    record = _record(
        lambda _event, _context: functions.invoke(FunctionName="other") and None, context
    )

    (call,) = record["calls"]
    assert call["cpu_us"] >= 100_000
    assert call["wait_us"] >= 100_000


def test_calls_outside_a_handler_are_left_alone(client: Maker, fake_aws: Any) -> None:
    chainlight.trace(lambda _event, _context: 1)

    client("lambda").invoke(FunctionName="other")

    assert "X-Amz-Client-Context" not in fake_aws.requests[0].headers


def test_call_that_a_hook_answers_before_it_is_sent_is_still_a_call(
    client: Maker, context: Maker
) -> None:
    from botocore.awsrequest import AWSResponse  # noqa: PLC0415

    functions = client("lambda")
    response = AWSResponse("", 200, {"x-amzn-requestid": REQUEST_ID}, None)
    response._content = b"{}"
    functions.meta.events.register("before-send.lambda.Invoke", lambda **_: response)

    record = _record(
        lambda _event, _context: functions.invoke(FunctionName="o", InvocationType="Event"), context
    )

    (call,) = record["calls"]
    assert (call["tries_count"], call["natural_keys"]) == (1, (REQUEST_ID,))
    assert call["wait_us"] >= 0


def test_line_with_one_call_is_at_most_600_bytes(client: Maker, context: Maker) -> None:
    from chainlight.record import encode  # noqa: PLC0415

    functions = client("lambda")

    record = _record(
        lambda _event, _context: (
            functions.invoke(FunctionName="shop-prices", Payload=b"{}") and None
        ),
        context,
    )

    assert len(encode(record)) <= 600


def test_calls_made_for_a_record_name_it_and_its_chain(
    client: Maker, context: Maker, fake_aws: Any
) -> None:
    functions = client("lambda")
    roots = ["1-65f0c0de-00000000000000000000000a", "1-65f0c0de-00000000000000000000000b"]
    records = [
        {
            "eventSource": "aws:sqs",
            "messageId": f"m{n}",
            "attributes": {"AWSTraceHeader": f"Root={root};Sampled=1"},
        }
        for n, root in enumerate(roots)
    ]

    def handler(event: Any, _context: object) -> None:
        for record in event["Records"]:
            with chainlight.record_of(record):
                functions.invoke(FunctionName="other")
        functions.invoke(FunctionName="for-all")

    with capture_records() as printed:
        chainlight.trace(handler)({"Records": records}, context())

    assert [call["cause_index"] for call in printed[0]["calls"]] == [0, 1, None]  # type: ignore[attr-defined]
    assert [_carried(request).split(";")[0] for request in fake_aws.requests] == [*roots, roots[0]]


def _carried(request: Any) -> str:
    import base64  # noqa: PLC0415

    told = json.loads(base64.b64decode(request.headers["X-Amz-Client-Context"]))
    return str(told["custom"]["chainlight"])
