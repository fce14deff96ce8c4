"""One thing that can go wrong, in one fresh process, and what the wrapped handler does then.

    scenario.py ROW SCENARIO RESULT_FILE

Writes what a caller and the handler could see: how often the handler ran, what came back or was
raised, whether the event is as it was, and how long each invocation took.
"""

from __future__ import annotations

import copy
import json
import os
import signal
import subprocess
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from typing import Any

import adapters
from client import canned
from sandbox import Context, trace_header

LIMIT_MS = 1500
KILLED = ("killed at its deadline", "the same after a call")
HUGE = "x" * 5_000_000
OBJECT = {"ok": True, "object": object()}
EVENTS: dict[str, Any] = {
    "event is None": None,
    "event is a list": [1, {"Records": []}],
    "event is a text": "hello",
    "event is a number": 7,
    "event is an object": types.SimpleNamespace(order=1),
    "event without records": {"Records": []},
    "event with a text for records": {"Records": "x"},
    "event with an empty record": {"Records": [None]},
    "event with a list of headers": {"headers": ["a"], "requestContext": {"http": 7}},
    "event with null headers": {"headers": None, "requestContext": None},
    "event with broken trace headers": {
        "headers": {"traceparent": "00-zz", "X-Amzn-Trace-Id": "Root=;Parent="}
    },
}


class ShyContext:
    """A context whose attributes raise."""

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(f"no {name} today")


class Scene:
    """One scenario under way."""

    def __init__(self, name: str, result_file: str) -> None:
        self.name = name
        self.result_file = result_file
        self.calls = 0
        self.facts: dict[str, Any] = {"took_ms": []}
        self.wrapped: Callable[..., Any] = self.handler
        self.client = canned() if name == "the same after a call" else None
        self.context: Any = Context(limit_ms=LIMIT_MS if name in KILLED else 30_000)
        if name.startswith("context"):
            kinds = {"is None": None, "without attributes": types.SimpleNamespace()}
            self.context = kinds.get(name.removeprefix("context "), ShyContext())

    def write(self) -> None:
        """Leave the facts behind, as far as they are known."""
        with open(self.result_file, "w", encoding="utf-8") as file:  # noqa: PTH123
            json.dump({**self.facts, "calls": self.calls}, file)

    def handler(self, event: Any, context: Any) -> Any:
        """Do what the scenario is about."""
        self.calls += 1
        act = ACTS.get(self.name)
        return act(self, event, context) if act else {"ok": True}

    def invoke(self) -> None:
        """Invoke the wrapped handler once, as the runtime would."""
        event = EVENTS.get(self.name, {"order": 1, "items": [{"sku": "a"}]})
        before = copy.deepcopy(event)
        started_s = time.perf_counter()
        try:
            if self.name == "called by keyword":
                result = self.wrapped(event=event, context=self.context)
            else:
                result = self.wrapped(event, self.context)
            self.facts["returned"] = _described(result)
        except BaseException as error:  # noqa: BLE001 - any of them is a finding
            self.facts["raised"] = f"{type(error).__name__}: {str(error)[:80]}"
        self.facts["took_ms"].append(round((time.perf_counter() - started_s) * 1000))
        self.facts["event_is_unchanged"] = event == before


def _described(result: object) -> str:
    if result is OBJECT:
        return "the object itself"
    if result is HUGE:
        return "the text itself"
    return (
        f"{type(result).__name__} {result!r:.40}"
        if isinstance(result, dict)
        else repr(type(result))
    )


def _raise(error: BaseException) -> Any:
    raise error


def _recurse(scene: Scene, event: Any, _context: Any) -> Any:
    deeper = scene.calls < 3  # noqa: PLR2004 - two invocations inside the first
    return scene.wrapped(event, Context(scene.calls + 1)) if deeper else {"ok": True}


