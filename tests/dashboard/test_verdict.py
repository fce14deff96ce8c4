"""One chain in one paragraph."""

from __future__ import annotations

from typing import Any

import pandas as pd

from chainlight_dashboard.views import verdict

CHAIN = {
    "status": "dead_lettered", "wall_us": 192_000_000, "answered_us": 6_000_000,
    "cost_usd": 0.00018, "paid_idle_share": 0.54, "dead_letters_count": 1, "failed_count": 3,
    "retries_count": 2, "cold_starts_count": 0,
}  # fmt: skip
ROW = {"function_name": "emit-receipt", "request_id": "r1", "status": "dlq", "attempts_count": 3}
LETTER = {
    "function_name": "emit-receipt", "request_id": "r1", "is_gone": False,
    "queue_arn": "arn:aws:sqs:eu-west-1:1:receipts-dlq",
}  # fmt: skip


def _said(chain: dict[str, Any], rows: list[dict[str, Any]], letters: list[dict[str, Any]]) -> str:
    text = verdict.verdict(
        pd.Series(chain), pd.DataFrame(rows, columns=list(ROW)), pd.DataFrame(letters)
    )
    return text.replace("\\", "").replace("*", "")


def test_the_verdict_says_when_what_where_and_how_much() -> None:
    assert _said(CHAIN, [ROW], [LETTER]) == (
        "Answered in 6.0 s, last work 3 min 06 s later. "
        "emit-receipt failed 3 times, its message is in receipts-dlq. "
        "54 % of the cost ($0.00018) was waiting."
    )


def test_a_quiet_chain_needs_two_sentences() -> None:
    chain = {**CHAIN, "status": "ok", "wall_us": 6_000_000, "paid_idle_share": 0.0}
    assert _said(chain, [], []) == (
        "Answered in 6.0 s, and nothing ran on after that. "
        "It cost $0.00018, none of it for waiting."
    )


def test_what_is_unknown_is_said_to_be_unknown() -> None:
    chain = {**CHAIN, "status": "ok", "answered_us": None, "cost_usd": None}
    assert _said(chain, [], []) == (
        "Nobody waited for an answer; all work took 3 min 12 s. "
        "What it cost is unknown: no REPORT line has arrived."
    )


def test_a_running_chain_is_not_called_answered() -> None:
    assert _said({**CHAIN, "status": "running"}, [], []).startswith("Still running: 3 min 12 s")


def test_many_failures_are_counted_after_three_names() -> None:
    rows = [{**ROW, "status": "error", "request_id": f"r{number}"} for number in range(5)]
    assert "2 other invocations failed too." in _said(CHAIN, rows, [])


def test_a_message_without_a_failed_row_is_still_named() -> None:
    assert "1 message ended in receipts-dlq." in _said(CHAIN, [], [LETTER])


def test_a_message_without_request_id_belongs_to_the_function_that_failed() -> None:
    letter = {**LETTER, "request_id": None}
    assert "emit-receipt failed 3 times, its message is in receipts-dlq." in _said(
        CHAIN, [ROW], [letter]
    )


def test_messages_of_others_are_counted_by_queue() -> None:
    others = [{**LETTER, "request_id": "r8"}, {**LETTER, "request_id": "r9"}]
    assert "failed 3 times. 2 messages ended in receipts-dlq." in _said(CHAIN, [ROW], others)


def test_a_timeout_is_a_timeout_and_a_gone_message_was_there() -> None:
    row, letter = {**ROW, "status": "timeout", "attempts_count": 1}, {**LETTER, "is_gone": True}
    said = _said(CHAIN, [row], [letter])
    assert "emit-receipt timed out once, its message was in receipts-dlq." in said


def test_a_hostile_name_stays_text() -> None:
    row = {**ROW, "function_name": "<b>**x**</b>"}
    text = verdict.verdict(pd.Series(CHAIN), pd.DataFrame([row]), pd.DataFrame([LETTER]))
    assert r"\<b\>\*\*x\*\*\<\/b\>" in text


def test_badges_leave_out_what_did_not_happen() -> None:
    assert verdict.pills(pd.Series(CHAIN)) == [
        ("1 dead letter", "orange"),
        ("3 failed attempts", "orange"),
        ("2 retries", "gray"),
    ]
