"""Chaos: every function of the layer is made to raise in turn, and the handler never notices.

The functions are found by inspection, so that a new one is in the list the day it is written. One
is broken by its code, so that it is broken wherever it is referred to. Those that Python, the user
or a library calls directly are left out: they are where the guards stand.
"""

from __future__ import annotations

import copy
import importlib
import inspect
import os
import pkgutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType, SimpleNamespace
from typing import Any

import pytest
from aws_xray_sdk.core import xray_recorder
from botocore.config import Config
from opentelemetry import trace as otel
from opentelemetry.sdk.trace import TracerProvider

import chainlight
from chainlight import carriers, hooks, invocation
from chainlight.imports import HOOKS, Finder

from .chaos_customer import (
    BATCH,
    EVENTS,
    LONG,
    PROBE,
    RAISING,
    REQUESTS_COUNT,
    TOLD,
    UNTRACED,
    Calls,
    answer_of,
)

Maker = Callable[..., Any]

UNREACHABLE = {
    "chainlight.wrapper": "imported in place of the handler's module: tests of the wrapper",
    "chainlight.testing": "runs in tests only",
    "chainlight.hooks_aiobotocore": "its library pins an old botocore and is tested elsewhere",
}
"""Modules that do not run beside a handler in this process, and why."""

ENTRIES = {
    # The user calls these; what they call is guarded.
    "chainlight.__getattr__",
    "chainlight.life.trace",
    "chainlight.invocation.annotate",
    "chainlight.invocation.current",
    "chainlight.invocation.Current.__init__",
    "chainlight.batches.record_of.__init__",
    "chainlight.batches.record_of.__enter__",
    "chainlight.batches.record_of.__exit__",
    "chainlight.bridges.logging.add_to_handlers",
    "chainlight.bridges.logging.add_to_powertools",
    "chainlight.bridges.logging.add_chain_id",
    "chainlight.bridges.logging._add_once",
    # Libraries and the import system call these.
    "chainlight.bridges.logging.ChainFilter.filter",
    "chainlight.bridges.otel.ChainStamp.on_start",
    "chainlight.bridges.otel.ChainStamp.on_end",
    "chainlight.bridges.otel.ChainIds.__init__",
    "chainlight.bridges.otel.ChainIds.generate_span_id",
    "chainlight.bridges.otel.ChainIds.generate_trace_id",
    "chainlight.bridges.otel.ChainIds.is_trace_id_random",
    "chainlight.bridges.otel.ChainPropagator.extract",
    "chainlight.bridges.otel.ChainPropagator.inject",
    "chainlight.imports.Finder.find_spec",
    "chainlight.imports.HookingLoader.create_module",
    "chainlight.imports.HookingLoader.exec_module",
    "chainlight.imports.HookingLoader.__getattr__",
    # These read lines, for readers.
    "chainlight.record.decode",
    "chainlight.record._from_wire",
    "chainlight.record._unpack",
    # The guard itself; and what tests use.
    "chainlight.errors.guard",
    "chainlight.settings.forget",
}
ELSEWHERE = {
    # When a carrier's module is imported, as the loader of it is broken here.
    "chainlight.carriers.Carrier.__init__",
    "chainlight.carriers.messages.Messages.batch",
    "chainlight.carriers.messages.Messages.fill",
    "chainlight.carriers.messages.Messages.message_bytes",
    "chainlight.carriers.messages.Messages.single",
    "chainlight.carriers.tables._describer",
    # In the watch over the deadline and after a fork: broken in processes of their own.
    "chainlight.output._left_s",
    "chainlight.output._print_timeout",
    "chainlight.output._watch",
    "chainlight.output.watch",
    "chainlight.context._forget_call_numbers",
    "chainlight.hooks._forget_watch",
    "chainlight.invocation.all_running",
    # Once something else is broken.
    "chainlight.errors._name",
    "chainlight.errors.complain",
}
"""What a handler does not reach while nothing is broken, and where it is reached."""