def _ring(_scene: Scene, _event: Any, _context: Any) -> Any:
    def bell(*_: object) -> None:
        raise TimeoutError("the handler's own alarm")

    signal.signal(signal.SIGALRM, bell)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    time.sleep(0.5)
    return {"ok": True}


def _outlive(scene: Scene, _event: Any, _context: Any) -> Any:
    scene.write()
    try:
        for _ in range(40):
            time.sleep(0.05)
    except BaseException as error:
        scene.facts["interrupted_by"] = repr(error)
        scene.write()
        raise
    return {"ok": True}


def _call_and_outlive(scene: Scene, event: Any, context: Any) -> Any:
    scene.client.invoke(FunctionName="other", Payload=b"{}")
    return _outlive(scene, event, context)


def _crash(scene: Scene, _event: Any, _context: Any) -> Any:
    scene.write()
    os.kill(os.getpid(), signal.SIGKILL)


def _numbers() -> Iterator[int]:
    yield 1


ACTS: dict[str, Callable[[Scene, Any, Any], Any]] = {
    "handler raises": lambda *_: _raise(ValueError("mine")),
    "handler exits": lambda *_: sys.exit(3),
    "handler is interrupted": lambda *_: _raise(KeyboardInterrupt("mine")),
    "handler raises a BaseException": lambda *_: _raise(BaseException("mine")),
    "returns a generator": lambda *_: _numbers(),
    "returns what JSON cannot": lambda *_: OBJECT,
    "returns 5 MB": lambda *_: HUGE,
    "calls itself twice": _recurse,
    "alarm of its own inside": _ring,
    "killed at its deadline": _outlive,
    "the same after a call": _call_and_outlive,
    "crashes": _crash,
}
LONE = (
    "plain",
    "called by keyword",
    "context is None",
    "context without attributes",
    "context that raises",
    "wrapped twice",
    "not in the main thread",
    "alarm of its own before",
    "stdout closed",
    "stdout replaced",
    "destination refuses",
    "destination hangs",
)
SCENARIOS = (*LONE, *ACTS, *EVENTS)


def main(row: str, name: str, result_file: str) -> None:
    """Play one scenario and leave the facts."""
    scene = Scene(name, result_file)
    wrap = getattr(adapters, row)
    toy = types.ModuleType("toy")
    sys.modules["toy"] = toy
    toy.handler = _function(scene)
    rung: list[int] = []
    if name == "alarm of its own before":
        signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
    scene.wrapped = wrap(toy.handler)
    if name == "wrapped twice":
        toy.handler = scene.wrapped
        scene.wrapped = wrap(scene.wrapped)
    _play(scene)
    if name == "alarm of its own before":
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        time.sleep(0.2)
        scene.facts["own_alarm_rang"] = bool(rung)
    scene.write()
    _flush()
    time.sleep(0.1)  # what tracers do after an invocation
    os._exit(0)


def _function(scene: Scene) -> Callable[..., Any]:
    """Return a plain function: some tracers patch a module's, by its name."""

    def handler(event: Any, context: Any) -> Any:
        return scene.handler(event, context)

    handler.__module__ = "toy"
    return handler


def _play(scene: Scene) -> None:
    if scene.name == "stdout closed":
        sys.stdout.close()
    elif scene.name == "stdout replaced":
        sys.stdout = None  # type: ignore[assignment]
    elif scene.name in KILLED:
        kill = f"sleep {LIMIT_MS / 1000}; kill -9 {os.getpid()}"
        subprocess.Popen(["sh", "-c", kill])
    if scene.name == "not in the main thread":
        thread = threading.Thread(target=scene.invoke)
        thread.start()
        thread.join()
        return
    for number in range(3 if scene.name.startswith("destination") else 1):
        os.environ["_X_AMZN_TRACE_ID"] = trace_header(number)
        scene.invoke()
        if scene.name.startswith("destination"):
            scene.context = Context(number + 2)


def _flush() -> None:
    if sys.stdout is not None and not sys.stdout.closed:
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
