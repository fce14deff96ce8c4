"""The critical paths of the touched traces as rows: `critical_path` decides, this reads and writes.

An end that is not known yet is taken from what is: "Dwell Time" ends where the first attempt
begins, anything else with the last that is below it. The view that shows such a trace names them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from importlib import resources
from typing import TYPE_CHECKING

from chainlight_collector.derive import critical_path
from chainlight_collector.derive.critical_path import Node, Step, Trace
from chainlight_collector.literals import literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import duckdb

    Row = tuple[str, str, str | None, str, str | None, int, int | None]

_READ = """
SELECT trace_id, node_id, parent_id, name, origin, started_us, ended_us
FROM xray_node_rows
WHERE trace_id IN (SELECT trace_id FROM touched_traces)
ORDER BY trace_id, node_id
"""


def write_paths(connection: duckdb.DuckDBPyConnection) -> None:
    """Replace the path rows of the touched traces; runs after xray_nodes.sql."""
    by_trace: dict[str, list[Row]] = defaultdict(list)
    for row in connection.execute(_READ).fetchall():
        by_trace[row[0]].append(row)
    rows = [row for trace_id, found in by_trace.items() for row in _path_rows(trace_id, found)]
    connection.execute(f"SET VARIABLE path_rows = {literal(json.dumps(rows))}")
    sql = (resources.files(__package__ or "") / "xray_paths.sql").read_text("utf-8")
    connection.execute(sql)


def _path_rows(trace_id: str, rows: list[Row]) -> Iterator[list[object]]:
    trace = Trace.of(_nodes(rows))
    path = critical_path.path_of(trace)
    cold = {init.node_id for node in path if (init := trace.init(node)) is not None}
    for number, step in enumerate(critical_path.steps_of(trace, path)):
        yield [trace_id, number, *_fields(step), step.node_id in cold]


def _fields(step: Step) -> tuple[str, str, int, int]:
    return (step.node_id, step.category, step.started_us, step.ended_us)


def _nodes(rows: Iterable[Row]) -> Iterator[Node]:
    known = list(rows)
    below: dict[str | None, list[Row]] = defaultdict(list)
    for row in known:
        below[row[2]].append(row)
    for _, node_id, parent_id, name, origin, started_us, ended_us in known:
        if ended_us is None:
            ended_us = max(started_us, _end_us(node_id, parent_id, name, below))  # noqa: PLW2901
        yield Node(node_id, parent_id, name, origin, started_us, ended_us)


def _end_us(
    node_id: str, parent_id: str | None, name: str, below: dict[str | None, list[Row]]
) -> int:
    """Return the latest instant that something else gives away, 0 where nothing does."""
    if name == "Dwell Time":
        attempts = [row[5] for row in below[parent_id] if row[3].startswith("Attempt #")]
        return min(attempts, default=0)
    seen: set[str] = set()
    waiting, latest_us = [node_id], 0
    while waiting:
        for row in below.get(waiting.pop(), []):
            latest_us = max(latest_us, row[5], row[6] or 0)
            if row[1] not in seen:
                seen.add(row[1])
                waiting.append(row[1])
    return latest_us