SILENT = {"chainlight.errors.complain", "chainlight.errors._name"}
"""With these broken there is nothing left to complain with."""


def _functions() -> dict[str, FunctionType]:
    """Return every function and method of the package by its full name."""
    found: dict[str, FunctionType] = {}
    names = [module.name for module in pkgutil.walk_packages(chainlight.__path__, "chainlight.")]
    for module_name in ["chainlight", *names]:
        if module_name in UNREACHABLE:
            continue
        for owner in _owners(importlib.import_module(module_name)):
            for value in vars(owner).values():
                if inspect.isfunction(value) and value.__module__ == module_name:
                    found[f"{module_name}.{value.__qualname__}"] = value
    return found


def _owners(module: Any) -> Iterator[Any]:
    yield module
    for value in vars(module).values():
        if inspect.isclass(value) and value.__module__ == module.__name__:
            yield value


FUNCTIONS = _functions()
BREAKABLE = sorted(FUNCTIONS.keys() - ENTRIES)


def _broken(*_: object, **__: object) -> None:
    __import__("sys").modules["chainlight_chaos"].reached = True
    raise RuntimeError("made to raise")


@pytest.fixture(scope="module")
def calls(session: Any, fake_aws_type: type[Any], answer_type: type[Any]) -> Iterator[Calls]:
    chainlight.trace(lambda _event, _context: None)  # lays the hooks before anything is made
    fake = fake_aws_type()
    fake.usual = lambda request: answer_of(answer_type, request)
    provider = TracerProvider(shutdown_on_exit=False)
    # Once: it makes a boto3 client each time.
    xray_recorder.configure(sampling=False, context_missing="IGNORE_ERROR")

    def make(name: str) -> Any:
        return session.client(
            name,
            region_name="eu-west-1",
            endpoint_url=fake.url,
            aws_access_key_id="a",
            aws_secret_access_key="b",
            config=Config(s3={"addressing_style": "path"}),
        )

    made = Calls(fake, make, provider.get_tracer("shop"))
    yield made
    made.http.close()
    for client in made.clients.values():
        client.close()
    fake.close()


