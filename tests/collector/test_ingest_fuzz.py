"""Mutated lines and documents: nothing crashes, nothing goes uncounted.

Small by default; CHAINLIGHT_FUZZ_LINES and CHAINLIGHT_FUZZ_DOCUMENTS say how many are made.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import random
from pathlib import Path

import pytest

from chainlight_collector import ddl, ingest
from chainlight_collector.ingest import Counts

from .log_lines import SEEN_US, Database, database, event, record_line, transaction
from .test_ingest_once import EVENTS

LINES = int(os.environ.get("CHAINLIGHT_FUZZ_LINES", "6000"))
DOCUMENTS = int(os.environ.get("CHAINLIGHT_FUZZ_DOCUMENTS", "300"))
BATCH = 20_000
DOCUMENTS_BATCH = 500
PLATFORM = {
    "time": "2026-09-21T13:33:20.000Z",
    "type": "platform.report",
    "record": {"requestId": "r", "metrics": {"durationMs": 5.5, "billedDurationMs": 6}},
}
MESSAGES = [
    *(str(each["message"]) for each in EVENTS[:26]),
    json.dumps(PLATFORM, separators=(",", ":")),
    json.dumps(PLATFORM | {"type": "platform.fault", "record": "RequestId: r Process exited"}),
    json.dumps({"level": "ERROR", "requestId": "r", "message": {"errorType": "E"}}),
    "2024-03-04T17:22:38.033Z r Task timed out after 3.00 seconds\n\n",
    "RequestId: r Error: Runtime exited with error: signal: killed\nRuntime.ExitError",
    "INIT_REPORT Init Duration: 9999.47 ms\tPhase: init\tStatus: timeout",
    "no such order: java.lang.IllegalStateException\n\tat shop.Handler.handle(H.java:20)",
    record_line(calls=[{"call_id": "c", "natural_keys": ["a", "b"]}], causes=[{"sent_us": 5}]),
]
PUSH = {
    "messageType": "DATA_MESSAGE",
    "logGroup": "/aws/lambda/f",
    "logStream": "s",
    "logEvents": [{"id": "1", "timestamp": 1_790_000_000_000, "message": MESSAGES[1]}],
}
LETTER = {
    "requestContext": {"requestId": "r", "condition": "RetriesExhausted", "functionArn": "arn:f"},
    "responsePayload": {"errorType": "ValueError"},
}
SHAPES = [
    {"events": [{**event(MESSAGES[1]), "logStreamName": "s"}], "nextToken": "x"},
    {"@timestamp": "2026-09-21 00:00:00.123", "@message": MESSAGES[1], "@log": "1:/aws/lambda/f"},
    PUSH,
    {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(PUSH).encode())).decode()}},
    {"source": "x", "event": PLATFORM},
    PLATFORM,
    LETTER,
    {"Messages": [{"MessageId": "m", "Body": json.dumps(LETTER)}]},
    {"Records": [{"messageId": "m", "body": "x", "eventSourceARN": "arn:aws:sqs:q"}]},
    {"trace_id": "1-6ab1f2c0-0123456789abcdef01234567", "id": "31255c3b19bd3637", "name": "f",
     "start_time": 1.5, "end_time": 2.5},
    {"events": [{"id": 1, "type": "ExecutionStarted", "timestamp": 1.5, "previousEventId": 0}]},
]  # fmt: skip


def mutated(text: str, chance: random.Random) -> str:
    """Return a text with one to four places changed."""
    letters = list(text)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(letters) + 1)
        match chance.randrange(4):
            case 0:
                del letters[place : place + chance.randint(1, 30)]
            case 1:
                letters.insert(place, chance.choice('"{}[]\\:,\t\n\x00\u00a0é0 -'))
            case 2:
                letters[place : place + 1] = chance.choice(("1e999", "null", "-5", "9" * 30, "nan"))
            case _:
                letters[place:] = letters[: chance.randrange(len(letters) + 1)]
    return "".join(letters)


def total(counts: Counts) -> int:
    return counts.kept + counts.known + counts.skipped + counts.rejected


def batches(count: int, size: int) -> range:
    return range(0, count, size)


@pytest.mark.timeout(7200)
def test_mutated_messages_are_kept_skipped_or_rejected(tmp_path: Path) -> None:
    db, chance = database(), random.Random(1)  # noqa: S311  mutations, no secrets
    file = tmp_path / "events.ndjson"
    for start in batches(LINES, BATCH):
        made = [event(mutated(chance.choice(MESSAGES), chance)) for _ in range(BATCH)]
        lines = made[: LINES - start]
        file.write_text("".join(json.dumps(each) + "\n" for each in lines))
        with transaction(db):
            assert total(ingest.log_events(db, [file], SEEN_US)) == len(lines)


@pytest.mark.timeout(7200)
def test_mutated_lines_of_files_are_kept_skipped_or_rejected(tmp_path: Path) -> None:
    db, chance = database(), random.Random(2)  # noqa: S311  mutations, no secrets
    file = tmp_path / "events.ndjson"
    count = LINES // 4
    for start in batches(count, BATCH):
        made = [
            mutated(json.dumps(event(chance.choice(MESSAGES))), chance).replace("\n", " ")
            for _ in range(min(BATCH, count - start))
        ]
        file.write_text("\n".join(made), "utf-8", "replace")
        written = sum(1 for line in made if line.strip())
        with transaction(db):
            assert total(ingest.log_events(db, [file], SEEN_US)) == written


@pytest.mark.timeout(7200)
def test_mutated_documents_never_crash_and_none_is_lost(tmp_path: Path) -> None:
    db, chance = whole_database(), random.Random(3)  # noqa: S311  mutations, no secrets
    file = tmp_path / "documents.json"
    for start in batches(DOCUMENTS, DOCUMENTS_BATCH):
        made = [
            mutated(json.dumps(chance.choice(SHAPES)), chance).replace("\n", " ")
            for _ in range(min(DOCUMENTS_BATCH, DOCUMENTS - start))
        ]
        file.write_text("[]\n" + "\n".join(made), "utf-8", "replace")
        counts = Counts()
        for step in ingest.steps(file):
            with transaction(db):
                counts += step(db, SEEN_US)
        assert total(counts) >= sum(1 for line in made if not may_hold_nothing(line))


def may_hold_nothing(line: str) -> bool:
    """Whether a document has an empty list where its entries should be, or is none at all."""
    text = line.replace(" ", "")
    return not text.strip(",") or "[]" in text or "null" in text


def whole_database() -> Database:
    db = database()
    for name, text in ddl.schema_files():
        if name.startswith("derived/"):
            db.execute(text)
    return db
