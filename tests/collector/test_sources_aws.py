from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainlight_collector.aws import (
    Aws,
    AwsError,
    Deadline,
    OutOfTimeError,
    PermissionMissingError,
    next_token,
)
from chainlight_collector.pace import Pace
from chainlight_collector.sources.operations import FILTER_LOG_EVENTS

FAST = {"logs:FilterLogEvents": 1000.0}
REQUEST = {"logGroupName": "g", "startTime": 0, "endTime": 10}


def test_body_of_a_page_is_what_aws_sent(cloudwatch: Any) -> None:
    cloudwatch.groups["g"] = [{"message": 'say "nextToken": "no"', "timestamp": 5}]

    answer = Aws(calls_per_s=FAST).call(FILTER_LOG_EVENTS, **REQUEST)

    body = json.loads(answer["RawBody"])
    assert body["events"] == cloudwatch.groups["g"]
    assert next_token(answer["RawBody"]) is None


def test_throttled_request_is_sent_again_and_counted(cloudwatch: Any) -> None:
    cloudwatch.groups["g"] = []
    cloudwatch.throttled_count = 2
    aws = Aws(calls_per_s=FAST)

    aws.call(FILTER_LOG_EVENTS, **REQUEST)

    assert aws.calls_count == 3


def test_throttling_does_not_outlive_the_deadline(cloudwatch: Any) -> None:
    cloudwatch.throttled_count = 1000
    aws = Aws(calls_per_s=FAST)
    aws.deadline = Deadline.after_s(0.3)

    with pytest.raises(OutOfTimeError):
        aws.call(FILTER_LOG_EVENTS, **REQUEST)


def test_missing_permission_is_named_by_its_iam_action(cloudwatch: Any) -> None:
    cloudwatch.is_denied = True

    with pytest.raises(PermissionMissingError, match="logs:FilterLogEvents: AccessDenied"):
        Aws(calls_per_s=FAST).call(FILTER_LOG_EVENTS, **REQUEST)


def test_requests_keep_to_the_rate(cloudwatch: Any) -> None:
    cloudwatch.groups["g"] = []
    aws = Aws(calls_per_s={"logs:FilterLogEvents": 20.0})
    deadline = Deadline.after_s(100)

    for _ in range(30):
        aws.call(FILTER_LOG_EVENTS, **REQUEST)

    assert 100 - deadline.remaining_s >= 10 / 20  # the first second's 20 may go at once


@pytest.mark.usefixtures("cloudwatch")
def test_error_of_the_request_itself_is_not_tried_again() -> None:
    aws = Aws(calls_per_s=FAST)

    with pytest.raises(AwsError, match="InvalidParameterException"):
        aws.call(FILTER_LOG_EVENTS, **REQUEST, nextToken="unknown")

    assert aws.calls_count == 1


@given(
    messages=st.lists(
        st.text() | st.sampled_from(['"nextToken":"x"', '\\"nextToken', "nextToken"])
    ),
    token=st.none() | st.text(alphabet="abc/+=_-0123456789", min_size=1),
    is_first=st.booleans(),
    indent=st.sampled_from([None, 1]),
)
def test_token_is_found_whatever_the_messages_say(
    *, messages: list[str], token: str | None, is_first: bool, indent: int | None
) -> None:
    events = {"events": [{"message": text} for text in messages]}
    tail = {"nextToken": token} if token is not None else {}
    page = {**tail, **events} if is_first else {**events, **tail, "searchedLogStreams": []}

    assert next_token(json.dumps(page, indent=indent).encode()) == token


def test_endpoint_that_nobody_serves_is_told_after_three_tries(
    cloudwatch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloudwatch.url.rsplit(":", 1)[0] + ":9")
    aws = Aws(calls_per_s=FAST)

    with pytest.raises(AwsError, match="EndpointConnectionError"):
        aws.call(FILTER_LOG_EVENTS, **REQUEST)

    assert aws.calls_count == 3


def test_calls_are_counted_by_action_and_those_too_many_apart(cloudwatch: Any) -> None:
    cloudwatch.groups["g"] = []
    cloudwatch.throttled_count = 1
    aws = Aws(calls_per_s=FAST)

    aws.call(FILTER_LOG_EVENTS, **REQUEST)

    assert aws.calls_counts == {"logs:FilterLogEvents": 2}
    assert aws.throttled_counts == {"logs:FilterLogEvents": 1}


def test_throttling_halves_the_rate_once_and_good_answers_raise_it_slowly() -> None:
    pace = Pace(20.0)

    pace.slow_down()
    pace.slow_down()  # of the same burst
    halved_per_s = pace.rate_per_s
    for _ in range(10):
        pace.speed_up()
    risen_per_s = pace.rate_per_s
    for _ in range(100):
        pace.speed_up()

    assert (halved_per_s, round(risen_per_s, 6), pace.rate_per_s) == (10.0, 12.0, 20.0)


def test_interrupted_deadline_ends_a_request_that_waits(cloudwatch: Any) -> None:
    cloudwatch.throttled_count = 1000
    aws = Aws(calls_per_s=FAST)
    threading.Timer(0.2, aws.deadline.pass_now).start()

    with pytest.raises(OutOfTimeError):
        aws.call(FILTER_LOG_EVENTS, **REQUEST)
