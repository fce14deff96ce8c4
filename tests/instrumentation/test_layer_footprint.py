"""What the layer leaves in a process, seen by Python's own audit hook in a fresh one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import json, os, signal, sys, types
sys.path.append(sys.argv[1])
import boto3
from botocore.awsrequest import AWSResponse

seen = {"socket.__new__": 0, "subprocess.Popen": 0, "os.fork": 0, "os.exec": 0}
written, started = [], []

def audit(event, arguments):
    if event in seen:
        seen[event] += 1
    elif event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        written.append(str(arguments[0]))

import threading
start = threading.Thread.start
def counted(thread):
    started.append((thread.name, thread.daemon))
    start(thread)
threading.Thread.start = counted

raw = types.SimpleNamespace(stream=lambda *_: [b"{}"], read=lambda *_: b"{}")
client = boto3.client("lambda", region_name="eu-west-1", aws_access_key_id="a",
                      aws_secret_access_key="b")
client.meta.events.register(
    "before-send.lambda.Invoke",
    lambda request, **_: AWSResponse(request.url, 200, {"x-amzn-requestid": "r"}, raw),
)
client.invoke(FunctionName="warm")
modules = set(sys.modules)
signals = {n: signal.getsignal(n) for n in signal.valid_signals()}
sys.addaudithook(audit)

import chainlight

def handler(event, context):
    client.invoke(FunctionName="other", Payload=b"{}")
    return event

traced = chainlight.trace(handler)
for n in range(30):
    context = types.SimpleNamespace(
        aws_request_id=f"r-{n}",
        invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:toy",
        client_context=None,
        get_remaining_time_in_millis=lambda: 30_000,
    )
    traced({"n": n}, context)

print(json.dumps({
    "audited": seen,
    "written": written,
    "threads": started,
    "signals": [n for n, was in signals.items() if signal.getsignal(n) != was],
    "timer": signal.getitimer(signal.ITIMER_REAL)[0],
    "modules": sorted(set(sys.modules) - modules),
}))
"""


@pytest.fixture(scope="module")
def footprint() -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-B", "-c", PROGRAM, str(ROOT / "instrumentation")],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"], "AWS_EC2_METADATA_DISABLED": "true"},
    )
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return seen


def test_it_opens_no_socket_writes_no_file_and_starts_no_process(footprint: dict[str, Any]) -> None:
    nothing = {"socket.__new__": 0, "subprocess.Popen": 0, "os.fork": 0, "os.exec": 0}
    assert (footprint["audited"], footprint["written"]) == (nothing, [])


def test_it_changes_no_signal_and_sets_no_timer(footprint: dict[str, Any]) -> None:
    assert (footprint["signals"], footprint["timer"]) == ([], 0)


def test_thirty_invocations_with_calls_start_one_thread(footprint: dict[str, Any]) -> None:
    assert footprint["threads"] == [["chainlight-deadline", True]]


def test_what_it_loads_is_its_own(footprint: dict[str, Any]) -> None:
    foreign = [name for name in footprint["modules"] if name.split(".")[0] != "chainlight"]
    assert foreign == []
