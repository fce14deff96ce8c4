"""Exactly once: whatever order, split or repetition, the tables are the same; nothing crashes."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chainlight import record
from chainlight_collector import ingest
from chainlight_collector.ingest import Counts

from .log_lines import SEEN_US, Database, database, tables, taker

T_MS = 1_790_000_000_000
GROUPS = ("/aws/lambda/shop-cart", "/shop/all")
STREAMS = ("2026/09/21/[$LATEST]0123456789abcdef", "2026/09/21/shop-pay[$LATEST]0123456789abcdef")
EXAMPLES = int(os.environ.get("CHAINLIGHT_EXAMPLES", "6"))
SLOW = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)


def _messages(number: int) -> list[tuple[int, str]]:
    """Return what one execution and its environment print, with milliseconds from its start."""
    rid, started_us = f"rid-{number // 2}", (T_MS + number * 60_000) * 1000
    base: dict[str, object] = {
        "chain_id": "1-6ab1f2c0-0123456789abcdef01234567",
        "request_id": rid,
        "function_arn": "arn:aws:lambda:eu-central-1:123456789012:function:shop-cart",
        "started_us": started_us,
        "duration_us": 9000,
    }
    call = {"call_id": f"c{number}", "target": "x", "wait_us": number, "natural_keys": ["k"]}
    start = {"time": "x", "type": "platform.start", "record": {"requestId": f"{rid}-json"}}
    return [
        (0, "INIT_START Runtime Version: python:3.12.v27"),
        (0, f"START RequestId: {rid} Version: $LATEST\n"),
        (1, record.encode({**base, "outcome": "timeout", "calls": [{**call, "is_open": 1}]})),
        (9, record.encode({**base, "outcome": "ok", "calls": [call], "causes": [{}]})),
        (9, record.encode({**base, "request_id": "p", "part": [1, 2], "calls": [call]})),
        (9, record.encode({**base, "request_id": "p", "part": [2, 2], "causes": [{}]})),
        (10, f"END RequestId: {rid}\n"),
        (10, f"REPORT RequestId: {rid}\tDuration: 9.00 ms\tBilled Duration: {number} ms\t"),
        (10, f"END RequestId: {rid}-lone\n"),
        (10, "[ERROR] ValueError: no\nTraceback"),
        (10, f"REPORT RequestId: {rid}\tDuration: <duration> ms"),
        (11, json.dumps(start)),
        (11, _platform("report", requestId=f"{rid}-json", metrics={"durationMs": number + 1.5})),
        (11, _platform("start", requestId=f"{rid}-v8", version="8")),
        (11, _platform("runtimeDone", requestId=f"{rid}-json", status="success")),
        (11, _platform("logsDropped", droppedRecords=number)),
        (11, f"2024-03-04T17:22:38.033Z {rid} Task timed out after 3.00 seconds\n\n"),
        (
            11,
            f"RequestId: {rid} Error: Runtime exited with error: signal: killed\nRuntime.ExitError",
        ),
        (11, "INIT_REPORT Init Duration: 99.47 ms\tPhase: invoke\tStatus: timeout"),
        (11, json.dumps({"level": "ERROR", "requestId": rid, "message": {"errorType": "E"}})),
        (11, "no: java.lang.IllegalStateException\n\tat shop.Handler.handle(H.java:20)"),
        (11, "an ordinary line"),
    ]


def _platform(kind: str, **body: object) -> str:
    line = {"time": "2026-09-21T13:33:20.000Z", "type": f"platform.{kind}", "record": body}
    return json.dumps(line, separators=(",", ":"))


EVENTS = [
    {
        "logGroup": GROUPS[number % 2],
        "logStream": STREAMS[number % 2],
        "timestamp": None if number == 3 else T_MS + number * 60_000 + after_ms,
        "message": message,
    }
    for number in range(4)
    for after_ms, message in _messages(number)
]


def _take(db: Database, folder: Path, events: list[dict[str, Any]]) -> Counts:
    return taker(db, folder)(*events)


@SLOW
@given(st.data())
def test_shuffled_split_and_repeated_input_gives_equaltables(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("once")
    whole = database()
    _take(whole, folder, EVENTS)
    shuffled = data.draw(st.permutations(EVENTS))
    repeated = [*shuffled, *data.draw(st.lists(st.sampled_from(EVENTS), max_size=30))]
    cuts = sorted(data.draw(st.sets(st.integers(1, len(repeated) - 1), max_size=5)))
    pieces = [
        repeated[start:end] for start, end in zip([0, *cuts], [*cuts, len(repeated)], strict=True)
    ]
    other = database()
    for piece in pieces:
        counts = _take(other, folder, piece)
        assert counts.kept + counts.known + counts.skipped + counts.rejected == len(piece)

    assert tables(other) == tables(whole)


def test_the_same_input_again_keeps_nothing(tmp_path: Path) -> None:
    connection = database()
    first = _take(connection, tmp_path, EVENTS)
    before = tables(connection)

    again = _take(connection, tmp_path, EVENTS)

    assert (again.kept, again.rejected, again.touched_since_us) == (0, 0, None)
    assert again.known == first.kept + first.known + first.rejected
    assert tables(connection) == before


def _mutated(text: str, chance: random.Random) -> str:
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


@SLOW
@given(st.integers(0, 2**32))
def test_mutated_messages_are_kept_skipped_or_rejected(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311  mutations, no secrets
    events = [
        {**event, "message": _mutated(str(event["message"]), chance)}
        for event in EVENTS
        for _ in range(20)
    ]

    counts = _take(database(), tmp_path_factory.mktemp("fuzz"), events)

    assert counts.kept + counts.known + counts.skipped + counts.rejected == len(events)


@SLOW
@given(st.integers(0, 2**32))
def test_mutated_files_never_crash(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  mutations, no secrets
    lines = [_mutated(json.dumps(event), chance) for event in EVENTS for _ in range(5)]
    text = "\n".join(lines).encode() + bytes(chance.randrange(256) for _ in range(40))
    file = tmp_path_factory.mktemp("fuzz") / "events.ndjson"
    file.write_bytes(text)

    for read in (ingest.log_events, ingest.log_pages, ingest.log_subscriptions, ingest.log_texts):
        assert read(database(), [file], SEEN_US) is not None
