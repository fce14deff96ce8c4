"""aiobotocore and aioboto3 record what boto3 records: one script, one botocore, three clients.

They pin a botocore of their own and so have an environment of their own: `make libraries`.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chainlight.record import decode

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".build" / "libraries" / "bin" / "python"
SCRIPT = Path(__file__).with_name("scenarios") / "aws_clients.py"
CLIENTS = ["boto3", "aiobotocore", "aioboto3"]
VARYING = {"call_id", "natural_keys", "offset_us", "wait_us", "cpu_us"}

needs_libraries = pytest.mark.skipif(
    not PYTHON.exists(), reason="make libraries builds what it needs"
)


Told = tuple[dict[str, Any], list[Any]]


@pytest.fixture(scope="module")
def told(fake_aws_type: Any, answer_type: Any) -> Iterator[dict[str, Told]]:
    """Return each client's records and what it sent, before the fan-out."""
    fake = fake_aws_type()
    usual = fake.usual

    def answered(request: Any) -> Any:
        name = request.path.removeprefix("/2015-03-31/functions/").partition("/")[0]
        told = usual(request)
        if name.startswith("slow-"):
            told.before = lambda: threading.Event().wait(int(name[5:]) / 1000)
        if name == "missing":
            headers = {"X-Amzn-ErrorType": "ResourceNotFoundException"}
            return answer_type(b'{"Message":"no"}', 404, headers)
        return told

    fake.usual = answered
    yield {client: _run(fake, client) for client in CLIENTS}
    fake.close()


def _run(fake: Any, client: str) -> Told:
    fake.requests.clear()
    done = subprocess.run(
        [str(PYTHON), str(SCRIPT), fake.url, client],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT / "instrumentation"),
            "AWS_EC2_METADATA_DISABLED": "true",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    records = [decode(line) for line in done.stdout.splitlines()]
    sent = [_slots(request) for request in fake.requests if "slow-" not in request.path]
    return {str(record["request_id"]): record for record in records}, sent


def _comparable(record: Any) -> Any:
    calls = [
        {name: value for name, value in call.items() if name not in VARYING}
        for call in record["calls"]
    ]
    waits = {service: told[0] for service, told in (record["other_waits"] or {}).items()}
    return calls, waits, record["annotations"]["saw"]


@needs_libraries
@pytest.mark.parametrize("client", CLIENTS[1:])
def test_asynchronous_clients_record_what_boto3_records(client: str, told: dict[str, Told]) -> None:
    compared = {}
    for name in ("boto3", client):
        records, sent = told[name]
        steps = {step: _comparable(records[step]) for step in records if step != "fan-out"}
        compared[name] = steps, sent

    assert len(compared["boto3"][0]) == 12
    assert compared[client] == compared["boto3"]


def _slots(request: Any) -> tuple[str, bool, int]:
    """Return where a request went and which slots it filled."""
    told = request.body.decode("latin-1")
    marks = ("AWSTraceHeader", "TraceHeader", "traceHeader", "chainlight")
    path = request.path.partition("?")[0]
    has_context = "X-Amz-Client-Context" in {name.title() for name in request.headers}
    return path, has_context, sum(mark in told for mark in marks)


@needs_libraries
@pytest.mark.parametrize("client", CLIENTS)
def test_calls_side_by_side_have_waits_and_keys_of_their_own(
    client: str, told: dict[str, Told]
) -> None:
    record = told[client][0]["fan-out"]

    calls = {call["target"]: call for call in record["calls"]}
    saw = record["annotations"]["saw"].split()
    keys = [calls[name]["natural_keys"] for name in ("slow-300", "slow-100", "slow-200")]
    assert keys == [(request_id,) for request_id in saw]
    assert len({call["call_id"] for call in calls.values()}) == 3
    for name, call in calls.items():
        assert call["wait_us"] >= int(name[5:]) * 1000
        assert call["offset_us"] + call["wait_us"] <= record["duration_us"]
    starts_us = [call["offset_us"] for call in calls.values()]
    ends_us = [call["offset_us"] + call["wait_us"] for call in calls.values()]
    assert max(starts_us) < min(ends_us), "they did not run side by side"
