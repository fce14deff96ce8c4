"""What Lambda itself writes to CloudWatch Logs, held against lines recorded from AWS."""

from __future__ import annotations

import json
import math
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from chainlight_demo.local_aws import sandbox

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Rig

HELLO = "def main(event, context): print('hello')"
MASKS = (
    (r"<request-id>|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID"),
    (r"arn:[^\s]+", "ARN"),
    (r"python:3\.\d+\.v(\d+|<version>)", "RUNTIME"),
    (r"1-[0-9a-f]{8}-[0-9a-f]{24}", "TRACE"),
    (r"SegmentId: [0-9a-f]{16}", "SegmentId: SEGMENT"),
    (r"(<duration>|\d+\.\d\d) ms", "F ms"),
    (r"Billed Duration: (F|\d+) ms", "Billed Duration: N ms"),
    (r"(Memory Size|Max Memory Used): (\d+|<memory>) MB", r"\1: N MB"),
)


def shape(message: str) -> str:
    """Return a platform line with its values masked."""
    for pattern, mask in MASKS:
        message = re.sub(pattern, mask, message)
    return message


def recorded_shapes(samples: Path) -> set[str]:
    """Return the masked lines that AWS wrote."""
    lines = [
        json.loads(line)["message"]
        for name in ("localstack-aws-recorded", "lambda-perf-tests", "datadog-forwarder-tests")
        for line in (samples / "reports" / f"{name}.jsonl").read_text().splitlines()
    ]
    return {shape(line) for line in lines}


def report_values(message: str) -> dict[str, float]:
    """Return the figures of a REPORT line by name."""
    pairs = re.findall(r"\t?([A-Z][A-Za-z ]+): ([\d.]+) (?:ms|MB)", message)
    return {name: float(value) for name, value in pairs}


def platform(messages: list[str], kind: str) -> list[dict[str, Any]]:
    """Return the records of one type of platform event."""
    events = [json.loads(message) for message in messages if '"type":"platform' in message]
    return [event["record"] for event in events if event["type"] == f"platform.{kind}"]


def test_cold_and_warm_lines_have_the_shapes_aws_recorded(rig: Rig, samples: Path) -> None:
    rig.deploy("hello", HELLO)
    rig.invoke("hello")
    rig.invoke("hello")

    ours = [shape(message) for message in rig.messages("hello")]

    recorded = recorded_shapes(samples)
    assert [line for line in ours if line not in recorded] == ["hello\n", "hello\n"]
    assert [line.split(" ")[0] for line in ours] == [
        *("INIT_START", "START", "hello\n", "END", "REPORT"),
        *("START", "hello\n", "END", "REPORT"),
    ]


def test_traced_report_has_the_xray_ids_as_second_line_of_its_event(
    rig: Rig, samples: Path
) -> None:
    rig.deploy("hello", HELLO, TracingConfig={"Mode": "Active"})
    rig.invoke("hello")
    rig.invoke("hello")

    report = rig.messages("hello")[-1]

    assert shape(report) in recorded_shapes(samples)


def test_billed_duration_is_duration_and_init_rounded_up(rig: Rig) -> None:
    rig.deploy("hello", "import time\ndef main(event, context): time.sleep(0.02)")
    for _ in range(5):
        rig.invoke("hello")

    reports = [report_values(m) for m in rig.messages("hello") if m.startswith("REPORT")]

    assert [("Init Duration" in report) for report in reports] == [True] + [False] * 4
    for report in reports:
        total_ms = report["Duration"] + report.get("Init Duration", 0.0)
        assert report["Billed Duration"] == math.ceil(round(total_ms, 2))
        assert 20 <= report["Duration"] < 200
        assert 5 < report["Max Memory Used"] <= 128


def test_timeout_kills_the_sandbox_and_is_told_in_the_new_style(rig: Rig) -> None:
    source = "import time\ndef main(event, context): print('in'); time.sleep(event.get('s', 0))"
    rig.deploy("slow", source, Timeout=1)
    rig.invoke("slow")

    answer = rig.invoke("slow", {"s": 30})
    after = rig.invoke("slow")

    request_id = answer["ResponseMetadata"]["RequestId"]
    assert answer["FunctionError"] == "Unhandled"
    assert answer["Payload"] == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {request_id} Error: Task timed out after 1.00 seconds",
    }
    assert "FunctionError" not in after
    messages = rig.messages("slow")
    report = next(m for m in messages if m.startswith(f"REPORT RequestId: {request_id}"))
    assert report.endswith(" MB\tStatus: timeout\t\n")
    assert "\tDuration: 1000.00 ms\tBilled Duration: 1000 ms\t" in report
    assert sum(message.startswith("INIT_START") for message in messages) == 2


