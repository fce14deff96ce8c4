"""Mutated traces, spans and histories: nothing crashes, every document is accounted for."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from chainlight_collector import ingest
from chainlight_collector.derive import derive
from chainlight_collector.ingest import recognise

from .derive_facts import open_database, rows_of
from .test_import_executions import ORDERS
from .test_import_xray import FUNCTION, SERVICE, SPAN

MUTATIONS = int(os.environ.get("CHAINLIGHT_FUZZ_TRACES", "120"))
SEEN_US = 1_790_000_000_000_000
DURABLE = {
    "EventId": 1,
    "EventType": "ChainedInvokeStarted",
    "EventTimestamp": 1_790_000_000,
    "Id": "c",
    "ChainedInvokeStartedDetails": {"FunctionName": "f"},
}
SEEDS: list[dict[str, Any]] = [
    SERVICE,
    {**FUNCTION, "subsegments": [{**FUNCTION, "id": "b" * 16, "namespace": "aws"}]},
    SPAN,
    {"Traces": [{"Id": "x", "Segments": [{"Id": "y", "Document": json.dumps(SERVICE)}]}]},
    {"events": ORDERS},
    {"Events": [DURABLE, {**DURABLE, "EventId": 2, "EventType": "InvocationCompleted"}]},
]
ODDITIES = (None, True, -1, 0, 2**70, 1e308, float("nan"), "", "x", "\ud800", "\x00", [], {}, [[]],
            {"id": {"id": []}})  # fmt: skip


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = open_database()
    yield connection
    connection.close()


def mutated(value: Any, dice: random.Random) -> Any:
    """Return a copy in which some part is gone, doubled or something odd."""
    if dice.random() < 0.03:
        return dice.choice(ODDITIES)
    if isinstance(value, dict):
        return {k: mutated(v, dice) for k, v in value.items() if dice.random() > 0.02}
    if isinstance(value, list):
        return [mutated(each, dice) for each in value for _ in range(dice.choice((0, 1, 1, 1, 2)))]
    return value


def test_mutated_documents_do_no_harm(database: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    dice = random.Random(20261125)  # noqa: S311  mutations, no secrets
    taken = rejected = 0
    for number in range(MUTATIONS):
        file = tmp_path / "document"
        file.write_text(json.dumps(mutated(SEEDS[number % len(SEEDS)], dice)))
        found = recognise.documents_in(file)
        for keep, rows in (
            (ingest.xray_documents, found.segments),
            (ingest.execution_events, found.execution_events),
            (ingest.durable_events, found.durable_events),
        ):
            counts = keep(database, rows, SEEN_US)
            assert counts.kept + counts.known + counts.rejected == len(rows)
            taken += counts.kept + counts.known
            rejected += counts.rejected
        rejected += len(found.rejects)
    derive(database, None)

    assert taken > MUTATIONS // 3
    assert rejected > 0
    assert rows_of(database, "SELECT count(*) > 0 FROM executions") == [(True,)]
