"""Log lines to facts: every shape of line, one row each."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from chainlight import record
from chainlight_collector import ddl, ingest
from chainlight_collector.ingest import Counts, parts

T_MS = 1_790_000_000_000
T_US = T_MS * 1000
GROUP = "/aws/lambda/shop-checkout"
STREAM = "2026/09/21/[$LATEST]0123456789abcdef0123456789abcdef"
RID = "7f7c4b5e-0000-4000-8000-000000000001"
ARN = "arn:aws:lambda:eu-central-1:123456789012:function:shop-checkout"
ROOT = "1-6ab1f2c0-0123456789abcdef01234567"
SEEN_US = T_US + 60_000_000
REPORT = (
    f"REPORT RequestId: {RID}\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\t"
    "Max Memory Used: 40 MB\t"
)


def event(message: str, ms: int | None = T_MS, **other: object) -> dict[str, object]:
    return {"logGroup": GROUP, "logStream": STREAM, "timestamp": ms, "message": message, **other}


@pytest.fixture
def db() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for name, text in ddl.schema_files():
        if name.startswith("facts/"):
            connection.execute(text)
    return connection


@pytest.fixture
def take(db: duckdb.DuckDBPyConnection, tmp_path: Path) -> Callable[..., Counts]:
    def ingest_events(*events: dict[str, object]) -> Counts:
        file = tmp_path / "events.ndjson"
        file.write_text("".join(json.dumps(each) + "\n" for each in events))
        return ingest.log_events(db, [file], SEEN_US)

    return ingest_events


def rows(db: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    """Return the rows without what is NULL, so that a test names what is there."""
    cursor = db.execute(f"SELECT * FROM {table} ORDER BY ALL")  # noqa: S608  names of this file
    names = [column[0] for column in cursor.description or ()]
    found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    where = {"log_group", "log_stream", "day", "function_name"}
    return [
        {key: value for key, value in row.items() if value is not None and key not in where}
        for row in found
    ]


def record_line(**values: object) -> str:
    whole: dict[str, object] = {
        "chain_id": ROOT,
        "request_id": RID,
        "function_arn": ARN,
        "memory_mb": 128,
        "started_us": T_US,
        "duration_us": 12_340,
        **values,
    }
    return record.encode(whole)


def test_start_and_report_are_one_row_each(db, take) -> None:
    counts = take(event(f"START RequestId: {RID} Version: 7\n"), event(REPORT + "\n", T_MS + 13))

    assert counts == Counts(kept=2, touched_since_us=T_US)
    assert rows(db, "invocation_starts") == [
        {"logged_us": T_US, "request_id": RID, "function_version": "7"}
    ]
    assert rows(db, "invocation_reports") == [
        {
            "logged_us": T_US + 13_000,
            "request_id": RID,
            "duration_us": 12_340,
            "billed_ms": 13,
            "memory_mb": 128,
            "max_memory_used_mb": 40,
            "is_end": False,
        }
    ]
    names = db.execute("SELECT DISTINCT function_name, day FROM invocation_reports").fetchall()
    assert [(name, str(day)) for name, day in names] == [("shop-checkout", "2026-09-21")]


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("Init Duration: 170.13 ms\t", {"init_us": 170_130}),
        (
            "Restore Duration: 474.16 ms\tBilled Restore Duration: 75 ms\t",
            {"restore_us": 474_160, "billed_restore_ms": 75},
        ),
        ("Status: timeout", {"status": "timeout"}),
        (
            "Status: error\tError Type: Runtime.ExitError\n",
            {"status": "error", "error_type": "Runtime.ExitError"},
        ),
        (
            f"\nXRAY TraceId: {ROOT}\tSegmentId: 31255c3b19bd3637\tSampled: true\t\n",
            {"trace_root": ROOT, "segment_id": "31255c3b19bd3637", "is_sampled": True},
        ),
        (
            "Init Duration: 1 ms\tStatus: error\tError Type: Runtime.Unknown\t\n"
            f"XRAY TraceId: {ROOT}\tSegmentId: 31255c3b19bd3637\tSampled: false\t\n",
            {
                "init_us": 1000,
                "status": "error",
                "error_type": "Runtime.Unknown",
                "trace_root": ROOT,
                "segment_id": "31255c3b19bd3637",
                "is_sampled": False,
            },
        ),
    ],
)
@pytest.mark.parametrize("spacing", ["\t", "  ", " "])
def test_report_is_read_with_tabs_and_with_spaces(db, take, spacing, rest, expected) -> None:
    take(event((REPORT + rest).replace("\t", spacing)))

    (row,) = rows(db, "invocation_reports")
    known = {"duration_us": 12_340, "billed_ms": 13, "memory_mb": 128, "max_memory_used_mb": 40}
    got = {key: value for key, value in row.items() if key not in known}
    assert row.items() >= known.items()
    assert got == {"logged_us": T_US, "request_id": RID, "is_end": False, **expected}


def test_report_is_read_in_any_order(db, take) -> None:
    take(
        event(
            f"REPORT RequestId: {RID}\tInit Duration: 5.5 ms\tDuration: 1.25 ms\t"
            "Billed Duration: 7 ms\tMax Memory Used: 40 MB\tMemory Size: 128 MB\t"
        )
    )

    (row,) = rows(db, "invocation_reports")
    assert (row["init_us"], row["duration_us"], row["billed_ms"]) == (5500, 1250, 7)
    assert (row["memory_mb"], row["max_memory_used_mb"]) == (128, 40)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("REPORT RequestId: ...", "REPORT without a numeric Duration: read nothing"),
        (
            REPORT.replace("12.34", "<duration>"),
            "REPORT without a numeric Duration: read <duration>",
        ),
        (REPORT.replace("13 ms", "x ms"), "REPORT without a numeric Billed Duration: read x"),
        (REPORT.replace("12.34", "nan"), "REPORT without a numeric Duration: read nan"),
        (REPORT.replace("12.34", "1e300"), "REPORT without a numeric Duration: read 1e300"),
        ("REPORT RequestId:", "REPORT without a request id"),
        ("START RequestId:", "START without a request id"),
        ("END RequestId: ", "END without a request id"),
        ('{"chainlight":1,"c":"1-2', "record line that is not whole JSON"),
        ('{"chainlight":1,"r":"x"}', "record line without a start time (t)"),
        ('{"chainlight":1,"t":5,"f":"x"}', "record line without a request id (r)"),
        (
            '{"chainlight":2,"r":"x","t":1}',
            "record line of version 2, read here is 1: upgrade chainlight and replay",
        ),
        (
            '{"time":"2026-09-21T00:00:00.000Z","type":"platform.report","rec',
            "platform line that is not JSON",
        ),
        ('{"type":"platform.start","time":"x"}', "platform line without a record"),
        (
            '{"type":"platform.start","at":"x","record":{}}',
            "platform line with keys besides time, type and record",
        ),
        ('{"type":"platform.report","record":{}}', "platform.report without a requestId"),
    ],
)
def test_a_platform_line_that_does_not_parse_is_kept_with_its_reason(
    db, take, message, reason
) -> None:
    counts = take(event(message))

    assert counts == Counts(rejected=1)
    (row,) = rows(db, "reject_rows")
    assert (row["source"], row["reason"], row["raw"]) == (GROUP, reason, message)
    assert row["logged_us"] == T_US
    assert take(event(message)) == Counts(known=1)


@pytest.mark.parametrize(
    "message",
    [
        "hello",
        "",
        '{"a":1}',
        '{"level":"INFO","requestId":"x","message":"platform.start"}',
        '{"message":{"type":"platform.report"},"level":"INFO"}',
        "my REPORT RequestId: x",
        '{"level":"INFO","requestId":"r","note":"ERROR"}',
        '{"log":"ERROR" , "requestId": ',
    ],
)
def test_ordinary_lines_are_skipped(db, take, message) -> None:
    assert take(event(message)) == Counts(skipped=1)
    assert rows(db, "reject_rows") == []


def test_platform_lines_are_read_like_the_text(db, take) -> None:
    header = f"Root={ROOT};Parent=35465b3a9e2f7c6a;Sampled=1"
    tracing = {"spanId": "24cd7d670fa455f0", "type": "X-Amzn-Trace-Id", "value": header}
    metrics = {
        "durationMs": 2599.4,
        "billedDurationMs": 2600,
        "memorySizeMB": 128,
        "maxMemoryUsedMB": 94,
        "initDurationMs": 549.04,
    }
    take(
        event(_platform("start", requestId=RID, version="8", functionArn=ARN, tracing=tracing)),
        event(
            _platform(
                "report", requestId=RID, status="error", errorType="E", metrics=metrics,
                tracing=tracing,
            ),
            T_MS + 2600,
        ),
    )  # fmt: skip

    assert rows(db, "invocation_starts") == [
        {
            "logged_us": T_US,
            "request_id": RID,
            "function_arn": ARN,
            "function_version": "8",
            "trace_root": ROOT,
        }
    ]
    assert rows(db, "invocation_reports") == [
        {
            "logged_us": T_US + 2_600_000,
            "request_id": RID,
            "duration_us": 2_599_400,
            "billed_ms": 2600,
            "memory_mb": 128,
            "max_memory_used_mb": 94,
            "init_us": 549_040,
            "status": "error",
            "error_type": "E",
            "trace_root": ROOT,
            "segment_id": "24cd7d670fa455f0",
            "is_sampled": True,
            "is_end": False,
        }
    ]


def _platform(kind: str, **body: object) -> str:
    line = {"time": "2026-09-21T13:33:20.000Z", "type": f"platform.{kind}", "record": body}
    return json.dumps(line, separators=(",", ":"))


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            "INIT_START Runtime Version: python:3.12.v27\tRuntime Version ARN: arn:x",
            {
                "kind": "init_start",
                "detail": "Runtime Version: python:3.12.v27\tRuntime Version ARN: arn:x",
            },
        ),
        (
            "INIT_REPORT Init Duration: 9999.47 ms\tPhase: init\tStatus: timeout",
            {
                "kind": "init_report",
                "duration_us": 9_999_470,
                "phase": "init",
                "status": "timeout",
                "detail": "Init Duration: 9999.47 ms\tPhase: init\tStatus: timeout",
            },
        ),
        (
            "RESTORE_REPORT Restore Duration: 511.25 ms",
            {
                "kind": "restore_report",
                "duration_us": 511_250,
                "detail": "Restore Duration: 511.25 ms",
            },
        ),
        (
            "EXTENSION\tName: n\tState: Ready\tEvents: [INVOKE, SHUTDOWN]",
            {"kind": "extension", "detail": "Name: n\tState: Ready\tEvents: [INVOKE, SHUTDOWN]"},
        ),
        (
            _platform("initStart", initializationType="snap-start", phase="init"),
            {
                "kind": "init_start",
                "init_type": "snap-start",
                "phase": "init",
                "detail": '{"initializationType":"snap-start","phase":"init"}',
            },
        ),
        (
            _platform("logsDropped", droppedRecords=1),
            {"kind": "logs_dropped", "detail": '{"droppedRecords":1}'},
        ),
        (_platform("somethingNew", a=1), {"kind": "something_new", "detail": '{"a":1}'}),
    ],
)
def test_lines_of_the_environment_are_events(db, take, message, expected) -> None:
    assert take(event(message)).kept == 1
    assert rows(db, "environment_events") == [{"logged_us": T_US, **expected}]


@pytest.mark.parametrize(
    ("message", "kind", "request_id", "error_type", "error_message"),
    [
        (
            f"2024-03-04T17:22:38.033Z {RID} Task timed out after 3.00 seconds\n\n",
            "timeout", RID, "Sandbox.Timedout", "Task timed out after 3.00 seconds",
        ),
        (
            f"RequestId: {RID} Error: Task timed out after 30.00 seconds",
            "timeout", RID, "Sandbox.Timedout", "Task timed out after 30.00 seconds",
        ),
        (
            f"RequestId: {RID} Error: Runtime exited with error: signal: killed\nRuntime.ExitError",
            "crash", RID, "Runtime.ExitError", "Runtime exited with error: signal: killed",
        ),
        (
            f"RequestId: {RID} Process exited before completing request",
            "crash", RID, None, "Process exited before completing request",
        ),
        (
            "[ERROR] ValueError: no such order\nTraceback (most recent call last):\n\u00a0\u00a0File",
            "application", None, "ValueError", "no such order",
        ),
        (
            f"[ERROR]\t2024-03-04T17:22:38.033Z\t{RID}\tpayment refused\n",
            "application", RID, None, "payment refused",
        ),
        (
            f"2024-03-04T17:22:38.033Z\t{RID}\tERROR\tInvoke Error \t"
            '{"errorType":"TypeError","errorMessage":"x is undefined"}',
            "application", RID, "TypeError", "x is undefined",
        ),
        (
            json.dumps({"level": "ERROR", "requestId": RID, "message": "refused", "timestamp": "t"}),
            "application", RID, None, "refused",
        ),
        (
            json.dumps({"level": "ERROR", "requestId": RID,
                        "message": {"errorType": "TypeError", "errorMessage": "m"}}),
            "application", RID, "TypeError", "m",
        ),
        (
            json.dumps({"log_level": "ERROR", "requestId": RID, "errorType": "KeyError",
                        "errorMessage": "'x'", "stackTrace": []}),
            "application", RID, "KeyError", "'x'",
        ),
        (
            json.dumps({"level": "ERROR", "AWSRequestId": RID, "message": "java"}),
            "application", RID, None, "java",
        ),
    ],
)  # fmt: skip
def test_errors_are_attached_to_their_request(  # noqa: PLR0913, PLR0917  a table of cases
    db, take, message, kind, request_id, error_type, error_message
) -> None:
    assert take(event(message)).kept == 1
    (row,) = rows(db, "invocation_errors")
    got = (row["kind"], row.get("request_id"), row.get("error_type"), row["error_message"])
    assert got == (kind, request_id, error_type, error_message)


@pytest.mark.parametrize("is_end_first", [True, False])
def test_an_end_stands_in_only_for_a_report_that_is_not_there(db, take, *, is_end_first) -> None:
    end, report = event(f"END RequestId: {RID}\n", T_MS + 12), event(REPORT, T_MS + 13)
    for line in [end, report] if is_end_first else [report, end]:
        take(line)
    take(event("END RequestId: lone", T_MS))

    found = [(row["request_id"], row["is_end"]) for row in rows(db, "invocation_reports")]
    assert sorted(found) == [(RID, False), ("lone", True)]


def test_the_end_of_one_attempt_is_not_covered_by_the_report_of_the_next(db, take) -> None:
    take(event(f"END RequestId: {RID}", T_MS), event(REPORT, T_MS + 60_000))

    assert sorted(row["is_end"] for row in rows(db, "invocation_reports")) == [False, True]


def test_a_shared_group_names_the_function_in_the_stream(db, take) -> None:
    stream = "2026/09/21/shop-cart[$LATEST]0123456789abcdef"
    take(event(REPORT, logGroup="/shop/all", logStream=stream))

    names = db.execute("SELECT function_name FROM invocation_reports").fetchall()
    assert names == [("shop-cart",)]


def test_events_without_time_group_or_stream_are_kept_once(db, take) -> None:
    counts = take({"message": REPORT}, {"message": REPORT})

    assert counts == Counts(kept=1, known=1, touched_since_us=0)
    assert take({"message": REPORT}) == Counts(known=1)
    assert "logged_us" not in rows(db, "invocation_reports")[0]


def test_a_record_line_becomes_record_call_and_cause(db, take) -> None:
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
        "other_waits": '{"dynamodb":[2,900]}', "sample_rate": 1.0,
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
def test_the_record_of_an_imminent_timeout_gives_way(db, take, *, is_final_first, is_one_batch):
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
def test_a_record_in_parts_is_one_record(db, take, order, *, is_one_batch) -> None:
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


def test_pages_are_read_as_filterlogevents_answers_them(db, tmp_path: Path) -> None:
    page = {
        "events": [
            {
                "logStreamName": STREAM,
                "timestamp": T_MS,
                "message": REPORT,
                "ingestionTime": T_MS + 900,
                "eventId": "3",
            },
            {"logStreamName": STREAM, "timestamp": T_MS, "message": "hello"},
        ],
        "searchedLogStreams": [],
        "nextToken": "t",
    }
    file = tmp_path / "pages.ndjson"
    lines = [
        {"logGroup": GROUP, "body": page},
        {"logGroup": GROUP, "body": {"events": []}},
        {"logGroup": GROUP, "body": {"__type": "Throttled"}},
    ]
    file.write_text("\n".join(json.dumps(line) for line in lines))

    assert ingest.log_pages(db, [file], SEEN_US) == Counts(
        kept=1, skipped=1, rejected=1, touched_since_us=T_US
    )
    (found,) = rows(db, "invocation_reports")
    assert found["ingested_us"] == T_US + 900_000
    (reject,) = rows(db, "reject_rows")
    assert reject["reason"] == "not a page of FilterLogEvents: no list of events"


def test_push_and_pull_of_the_same_event_are_one_row(db, take, tmp_path: Path) -> None:
    document = {
        "messageType": "DATA_MESSAGE",
        "logGroup": GROUP,
        "logStream": STREAM,
        "logEvents": [{"id": "3", "timestamp": T_MS, "message": REPORT}],
    }
    control = {"messageType": "CONTROL_MESSAGE", "logEvents": [{"id": "", "message": "CWL"}]}
    file = tmp_path / "push.ndjson"
    file.write_text(json.dumps(document) + "\n" + json.dumps(control))

    take(event(REPORT, ingestionTime=T_MS + 900))
    assert ingest.log_subscriptions(db, [file], SEEN_US) == Counts(known=1, skipped=1)


def test_lines_that_are_no_events_are_rejected_and_the_rest_is_kept(db, tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    file.write_bytes(
        json.dumps(event(REPORT)).encode()
        + b'\n{bad\n\n[1]\n{"timestamp":3}\n\xff\xfe{"message":"x"}\n{"message":"ok"}\n'
    )

    counts = ingest.log_events(db, [file], SEEN_US)

    assert counts == Counts(kept=1, skipped=1, rejected=4, touched_since_us=T_US)
    assert {row["reason"] for row in rows(db, "reject_rows")} == {
        "not a log event: a JSON object with a message"
    }
    assert ingest.log_events(db, [file], SEEN_US) == Counts(known=5, skipped=1)


def test_large_and_compressed_files_give_the_same_rows(
    db, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [event(REPORT.replace(RID, f"r{n}"), T_MS + n) for n in range(500)]
    text = "".join(json.dumps(line) + "\n" for line in lines).encode()
    packed, plain = tmp_path / "a.gz", tmp_path / "b.ndjson"
    packed.write_bytes(gzip.compress(text))
    plain.write_bytes(text)
    monkeypatch.setattr(parts, "PART_BYTES", 20_000)
    monkeypatch.setattr(parts, "LINE_BYTES_MAX", 5_000)

    first = ingest.log_events(db, [packed], SEEN_US)
    second = ingest.log_events(db, [plain], SEEN_US)

    assert (first.kept, second.known, second.kept) == (500, 500, 0)
    assert len(rows(db, "invocation_reports")) == 500


def test_a_line_too_long_to_hold_is_a_reject(
    db, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "giant.ndjson"
    file.write_text(f'{{"message":"{"x" * 90_000}"}}\n' + json.dumps(event(REPORT)))
    monkeypatch.setattr(parts, "PART_BYTES", 30_000)
    monkeypatch.setattr(parts, "LINE_BYTES_MAX", 10_000)
    monkeypatch.setattr(parts, "LINE_BYTES_KEPT", 100)

    counts = ingest.log_events(db, [file], SEEN_US)

    assert (counts.kept, counts.rejected) == (1, 1)
    assert rows(db, "reject_rows")[0]["raw"].startswith('{"message":"xxx')


def test_counts_add_up() -> None:
    both = Counts(1, 2, 3, 4, 50) + Counts(10, 20, 30, 40, None) + Counts(touched_since_us=7)

    assert both == Counts(11, 22, 33, 44, 7)
