"""Real libraries, bare and under the layer, in fresh processes against one stub on loopback.

Equal results, equal output but for our line, equal requests on the wire but for the slots that
carriers may fill; and the calls on record are those that the stub saw.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chainlight.record import PREFIX, decode

from .customer_stub import Stub, serving

ROOT = Path(__file__).resolve().parents[2]
CUSTOMERS = Path(__file__).parent / "customer"
SLOTS = {"x-amz-client-context", "traceparent"}
SIGNED_ANEW = {"authorization", "x-amz-date", "amz-sdk-invocation-id"}
TRACE = "x-amzn-trace-id"  # a slot on requests to HTTP APIs only: AWS requests carry it anyway
PARENT = re.compile(r"(?<=Parent=)[0-9a-f]{16}")  # X-Ray's own, where it is active
MOMENTS = re.compile(
    r'"timestamp": *"[^"]*"|"(in_progress_)?expiration": *\{[^}]*\}'
    r'|":(expiry|now|now_in_millis|in_progress_expiry)": *\{[^}]*\}'
)
"""What tells the time: in log lines and in the table of what was done once."""


@dataclass
class Run:
    """What one process did, as seen from outside."""

    results: Any
    lines: list[str]
    stderr: str
    requests: list[dict[str, Any]]
    segments: list[dict[str, Any]]
    records: list[dict[str, Any]]


def play(stub: Stub, name: str, folder: Path, *, is_traced: bool) -> Run:
    stub.forget()
    result = folder / f"{name}.{is_traced}.json"
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(CUSTOMERS),
        "STUB_URL": stub.url,
        "AWS_ENDPOINT_URL": stub.url,
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_LAMBDA_FUNCTION_NAME": "toy",
        "LAMBDA_TASK_ROOT": str(folder),
        "AWS_XRAY_DAEMON_ADDRESS": f"127.0.0.1:{stub.udp_port}",
        "_HANDLER": f"{name}.handler",
        "PYTHONHASHSEED": "0",  # botocore names its features in the order of a set
    }
    if is_traced:
        layer = ROOT / "instrumentation"
        environment["PYTHONPATH"] += f":{layer}"
        environment["CHAINLIGHT_HANDLER"] = f"{name}.handler"
        environment["CHAINLIGHT_HTTP_HOSTS"] = "127.0.0.1"  # so that the slots are in use
    done = subprocess.run(
        [sys.executable, str(CUSTOMERS / "drive.py"), name, str(result)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    return Run(
        results=json.loads(result.read_text()),
        lines=[MOMENTS.sub("", line) for line in lines if not line.startswith(PREFIX)],
        stderr=done.stderr,
        requests=sorted(stub.requests, key=lambda one: (one["path"], one["body"])),
        segments=list(stub.segments),
        records=[decode(line) for line in lines if line.startswith(PREFIX)],
    )


def on_the_wire(run: Run) -> list[dict[str, Any]]:
    """Return the requests without what is new for each and without the slots of carriers."""
    left = SIGNED_ANEW | SLOTS
    return [
        {
            "method": one["method"],
            "path": one["path"],
            "body": MOMENTS.sub("", one["body"]),
            "headers": {
                name: PARENT.sub("", text)
                for name, text in one["headers"].items()
                if name not in left and not (name == TRACE and one["path"].startswith("/api"))
            },
        }
        for one in run.requests
    ]


LIBRARIES = {
    "plain_requests": "requests",
    "plain_httpx": "httpx",
    "plain_aiohttp": "aiohttp",
    "zappa_tasks": "boto3",
    "thread_pools": "boto3",
    "powertools_batch": "aws_lambda_powertools",
    "powertools_once": "aws_lambda_powertools",
}


Player = Callable[[str], tuple[Run, Run]]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Player]:
    """Return a player of customers, bare and under the layer; each is played once."""
    pairs: dict[str, tuple[Run, Run]] = {}
    with serving() as stub:

        def play_once(name: str) -> tuple[Run, Run]:
            pytest.importorskip(LIBRARIES[name])
            if name not in pairs:
                folder = tmp_path_factory.mktemp(name)
                bare = play(stub, name, folder, is_traced=False)
                pairs[name] = (bare, play(stub, name, folder, is_traced=True))
            return pairs[name]

        yield play_once


@pytest.fixture(params=LIBRARIES)
def pair(request: pytest.FixtureRequest, played: Player) -> tuple[Run, Run]:
    """Return the two runs of each customer in turn."""
    return played(request.param)


def test_results_are_those_of_the_bare_handler(pair: tuple[Run, Run]) -> None:
    bare, traced = pair
    assert traced.results == bare.results


def test_output_is_that_of_the_bare_handler_and_one_line_an_invocation(
    pair: tuple[Run, Run],
) -> None:
    bare, traced = pair
    assert (traced.lines, traced.stderr) == (bare.lines, bare.stderr)
    assert bare.records == []
    assert [record["request_id"] for record in traced.records] == _request_ids(traced)


def _request_ids(run: Run) -> list[str]:
    """Return what the driver named the invocations: delivered ones have the stub's own id."""
    delivered = [one["id"] for one in run.requests if one["headers"].get(KIND) == "Event"]
    invented = [f"toy-{number}" for number in range(len(run.results) - len(delivered))]
    return [*invented, *delivered]


