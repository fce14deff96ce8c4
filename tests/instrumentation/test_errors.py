"""Our own failures: one coded line each, and the handler never notices."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import chainlight
from chainlight import (
    batches,
    bridges,
    calls,
    context,
    deadline,
    errors,
    hooks,
    imports,
    invocation,
    life,
    output,
    record,
    settings,
    sources,
)
from chainlight.carriers import functions, queues
from chainlight.sources import records as record_sources
from chainlight.testing import capture_records

Maker = Callable[..., Any]
MODULES = [
    batches,
    bridges,
    calls,
    context,
    functions,
    hooks,
    invocation,
    life,
    output,
    queues,
    record,
    record_sources,
    sources,
]
NOT_BESIDE_A_HANDLER = {
    # Run at import, at decoration or by readers; or they are the guarded entry itself.
    "life.trace",
    "record.decode",
    "record._from_wire",
    "record._unpack",
    "hooks.hook_client",
    "hooks.hook_endpoint",
    "hooks.hook_response",
    "hooks._recorded",
    "hooks._timed",
    "hooks.noticed",
    "hooks._forget_watch",
    "invocation.current",
    "invocation.annotate",
}


class BrokenError(Exception):
    """What the chaos raises: nobody but the guard may catch it."""


def _own_functions(module: ModuleType) -> list[str]:
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]


def _chaos() -> Iterator[Any]:
    for module in MODULES:
        short = module.__name__.rpartition(".")[2]
        for name in _own_functions(module):
            if f"{short}.{name}" not in NOT_BESIDE_A_HANDLER:
                yield pytest.param(module.__name__, name, id=f"{module.__name__}.{name}")


@pytest.fixture
def handler(client: Maker, fake_aws: Any) -> Callable[[Any, Any], object]:
    """Return a handler that invokes, reads and sends, then raises or returns its event's word."""
    functions_client, queues_client = client("lambda"), client("sqs")

    def handle(event: Any, _context: object) -> object:
        functions_client.invoke(FunctionName="other")["Payload"].read()
        queues_client.send_message(QueueUrl=f"{fake_aws.url}/1/q", MessageBody="x")
        if isinstance(event["ends in"], Exception):
            raise event["ends in"]
        return event["ends in"]

    return handle


def _end_of(handler: Callable[[Any, Any], object], event: object, given: object) -> object:
    """Return what the handler returned or raised."""
    try:
        return handler(event, given)
    except Exception as error:  # noqa: BLE001 - any of them is the answer
        return error


@pytest.mark.parametrize(("module_name", "name"), list(_chaos()))
@pytest.mark.parametrize("end", [object(), ValueError("mine")], ids=["returns", "raises"])
@pytest.mark.usefixtures("nothing_running")
def test_handler_is_the_bare_handler_whichever_of_our_functions_breaks(  # noqa: PLR0913, PLR0917
    module_name: str,
    name: str,
    end: object,
    handler: Callable[[Any, Any], object],
    context: Maker,
    fake_aws: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    record = {"eventSource": "aws:sqs", "messageId": "m", "body": '{"TopicArn":1}'}
    traced = chainlight.trace(handler)
    _break(monkeypatch, module_name, name)

    assert _end_of(traced, {"Records": [record], "ends in": end}, context()) is end

    assert len(fake_aws.requests) == 2
    coded = capsys.readouterr().err.splitlines()
    assert all(line.startswith("chainlight E0") for line in coded)
    assert len(coded) == len(set(coded)) <= 3


@pytest.fixture
def nothing_running() -> Iterator[None]:
    """Clean up after an invocation that could not be left."""
    yield
    invocation._innermost.clear()
    invocation._own.set(None)


def _break(monkeypatch: pytest.MonkeyPatch, module_name: str, name: str) -> None:
    """Break a function in its module and wherever it was imported to."""
    real = getattr(sys.modules[module_name], name)
    for other_name, module in list(sys.modules.items()):
        if other_name.startswith("chainlight") and getattr(module, name, None) is real:
            monkeypatch.setattr(module, name, _fails)


def _fails(*_: object, **__: object) -> None:
    raise BrokenError


def _break_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "_is_watching", False)
    monkeypatch.setattr(deadline, "watch", _fails)


def _break_bridge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aws_xray_sdk.core", SimpleNamespace(xray_recorder=None))


def _breaking(module: ModuleType, name: str) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda monkeypatch: monkeypatch.setattr(module, name, _fails)


@pytest.mark.parametrize(
    ("code", "break_it"),
    [
        ("E01", _breaking(life, "_given")),
        ("E02", _breaking(sources, "recognise")),
        ("E03", _breaking(hooks, "_describe")),
        ("E04", _breaking(hooks, "_settle")),
        ("E05", _breaking(output, "encode")),
        ("E06", _breaking(imports, "_hook")),
        ("E07", _break_watch),
        ("E09", _break_bridge),
    ],
)
def test_each_code_is_printed_for_its_failure_once_and_says_what_is_lost(
    code: str,
    break_it: Callable[[pytest.MonkeyPatch], None],
    handler: Callable[[Any, Any], object],
    context: Maker,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    break_it(monkeypatch)

    traced = chainlight.trace(handler)
    for _ in range(2):
        traced({"ends in": None}, context())

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"chainlight {code} ")
    assert lines[0].endswith(f"; {errors.CONSEQUENCES[code]}")


def test_bad_setting_names_itself_once_and_falls_back(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHAINLIGHT_SAMPLE", "half")

    assert settings.settings().sample_rate == 1
    settings.forget()
    assert settings.settings().sample_rate == 1

    assert capsys.readouterr().err.splitlines() == [
        "chainlight E08 CHAINLIGHT_SAMPLE='half' is not a number from 0 to 1; "
        + errors.CONSEQUENCES["E08"]
    ]


def test_coded_line_names_our_place_and_never_the_message(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def leak() -> None:
        raise KeyError("the user's secret")

    errors.guard("E01", leak)

    line = capsys.readouterr().err
    assert "KeyError at test_errors.py:" in line
    assert "secret" not in line


def test_guard_lets_exits_pass() -> None:
    def leave() -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        errors.guard("E01", leave)


def test_closed_standard_output_falls_back_to_the_sandboxes_own(
    context: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    own = SimpleNamespace(write=written.append, flush=lambda: None)
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "__stdout__", own)

    assert chainlight.trace(lambda _event, _context: 1)({}, context()) == 1

    assert len(written) == 1


def test_without_any_standard_output_or_error_the_handler_still_runs(
    context: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("stdout", "__stdout__", "stderr"):
        monkeypatch.setattr(sys, name, None)

    assert chainlight.trace(lambda _event, _context: 1)({}, context()) == 1


def test_capture_gives_standard_output_back(
    context: Maker, capsys: pytest.CaptureFixture[str]
) -> None:
    with capture_records() as records:
        chainlight.trace(lambda _event, _context: 1)({}, context())
    assert capsys.readouterr().out == ""

    chainlight.trace(lambda _event, _context: 1)({}, context())

    assert len(records) == 1
    assert capsys.readouterr().out.startswith('{"chainlight":1,')
