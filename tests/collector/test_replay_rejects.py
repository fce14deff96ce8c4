"""Rejects read again after an upgrade: what parses now becomes rows; nothing is lost or doubled."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from chainlight import record
from chainlight_collector.cli.main import cli
from chainlight_collector.ingest import recognise
from chainlight_collector.ingest.recognise import Found
from chainlight_collector.store import Store

from .derive_facts import new_file

T_MS = 1_790_000_000_000
LINE_OF_V2 = json.dumps({"chainlight": 2, "r": "r1", "f": "fn", "t": T_MS * 1000})
EVENT = {"logGroup": "/aws/lambda/fn", "logStream": "s", "timestamp": T_MS, "message": LINE_OF_V2}
TEXT = f"2026-09-21T14:13:20.123456Z /aws/lambda/fn 2026/09/21/[1]aa {LINE_OF_V2}"
DOCUMENT = {"shape": "of tomorrow", "id": "m1"}
HOPELESS = "REPORT RequestId: \tDuration: nothing"


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return new_file(tmp_path / "chainlight.duckdb")


def _import(db: Path, name: str, content: str) -> None:
    file = db.with_name(name)
    file.write_text(content)
    assert CliRunner().invoke(cli, ["import", str(file), "--db", str(db)]).exit_code == 0


def _replay(db: Path) -> dict[str, Any]:
    done = CliRunner().invoke(cli, ["replay-rejects", "--db", str(db), "--json"])
    assert done.exit_code == 0, done.output
    counts: dict[str, Any] = json.loads(done.stdout)
    return counts


def _rows(db: Path, query: str) -> list[tuple[Any, ...]]:
    with Store.open(db, read_only=True) as store:
        return store.query(query).fetchall()


@pytest.fixture
def upgrade(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Make this version one that reads record lines of version 2 and a new kind of document."""

    def upgraded(document: dict[str, Any], _: str, found: Found) -> None:
        found.messages.append(
            {
                "MessageId": document["id"],
                "Body": json.dumps(
                    {"requestContext": {"requestId": "r9", "functionArn": "f", "condition": "X"}}
                ),
            }
        )

    def apply() -> None:
        monkeypatch.setattr(record, "VERSION", 2)
        table = ((lambda document: "shape" in document, upgraded), *recognise._TABLE)
        monkeypatch.setattr(recognise, "_TABLE", table)

    return apply


def test_what_parses_now_becomes_rows_and_the_rest_stays_as_it_was(
    db: Path, upgrade: Callable[[], None]
) -> None:
    _import(db, "events.ndjson", json.dumps(EVENT) + "\n")
    _import(db, "lines.txt", TEXT + "\n" + HOPELESS + "\n")
    _import(db, "document.json", json.dumps(DOCUMENT))
    before = _rows(db, "SELECT raw, seen_us FROM reject_rows")

    unchanged = _replay(db)
    same = _rows(db, "SELECT raw, seen_us FROM reject_rows")
    upgrade()
    upgraded = _replay(db)
    again = _replay(db)

    assert (unchanged["kept"], unchanged["rejected"]) == (0, 4)
    assert sorted(same) == sorted(before)
    assert (upgraded["kept"], upgraded["known"], upgraded["rejected"]) == (2, 1, 1)
    assert (again["kept"], again["rejected"]) == (0, 1)
    assert _rows(db, "SELECT raw FROM rejects") == [(HOPELESS,)]
    assert _rows(db, "SELECT request_id, started_us FROM attempts") == [("r1", T_MS * 1000)]
    assert _rows(db, "SELECT message_id FROM dead_letters") == [("m1",)]


def test_replay_in_parts_is_replay_at_once(
    db: Path, upgrade: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chainlight_collector.ingest.replay.PART_COUNT", 2)
    lines = [
        json.dumps({**EVENT, "message": LINE_OF_V2.replace("r1", f"r{number}")})
        for number in range(5)
    ]
    _import(db, "events.ndjson", "\n".join(lines) + "\n")
    upgrade()

    counts = _replay(db)

    assert (counts["kept"], counts["rejected"]) == (5, 0)
    assert _rows(db, "SELECT count(*) FROM attempts") == [(5,)]
    assert _rows(db, "SELECT count(*) FROM rejects") == [(0,)]
