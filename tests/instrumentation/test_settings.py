"""What the environment may say, what it may not, and what is used then."""

from __future__ import annotations

import urllib.request
from typing import Any

import pytest

import chainlight
from chainlight import errors
from chainlight.record import decode, encode
from chainlight.settings import VARIABLES, Settings, settings
from chainlight.testing import capture_records

DEFAULTS: dict[str, Any] = {
    "is_off": False,
    "sample_rate": 1.0,
    "owner": "",
    "ignored_services": frozenset(),
    "http_hosts": frozenset(),
    "may_use_payload": False,
    "may_use_s3_metadata": False,
    "emits_otel_spans": False,
    "margin_ms": 100,
}


def _read(environment: dict[str, str]) -> dict[str, Any]:
    given = Settings(environment)
    return {attribute: getattr(given, attribute) for attribute, _, _ in VARIABLES.values()}


def test_nothing_set_means_the_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    assert _read({}) == DEFAULTS
    assert capsys.readouterr().err == ""


def test_every_setting_is_read_as_it_is_meant() -> None:
    assert _read(
        {
            "CHAINLIGHT_OFF": "true",
            "CHAINLIGHT_SAMPLE": "0.25",
            "CHAINLIGHT_OWNER": " team-orders ",
            "CHAINLIGHT_IGNORE": "DynamoDB, http,,",
            "CHAINLIGHT_HTTP_HOSTS": "*",
            "CHAINLIGHT_PAYLOAD": "1",
            "CHAINLIGHT_S3_METADATA": "on",
            "CHAINLIGHT_OTEL_SPANS": "Yes",
            "CHAINLIGHT_DEADLINE_MS": "250",
        }
    ) == {
        "is_off": True,
        "sample_rate": 0.25,
        "owner": "team-orders",
        "ignored_services": frozenset({"dynamodb", "http"}),
        "http_hosts": frozenset({"*"}),
        "may_use_payload": True,
        "may_use_s3_metadata": True,
        "emits_otel_spans": True,
        "margin_ms": 250,
    }


@pytest.mark.parametrize("off", ["", "0", "false", "No", "OFF"])
def test_switches_can_be_said_to_be_off(off: str) -> None:
    assert _read({"CHAINLIGHT_OFF": off}) == DEFAULTS


def test_values_not_understood_name_themselves_in_one_line_and_fall_back(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = {
        "CHAINLIGHT_OFF": "perhaps",
        "CHAINLIGHT_SAMPLE": "nan",
        "CHAINLIGHT_OWNER": "a" * 65,
        "CHAINLIGHT_DEADLINE_MS": "-1",
    }
    for name, value in bad.items():
        monkeypatch.setenv(name, value)

    assert settings().margin_ms == 100
    assert _read(bad) == DEFAULTS

    assert capsys.readouterr().err.splitlines() == [
        "chainlight E08 CHAINLIGHT_OFF='perhaps' is neither 0 nor 1, "
        "CHAINLIGHT_SAMPLE='nan' is not a number from 0 to 1, "
        "CHAINLIGHT_OWNER='aaaaaaaaaaaaaaaaaaaa' is not a name of at most 64 characters, "
        "CHAINLIGHT_DEADLINE_MS='-1' is not a number of milliseconds from 1 to 60000; "
        + errors.CONSEQUENCES["E08"]
    ]


def test_sandbox_facts_that_are_unknown_are_left_out() -> None:
    known = {
        "AWS_LAMBDA_FUNCTION_VERSION": "7",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "CHAINLIGHT_OWNER": "team-orders",
    }

    unknown = Settings({"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "?"})

    assert _facts(unknown) == _facts(Settings({}))
    assert _facts(Settings(known)) == {
        **_facts(unknown),
        "function_version": "7",
        "memory_mb": 512,
        "owner": "team-orders",
    }
    assert Settings(known).level == "INFO"


def test_ignored_services_are_neither_recorded_nor_counted_nor_touched(
    client: Any, context: Any, fake_aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAINLIGHT_IGNORE", "Lambda, http")
    functions, queues = client("lambda"), client("sqs")

    def handler(_event: object, _context: object) -> None:
        functions.invoke(FunctionName="other")
        functions.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=1)
        urllib.request.urlopen(fake_aws.url, data=b"x").close()  # noqa: S310 - loopback
        queues.send_message(QueueUrl=f"{fake_aws.url}/1/q", MessageBody="x")

    with capture_records() as records:
        chainlight.trace(handler)({}, context())

    (record,) = records
    assert [call["kind"] for call in record["calls"]] == ["sqs"]  # type: ignore[attr-defined]
    assert record["other_waits"] is None
    assert "X-Amz-Client-Context" not in fake_aws.requests[0].headers


def _facts(settings_read: Settings) -> dict[str, object]:
    return decode(encode({}, settings_read.sandbox_members))
