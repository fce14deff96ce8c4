"""The X-Ray source: traces are read once, again when they have grown, in both of X-Ray's worlds."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from chainlight_collector.aws import Aws, Deadline, OutOfTimeError
from chainlight_collector.sources import xray, xray_traces
from chainlight_collector.sources.operations_traces import ALL
from chainlight_collector.sources.run import Options, Run
from chainlight_collector.store import Store

from .derive_facts import new_file

FAST = {operation.action: 1000.0 for operation in ALL} | {"logs:FilterLogEvents": 1000.0}
OPTIONS = Options(settle_us=0)
BEGUN_S = int(time.time())


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with Store.open(new_file(tmp_path / "chainlight.duckdb")) as opened:
        yield opened


def pulled(store: Store) -> Any:
    outcome = xray.pull(Run(Aws(calls_per_s=FAST), store, OPTIONS, Deadline.never()))
    store.catch_up()
    return outcome


def trace(number: int, *, age_s: float = 60, is_open: bool = False) -> tuple[str, list[Any]]:
    """Return the id and the segments of one invocation's trace."""
    started_s = BEGUN_S - age_s
    trace_id = f"1-{int(started_s):08x}-{number:024x}"
    service = {
        "id": f"{number:015x}1",
        "trace_id": trace_id,
        "name": "f",
        "start_time": started_s,
        "origin": "AWS::Lambda",
        "resource_arn": "arn:aws:lambda:eu-central-1:123456789012:function:f",
        "aws": {"request_id": f"r{number}"},
    }
    ending = {"in_progress": True} if is_open else {"end_time": started_s + 0.2}
    function = {
        "id": f"{number:015x}2",
        "trace_id": trace_id,
        "parent_id": service["id"],
        "name": "f",
        "start_time": started_s + 0.01,
        "end_time": started_s + 0.19,
        "origin": "AWS::Lambda::Function",
    }
    return trace_id, [{**service, **ending}, function]


def _attempts(store: Store) -> list[Any]:
    return store.query("SELECT request_id, outcome FROM attempts ORDER BY ALL").fetchall()


def test_all_traces_of_all_pages_become_attempts(cloudwatch: Any, store: Store) -> None:
    cloudwatch.foreign.traces = dict(trace(number) for number in range(12))
    cloudwatch.foreign.page_count = 7

    outcome = pulled(store)

    assert (outcome.problems, outcome.done_count) == ([], 12)
    assert _attempts(store) == sorted((f"r{number}", "ok") for number in range(12))
    counts = store.query("SELECT count(*) FROM xray_segments").fetchone()
    assert counts == (24,)


def test_a_trace_is_read_again_only_where_it_has_grown_or_was_open(
    cloudwatch: Any, store: Store
) -> None:
    foreign = cloudwatch.foreign
    foreign.traces = dict([trace(1), trace(2), trace(3, is_open=True)])
    pulled(store)
    first_count = foreign.count("Traces")
    foreign.traces[trace(2)[0]] = trace(2)[1]
    grown = next(iter(foreign.traces))
    foreign.traces[grown].append({**foreign.traces[grown][1], "id": "f" * 16, "name": "later"})

    pulled(store)

    asked = [ids for name, request in foreign.requests if name == "Traces"
             for ids in request["TraceIds"]]  # fmt: skip
    assert first_count == 1
    assert sorted(asked[3:]) == sorted([grown, trace(3)[0]])


def test_an_open_trace_is_completed_by_a_later_run(cloudwatch: Any, store: Store) -> None:
    trace_id, segments = trace(1, is_open=True)
    cloudwatch.foreign.traces[trace_id] = segments
    pulled(store)
    gap = store.query("SELECT gap FROM chain_breakdown").fetchone()
    segments[0] = {**segments[0], "end_time": segments[0]["start_time"] + 0.2}
    del segments[0]["in_progress"]

    pulled(store)

    assert gap == (f"f ({segments[0]['id']}) is in progress",)
    assert store.query("SELECT gap, total_us FROM chain_breakdown").fetchone() == (None, 200_000)


def test_a_trace_that_was_left_unprocessed_is_asked_for_again(
    cloudwatch: Any, store: Store
) -> None:
    cloudwatch.foreign.traces = dict([trace(1), trace(2)])
    cloudwatch.foreign.unprocessed = {trace(1)[0]}

    first = pulled(store)
    pulled(store)

    assert first.done_count == 1
    assert [request_id for request_id, _ in _attempts(store)] == ["r1", "r2"]


def test_with_transaction_search_spans_are_read_and_open_roots_retrieved(
    cloudwatch: Any, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xray_traces, "POLL_S", 0.0)
    foreign = cloudwatch.foreign
    foreign.destination, foreign.polls_count = "CloudWatchLogs", 2
    trace_id, segments = trace(1)
    foreign.traces[trace_id] = segments
    span = {
        "traceId": trace(2)[0][2:].replace("-", ""),
        "spanId": "b" * 16,
        "name": "f",
        "kind": "SERVER",
        "startTimeUnixNano": time.time_ns() - 60 * 10**9,
        "endTimeUnixNano": time.time_ns() - 59 * 10**9,
        "attributes": {"faas.invocation_id": "r2", "cloud.platform": "aws_lambda"},
    }
    now_ms = time.time_ns() // 1_000_000
    cloudwatch.groups["aws/spans"] = [{"timestamp": now_ms, "message": json.dumps(span)}]
    store.query(
        "INSERT INTO invocation_reports (request_id, trace_root, is_sampled, logged_us) "
        "VALUES ('r1', $root, TRUE, $now)",
        {"root": trace_id, "now": now_ms * 1000},
    )

    outcome = pulled(store)
    again = pulled(store)

    assert outcome.problems == []
    assert (outcome.counts.kept, again.counts.kept) == (3, 0)
    assert {request_id for request_id, _ in _attempts(store)} == {"r1", "r2"}
    assert foreign.count("Traces") == 0


def test_a_run_out_of_time_keeps_what_was_committed(
    cloudwatch: Any, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloudwatch.foreign.traces = dict(trace(number) for number in range(8))
    monkeypatch.setattr(xray, "TRACES_A_COMMIT", 5)
    run = Run(Aws(calls_per_s=FAST), store, OPTIONS, Deadline.never())
    with monkeypatch.context() as patched:
        patched.setattr(
            Deadline, "remaining_s", property(lambda _: 1 - cloudwatch.foreign.count("Traces"))
        )
        run.aws.deadline = run.deadline
        with pytest.raises(OutOfTimeError):
            xray.pull(run)
    store.catch_up()
    half = _attempts(store)

    pulled(store)

    assert len(half) == 5
    assert len(_attempts(store)) == 8
    assert cloudwatch.foreign.count("Traces") == 2
