"""Log lines to facts: every shape of line, one row each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chainlight_collector.ingest import Counts

from .log_lines import (
    ARN,
    GROUP,
    REPORT,
    RID,
    ROOT,
    T_MS,
    T_US,
    Database,
    Take,
    database,
    event,
    rows,
    taker,
)

INIT_ERROR_XRAY = (
    "Init Duration: 1 ms\tStatus: error\tError Type: Runtime.Unknown\t\n"
    f"XRAY TraceId: {ROOT}\tSegmentId: 31255c3b19bd3637\tSampled: false\t\n"
)


@pytest.fixture
def db() -> Database:
    return database()


@pytest.fixture
def take(db: Database, tmp_path: Path) -> Take:
    return taker(db, tmp_path)


def test_start_and_report_are_one_row_each(db: Database, take: Take) -> None:
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
            INIT_ERROR_XRAY,
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
def test_report_is_read_with_tabs_and_with_spaces(
    db: Database, take: Take, spacing: str, rest: str, expected: dict[str, object]
) -> None:
    take(event((REPORT + rest).replace("\t", spacing)))

    (row,) = rows(db, "invocation_reports")
    known = {"duration_us": 12_340, "billed_ms": 13, "memory_mb": 128, "max_memory_used_mb": 40}
    got = {key: value for key, value in row.items() if key not in known}
    assert row.items() >= known.items()
    assert got == {"logged_us": T_US, "request_id": RID, "is_end": False, **expected}


def test_report_is_read_in_any_order(db: Database, take: Take) -> None:
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
        ("RequestId:  Error: Task", "RequestId line without a request id"),
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
    db: Database, take: Take, message: str, reason: str
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
def test_ordinary_lines_are_skipped(db: Database, take: Take, message: str) -> None:
    assert take(event(message)) == Counts(skipped=1)
    assert rows(db, "reject_rows") == []


def test_platform_lines_are_read_like_the_text(db: Database, take: Take) -> None:
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
def test_lines_of_the_environment_are_events(
    db: Database, take: Take, message: str, expected: dict[str, object]
) -> None:
    assert take(event(message)).kept == 1
    assert rows(db, "environment_events") == [{"logged_us": T_US, **expected}]


def test_a_report_of_managed_instances_has_a_duration_and_no_bill(db: Database, take: Take) -> None:
    take(event(_platform("report", requestId=RID, status="success", metrics={"durationMs": 1.148})))

    assert rows(db, "invocation_reports") == [
        {
            "logged_us": T_US, "request_id": RID, "duration_us": 1148, "status": "success",
            "is_end": False,
        }
    ]  # fmt: skip


@pytest.mark.parametrize("is_end_first", [True, False])
def test_an_end_stands_in_only_for_a_report_that_is_not_there(
    db: Database, take: Take, *, is_end_first: bool
) -> None:
    end, report = event(f"END RequestId: {RID}\n", T_MS + 12), event(REPORT, T_MS + 13)
    for line in [end, report] if is_end_first else [report, end]:
        take(line)
    take(event("END RequestId: lone", T_MS))

    found = [(row["request_id"], row["is_end"]) for row in rows(db, "invocation_reports")]
    assert sorted(found) == [(RID, False), ("lone", True)]


def test_the_end_of_one_attempt_is_not_covered_by_the_report_of_the_next(
    db: Database, take: Take
) -> None:
    take(event(f"END RequestId: {RID}", T_MS), event(REPORT, T_MS + 60_000))

    assert sorted(row["is_end"] for row in rows(db, "invocation_reports")) == [False, True]


def test_a_shared_group_names_the_function_in_the_stream(db: Database, take: Take) -> None:
    stream = "2026/09/21/shop-cart[$LATEST]0123456789abcdef"
    take(event(REPORT, logGroup="/shop/all", logStream=stream))

    names = db.execute("SELECT function_name FROM invocation_reports").fetchall()
    assert names == [("shop-cart",)]


def test_events_without_time_group_or_stream_are_kept_once(db: Database, take: Take) -> None:
    counts = take({"message": REPORT}, {"message": REPORT})

    assert counts == Counts(kept=1, known=1, touched_since_us=0)
    assert take({"message": REPORT}) == Counts(known=1)
    assert "logged_us" not in rows(db, "invocation_reports")[0]