@pytest.fixture
def unlaid(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Take every hook off, as in a new process; one module is yet to be imported."""
    for name in HOOKS:
        for owner in _owners_of_hooks(name):
            for attribute, value in list(vars(owner).items()):
                if getattr(value, "_is_chainlight", False):
                    monkeypatch.setattr(owner, attribute, value.__wrapped__)
    monkeypatch.setattr(carriers, "_carriers", {})
    finders = [finder for finder in sys.meta_path if not isinstance(finder, Finder)]
    monkeypatch.setattr(sys, "meta_path", finders)
    (tmp_path / f"{PROBE}.py").write_text(
        "class BatchProcessor:\n    def _process_record(self, record): ...\n"
        "class AsyncBatchProcessor:\n    async def _async_process_record(self, record): ...\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(HOOKS, PROBE, ("batches", "hook_powertools"))
    monkeypatch.delitem(sys.modules, PROBE, raising=False)


def _owners_of_hooks(name: str) -> list[type]:
    module = sys.modules.get(name)
    return [value for value in vars(module).values() if inspect.isclass(value)] if module else []


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, calls: Calls) -> Iterator[None]:
    """Switch on what a function may have: JSON logs, X-Ray, OpenTelemetry, every opt-in."""
    for name, value in {
        "_X_AMZN_TRACE_ID": f"Root={TOLD[:35]};Parent=00112233445566ff;Sampled=0;Lineage=1:a:0",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "CHAINLIGHT_OTEL_SPANS": "1",
        "CHAINLIGHT_PAYLOAD": "1",
        "CHAINLIGHT_S3_METADATA": "1",
        "CHAINLIGHT_HTTP_HOSTS": "127.0.0.1",
        "CHAINLIGHT_OWNER": "team",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(otel, "get_tracer", lambda _name: calls.tracer)
    monkeypatch.setattr(hooks, "_is_watching", True)  # the watch has tests of its own
    xray_recorder.begin_segment("sandbox")
    yield
    xray_recorder.context.clear_trace_entities()
    # After an invocation or a call that could not be left:
    hooks._under_way.set(None)
    invocation._innermost.clear()
    invocation._own.set(None)
    invocation.cause_index.set(None)


def _is_busy(broken: str) -> bool:
    return not broken.startswith("chainlight.sources.")


def _run_all(calls: Calls, context: Maker, broken: str = "") -> list[bool]:
    """Run every event through the handler; tell of each whether it ended as the bare handler's.

    What can make no difference to a broken function only takes time: recognisers run before the
    handler and its calls, and only what prints sees a record of many parts.
    """
    is_busy = _is_busy(broken)
    events = [BATCH, RAISING, *EVENTS, UNTRACED]
    if not broken or broken.startswith(("chainlight.output.", "chainlight.record.")):
        events.append(LONG)
    error = ValueError("mine")
    sentinel = {"unserialisable": object()}

    def handler(event: Any, _context: object) -> object:
        print("mine")  # noqa: T201 - what the user prints
        if event is RAISING:
            calls.clients["lambda"].invoke(FunctionName="f")
            raise error
        if event is BATCH and is_busy:
            calls.run(event, given)
        return sentinel

    traced = chainlight.trace(handler)
    given = context()
    given.client_context = SimpleNamespace(custom={"chainlight": "x"})
    ends: list[bool] = []
    for event in events:
        if event is UNTRACED:
            del os.environ["_X_AMZN_TRACE_ID"]
        try:
            ends.append(traced(event, given) is sentinel)
        except Exception as raised:  # noqa: BLE001 - any of them is the answer
            ends.append(raised is error)
    return ends


@pytest.mark.parametrize("name", BREAKABLE)
@pytest.mark.usefixtures("unlaid")
def test_handler_is_the_bare_handler_whichever_function_breaks(
    name: str,
    calls: Calls,
    context: Maker,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    chaos = SimpleNamespace(reached=False)
    monkeypatch.setitem(sys.modules, "chainlight_chaos", chaos)  # type: ignore[arg-type]
    monkeypatch.setattr(FUNCTIONS[name], "__code__", _broken.__code__)
    before = copy.deepcopy((BATCH, EVENTS))
    calls.fake.requests.clear()

    ends = _run_all(calls, context, name)

    monkeypatch.undo()
    said = capsys.readouterr()
    coded = [line.split()[1] for line in said.err.splitlines()]
    printed = [line for line in said.out.splitlines() if not line.startswith('{"chainlight":1,')]
    assert ends == [True] * len(ends)
    assert before == (BATCH, EVENTS)
    assert printed == ["mine"] * len(ends)
    assert len(calls.fake.requests) == (REQUESTS_COUNT if _is_busy(name) else 1)
    assert len(coded) == len(set(coded))
    assert all(line.startswith("chainlight E") for line in said.err.splitlines())
    assert bool(coded) == (chaos.reached and name not in SILENT)


@pytest.mark.usefixtures("unlaid")
def test_the_chaos_reaches_every_function_but_those_named(
    calls: Calls, context: Maker, capsys: pytest.CaptureFixture[str]
) -> None:
    reached: set[object] = set()
    sys.setprofile(lambda frame, _event, _argument: reached.add(frame.f_code))
    try:
        ends = _run_all(calls, context)
    finally:
        sys.setprofile(None)

    said = capsys.readouterr()
    missed = {name for name in BREAKABLE if FUNCTIONS[name].__code__ not in reached}
    assert (ends, said.err) == ([True] * len(ends), "")
    assert "\n".join(sorted(missed)) == "\n".join(sorted(ELSEWHERE))
