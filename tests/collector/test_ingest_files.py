"""Files to lines: pages, pushes, large, compressed and broken ones."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from chainlight_collector import ingest
from chainlight_collector.ingest import Counts, parts

from .log_lines import (
    GROUP,
    REPORT,
    RID,
    SEEN_US,
    STREAM,
    T_MS,
    T_US,
    Database,
    Take,
    database,
    event,
    rows,
    taker,
)


@pytest.fixture
def db() -> Database:
    return database()


@pytest.fixture
def take(db: Database, tmp_path: Path) -> Take:
    return taker(db, tmp_path)


def test_pages_are_read_as_filterlogevents_answers_them(db: Database, tmp_path: Path) -> None:
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


def test_push_and_pull_of_the_same_event_are_one_row(
    db: Database, take: Take, tmp_path: Path
) -> None:
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


def test_lines_that_are_no_events_are_rejected_and_the_rest_is_kept(
    db: Database, tmp_path: Path
) -> None:
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
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
