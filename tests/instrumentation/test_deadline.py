"""A timed-out invocation still has a line with its open calls: one thread, no signal."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRELUDE = """
import os, signal, sys, threading, time
from types import SimpleNamespace
sys.path.insert(0, os.environ["LAYER"])
import chainlight
from chainlight import hooks
from chainlight.invocation import Call
from chainlight.invocation import running

def context(request_id, left_ms):
    end = time.monotonic() + left_ms / 1000
    left = lambda: max(0, int((end - time.monotonic()) * 1000))
    return SimpleNamespace(aws_request_id=request_id, get_remaining_time_in_millis=left)

def call():
    hooks._start_watch()
    running().add_call(Call())
"""


def _run(code: str) -> tuple[list[dict[str, Any]], str, int]:
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + textwrap.dedent(code)],
        env={"LAYER": str(ROOT / "instrumentation"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return lines, done.stderr, done.returncode


def test_killed_invocation_has_printed_what_it_knew() -> None:
    lines, errors, code = _run(
        """
        @chainlight.trace
        def handler(event, context):
            call()
            while context.get_remaining_time_in_millis() > 0:
                time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGKILL)
        handler({}, context("slow", 400))
        """
    )

    assert (code, errors) == (-9, "")
    (line,) = lines
    assert (line["r"], line["x"]) == ("slow", "timeout")
    assert [entry["y"] for entry in line["n"]] == [1]
    assert 200_000 <= line["d"] <= 400_000


def test_handler_that_makes_it_after_all_prints_the_line_that_counts() -> None:
    lines, _, _ = _run(
        """
        @chainlight.trace
        def handler(event, context):
            call()
            while context.get_remaining_time_in_millis() > 20:
                time.sleep(0.01)
        handler({}, context("late", 300))
        """
    )

    assert [line.get("x", "ok") for line in lines] == ["timeout", "ok"]
    assert lines[0]["t"] == lines[1]["t"]


def test_later_invocations_are_watched_without_being_announced() -> None:
    lines, _, _ = _run(
        """
        @chainlight.trace
        def handler(event, context):
            call()
            while event and context.get_remaining_time_in_millis() > 0:
                time.sleep(0.01)
            print(threading.active_count() - 1)
        for _ in range(3):
            handler(False, context("quick", 700))
        handler(True, context("slow", 700))
        """
    )

    assert [line["r"] for line in lines if line.get("x") == "timeout"] == ["slow"]


def test_there_is_one_thread_after_calls_and_none_before() -> None:
    _, _, code = _run(
        """
        @chainlight.trace
        def handler(event, context):
            before = threading.active_count()
            call()
            call()
            assert (before, threading.active_count()) == (event, 2)
            assert signal.getsignal(signal.SIGALRM) == signal.SIG_DFL
        handler(1, context("a", 30_000))
        handler(2, context("b", 30_000))
        """
    )

    assert code == 0


def test_fork_starts_a_watch_of_its_own() -> None:
    _, _, code = _run(
        """
        @chainlight.trace
        def handler(event, context):
            call()
            assert threading.active_count() == 2
        handler({}, context("parent", 30_000))
        child = os.fork()
        if child == 0:
            handler({}, context("child", 30_000))
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        """
    )

    assert code == 0


@pytest.mark.parametrize(
    "broken",
    [
        "output.watch",
        "output._watch",
        "output._left_s",
        "output._print_timeout",
        "output.all_running",
    ],
)
def test_a_broken_watch_costs_the_early_line_and_one_coded_line(broken: str) -> None:
    lines, errors, code = _run(
        f"""
        from chainlight import output
        def fails(*_):
            raise RuntimeError
        {broken} = fails

        @chainlight.trace
        def handler(event, context):
            call()
            call()
            while context.get_remaining_time_in_millis() > 10:
                time.sleep(0.01)
        handler({{}}, context("late", 300))
        handler({{}}, context("later", 150))
        """
    )

    assert code == 0
    assert [(line["r"], line.get("x", "ok")) for line in lines] == [("late", "ok"), ("later", "ok")]
    (coded,) = errors.splitlines()
    assert coded.startswith("chainlight E07 RuntimeError at ")


def test_a_margin_of_the_users_own_is_kept() -> None:
    lines, _, _ = _run(
        """
        os.environ["CHAINLIGHT_DEADLINE_MS"] = "250"

        @chainlight.trace
        def handler(event, context):
            call()
            while context.get_remaining_time_in_millis() > 120:
                time.sleep(0.01)
        handler({}, context("late", 400))
        """
    )

    assert [line.get("x", "ok") for line in lines] == ["timeout", "ok"]


def test_a_broken_fork_hook_leaves_parent_and_child_alone() -> None:
    _, _, code = _run(
        """
        from chainlight import hooks
        def fails():
            raise RuntimeError
        hooks._forget_watch.__code__ = fails.__code__

        @chainlight.trace
        def handler(event, context):
            call()
        handler({}, context("parent", 30_000))
        sys.stderr = open(os.devnull, "w")  # Python itself reports what such hooks raise
        child = os.fork()
        if child == 0:
            handler({}, context("child", 30_000))
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        """
    )

    assert code == 0
