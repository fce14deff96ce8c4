"""Records become lines: one each, long ones in parts that add up, with a level in JSON logs."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

import chainlight
from chainlight import output
from chainlight.invocation import Call, Invocation
from chainlight.record import LINE_BYTES_MAX, decode, encode, encode_usual
from chainlight.settings import settings
from chainlight.sources import Cause

HEAD = {"chain_id": "1-65f0c0de-0123456789abcdef01234567", "request_id": "r", "started_us": 7}


def _call(number: int) -> dict[str, object]:
    return {"call_id": f"{number:016x}", "target": "x" * 100, "wait_us": number}


def test_short_record_is_one_line_without_a_part() -> None:
    (line,) = output.lines(dict(HEAD))

    assert decode(line)["part"] is None


def test_long_record_is_split_into_parts_that_add_up() -> None:
    causes = [{"natural_keys": (f"m{number}",)} for number in range(5000)]
    record: dict[str, object] = {
        **HEAD,
        "calls": [_call(number) for number in range(3000)],
        "causes": causes,
        "other_waits": {"dynamodb": [1, 2]},
        "annotations": {"a": 1},
    }

    lines = output.lines(record)

    parts: list[Any] = [decode(line) for line in lines]
    assert len(lines) > 1
    assert max(map(len, lines)) <= LINE_BYTES_MAX
    assert [part["part"] for part in parts] == [[n + 1, len(parts)] for n in range(len(parts))]
    assert all({name: part[name] for name in HEAD} == HEAD for part in parts)
    assert [call["wait_us"] for part in parts for call in part["calls"]] == list(range(3000))
    assert sum(len(part["causes"]) for part in parts) == 5000
    assert [part["annotations"] for part in parts] == [{"a": 1}] + [None] * (len(parts) - 1)


def test_a_cause_too_long_for_any_line_does_not_split_forever() -> None:
    record: dict[str, object] = {**HEAD, "causes": [{"natural_keys": ("x" * LINE_BYTES_MAX,)}]}

    lines = output.lines(record)

    assert sum(len(decode(line)["causes"]) for line in lines) == 1  # type: ignore[arg-type]


def test_json_logs_get_a_level_and_the_timestamp_that_lambda_needs_to_believe_it() -> None:
    record = {**HEAD, "level": "WARN", "started_us": 1_700_000_000_123_456, "duration_us": 1000}

    (line,) = output.lines(record)

    wire = json.loads(line)
    assert (wire["level"], wire["timestamp"]) == ("WARN", "2023-11-14T22:13:20.124Z")
    assert line.startswith('{"chainlight":1,')
    assert decode(line)["level"] == "WARN"


def test_lines_are_small_and_each_further_call_adds_little(
    context: Any, client: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = "Root=1-65f0c0de-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=1"
    monkeypatch.setenv("_X_AMZN_TRACE_ID", f"{root};Lineage=1:457dbdd8:0")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
    monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
    functions, queues = client("lambda"), client("sqs")
    queue_url = f"{queues.meta.endpoint_url}/123456789012/orders"

    def handler(calls_count: int, _context: object) -> None:
        for _ in range(calls_count):
            functions.invoke(FunctionName="shop-prices", Payload=b"{}")["Payload"].read()
        if calls_count == 12:
            queues.send_message(QueueUrl=queue_url, MessageBody="x")

    for calls_count in (0, 1, 11, 12):
        chainlight.trace(handler)(calls_count, context())

    sizes = [len(line) + 1 for line in capsys.readouterr().out.splitlines()]
    none, one, eleven, twelve_and_message = sizes
    further = (eleven - one) / 10
    message = twelve_and_message - eleven - further
    told = f"bytes: no call {none}, one {one}, each further {further:.0f}, a message {message:.0f}"
    print(told)  # noqa: T201 - shown with -rP
    assert none <= 250, told
    assert one <= 600, told
    assert further <= 150, told
    assert message <= 250, told


ANSWERED = {
    "offset_us": 7,
    "target": 'shop-"prices"',
    "payload_bytes": 0,
    "wait_us": 9,
    "natural_keys": ["k"],
    "result_was_read": 0,
}
CALLS: dict[str, list[dict[str, Any]]] = {
    "no call": [],
    "an answered Invoke": [ANSWERED],
    "one whose answer told its length": [
        {**{name: ANSWERED[name] for name in list(ANSWERED)[:4]}, "response_bytes": 0}
        | {"natural_keys": ["k"], "result_was_read": 1}
    ],
    "two": [ANSWERED, ANSWERED],
    **{
        f"an Invoke with {name} {value!r}": [{**ANSWERED, name: value}]
        for name, value in {
            "target": None,
            "payload_bytes": None,
            "result_was_read": None,
            "natural_keys": [],
            "operation": "InvokeWithResponseStream",
            "is_async": 1,
            "kind": "http",
            "status_code": 503,
            "error_type": "Unhandled",
            "cause_index": 0,
            "tries_count": 2,
            "cpu_us": 5,
            "wait_us": None,
        }.items()
    },
    "another kind beside one": [{"kind": "sqs", "operation": "SendMessage"}, ANSWERED],
}


def _invocation(calls: list[dict[str, Any]], **attributes: object) -> Invocation:
    context = {"aws_request_id": "r", "invoked_function_arn": "arn", **attributes}
    invocation = Invocation({}, SimpleNamespace(**context))
    invocation.chain_id = str(HEAD["chain_id"])
    for values in calls:
        call = Call()
        for name, value in values.items():
            setattr(call, name, value)
        invocation.add_call(call)
    return invocation


def _both(invocation: Invocation) -> tuple[str | None, str]:
    """Return the line written in one go and the one that the loop over its record makes."""
    ended_ns, common = invocation.started_ns + 1_234_567, settings().sandbox_members
    usual = encode_usual(invocation, settings(), ended_ns)
    return usual, encode(invocation.record("ok", None, ended_ns), common)


@pytest.mark.parametrize("calls", CALLS.values(), ids=CALLS.keys())
def test_a_line_written_in_one_go_is_the_one_that_its_record_makes(
    calls: list[dict[str, Any]],
) -> None:
    usual, plain = _both(_invocation(calls))

    assert usual == plain


def test_so_is_one_with_causes_and_all_that_is_seldom() -> None:
    invocation = _invocation([ANSWERED])
    cause = Cause("m1", "m2")
    cause.receive_count, cause.call_id = 2, "00112233445566ff"
    invocation.causes = [cause, Cause()]
    invocation.is_cold, invocation.source_arn, invocation.trace_root = 1, "arn", "1-0-0"
    invocation.other_waits["dynamodb"] = [1, 2]
    invocation.annotations["order"] = 'é"'
    invocation.dropped["calls"] = 3

    usual, plain = _both(invocation)

    assert usual == plain


def test_so_is_one_in_json_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_LOG_FORMAT", "JSON")
    monkeypatch.setenv("AWS_LAMBDA_LOG_LEVEL", "WARN")
    invocation = _invocation([ANSWERED])
    invocation.annotations["order"] = 7

    usual, plain = _both(invocation)

    assert usual == plain
    assert '"level":"WARN","n":[{' in plain


@pytest.mark.parametrize("name", ["aws_request_id", "invoked_function_arn"])
def test_a_line_that_misses_a_name_or_is_too_long_is_left_to_its_record(name: str) -> None:
    nameless = _invocation([], **{name: None})
    endless = _invocation([{**ANSWERED, "target": "x" * LINE_BYTES_MAX}])

    assert (_both(nameless)[0], _both(endless)[0]) == (None, None)
