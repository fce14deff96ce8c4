"""From facts to attempts, calls, links, chains: recomputed, never patched.

Whatever part is recomputed, the result is the one of recomputing everything: rows follow from the
facts alone, not from the order in which these came or from rows derived before. The work is SQL
(one file a step); Python only bounds it and looks for cycles.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from chainlight_collector.derive import xray_paths

if TYPE_CHECKING:
    import duckdb

LOOKBACK_US = 900_000_000
"""A record is logged up to 15 minutes (Lambda's longest execution) after what it tells of began."""

_EVERYTHING_US = -(2**62)
_HAS_NEW_SEGMENTS = (
    "SELECT 1 FROM xray_segments WHERE started_us >= getvariable('since_us') LIMIT 1"
)
_BEFORE_CHAINS = (
    "attempts.sql",
    "numbered.sql",
    "calls.sql",
    "waits.sql",
    "affected.sql",
    "causes.sql",
    "links.sql",
    "edges.sql",
    "downstream.sql",
    "flow.sql",
)
_CYCLES = ("cycles.sql", "flow.sql")
_CHAINS = ("members.sql", "nodes.sql", "timeline.sql", "chains.sql", "days.sql")


def derive(connection: duckdb.DuckDBPyConnection, since_us: int | None) -> None:
    """Recompute the derived rows of whatever the facts since ``since_us`` touch.

    ``since_us`` is in epoch microseconds, None means everything. Runs inside the caller's
    transaction. Touched are the requests that those facts name, the callees of their calls, all
    that these caused, and every chain that one of them belongs or belonged to.
    """
    start_us = _EVERYTHING_US if since_us is None else since_us - LOOKBACK_US
    connection.execute(f"SET VARIABLE since_us = {start_us:d}")
    has_traces = bool(connection.execute(_HAS_NEW_SEGMENTS).fetchone())
    if has_traces:
        _run(connection, ("xray_nodes.sql",))
        xray_paths.write_paths(connection)
    _run(connection, ("touched.sql", *(("xray_touched.sql",) if has_traces else ())))
    _run(connection, _BEFORE_CHAINS)
    if connection.execute("SELECT 1 FROM unreached LIMIT 1").fetchone():
        _run(connection, _CYCLES)
    _run(connection, _CHAINS)


def _run(connection: duckdb.DuckDBPyConnection, names: tuple[str, ...]) -> None:
    folder = resources.files(__name__)
    for name in names:
        connection.execute((folder / name).read_text("utf-8"))
