"""One chain as a file: what each format promises, checked by the format's own rules."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest

from chainlight_collector import export
from chainlight_collector.export.otlp import attempt_span_id, call_span_id, trace_id
from chainlight_collector.export.rows import Chain

CHAIN_ID = "1-5759e988-bd862e3fe1be46a994272793"
SECOND_US = 1_000_000


def _attempt(name: str, number: int, span: tuple[int, int], **more: Any) -> dict[str, Any]:
    columns = (
        "function_arn", "function_version", "account_id", "region", "arch", "billed_ms",
        "memory_mb", "share", "max_memory_used_mb", "init_us", "is_cold", "error_type",
        "source_kind", "paid_idle_us", "cost_usd", "paid_idle_usd", "log_group", "log_stream",
    )  # fmt: skip
    return {
        **dict.fromkeys(columns), "function_name": name, "request_id": f"r-{name}",
        "attempt_number": number, "started_us": span[0], "ended_us": span[1], "outcome": "ok",
        **more,
    }  # fmt: skip


def _row(name: str, row: int, span: tuple[int, int], **more: Any) -> dict[str, Any]:
    return {"function_name": name, "request_id": f"r-{name}", "row": row, "edge_kind": None,
            "call_id": None, "started_us": span[0], "ended_us": span[1], **more}  # fmt: skip


@pytest.fixture
def chain() -> Chain:
    """Return a caller that waits for a callee, and a callee that fails twice and dies."""
    call = dict.fromkeys(("error_type", "cpu_us", "paid_idle_us", "payload_bytes", "natural_key",
                          "response_bytes", "result_was_read"))  # fmt: skip
    return Chain(
        chain={"chain_id": CHAIN_ID, "shape": "=cmd → b", "cost_usd": float("nan")},
        timeline=[_row("=cmd", 0, (0, 90), edge_kind="apigw"),
                  _row("b", 1, (20, 80), edge_kind="async", call_id="c1")],
        segments=[{"row": 0, "kind": "idle", "started_us": 10, "ended_us": 60, "attempt_number": 1},
                  {"row": 1, "kind": "backoff", "started_us": 30, "ended_us": 70,
                   "attempt_number": 2}],
        attempts=[_attempt("=cmd", 1, (0, 90), is_cold=True, cost_usd=1e-6),
                  _attempt("b", 1, (20, 30), outcome="error", error_type="Boom"),
                  _attempt("b", 2, (70, 80), outcome="error", error_type="Boom")],
        calls=[{**call, "call_id": "c1", "caller_function": "=cmd", "caller_request_id": "r-=cmd",
                "caller_attempt_number": 1, "kind": "lambda", "mode": "async", "target": "b",
                "operation": "Invoke", "started_us": 5, "wait_us": 4, "tries_count": 1,
                "outcome": "ok"}],
        links=[{"call_id": "c1", "caller_function": "=cmd", "caller_request_id": "r-=cmd",
                "callee_function": "b", "callee_request_id": "r-b", "evidence": "request_id",
                "kind": "lambda", "sent_us": 5}],
        dead_letters=[{"function_name": "b", "request_id": "r-b", "queue_arn": "q",
                       "message_id": "m", "error_message": "<b>", "condition": None,
                       "sent_us": 85}],
    )  # fmt: skip


def _spans(chain: Chain) -> list[dict[str, Any]]:
    whole = json.loads(export.render(chain, "otlp"))
    return [s for r in whole["resourceSpans"] for one in r["scopeSpans"] for s in one["spans"]]


def test_otlp_ids_times_and_kinds_are_the_protocols(chain: Chain) -> None:
    spans = _spans(chain)
    assert {span["traceId"] for span in spans} == {"5759e988bd862e3fe1be46a994272793"}
    assert all(re.fullmatch(r"[0-9a-f]{16}", span["spanId"]) for span in spans)
    assert len({span["spanId"] for span in spans}) == len(spans) == 4
    assert all(int(s["endTimeUnixNano"]) >= int(s["startTimeUnixNano"]) >= 0 for s in spans)
    assert [(s["name"], s["kind"]) for s in spans] == [
        ("=cmd", 2), ("Invoke b", 4), ("b", 5), ("b", 5),
    ]  # fmt: skip


def test_otlp_parents_are_the_causes_and_every_parent_is_there(chain: Chain) -> None:
    spans = _spans(chain)
    known = {span["spanId"] for span in spans}
    parents = [span.get("parentSpanId") for span in spans]
    assert parents == [
        None, attempt_span_id("=cmd", "r-=cmd", 1), *[call_span_id("c1")] * 2,
    ]  # fmt: skip
    assert {parent for parent in parents if parent} <= known


def test_otlp_says_what_failed_and_where_its_message_went(chain: Chain) -> None:
    last = _spans(chain)[-1]
    assert last["status"] == {"code": 2, "message": "Boom"}
    assert [event["name"] for event in last["events"]] == ["dead letter"]
    keys = [attribute["key"] for attribute in last["attributes"]]
    assert "chainlight.cost_usd" not in keys  # unknown is left out, never 0


def test_a_chain_id_of_another_form_becomes_a_trace_id_all_the_same() -> None:
    assert re.fullmatch(r"[0-9a-f]{32}", trace_id("order 5"))
    assert trace_id("order 5") == trace_id("order 5") != trace_id("order 6")


def test_perfetto_slices_of_a_thread_nest(chain: Chain) -> None:
    events = json.loads(export.render(chain, "perfetto"))["traceEvents"]
    slices = [event for event in events if event["ph"] == "X"]
    assert [(s["name"], s["ts"], s["dur"]) for s in slices] == [
        ("=cmd", 0, 90), ("paid idle wait", 10, 50), ("b (error)", 20, 10), ("retry wait", 30, 40),
        ("b attempt 2 (error)", 70, 10),
    ]  # fmt: skip
    arrows = [(event["ph"], event["ts"]) for event in events if event["ph"] in "sf"]
    assert arrows == [("s", 5), ("f", 20)]


def test_csv_has_a_line_an_attempt_and_no_formula(chain: Chain) -> None:
    lines = list(csv.DictReader(io.StringIO(export.render(chain, "csv"))))
    assert [line["function_name"] for line in lines] == ["'=cmd", "b", "b"]
    assert lines[1]["cost_usd"] == ""


def test_json_has_every_row_and_no_word_that_json_lacks(chain: Chain) -> None:
    whole = json.loads(export.render(chain, "json"), parse_constant=pytest.fail)
    assert whole["chain"]["cost_usd"] is None
    assert [len(whole[part]) for part in ("timeline", "attempts", "links")] == [2, 3, 1]


def test_a_file_name_has_nothing_that_a_shell_minds() -> None:
    assert export.file_name("1-a;rm -rf /", "otlp") == "chain-1-a_rm_-rf__.otlp.json"
