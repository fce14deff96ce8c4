"""``chainlight import``: every shape is recognised; what is not read is kept with its reason."""

from __future__ import annotations

import base64
import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from chainlight_collector.cli.main import cli
from chainlight_collector.store import Store

from .derive_facts import new_file

SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples"
REPORT = (
    "REPORT RequestId: r1\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\t"
    "Max Memory Used: 40 MB\t"
)
XRAY = "XRAY TraceId: 1-6ab1f2c0-0123456789abcdef01234567\tSegmentId: 31255c3b19bd3637\t"
T_MS = 1_790_000_000_000
DATA = {
    "messageType": "DATA_MESSAGE",
    "logGroup": "/aws/lambda/f",
    "logStream": "s",
    "logEvents": [{"id": "1", "timestamp": T_MS, "message": REPORT}],
}
PACKED = base64.b64encode(gzip.compress(json.dumps(DATA).encode())).decode()
DESTINATION = {
    "version": "1.0",
    "timestamp": "2026-09-21T00:00:00.000Z",
    "requestContext": {
        "requestId": "r1",
        "functionArn": "arn:aws:lambda:eu-central-1:123456789012:function:f:$LATEST",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 3,
    },
    "responsePayload": {"errorType": "ValueError", "errorMessage": "no"},
}
DLQ_MESSAGE = {
    "MessageId": "m1",
    "Body": "{}",
    "MessageAttributes": {
        "RequestID": {"StringValue": "r1", "DataType": "String"},
        "ErrorCode": {"StringValue": "200", "DataType": "Number"},
        "ErrorMessage": {"StringValue": "no", "DataType": "String"},
    },
}
SQS_RECORD = {
    "messageId": "m2",
    "body": "hello",
    "attributes": {"DeadLetterQueueSourceArn": "arn:aws:sqs:x", "SentTimestamp": "1713185156609"},
    "messageAttributes": {},
    "eventSource": "aws:sqs",
    "eventSourceARN": "arn:aws:sqs:dlq",
}


