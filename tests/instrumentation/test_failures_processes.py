"""Handlers that end or harm their process: with the layer it ends exactly as without."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PREFIX = '{"chainlight":1,'
PRELUDE = """
import os, sys, threading
from types import SimpleNamespace
sys.path.insert(0, os.environ["LAYER"])
import chainlight
trace = chainlight.trace if os.environ["TRACED"] == "1" else lambda handler: handler
def context(request_id="r"):
    return SimpleNamespace(aws_request_id=request_id, get_remaining_time_in_millis=lambda: 30_000)
"""
PROCESSES = {
    "os._exit": "trace(lambda e, c: os._exit(3))({}, context())",
    "abort": "trace(lambda e, c: os.abort())({}, context())",
    "sys.exit in a thread": """
        def handler(e, c):
            thread = threading.Thread(target=sys.exit, args=(3,))
            thread.start()
            thread.join()
        trace(handler)({}, context())
        """,
    "an uncaught error": "trace(lambda e, c: 1 // 0)({}, context())",
    # Lambda's process does not end by itself, so nothing is flushed at its end.
    "descriptor 1 closed": "trace(lambda e, c: os.close(1))({}, context()); os._exit(0)",
    "the environment emptied": """
        def handler(e, c):
            os.environ.clear()
            return "fine"
        print(trace(handler)({}, context()))
        """,
    "endless recursion": """
        def handler(e, c):
            return handler(e, c)
        try:
            trace(handler)({}, context())
        except RecursionError as error:
            print(type(error).__name__)
        """,
    "recursion through the layer": """
        @trace
        def handler(depth, c):
            return handler(depth - 1, context(str(depth))) if depth else "deep"
        print(handler(100, context()))
        """,
    "a fork in the handler": """
        def handler(e, c):
            child = os.fork()
            if child == 0:
                os._exit(0)
            return os.waitpid(child, 0)[1]
        print(trace(handler)({}, context()))
        """,
}


@pytest.mark.parametrize("name", PROCESSES)
def test_processes_end_as_without_the_layer(name: str) -> None:
    bare, traced = (
        subprocess.run(
            [sys.executable, "-c", PRELUDE + textwrap.dedent(PROCESSES[name])],
            env={"LAYER": str(ROOT / "instrumentation"), "TRACED": is_traced},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        for is_traced in ("0", "1")
    )

    printed = [line for line in traced.stdout.splitlines() if not line.startswith(PREFIX)]
    assert traced.returncode == bare.returncode
    assert printed == bare.stdout.splitlines()
    if name == "descriptor 1 closed":
        assert "chainlight E05 OSError" in traced.stderr
    else:
        assert traced.stderr == bare.stderr
