"""A library's hooks come with the library: a function that only invokes loads nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

LAYER = Path(__file__).resolve().parents[2] / "instrumentation"
MODULES_MAX = 14
INVOKE = """
import sys; sys.path.append(sys.argv[1])
import boto3, chainlight, json
from types import SimpleNamespace
from botocore.awsrequest import AWSResponse

functions = boto3.session.Session("a", "b", region_name="eu-west-1").client("lambda")
raw = SimpleNamespace(stream=lambda: [b"{}"])
answer = AWSResponse("", 200, {"x-amzn-requestid": "r"}, raw)
functions.meta.events.register("before-send.lambda.Invoke", lambda **_: answer)

@chainlight.trace
def handler(event, context):
    functions.invoke(FunctionName="f")

handler({}, SimpleNamespace(aws_request_id="a", get_remaining_time_in_millis=lambda: 30_000))
print(json.dumps([name for name in sys.modules if name.startswith("chainlight")]))
"""
AFTER = """
import sys; sys.path.append(sys.argv[1])
import chainlight, json
chainlight.trace(lambda event, context: None)
import {library}
print(json.dumps([name for name in sys.modules if name.startswith("chainlight.hooks")]))
"""


def _printed(program: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", program, str(LAYER)], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    names: list[str] = json.loads(done.stdout.splitlines()[-1])
    return names


def test_function_that_only_invokes_loads_few_modules_of_ours() -> None:
    names = _printed(INVOKE)

    assert len(names) <= MODULES_MAX, names
    assert not any("http" in name or "aio" in name for name in names)


@pytest.mark.parametrize(
    ("library", "hooks"),
    [
        ("botocore.client", {"chainlight.hooks"}),
        ("http.client", set()),
        ("requests", set()),
        ("httpx, httpcore", {"chainlight.hooks", "chainlight.hooks_http"}),
        ("aiohttp", {"chainlight.hooks", "chainlight.hooks_http"}),
    ],
)
def test_library_brings_its_own_hooks(library: str, hooks: set[str]) -> None:
    names = set(_printed(AFTER.format(library=library)))

    own = {"httpx, httpcore": "hooks_httpcore", "aiohttp": "hooks_aiohttp"}.get(library)
    assert names == hooks | ({f"chainlight.{own}"} if own else set())
