"""Our own failures: one coded line each, and the handler never notices."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import chainlight
import pytest
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
    "hooks._hook_client",
    "hooks._hook_endpoint",
    "hooks._hook_response",
    "hooks._wrap",
    "hooks._recorded",
    "hooks._timed",
    "hooks._noticed",
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


@pytest.mark.parametrize(("module_name", "name"), list(_chaos()))
@pytest.mark.parametrize("is_failing", [False, True], ids=["returns", "raises"])
def test_handler_is_the_bare_handler_whichever_of_our_functions_breaks(
    module_name: str,
    name: str,
    client: Maker,
    context: Maker,
    fake_aws: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    is_failing: bool,
) -> None:
    functions_client, queues_client = client("lambda"), client("sqs")
    error, result = ValueError("mine"), object()
    event = {"Records": [{"eventSource": "aws:sqs", "messageId": "m", "body": '{"TopicArn":1}'}]}

    def handler(_event: object, _context: object) -> object:
        functions_client.invoke(FunctionName="other")["Payload"].read()
        queues_client.send_message(QueueUrl=f"{fake_aws.url}/1/q", MessageBody="x")
        if is_failing:
            raise error
        return result

    traced = chainlight.trace(handler)

    def broken(*_: object, **__: object) -> None:
        raise BrokenError

    _replace_everywhere(monkeypatch, module_name, name, broken)
    try:
        assert traced(event, context()) is result
        assert not is_failing
    except ValueError as caught:
        assert caught is error
    finally:
        invocation._innermost.clear()
        invocation._own.set(None)

    assert len(fake_aws.requests) == 2
    coded = [line for line in capsys.readouterr().err.splitlines() if line]
    assert all(line.startswith("chainlight E0") for line in coded)
    assert len(coded) == len(set(coded)) <= 3


def _replace_everywhere(
    monkeypatch: pytest.MonkeyPatch, module_name: str, name: str, broken: object
) -> None:
    """Break a function in its module and wherever it was imported to."""
    real = getattr(sys.modules[module_name], name)
    for other_name, module in list(sys.modules.items()):
        if other_name.startswith("chainlight") and getattr(module, name, None) is real:
            monkeypatch.setattr(module, name, broken)


def _fails(*_: object) -> None:
    raise BrokenError


@pytest.mark.parametrize(
    ("code", "module", "name"),
    [
        ("E01", life, "_given"),
        ("E02", sources, "recognise"),
        ("E03", hooks, "_describe"),
        ("E04", hooks, "_settle"),
        ("E05", output, "encode"),
        ("E06", imports, "_hook"),
        ("E07", hooks, "_start_watch"),
        ("E09", bridges, "tell"),
    ],
)
def test_each_code_is_printed_for_its_failure_once_and_says_what_is_lost(
    code: str,
    module: ModuleType,
    name: str,
    client: Maker,
    context: Maker,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if code == "E07":
        monkeypatch.setattr(hooks, "_is_watching", False)
        monkeypatch.setattr(deadline, "watch", _fails)
    elif code == "E09":
        broken = SimpleNamespace(xray_recorder=None)
        monkeypatch.setitem(sys.modules, "aws_xray_sdk.core", broken)
    else:
        monkeypatch.setattr(module, name, _fails)
    functions_client = client("lambda")

    traced = chainlight.trace(lambda _event, _context: functions_client.invoke(FunctionName="o"))
    for _ in range(2):
        traced({}, context())

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
