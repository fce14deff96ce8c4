"""Handlers that end badly or oddly: with the layer they end exactly as without.

Each scenario runs bare and traced, in a process of its own kind, and all that can be seen from
outside is compared: the result and the exception by identity, the traceback by its frames, the
event by value, standard output but for our line, standard error as it is.
"""

from __future__ import annotations

import asyncio
import copy
import functools
import inspect
import io
import json
import multiprocessing.dummy
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

import chainlight

PREFIX = '{"chainlight":1,'
Handler = Callable[[Any, Any], object]


class Seen:
    """What the world sees of one invocation."""

    def __init__(self, handler: Handler, event: Any, given: Any) -> None:
        self.result: object = None
        self.error: BaseException | None = None
        try:
            self.result = handler(event, given)
        except BaseException as error:  # noqa: BLE001 - that is what is looked at
            self.error = error

    def frames(self) -> list[str]:
        """Return the functions of the traceback below this one; ours would be among them."""
        trail = self.error.__traceback__ if self.error else None
        return [frame.name for frame in traceback.extract_tb(trail)][1:]


class MineError(Exception):
    """An exception of the user's own, with slots and an opinion."""

    __slots__ = ("detail",)


ERRORS = {
    "an error": ValueError("mine"),
    "an error with a cause": MineError("mine"),
    "SystemExit": SystemExit(3),
    "SystemExit without a code": SystemExit(),
    "KeyboardInterrupt": KeyboardInterrupt(),
    "GeneratorExit": GeneratorExit(),
    "CancelledError": asyncio.CancelledError(),
    "MemoryError": MemoryError(),
    "StopIteration": StopIteration(7),
    "a group": BaseExceptionGroup("many", [ValueError(), SystemExit()]),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_is_raised_leaves_as_itself_with_its_own_traceback(
    name: str, context: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    error = ERRORS[name]

    def deeper() -> None:
        if name == "an error with a cause":
            raise error from KeyError("cause")
        raise error

    def handler(_event: object, _context: object) -> None:
        print("mine")  # noqa: T201 - what the user prints
        deeper()

    bare = Seen(handler, {}, context())
    bare_frames, bare_cause = bare.frames(), error.__cause__
    bare_out = capsys.readouterr()
    error.__traceback__ = None  # raised anew, frames would be added to the old ones
    traced = Seen(chainlight.trace(handler), {}, context())

    said = capsys.readouterr()
    ours = [line for line in said.out.splitlines() if line.startswith(PREFIX)]
    assert bare.error is traced.error is error
    assert traced.frames() == bare_frames == ["handler", "deeper"]
    assert type(error.__cause__) is type(bare_cause)
    assert said.out.replace(ours[0] + "\n", "") == bare_out.out == "mine\n"
    assert said.err == bare_out.err == ""
    record = json.loads(ours[0])
    assert record["x"] == ("exit" if isinstance(error, SystemExit) else "error")
    assert record["e"] == type(error).__name__


class Service:
    """A handler that is an object, has attributes and methods."""

    def __init__(self) -> None:
        self.version = 7

    def __call__(self, event: Any, _context: object) -> object:
        """Be a handler."""
        return event

    def method(self, event: Any, _context: object) -> object:
        """Be a handler too."""
        return event


async def _coroutine(event: Any, _context: object) -> object:
    return event


def _generator(event: Any, _context: object) -> Any:
    yield event


def _defaults(event: Any, context: object = None, *more: object, **names: object) -> object:
    return event, context, more, names


HANDLERS: dict[str, Handler] = {
    "a lambda": lambda event, _context: event,
    "an object": Service(),
    "a bound method": Service().method,
    "a partial": functools.partial(lambda _first, event, _context: event, 1),
    "a builtin": divmod,
    "a class": SimpleNamespace,  # type: ignore[dict-item]
    "something huge": lambda _event, _context: "x" * 50_000_000,
    "something unserialisable": lambda _event, _context: {object(): {1, 2}, "self": ...},
    "nothing": lambda _event, _context: None,
}


@pytest.mark.parametrize("name", HANDLERS)
def test_handlers_of_every_make_return_what_they_return(name: str, context: Any) -> None:
    handler = HANDLERS[name]
    event, given = (7, 3) if name == "a builtin" else ({"a": [1, {"b": None}]}, context())
    results: list[object] = []

    def noting(event: Any, given: Any) -> object:
        results.append(handler(event, given) if name != "a class" else handler())  # type: ignore[call-arg]
        return results[-1]

    before = copy.deepcopy(event)
    bare = Seen(noting, event, given)
    traced = Seen(chainlight.trace(noting), event, given)
    direct = Seen(chainlight.trace(handler), event, given)

    assert traced.result is results[1]
    assert event == before
    if name not in ("a class", "something unserialisable"):
        assert bare.result == traced.result == direct.result
    assert (bare.error, traced.error) == (None, None)


def test_generators_and_coroutines_are_handed_through_unopened(context: Any) -> None:
    event = {"a": 1}

    coroutine = chainlight.trace(_coroutine)(event, context())
    generator = chainlight.trace(_generator)(event, context())

    assert inspect.iscoroutine(coroutine)
    assert asyncio.run(coroutine) is event  # type: ignore[arg-type]
    assert next(generator) is event  # type: ignore[call-overload]


def test_arguments_arrive_as_they_were_given(context: Any) -> None:
    traced = chainlight.trace(_defaults)
    given = context()

    assert traced(1) == _defaults(1)
    assert traced(event=1, context=given, a=2) == _defaults(event=1, context=given, a=2)
    assert traced(1, given, 3, 4) == _defaults(1, given, 3, 4)
    assert Seen(traced, 1, given).error is None
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        chainlight.trace(lambda _event, _context: None)(1)  # type: ignore[call-arg]


def test_what_frameworks_look_at_is_the_users(context: Any) -> None:
    def handler(event: Any, _context: object) -> object:
        """Say what it does."""
        return event

    handler.route = "/orders"  # type: ignore[attr-defined]
    traced: Any = chainlight.trace(handler)

    assert inspect.signature(traced) == inspect.signature(handler)
    assert (traced.__name__, traced.__doc__, traced.__module__, traced.route) == (
        "handler",
        "Say what it does.",
        __name__,
        "/orders",
    )
    assert chainlight.trace(Service()).version == 7
    assert chainlight.trace(traced)(1, context()) == 1


class Hostile:
    """A context whose every attribute fails, and which has no truth."""

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(name)

    def __bool__(self) -> bool:
        raise RuntimeError


@pytest.mark.parametrize(
    "given",
    [
        None,
        object(),
        7,
        SimpleNamespace(aws_request_id=7, client_context=3, invoked_function_arn=[]),
        SimpleNamespace(client_context=SimpleNamespace(custom=SimpleNamespace())),
        SimpleNamespace(get_remaining_time_in_millis=None),
        Hostile(),
    ],
    ids=["None", "object", "a number", "wrong types", "odd client", "no clock", "hostile"],
)
def test_contexts_of_any_kind_reach_the_handler(
    given: object, client: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    functions = client("lambda")

    def handler(_event: object, context: object) -> object:
        functions.invoke(FunctionName="other")
        return context

    traced = Seen(chainlight.trace(handler), {}, given)

    assert traced.result is given
    assert traced.error is None
    assert len(capsys.readouterr().err.splitlines()) <= 1


def _fan_out_in_pool(work: Callable[[int], object]) -> list[object]:
    with ThreadPoolExecutor(3) as pool:
        return list(pool.map(work, range(6)))


def _fan_out_in_dummy_pool(work: Callable[[int], object]) -> list[object]:
    with multiprocessing.dummy.Pool(3) as pool:
        return pool.map(work, range(6))


def _fan_out_in_threads(work: Callable[[int], object]) -> list[object]:
    done: list[object] = []
    threads = [threading.Thread(target=lambda n: done.append(work(n)), args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(done)  # type: ignore[type-var]


def _fan_out_in_tasks(work: Callable[[int], object]) -> list[object]:
    async def one(number: int) -> object:
        return await asyncio.to_thread(work, number)

    async def every() -> list[object]:
        return list(await asyncio.gather(*map(one, range(6))))

    return asyncio.run(every())


@pytest.mark.parametrize(
    "fan_out",
    [_fan_out_in_pool, _fan_out_in_dummy_pool, _fan_out_in_threads, _fan_out_in_tasks],
)
def test_fanned_out_calls_give_the_same_and_all_are_recorded(
    fan_out: Any, client: Any, context: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    functions = client("lambda")

    def handler(_event: object, _context: object) -> object:
        return fan_out(lambda n: functions.invoke(FunctionName=f"f{n}")["StatusCode"] + n)

    bare = Seen(handler, {}, context())
    traced = Seen(chainlight.trace(handler), {}, context())

    (line,) = capsys.readouterr().out.splitlines()
    assert traced.result == bare.result == [200 + n for n in range(6)]
    assert sorted(call["t"] for call in json.loads(line)["n"]) == [f"f{n}" for n in range(6)]


@pytest.mark.parametrize("replacement", ["StringIO", "closed", "None", "hostile"])
def test_standard_output_may_be_anything(
    replacement: str, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = io.StringIO()
    closed.close()
    streams: dict[str, Any] = {
        "StringIO": io.StringIO(),
        "closed": closed,
        "None": None,
        "hostile": Hostile(),
    }
    own = io.StringIO()
    monkeypatch.setattr(sys, "__stdout__", own)
    monkeypatch.setattr(sys, "stdout", streams[replacement])
    monkeypatch.setattr(sys, "stderr", io.StringIO())

    traced = Seen(chainlight.trace(lambda event, _context: event), 7, context())

    where = streams["StringIO"] if replacement == "StringIO" else own
    assert (traced.result, traced.error) == (7, None)
    assert where.getvalue().startswith(PREFIX)


def test_signals_and_alarms_of_the_user_stay_the_users(context: Any, client: Any) -> None:
    functions = client("lambda")
    before = [signal.getsignal(number) for number in signal.valid_signals()]
    alarm_s, _ = signal.setitimer(signal.ITIMER_REAL, 250.0)

    chainlight.trace(lambda _event, _context: functions.invoke(FunctionName="f"))({}, context())

    assert [signal.getsignal(number) for number in signal.valid_signals()] == before
    assert 200.0 < signal.setitimer(signal.ITIMER_REAL, alarm_s)[0] <= 250.0


def test_json_logs_at_level_warn_let_the_line_pass(
    context: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_LOG_FORMAT", "JSON")
    monkeypatch.setenv("AWS_LAMBDA_LOG_LEVEL", "WARN")

    chainlight.trace(lambda _event, _context: None)({}, context())

    assert json.loads(capsys.readouterr().out)["level"] == "WARN"


def test_several_requests_in_one_process_keep_their_calls_apart(
    context: Any,
    client: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_MAX_CONCURRENCY", "4")
    functions = client("lambda")
    together = threading.Barrier(4)

    @chainlight.trace
    def handler(name: str, _context: object) -> str:
        together.wait(10)
        functions.invoke(FunctionName=name)
        together.wait(10)
        return name

    names = [f"f{number}" for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda name: handler(name, context(name)), names))

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert answers == names
    assert sorted((line["r"], [call["t"] for call in line["n"]]) for line in lines) == [
        (name, [name]) for name in names
    ]
    assert os.environ["AWS_LAMBDA_MAX_CONCURRENCY"] == "4"
