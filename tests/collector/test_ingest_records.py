"""Record lines to records, calls and causes; early and split ones give way to whole ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from .log_lines import (
    ARN,
    RID,
    ROOT,
    T_MS,
    T_US,
    Database,
    Take,
    database,
    event,
    record_line,
    rows,
    taker,
)


@pytest.fixture
def db() -> Database:
    return database()


@pytest.fixture
def take(db: Database, tmp_path: Path) -> Take:
    return taker(db, tmp_path)


def test_a_record_line_becomes_record_call_and_cause(db: Database, take: Take) -> None:
    line = record_line(
        outcome="error", error_type="KeyError", is_cold=1, source_kind="sqs",
        other_waits={"dynamodb": [2, 900]},
        causes=[
            {"natural_keys": ["m1"], "caller_request_id": "up", "call_id": "c0", "sent_us": 5},
            {"natural_keys": ["m2", "m3"], "chain_id": "1-other", "receive_count": 2},
        ],
        calls=[
            {"call_id": "c1", "target": "shop-payment", "offset_us": 40, "wait_us": 900,
             "natural_keys": ["r1"], "result_was_read": 1},
            {"call_id": "c2", "kind": "sqs", "operation": "SendMessage", "is_async": 1,
             "natural_keys": ["a", "b"], "is_open": 1},
        ],
    )  # fmt: skip
    assert take(event(line)).kept == 1

    (found,) = rows(db, "records")
    assert found == {
        "logged_us": T_US, "chain_id": ROOT, "request_id": RID, "function_arn": ARN,
        "function_version": "$LATEST", "account_id": "123456789012", "region": "eu-central-1",
        "memory_mb": 128, "arch": "x86_64", "init_type": "on-demand", "is_cold": True,
        "started_us": T_US, "ended_us": T_US + 12_340, "outcome": "error",
        "error_type": "KeyError", "source_kind": "sqs", "causes_count": 2, "calls_count": 2,
        "other_waits": '{"dynamodb":[2,900]}', "sample_rate": 1.0, "line_bytes": len(line),
    }  # fmt: skip
    mine = {"request_id": RID, "record_started_us": T_US}
    call = {"cpu_us": 0, "status_code": 200, "tries_count": 1}
    assert rows(db, "record_calls") == [
        {**mine, **call, "call_id": "c1", "kind": "lambda", "target": "shop-payment",
         "operation": "Invoke", "is_async": False, "started_us": T_US + 40, "wait_us": 900,
         "natural_keys": ["r1"], "result_was_read": True, "is_open": False},
        {**mine, **call, "call_id": "c2", "kind": "sqs", "operation": "SendMessage",
         "is_async": True, "started_us": T_US, "natural_keys": ["a", "b"], "is_open": True},
    ]  # fmt: skip
    assert rows(db, "record_causes") == [
        {**mine, "cause_index": 0, "causes_count": 2, "chain_id": ROOT, "call_id": "c0",
         "caller_request_id": "up", "natural_keys": ["m1"], "receive_count": 1, "sent_us": 5},
        {**mine, "cause_index": 1, "causes_count": 2, "chain_id": "1-other",
         "natural_keys": ["m2", "m3"], "receive_count": 2},
    ]  # fmt: skip


@pytest.mark.parametrize("is_final_first", [True, False])
@pytest.mark.parametrize("is_one_batch", [True, False])
def test_the_record_of_an_imminent_timeout_gives_way(
    db: Database, take: Take, *, is_final_first: bool, is_one_batch: bool
) -> None:
    call = {"call_id": "c1", "kind": "lambda", "target": "x"}
    early = record_line(outcome="timeout", calls=[{**call, "is_open": 1}])
    final = record_line(outcome="ok", calls=[{**call, "wait_us": 5}, {"call_id": "c2"}])
    lines = [event(final, T_MS + 1), event(early)]
    if not is_final_first:
        lines.reverse()
    if is_one_batch:
        take(*lines)
    else:
        for line in lines:
            take(line)

    assert [row["outcome"] for row in rows(db, "records")] == ["ok"]
    calls = [(row["call_id"], row["is_open"]) for row in rows(db, "record_calls")]
    assert calls == [("c1", False), ("c2", False)]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
@pytest.mark.parametrize("is_one_batch", [True, False])
def test_a_record_in_parts_is_one_record(
    db: Database, take: Take, order: tuple[int, ...], *, is_one_batch: bool
) -> None:
    lines = [
        event(
            record_line(
                part=[number, 3],
                calls=[{"call_id": f"c{number}"}],
                causes=[{"natural_keys": [f"m{number}"]}],
                **({"annotations": {"a": 1}} if number == 1 else {}),
            )
        )
        for number in (1, 2, 3)
    ]
    shuffled = [lines[index] for index in order]
    batches = [shuffled] if is_one_batch else [[line] for line in shuffled]
    for batch in [*batches, shuffled]:
        take(*batch)

    (found,) = rows(db, "records")
    assert (found["calls_count"], found["causes_count"]) == (3, 3)
    assert found["annotations"] == '{"a":1}'
    assert [row["call_id"] for row in rows(db, "record_calls")] == ["c1", "c2", "c3"]
    causes = [(row["cause_index"], row["natural_keys"]) for row in rows(db, "record_causes")]
    assert causes == [(0, ["m1"]), (1, ["m2"]), (2, ["m3"])]
