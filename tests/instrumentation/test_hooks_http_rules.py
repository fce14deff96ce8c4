"""Which requests are calls, how they are named, and who is told the trace."""

from __future__ import annotations

from typing import Any

import pytest
import requests

import chainlight
from chainlight.hooks_http import Door
from chainlight.testing import capture_records

ADDED = {"traceparent", "x-amzn-trace-id"}


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/", "h"),
        ("/prod/orders?token=x", "h/prod/orders"),
        ("/v2/orders/17#part", "h/v2/orders/*"),
        ("/a/3f2504e0-4f89-11d3-9a0c-0305e82c3301/b", "h/a/*/b"),
        ("/users/me@example.com", "h/users/*"),
        ("/x/" + "a" * 41, "h/x/*"),
        ("/a/b/c/d/e/f", "h/a/b/c/d"),
    ],
)
def test_target_is_host_and_path_without_ids_and_secrets(path: str, target: str) -> None:
    assert Door("H.", 443, path).target() == target


@pytest.mark.parametrize(
    ("host", "is_aws"),
    [
        ("a.execute-api.eu-west-1.amazonaws.com", True),
        ("vpce-1.execute-api.eu-west-1.vpce.amazonaws.com", True),
        ("a.execute-api.cn-north-1.amazonaws.com.cn", True),
        ("a.lambda-url.eu-west-1.on.aws", True),
        ("front-1.eu-west-1.elb.amazonaws.com", True),
        ("a.appsync-api.eu-west-1.amazonaws.com", True),
        ("sqs.eu-west-1.amazonaws.com", False),
        ("execute-api.example.com", False),
        ("a.execute-api.eu-west-1.amazonaws.com.example.com", False),
        ("evilon.aws.example.com", False),
    ],
)
def test_front_doors_are_known_by_their_names(host: str, is_aws: bool) -> None:  # noqa: FBT001
    assert Door(host, None, "/").is_aws() is is_aws


@pytest.mark.parametrize(
    ("hosts", "host", "is_told"),
    [
        ("example.com", "example.com", True),
        ("example.com", "api.example.com", True),
        (".example.com", "api.example.com", True),
        ("*.example.com", "api.example.com", True),
        ("example.com", "badexample.com", False),
        ("*", "anybody.org", True),
        ("", "anybody.org", False),
    ],
)
def test_only_hosts_of_aws_and_of_the_setting_are_told(
    hosts: str,
    host: str,
    is_told: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CHAINLIGHT_HTTP_HOSTS", hosts)

    assert Door(host, None, "/").is_told() is is_told


ROOTS = ["1-65f0c0de-00000000000000000000000a", "1-65f0c0de-00000000000000000000000b"]


def _posting(url: str, context: Any, event: Any = None, **options: Any) -> Any:
    """Post once in a handler, or once for each record of the event, and return the record."""

    def handler(event: Any, _context: object) -> None:
        for item in (event or {}).get("Records", [None]):
            with chainlight.record_of(item):
                requests.post(url, data=b"{}", timeout=5, **options)

    with capture_records() as records:
        chainlight.trace(handler)(event, context())
    return records[0]


def test_request_outside_of_a_handler_is_left_alone(
    fake_aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAINLIGHT_HTTP_HOSTS", "*")
    chainlight.trace(lambda _event, _context: None)

    requests.post(fake_aws.url, timeout=5)

    assert ADDED.isdisjoint(name.lower() for name in fake_aws.requests[0].headers)


def test_ignored_http_is_neither_recorded_nor_counted_nor_told(
    fake_aws: Any, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAINLIGHT_HTTP_HOSTS", "*")
    monkeypatch.setenv("CHAINLIGHT_IGNORE", "http")

    record = _posting(fake_aws.url, context)

    assert (record["calls"], record["other_waits"]) == ((), None)
    assert ADDED.isdisjoint(name.lower() for name in fake_aws.requests[0].headers)


def test_sampled_header_and_lineage_are_handed_on_as_lambda_gave_them(
    fake_aws: Any, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = f"Root={ROOTS[0]};Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a:0"
    monkeypatch.setenv("CHAINLIGHT_HTTP_HOSTS", "127.0.0.1")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", given)

    record = _posting(fake_aws.url, context)

    sent = fake_aws.requests[0].headers
    assert sent["X-Amzn-Trace-Id"] == given
    assert sent["traceparent"].split("-")[2] == record["calls"][0]["call_id"]


def test_request_made_for_a_record_carries_the_chain_of_that_record(
    fake_aws: Any, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAINLIGHT_HTTP_HOSTS", "127.0.0.1")
    messages = [
        {
            "eventSource": "aws:sqs",
            "messageId": f"m{n}",
            "attributes": {"AWSTraceHeader": f"Root={root};Sampled=1"},
        }
        for n, root in enumerate(ROOTS)
    ]

    record = _posting(fake_aws.url, context, {"Records": messages})

    told = [request.headers["X-Amzn-Trace-Id"][5:40] for request in fake_aws.requests]
    assert told == ROOTS
    assert [call["cause_index"] for call in record["calls"]] == [0, 1]