@pytest.mark.parametrize(
    ("death", "reason"),
    [
        ("os._exit(3)", "Runtime exited with error: exit status 3"),
        ("os._exit(0)", "Runtime exited without providing a reason"),
        ("os.kill(os.getpid(), 9)", "Runtime exited with error: signal: killed"),
    ],
)
def test_crash_is_an_exit_error_and_the_next_call_starts_cold(
    rig: Rig, death: str, reason: str
) -> None:
    rig.deploy("dies", f"import os\ndef main(event, context): print('last'); {death}")

    answer = rig.invoke("dies")

    request_id = answer["ResponseMetadata"]["RequestId"]
    assert answer["Payload"] == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {request_id} Error: {reason}",
    }
    messages = rig.messages("dies")
    assert "last\n" in messages
    assert messages[-1].endswith("\tStatus: error\tError Type: Runtime.ExitError\t\n")
    assert rig.invoke("dies")["FunctionError"] == "Unhandled"


def test_init_error_is_reported_repeated_and_answered(rig: Rig) -> None:
    rig.deploy("broken", "import no_such_module\ndef main(event, context): pass")

    answer = rig.invoke("broken")

    assert answer["Payload"]["errorType"] == "Runtime.ImportModuleError"
    assert "no_such_module" in answer["Payload"]["errorMessage"]
    messages = rig.messages("broken")
    reports = [message for message in messages if message.startswith("INIT_REPORT")]
    assert [re.sub(r"[\d.]+ ms", "F ms", report) for report in reports] == [
        f"INIT_REPORT Init Duration: F ms\tPhase: {phase}\tStatus: error"
        "\tError Type: Runtime.ImportModuleError\n"
        for phase in ("init", "invoke")
    ]
    assert messages[-1].endswith("\tStatus: error\tError Type: Runtime.ImportModuleError\t\n")


def test_init_over_its_limit_is_repeated_inside_the_invocation(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "INIT_S_MAX", 0.5)
    rig.deploy("heavy", "import time\ntime.sleep(1)\ndef main(event, context): return 'up'")

    answer = rig.invoke("heavy")

    messages = rig.messages("heavy")
    assert answer["Payload"] == "up"
    assert re.search(
        r"INIT_REPORT Init Duration: \d+\.\d\d ms\tPhase: init\tStatus: timeout\n", messages[1]
    )
    values = report_values(messages[-1])
    assert values["Duration"] > 1000
    assert "Init Duration" not in values


def test_traceback_and_multi_line_log_records_stay_one_event(rig: Rig) -> None:
    rig.deploy(
        "raises",
        """
        import logging
        def inner(): raise KeyError("deep")
        def main(event, context):
            logging.getLogger().warning("two\\nlines")
            print("three")
            inner()
        """,
    )
    answer = rig.invoke("raises")

    messages = rig.messages("raises")
    request_id = answer["ResponseMetadata"]["RequestId"]
    warning = next(message for message in messages if message.startswith("[WARNING]"))
    error = next(message for message in messages if message.startswith("[ERROR]"))
    assert warning.endswith(f"Z\t{request_id}\ttwo\nlines\n")
    assert error.startswith("[ERROR] KeyError: 'deep'\nTraceback (most recent call last):\n\u00a0")
    assert error.count("\n") > 3
    assert "three\n" in messages
    assert not messages[-1].count("Status:")


def test_order_and_timestamps_of_events_are_those_of_their_writing(rig: Rig) -> None:
    rig.deploy(
        "steps",
        """
        import logging, time
        def main(event, context):
            for number in range(3):
                print("print", number)
                time.sleep(0.03)
                logging.getLogger().error("log %s", number)
                time.sleep(0.03)
        """,
    )
    rig.invoke("steps")
    rig.aws.wait_until_quiet()

    rows = rig.rows("steps")

    said = [row for row in rows if "print" in row["message"] or "[ERROR]" in row["message"]]
    assert [row["message"].split()[-1] for row in said] == ["0", "0", "1", "1", "2", "2"]
    gaps_ms = [b["timestamp"] - a["timestamp"] for a, b in pairwise(said)]
    assert all(20 <= gap_ms <= 80 for gap_ms in gaps_ms), gaps_ms
    assert [row["timestamp"] for row in rows] == sorted(row["timestamp"] for row in rows)


