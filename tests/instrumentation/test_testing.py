"""What users test their own chains with: the guide's example, threads, nesting, fake contexts."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import chainlight
from chainlight.testing import capture_records, context, invoke

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide.md"


def test_the_guides_example_runs() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    (code,) = re.findall(r"### Testing your own chains.*?```python\n(.*?)```", text, re.DOTALL)
    namespace: dict[str, Any] = {}

    exec(compile(code, "guide.md", "exec"), namespace)  # noqa: S102 - our own document

    (test,) = [value for name, value in namespace.items() if name.startswith("test_")]
    test()


@pytest.mark.parametrize("is_decorated", [False, True])
def test_handlers_are_traced_once_whether_decorated_or_not(*, is_decorated: bool) -> None:
    def handler(event: object, _context: object) -> object:
        return event

    event = {"order": 7}
    with capture_records() as records:
        answer = invoke(chainlight.trace(handler) if is_decorated else handler, event)

    assert answer is event
    assert [record["source_kind"] for record in records] == ["lambda"]


def test_what_the_handler_raises_is_raised() -> None:
    error = ValueError("mine")

    def handler(_event: object, _context: object) -> None:
        raise error

    with capture_records() as records, pytest.raises(ValueError, match="mine") as caught:
        invoke(handler, {})

    assert caught.value is error
    assert [record["error_type"] for record in records] == ["ValueError"]


def test_records_of_every_thread_are_collected_by_the_innermost_block() -> None:
    def handler(_event: object, _context: object) -> None:
        """Do nothing."""

    with capture_records() as outer:
        with capture_records() as inner:
            threads = [threading.Thread(target=invoke, args=(handler, {})) for _ in range(5)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        invoke(handler, {})

    assert (len(inner), len(outer)) == (5, 1)
    assert len({record["request_id"] for record in [*inner, *outer]}) == 6


def test_after_an_error_inside_the_block_lines_are_printed_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(KeyError), capture_records():
        raise KeyError

    invoke(lambda _event, _context: None, {})

    assert capsys.readouterr().out.startswith('{"chainlight":1,')


def test_contexts_are_what_lambda_gives_with_ids_of_their_own() -> None:
    custom = SimpleNamespace(custom={})
    first, second = context("orders"), context("orders", client_context=custom)

    assert first.aws_request_id != second.aws_request_id
    assert first.invoked_function_arn.endswith(":function:orders")
    assert first.get_remaining_time_in_millis() == 30_000
    assert second.client_context is custom