class World:
    """A database file and the command that fills it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.db = new_file(folder / "chainlight.duckdb")

    def write(self, content: str | bytes | dict[str, Any], *, is_packed: bool = False) -> Path:
        """Make a file; a dict becomes a pretty JSON document."""
        text = json.dumps(content, indent=1) if isinstance(content, dict) else content
        data = text.encode() if isinstance(text, str) else text
        file = self.folder / f"file{len(list(self.folder.iterdir()))}"
        file.write_bytes(gzip.compress(data) if is_packed else data)
        return file

    def take(self, *files: Path) -> list[dict[str, int]]:
        """Import files and return what the command counted."""
        arguments = ["import", *map(str, files), "--db", str(self.db), "--json"]
        result = CliRunner().invoke(cli, arguments)
        assert result.exit_code == 0, result.output
        rows = json.loads(result.stdout)["files"]
        return [{key: row[key] for key in ("kept", "known", "skipped", "rejected")} for row in rows]

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with Store.open(self.db, read_only=True) as store:
            return store.query(sql).fetchall()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def counted(kept: int = 0, known: int = 0, skipped: int = 0, rejected: int = 0) -> dict[str, int]:
    return {"kept": kept, "known": known, "skipped": skipped, "rejected": rejected}


EVENT = {"logGroup": "/aws/lambda/f", "logStream": "s", "timestamp": T_MS, "message": REPORT}
INSIGHTS_ROW = {
    "@timestamp": "2026-09-21 00:00:00.123",
    "@message": REPORT,
    "@log": "123456789012:/aws/lambda/f",
}
INSIGHTS_CELLS = [{"field": field, "value": value} for field, value in INSIGHTS_ROW.items()]
START = {"time": "2026-09-21T00:00:00Z", "type": "platform.start", "record": {"requestId": "r1"}}


@pytest.mark.parametrize(
    "content",
    [
        {"events": [{**EVENT, "logStreamName": "s"}], "nextToken": "x"},
        json.dumps(EVENT) + "\n" + json.dumps({"message": "hello"}),
        json.dumps({"source": "somewhere", "message": REPORT}),
        json.dumps([EVENT]),
        REPORT + "\nSTART of something else\n",
        f"2026-09-21T00:00:00.123Z\t{REPORT}",
        f"2026-09-21T00:00:00.123000+00:00 2026/09/21/[$LATEST]0123 {REPORT}",
        f"2026/09/21/[$LATEST]0123 2026-09-21T00:00:00.123000 {REPORT}",
        f"[2026-09-21 00:00:00] {REPORT}",
        f'timestamp,message\n{T_MS},"{REPORT}"',
        INSIGHTS_ROW,
        json.dumps([INSIGHTS_ROW]),
        {"results": [INSIGHTS_CELLS], "status": "Complete"},
        {"awslogs": {"data": PACKED}},
        DATA,
        json.dumps(DATA) + "\n" + json.dumps({"messageType": "CONTROL_MESSAGE", "logEvents": []}),
        {"Records": [{"eventSource": "aws:kinesis", "kinesis": {"data": PACKED}}]},
    ],
)
def test_a_report_is_found_in_every_shape_plain_and_packed_and_once(
    world: World, content: str | dict[str, Any]
) -> None:
    files = [world.write(content, is_packed=is_packed) for is_packed in (False, True)]

    assert [each["kept"] for each in world.take(*files)] == [1, 0]
    found = world.query("SELECT request_id, duration_us, billed_ms FROM invocation_reports")
    assert found == [("r1", 12_340, 13)]


def test_plain_text_joins_the_second_line_of_a_report(world: World) -> None:
    world.take(
        world.write(f"START RequestId: r1 Version: 3\r\n{REPORT}\r\n{XRAY}Sampled: true\t\r\n")
    )

    assert world.query("SELECT trace_root, is_sampled FROM invocation_reports") == [
        ("1-6ab1f2c0-0123456789abcdef01234567", True)
    ]


def test_a_time_before_the_words_of_the_platform_is_read(world: World) -> None:
    world.take(world.write(f"2026-09-21T00:00:00.123000+00:00 2026/09/21/f[3]0123 {REPORT}"))

    assert world.query("SELECT logged_us, log_stream, function_name FROM invocation_reports") == [
        (1_789_948_800_123_000, "2026/09/21/f[3]0123", "f")
    ]


def test_a_row_of_logs_insights_says_when_and_where(world: World) -> None:
    world.take(world.write(INSIGHTS_ROW))

    assert world.query("SELECT logged_us, log_group, function_name FROM invocation_reports") == [
        (1_789_948_800_123_000, "/aws/lambda/f", "f")
    ]


def test_words_of_the_platform_in_somebodys_own_line_are_theirs(world: World) -> None:
    assert world.take(world.write(f"I read: {REPORT}")) == [counted(skipped=1)]


@pytest.mark.parametrize(
    "content",
    [START, {"source": "x", "event": START}, json.dumps(START) + "\n" + json.dumps(START)],
)
def test_platform_lines_stand_for_themselves(world: World, content: str | dict[str, Any]) -> None:
    file = world.write(json.dumps(content) if isinstance(content, dict) else content)
    assert world.take(file)[0]["kept"] == 1
    found = world.query("SELECT request_id, logged_us FROM invocation_starts")
    assert found == [("r1", 1_789_948_800_000_000)]


@pytest.mark.parametrize(
    ("content", "source", "request_id"),
    [
        (DESTINATION, "destination", "r1"),
        ({**DESTINATION, "KinesisBatchInfo": {"shardId": "s"}}, "stream", "r1"),
        (
            {
                "detail-type": "Lambda Function Invocation Result - Failure",
                "source": "lambda",
                "detail": DESTINATION,
            },
            "destination",
            "r1",
        ),
        ({"Messages": [DLQ_MESSAGE]}, "lambda_dlq", "r1"),
        (DLQ_MESSAGE, "lambda_dlq", "r1"),
        ({"Messages": [{"MessageId": "m", "Body": DESTINATION}]}, "destination", "r1"),
        ({"Records": [SQS_RECORD]}, "sqs_redrive", None),
        ({"Records": [{"Sns": {"Message": json.dumps(DESTINATION)}}]}, "destination", "r1"),
    ],
)
def test_dead_letters_are_told_by_shape(
    world: World, content: dict[str, Any], source: str, request_id: str | None
) -> None:
    files = world.write(content), world.write(content)

    assert world.take(*files) == [counted(kept=1), counted(known=1)]
    found = world.query("SELECT source, request_id FROM dead_letter_messages")
    assert found == [(source, request_id)]


def test_successes_and_ordinary_messages_are_no_dead_letters(world: World) -> None:
    success = {**DESTINATION, "requestContext": {"requestId": "r", "condition": "Success"}}
    ordinary = {"Messages": [{"MessageId": "m", "Body": "order 5"}]}

    taken = world.take(world.write(success), world.write(ordinary))

    assert taken == [counted(skipped=1), counted(skipped=1)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            {"Traces": [{"Id": "1-2-3", "Segments": []}]},
            "a trace without segments",
        ),
        ({"b": 1, "a": 2}, "no shape that is read here: keys a, b"),
        ({"awslogs": {"data": "xx"}}, "not a subscription: *"),
    ],
)
def test_what_is_not_read_is_kept_whole_with_its_reason(
    world: World, content: dict[str, Any], reason: str
) -> None:
    file = world.write(content)

    assert world.take(file) == [counted(rejected=1)]
    assert world.take(file) == [counted(known=1)]
    ((found, raw),) = world.query("SELECT reason, raw FROM reject_rows")
    assert found.startswith(reason.rstrip("*"))
    assert json.loads(raw) == content


def test_documents_in_a_row_are_each_told_by_their_own_shape(world: World) -> None:
    documents = [DESTINATION, EVENT, {"awslogs": {"data": PACKED}}, DLQ_MESSAGE]
    text = "".join(json.dumps(each) for each in documents) + "{broken"

    assert world.take(world.write(text)) == [counted(kept=3, known=1, rejected=1)]


def test_a_missing_file_stops_everything_before_the_first_row(world: World) -> None:
    file = world.write(REPORT)
    world.db.unlink()
    result = CliRunner().invoke(cli, ["import", str(file), "none", "--db", str(world.db)])

    assert result.exit_code == 1
    assert result.stderr == "chainlight: no such file: none. Nothing was imported.\n"
    assert not world.db.exists()


def test_a_broken_gzip_leaves_nothing_behind(world: World) -> None:
    file = world.write(gzip.compress((json.dumps(EVENT) + "\n").encode() * 5000)[:-50])
    result = CliRunner().invoke(cli, ["import", str(file), "--db", str(world.db)])

    assert result.exit_code == 1
    assert "cannot be" in result.stderr
    assert world.query("SELECT count(*) FROM invocation_reports") == [(0,)]


def test_people_are_shown_one_line_a_file(world: World) -> None:
    file = world.write(REPORT)
    result = CliRunner().invoke(cli, ["import", str(file), "--db", str(world.db)])

    assert result.stdout == f"{file}  1 kept, 0 known, 0 skipped, 0 rejected\n"


@pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"the recorded samples are not at {SAMPLES}")
def test_every_recorded_line_is_kept_or_rejected_with_a_reason(world: World) -> None:
    folders = ("reports", "platform-json", "subscription", "destinations", "xray", "sfn")
    files = sorted(file for folder in folders for file in (SAMPLES / folder).iterdir())

    first = world.take(*files)
    facts = world.query("SELECT count(*) FROM invocation_reports")
    again = world.take(*files)

    assert all(row["kept"] + row["rejected"] == 0 for row in again)
    assert world.query("SELECT count(*) FROM invocation_reports") == facts
    assert all(reason for (reason,) in world.query("SELECT reason FROM reject_rows"))
    reports = [row for file, row in zip(files, first, strict=True) if file.parent.name == "reports"]
    printed = sum(len(file.read_text().splitlines()) for file in (SAMPLES / "reports").iterdir())
    assert sum(sum(row.values()) for row in reports) == printed


def _letters_in(value: Any) -> list[tuple[str, str]]:
    """Find dead letters by hand: (id, condition or the attribute that tells) at any depth."""
    found = []
    if isinstance(value, dict):
        body = value.get("Body", value.get("Message"))
        context = body.get("requestContext", {}) if isinstance(body, dict) else {}
        is_lambda_dlq = "RequestID" in value.get("MessageAttributes", {})
        if context.get("condition", "Success") != "Success" or is_lambda_dlq:
            return [(json.dumps(body, sort_keys=True), context.get("condition", "lambda_dlq"))]
        value = list(value.values())
    if isinstance(value, list):
        found = [letter for each in value for letter in _letters_in(each)]
    return found


@pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"the recorded samples are not at {SAMPLES}")
def test_recorded_destinations_are_all_kept_and_what_is_rejected_says_what_it_is(
    world: World,
) -> None:
    files = sorted((SAMPLES / "destinations").iterdir())
    recorded = SAMPLES / "destinations" / "localstack-recorded.jsonl"
    lines = [json.loads(line) for line in recorded.read_text().splitlines()]
    letters = {letter for line in lines for letter in _letters_in(line)}  # masked ids are alike
    expected = Counter(condition for _, condition in letters)

    world.take(*files)

    kept = Counter(
        condition or source
        for source, condition in world.query("SELECT source, condition FROM dead_letters")
    )
    assert kept == expected + Counter({"sqs_redrive": 1})
    reasons = Counter(reason for (reason,) in world.query("SELECT reason FROM rejects"))
    assert set(reasons) <= {
        "a Kinesis record that is no log subscription",
        "a FunctionEventInvokeConfig: it holds no dead letter and no log",
        "a notification of no dead letter",
        "an EventBridge event: it holds no dead letter and no log",
        "an answer of Invoke: it holds no dead letter and no log",
        "an answer of ListEventSourceMappings: it holds no dead letter and no log",
        "an answer of ListMessageMoveTasks: it holds no dead letter and no log",
        "an answer of StartMessageMoveTask: it holds no dead letter and no log",
        "an event of no dead letters and no logs",
    }