def test_json_format_writes_platform_events_with_recorded_keys(rig: Rig, samples: Path) -> None:
    rig.deploy(
        "hello",
        HELLO,
        LoggingConfig={"LogFormat": "JSON", "SystemLogLevel": "DEBUG"},
        TracingConfig={"Mode": "Active"},
    )
    rig.invoke("hello")

    messages = rig.messages("hello")

    recorded: dict[str, set[str]] = {}
    for line in (samples / "platform-json" / "public-repos.jsonl").read_text().splitlines():
        event = json.loads(line)["event"]
        if isinstance(event.get("record"), dict):
            recorded.setdefault(event["type"], set()).update(event["record"])
    for message in messages:
        if message != "hello\n":
            event = json.loads(message)
            assert list(event) == ["time", "type", "record"]
            documented = {"runtimeVersion", "runtimeVersionArn", "functionName", "functionVersion"}
            assert set(event["record"]) <= recorded[event["type"]] | documented
    report = platform(messages, "report")[0]
    assert report["status"] == "success"
    assert set(report["metrics"]) == {
        *("durationMs", "billedDurationMs", "memorySizeMB", "maxMemoryUsedMB", "initDurationMs"),
    }
    assert report["tracing"]["type"] == "X-Amzn-Trace-Id"
    assert platform(messages, "runtimeDone")[0]["status"] == "success"


def test_json_format_tells_timeouts_and_init_errors(rig: Rig) -> None:
    logging_config = {"LogFormat": "JSON"}
    source = "import time\ndef main(event, context): time.sleep(30)"
    rig.deploy("slow", source, Timeout=1, LoggingConfig=logging_config)
    rig.deploy("broken", "import no_such_module", LoggingConfig=logging_config)
    rig.invoke("slow")
    rig.invoke("broken")

    slow = platform(rig.messages("slow"), "report")[0]
    broken = platform(rig.messages("broken"), "report")[0]

    assert (slow["status"], slow.get("errorType")) == ("timeout", None)
    assert (broken["status"], broken["errorType"]) == ("error", "Runtime.ImportModuleError")


def test_json_levels_hide_platform_events_and_lines_without_a_level(rig: Rig) -> None:
    rig.deploy(
        "levels",
        """
        import json, logging
        def main(event, context):
            print(json.dumps({"message": "no level"}))
            print(json.dumps({"level": "WARN", "message": "warned"}))
            logging.getLogger().info("quiet")
            logging.getLogger().error("loud")
        """,
        LoggingConfig={
            "LogFormat": "JSON",
            "ApplicationLogLevel": "WARN",
            "SystemLogLevel": "WARN",
        },
    )
    rig.invoke("levels")

    rows = [json.loads(message) for message in rig.messages("levels")]

    assert {row["message"] for row in rows} == {"warned", "loud"}


def test_shared_log_group_names_the_function_in_its_streams(rig: Rig) -> None:
    rig.deploy("hello", HELLO, LoggingConfig={"LogGroup": "/shared"})
    rig.invoke("hello")

    answer = rig.aws.client("logs").describe_log_streams(logGroupName="/shared")

    stream = answer["logStreams"][0]["logStreamName"]
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/hello\[\$LATEST\][0-9a-f]{32}", stream)


def test_log_batches_are_handed_to_hooks_with_their_ids(rig: Rig) -> None:
    batches: list[tuple[str, str, list[dict[str, Any]]]] = []
    rig.aws.plane.on_log_batch.append(lambda *batch: batches.append(batch))
    rig.deploy("hello", HELLO)
    rig.invoke("hello")
    rig.aws.wait_until_quiet()

    rows = rig.rows("hello")

    assert [batch[0] for batch in batches] == ["/aws/lambda/hello"]
    assert batches[0][1] == rows[0]["logStreamName"]
    assert [(e["message"], e["timestamp"]) for e in batches[0][2]] == [
        (row["message"], row["timestamp"]) for row in rows
    ]
    assert [int(event["id"]) for event in batches[0][2]] == [int(row["eventId"]) for row in rows]