KIND = "x-amz-invocation-type"


def test_requests_are_those_of_the_bare_handler_but_for_the_carriers_slots(
    pair: tuple[Run, Run],
) -> None:
    bare, traced = pair
    assert on_the_wire(traced) == on_the_wire(bare)
    for one in traced.requests:
        is_sync_invoke = "/invocations" in one["path"] and one["headers"].get(KIND) != "Event"
        assert ("x-amz-client-context" in one["headers"]) == is_sync_invoke, one
        assert ("traceparent" in one["headers"]) == one["path"].startswith("/api"), one


def test_the_calls_on_record_are_those_that_arrived(pair: tuple[Run, Run]) -> None:
    _, traced = pair
    calls = [call for record in traced.records for call in record["calls"]]  # type: ignore[attr-defined]
    for kind, place in (("lambda", "/invocations"), ("http", "/api")):
        on_record = [key for call in calls if call["kind"] == kind for key in call["natural_keys"]]
        arrived = [one["id"] for one in traced.requests if place in one["path"]]
        assert sorted(on_record) == sorted(arrived)


def test_a_task_that_a_function_sends_itself_is_its_own_next_invocation(played: Player) -> None:
    _, traced = played("zappa_tasks")
    sender, task = traced.records
    [call] = sender["calls"]
    assert (call["operation"], call["is_async"]) == ("Invoke", 1)
    assert call["natural_keys"] == (task["request_id"],)


def test_threads_of_a_pool_call_for_the_invocation_that_waits_for_them(played: Player) -> None:
    _, traced = played("thread_pools")
    parts = {one["id"]: json.loads(one["body"])["part"] for one in traced.requests}
    by_record = [
        sorted(parts[call["natural_keys"][0]] for call in record["calls"])
        for record in traced.records
    ]
    assert by_record == [list(range(8)), list(range(100, 108))]


def test_a_tracer_beside_us_sends_the_same_subsegments_and_the_chain_id(played: Player) -> None:
    bare, traced = played("powertools_batch")
    assert _subsegments(traced) == _subsegments(bare) != []


def _subsegments(run: Run) -> list[tuple[str, list[str]]]:
    """Return names and annotations of what the X-Ray SDK sent, ours left out."""

    def flat(segment: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
        ours = {"chain_id"}
        yield segment["name"], sorted(set(segment.get("annotations", {})) - ours)
        for inner in segment.get("subsegments", ()):
            yield from flat(inner)

    return sorted(pair for segment in run.segments for pair in flat(segment))


def test_the_second_of_two_equal_events_invokes_nothing(played: Player) -> None:
    _, traced = played("powertools_once")
    kinds = [[call["kind"] for call in record["calls"]] for record in traced.records]  # type: ignore[attr-defined]
    assert [own.count("lambda") for own in kinds] == [1, 0, 1]
    waits = [wait for record in traced.records for wait in (record["other_waits"] or {}).values()]  # type: ignore[attr-defined]
    listed = sum(len(own) for own in kinds)
    assert listed + sum(count for count, _ in waits) == len(traced.requests)
