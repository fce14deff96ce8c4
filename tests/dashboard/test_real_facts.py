"""Log lines as Lambda and the layer write them, imported by the collector, seen on the pages."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import chainlight_dashboard
from chainlight import record
from chainlight_dashboard import source

APP = Path(chainlight_dashboard.__file__).with_name("app.py")
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:"
CALLER, CALLEE = "7f7c4b5e-0000-4000-8000-00000000000a", "7f7c4b5e-0000-4000-8000-00000000000b"
NOW_US = time.time_ns() // 1_000 - 600_000_000
CHAIN = f"1-{NOW_US // 1_000_000:08x}-0123456789abcdef01234567"


def _events(function: str, request_id: str, started_us: int, **values: Any) -> list[dict[str, Any]]:
    duration_us = int(values["duration_us"])
    line = record.encode(
        {"chain_id": CHAIN, "request_id": request_id, "function_arn": ARN + function,
         "memory_mb": 256, "started_us": started_us, **values}
    )  # fmt: skip
    report = (
        f"REPORT RequestId: {request_id}\tDuration: {duration_us / 1000:.2f} ms\t"
        f"Billed Duration: {-(-duration_us // 1000)} ms\tMemory Size: 256 MB\t"
        "Max Memory Used: 60 MB\t"
    )
    messages = (f"START RequestId: {request_id} Version: $LATEST", line, report)
    return [
        {
            "logGroup": f"/aws/lambda/{function}",
            "logStream": "2026/11/21/[$LATEST]0123456789abcdef0123456789abcdef",
            "timestamp": (started_us + place * duration_us // 2) // 1000,
            "message": message,
        }
        for place, message in enumerate(messages)
    ]


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database with one chain: place-order waits 800 ms of its second for charge-card."""
    call = {
        "call_id": "c000000000000001", "kind": "lambda", "target": "charge-card",
        "operation": "Invoke", "offset_us": 100_000, "wait_us": 800_000,
        "natural_keys": [CALLEE], "result_was_read": 1, "status_code": 200,
    }  # fmt: skip
    events = [
        *_events("place-order", CALLER, NOW_US, duration_us=1_000_000, calls=[call]),
        *_events("charge-card", CALLEE, NOW_US + 150_000, duration_us=700_000),
    ]
    folder = tmp_path_factory.mktemp("collected")
    log, database = folder / "events.ndjson", folder / "chainlight.duckdb"
    log.write_text("".join(json.dumps(event) + "\n" for event in events), "utf-8")
    command = [sys.executable, "-m", "chainlight_collector", "import", str(log)]
    subprocess.run([*command, "--db", str(database)], check=True, capture_output=True)
    return database


def _page(name: str, database: Path, monkeypatch: pytest.MonkeyPatch, **url: str) -> AppTest:
    monkeypatch.setenv(source.DATABASE_VARIABLE, str(database))
    test = AppTest.from_file(str(APP), default_timeout=60)
    test._page_hash = calc_hash(name)
    for key, value in url.items():
        test.query_params[key] = value
    return test.run()


@pytest.mark.parametrize("name", ["", "chains", "dlq", "sql"])
def test_no_page_fails_on_real_facts(
    collected: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    assert not _page(name, collected, monkeypatch).exception


def test_a_wait_in_a_handler_becomes_a_verdict_with_its_share_of_the_cost(
    collected: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = _page("chain", collected, monkeypatch, id=CHAIN)
    assert not test.exception
    text = "\n".join(str(part.value) for part in test.markdown).replace("\\", "").replace("*", "")
    assert "Answered in 1.00 s, and nothing ran on after that." in text
    assert "of the cost ($0.0000075) was waiting." in text
