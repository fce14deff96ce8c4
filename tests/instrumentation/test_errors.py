"""Our own failures: one coded line each, and the handler never notices."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import chainlight
from chainlight import (
    errors,
    hooks,
    imports,
    invocation,
    life,
    output,
    settings,
    sources,
)
from chainlight.testing import capture_records

Maker = Callable[..., Any]


@pytest.fixture
def handler(client: Maker) -> Callable[[Any, Any], object]:
    """Return a handler that invokes, reads and annotates."""
    functions = client("lambda")

    def handle(_event: Any, _context: object) -> None:
        functions.invoke(FunctionName="other")["Payload"].read()
        chainlight.annotate("order", 7)

    return handle


def _fails(*_: object, **__: object) -> None:
    raise RuntimeError


def _break_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "_is_watching", False)
    monkeypatch.setattr(output, "watch", _fails)


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
        ("E05", _breaking(output, "write")),
        ("E06", _breaking(imports, "_hook")),
        ("E07", _break_watch),
        ("E09", _break_bridge),
        ("E10", _breaking(invocation, "_plain")),
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
