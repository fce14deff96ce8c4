"""Checkpoints: how far each source was read, written in the transaction that brings the rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from duckdb import DuckDBPyConnection

_READ = "SELECT shard, position_us, state FROM checkpoints WHERE source = ?"
_FORGET = """
DELETE FROM checkpoints
WHERE (source, shard) IN (SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]))
"""
_WRITE = """
INSERT INTO checkpoints
SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::BIGINT[]), unnest(?::VARCHAR[]), ?
"""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far one shard of a source was read: up to `position_us`; `state` is the source's own."""

    source: str
    shard: str
    position_us: int | None
    state: dict[str, Any] = field(default_factory=dict)


def read(connection: DuckDBPyConnection, source: str) -> dict[str, Checkpoint]:
    """Return the checkpoints of one source by shard."""
    rows = connection.execute(_READ, [source]).fetchall()
    return {
        shard: Checkpoint(source, shard, position_us, json.loads(state or "{}"))
        for shard, position_us, state in rows
    }


def write(connection: DuckDBPyConnection, advanced: Sequence[Checkpoint], updated_us: int) -> None:
    """Replace these checkpoints in the caller's transaction; of two for one shard the last wins."""
    if not advanced:
        return
    newest = {(each.source, each.shard): each for each in advanced}
    keys = list(newest)
    sources, shards = [key[0] for key in keys], [key[1] for key in keys]
    positions = [newest[key].position_us for key in keys]
    states = [json.dumps(newest[key].state) if newest[key].state else None for key in keys]
    connection.execute(_FORGET, [sources, shards])
    connection.execute(_WRITE, [sources, shards, positions, states, updated_us])
