"""The local AWS as a process and as an object: up, busy, quiet, gone without a trace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest

from chainlight_demo.local_aws import LocalAws

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Rig

SLEEPS = "import time\ndef main(event, context): time.sleep(event.get('s', 60))"
CREDENTIALS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


def processes_below(folder: Path) -> list[str]:
    """Return the commands of living processes that name a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes() if entry.name.isdigit() else b""
        except OSError:
            continue
        if f"{folder}/".encode() in command:
            found.append(command.replace(b"\0", b" ").decode())
    return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_it_without_processes_and_folders_left(
    number: signal.Signals, tmp_path: Path, rig_of: type[Rig]
) -> None:
    code = rig_of.zip({"handler.py": SLEEPS})
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "chainlight_demo.local_aws"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            url = process.stdout.readline().strip().removeprefix("AWS_ENDPOINT_URL=")
            start_a_long_invocation(url, code)
            wait_until(lambda: bool(processes_below(tmp_path)))
            process.send_signal(number)
            assert process.wait(20) == 0
        finally:
            process.kill()

    wait_until(lambda: not processes_below(tmp_path))
    assert list(tmp_path.iterdir()) == []


def start_a_long_invocation(url: str, code: bytes) -> None:
    """Deploy a sleeping function at `url` and send it an event."""
    session = boto3.session.Session(region_name="us-east-1", **CREDENTIALS)
    role = session.client("iam", endpoint_url=url).create_role(
        RoleName="r", AssumeRolePolicyDocument="{}"
    )
    client = session.client("lambda", endpoint_url=url)
    client.create_function(
        FunctionName="sleeps",
        Runtime="python3.11",
        Role=role["Role"]["Arn"],
        Handler="handler.main",
        Timeout=100,
        Code={"ZipFile": code},
    )
    client.invoke(FunctionName="sleeps", InvocationType="Event")


def wait_until(is_so: Callable[[], bool], timeout_s: float = 20.0) -> None:
    """Wait for something that happens in another process."""
    deadline_s = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline_s, "it did not happen"
        time.sleep(0.02)


def test_leaving_kills_what_runs_and_removes_the_folder(tmp_path: Path, rig_of: type[Rig]) -> None:
    threads_before = threading.active_count()
    with LocalAws(work_dir=tmp_path) as aws:
        rig = rig_of(aws)
        rig.deploy("sleeps", SLEEPS, Timeout=100)
        rig.invoke("sleeps", {"s": 0})
        for _ in range(3):
            rig.invoke("sleeps", InvocationType="Event")
        wait_until(lambda: len(processes_below(tmp_path)) >= 3)

    assert processes_below(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
    assert threading.active_count() <= threads_before + 1


def test_next_local_aws_starts_empty(tmp_path: Path) -> None:
    with LocalAws(work_dir=tmp_path) as first:
        first.client("sqs").create_queue(QueueName="left")
    with LocalAws(work_dir=tmp_path) as second:
        assert "QueueUrls" not in second.client("sqs").list_queues()


def test_environment_is_all_a_client_needs(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)

    identity = boto3.session.Session().client("sts").get_caller_identity()

    assert identity["Account"] == "123456789012"


def test_quiet_means_that_queue_sandboxes_and_sources_are_done(rig: Rig) -> None:
    rig.deploy("sleeps", SLEEPS)
    is_source_busy = True
    rig.aws.plane.register_activity(lambda: is_source_busy)
    rig.invoke("sleeps", {"s": 0.3}, InvocationType="Event")

    with pytest.raises(TimeoutError):
        rig.aws.wait_until_quiet(timeout_s=0.1)
    rig.until(lambda: len(rig.aws.client("logs").describe_log_groups()["logGroups"]) == 1)
    with pytest.raises(TimeoutError):
        rig.aws.wait_until_quiet(timeout_s=0.1)
    is_source_busy = False
    rig.aws.wait_until_quiet(timeout_s=5)


def test_account_concurrency_refuses_and_never_queues(tmp_path: Path, rig_of: type[Rig]) -> None:
    with LocalAws(work_dir=tmp_path, account_concurrency=2) as aws:
        rig_of(aws).deploy("sleeps", SLEEPS)
        with ThreadPoolExecutor(4) as pool:
            invoke = aws.plane.invoke
            runs = [pool.submit(invoke, "sleeps", b'{"s": 1}', mode="sync") for _ in range(4)]
            results = [run.result() for run in runs]

    assert sorted(result.status_code for result in results) == [200, 200, 429, 429]
    refused = next(result for result in results if result.status_code == 429)
    assert b"ConcurrentInvocationLimitExceeded" in refused.payload


def test_warm_invocations_are_fast_enough_for_a_demo(rig: Rig) -> None:
    rig.deploy("quick", "def main(event, context): return 1")
    rig.invoke("quick")

    started_s = time.monotonic()
    for _ in range(60):
        rig.invoke("quick")

    assert time.monotonic() - started_s < 6.0
