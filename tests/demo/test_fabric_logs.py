"""CloudWatch Logs: order, pages, patterns, subscriptions, and the trouble AWS makes."""

import base64
import gzip
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chainlight_demo.fabric.log_pattern import compile_pattern
from chainlight_demo.fabric.rehearsal import Rehearsal

GROUP = "/aws/lambda/worker"


@pytest.fixture
def aws() -> Iterator[Rehearsal]:
    with Rehearsal() as rehearsal:
        yield rehearsal


def put(aws: Rehearsal, stream: str, *events: tuple[int, str]) -> None:
    logs = aws.client("logs")
    for create in (
        lambda: logs.create_log_group(logGroupName=GROUP),
        lambda: logs.create_log_stream(logGroupName=GROUP, logStreamName=stream),
    ):
        try:
            create()
        except logs.exceptions.ResourceAlreadyExistsException:
            continue
    logs.put_log_events(
        logGroupName=GROUP,
        logStreamName=stream,
        logEvents=[{"timestamp": at_ms, "message": message} for at_ms, message in events],
    )


def search(aws: Rehearsal, **options: Any) -> list[dict[str, Any]]:
    pages = aws.client("logs").get_paginator("filter_log_events")
    answers = pages.paginate(logGroupName=GROUP, **options)
    return [event for page in answers for event in page["events"]]


def now_ms() -> int:
    return int(time.time() * 1000)


def test_events_of_several_streams_come_in_order_of_time(aws: Rehearsal) -> None:
    t = now_ms()
    put(aws, "a", (t, "1"), (t + 20, "3"))
    put(aws, "b", (t + 10, "2"), (t + 30, "4"))
    rows = search(aws)
    assert [row["message"] for row in rows] == ["1", "2", "3", "4"]
    assert [row["logStreamName"] for row in rows] == ["a", "b", "a", "b"]
    assert all(len(row["eventId"]) == 56 and row["ingestionTime"] >= t for row in rows)
    assert len({row["eventId"] for row in rows}) == 4


def test_start_and_end_are_inclusive(aws: Rehearsal) -> None:
    t = now_ms()
    put(aws, "a", *((t + n, str(n)) for n in range(5)))
    assert [r["message"] for r in search(aws, startTime=t + 1, endTime=t + 3)] == ["1", "2", "3"]


def test_a_stream_prefix_and_names_narrow_the_search(aws: Rehearsal) -> None:
    t = now_ms()
    put(aws, "2026/11/21/a", (t, "today"))
    put(aws, "2026/11/20/b", (t, "yesterday"))
    assert [r["message"] for r in search(aws, logStreamNamePrefix="2026/11/21")] == ["today"]
    assert [r["message"] for r in search(aws, logStreamNames=["2026/11/20/b"])] == ["yesterday"]


def test_a_limit_pages_through_everything_once(aws: Rehearsal) -> None:
    t = now_ms()
    put(aws, "a", *((t, str(n)) for n in range(25)))
    logs = aws.client("logs")
    first = logs.filter_log_events(logGroupName=GROUP, limit=10)
    assert len(first["events"]) == 10
    seen = [e["message"] for e in search(aws, PaginationConfig={"PageSize": 10})]
    assert seen == [str(n) for n in range(25)]


def test_a_page_holds_at_most_ten_thousand_events_and_one_megabyte(aws: Rehearsal) -> None:
    t = now_ms()
    put(aws, "a", *((t + n, "x" * 200_000) for n in range(5)))
    put(aws, "a", *((t + 10 + n, "x" * 200_000) for n in range(5)))
    logs = aws.client("logs")
    page = logs.filter_log_events(logGroupName=GROUP)
    assert len(page["events"]) == 5
    assert page["nextToken"]
    assert len(search(aws)) == 10

    put(aws, "b", *((t + 100, "x") for _ in range(9_000)))
    put(aws, "b", *((t + 100, "x") for _ in range(9_000)))
    page = logs.filter_log_events(logGroupName=GROUP, startTime=t + 100)
    assert len(page["events"]) == 10_000


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        ("", ["REPORT a", "START a", "Task timed out", "other"]),
        ('?REPORT ?"Task timed out"', ["REPORT a", "Task timed out"]),
        ("REPORT a", ["REPORT a"]),
        ('"START a"', ["START a"]),
        ('-"a"', ["other"]),
        ('-"a" -timed -other', []),
        ("-REPORT -START", ["Task timed out", "other"]),
        ("?REPORT START", ["START a"]),
        ('?nothing ?"at all"', []),
    ],
)
def test_a_filter_pattern_chooses_as_aws_documents(pattern: str, matched: list[str]) -> None:
    messages = ["REPORT a", "START a", "Task timed out", "other"]
    assert [m for m in messages if compile_pattern(pattern)(m)] == matched


