"""Other tracers of the same process: the X-Ray SDK, the real one, learns the chain id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aws_xray_sdk.core import xray_recorder

import chainlight
from chainlight.testing import capture_records

Maker = Callable[..., Any]


def test_open_subsegment_is_annotated_with_the_chain_id(context: Maker) -> None:
    xray_recorder.configure(sampling=False, context_missing="IGNORE_ERROR")
    xray_recorder.begin_segment("sandbox")
    subsegment = xray_recorder.begin_subsegment("work")
    try:
        with capture_records() as records:
            chainlight.trace(lambda _event, _context: None)({}, context())
        assert subsegment.annotations == {"chain_id": records[0]["chain_id"]}
    finally:
        xray_recorder.context.clear_trace_entities()


def test_nothing_open_is_nothing_to_say(
    context: Maker, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    xray_recorder.context.clear_trace_entities()

    with capture_records() as records:
        chainlight.trace(lambda _event, _context: None)({}, context())

    assert len(records) == 1
    assert capsys.readouterr().err == ""
    assert caplog.text == ""