def test_a_json_pattern_compares_one_field() -> None:
    matches = compile_pattern('{ $.record.status = "error" }')
    assert matches('{"record": {"status": "error"}}')
    assert not matches('{"record": {"status": "success"}}')
    assert not matches("not json")


def test_a_filter_pattern_works_over_the_wire(aws: Rehearsal) -> None:
    t = now_ms()
    put(aws, "a", (t, "START x"), (t, "noise"), (t, "REPORT x"))
    assert [r["message"] for r in search(aws, filterPattern="?START ?REPORT")] == [
        "START x",
        "REPORT x",
    ]
    with pytest.raises(ClientError, match="InvalidParameterException"):
        search(aws, filterPattern="[a, b, c]")


def test_an_unknown_group_is_an_error(aws: Rehearsal) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        aws.client("logs").filter_log_events(logGroupName="/nowhere")


def subscribe(aws: Rehearsal, destination_arn: str, pattern: str = "") -> None:
    aws.client("logs").put_subscription_filter(
        logGroupName=GROUP,
        filterName="to-lambda",
        filterPattern=pattern,
        destinationArn=destination_arn,
    )


def test_a_subscription_delivers_matching_events_under_the_ids_of_the_search(
    aws: Rehearsal,
) -> None:
    t = now_ms()
    put(aws, "a", (t, "before"))
    subscribe(aws, aws.function("collector", lambda _event: None), "?REPORT")
    put(aws, "a", (t + 1, "REPORT 1"), (t + 2, "noise"))
    aws.wait_until_quiet()

    [invocation] = aws.plane.invocations
    packed = base64.b64decode(invocation.event["awslogs"]["data"])
    document = json.loads(gzip.decompress(packed))
    [wanted] = search(aws, filterPattern="REPORT")
    assert invocation.mode == "async"
    assert document == {
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": GROUP,
        "logStream": "a",
        "subscriptionFilters": ["to-lambda"],
        "logEvents": [{"id": wanted["eventId"], "timestamp": t + 1, "message": "REPORT 1"}],
    }


def test_a_function_never_gets_its_own_logs(aws: Rehearsal) -> None:
    arn = aws.function("worker", lambda _event: None)
    t = now_ms()
    put(aws, "a", (t, "before"))
    subscribe(aws, arn)
    put(aws, "a", (t, "more"))
    aws.wait_until_quiet()
    assert aws.plane.invocations == []


def test_empty_pages_carry_a_token_and_lose_nothing(aws: Rehearsal) -> None:
    aws.faults.empty_log_page_share = 0.5
    t = now_ms()
    put(aws, "a", *((t + n, str(n)) for n in range(30)))
    logs, token, messages, empty_count = aws.client("logs"), {}, [], 0
    while True:
        page = logs.filter_log_events(logGroupName=GROUP, limit=5, **token)
        messages += [e["message"] for e in page["events"]]
        empty_count += not page["events"]
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    assert messages == [str(n) for n in range(30)]
    assert empty_count > 0


def test_late_events_appear_later_with_a_later_ingestion_time(aws: Rehearsal) -> None:
    late_ms = 3_000  # longer than a busy machine takes to ask
    aws.faults.late_log_share, aws.faults.late_log_ms = 1.0, late_ms
    t = now_ms()
    put(aws, "a", (t, "late"))
    assert search(aws) == []
    while not (rows := search(aws)):
        time.sleep(0.05)
    assert rows[0]["ingestionTime"] >= t + late_ms
