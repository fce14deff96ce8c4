"""The executions that new events belong to, as rows: `workflow` and `durable` read, this writes."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import astuple
from importlib import resources
from typing import TYPE_CHECKING

from chainlight_collector.derive import durable, workflow
from chainlight_collector.derive.durable import DurableEvent
from chainlight_collector.derive.workflow import Event, Execution
from chainlight_collector.literals import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

_EVENTS = """
SELECT
    execution_arn, event_id, previous_event_id, event_type, at_us, state_name, resource_type,
    resource, target, is_event_invoke, request_id, natural_key, error_type, items_count, item_index
FROM execution_events
WHERE execution_arn IN (SELECT execution_arn FROM touched_executions)
"""
_DURABLE_EVENTS = """
SELECT
    execution_arn, event_id, event_type, at_us, operation_id, parent_id, operation_name, target,
    natural_key, request_id, started_us, ended_us, try_number, error_type
FROM durable_events
WHERE execution_arn IN (SELECT execution_arn FROM touched_executions)
"""


def write_executions(connection: duckdb.DuckDBPyConnection) -> None:
    """Replace the rows of the executions in touched_executions."""
    rows: dict[str, list[list[object]]] = {"executions": [], "states": [], "tasks": []}
    for arn, kind, machine, execution in _executions(connection):
        rows["executions"].append(_summary(arn, kind, machine, execution))
        rows["states"] += [[arn, *astuple(state)] for state in execution.states.values()]
        rows["tasks"] += [[arn, *astuple(task)] for task in execution.tasks]
    for name, found in rows.items():
        connection.execute(f"SET VARIABLE read_{name} = {literal(json.dumps(found))}")
    sql = (resources.files(__package__ or "") / "executions.sql").read_text("utf-8")
    connection.execute(sql)


def _executions(
    connection: duckdb.DuckDBPyConnection,
) -> Iterator[tuple[str, str, str, Execution]]:
    events: dict[str, list[Event]] = defaultdict(list)
    for arn, *fields in connection.execute(_EVENTS).fetchall():
        events[arn].append(Event(*fields))
    for arn, found in events.items():
        kind = "express" if ":express:" in arn else "standard"
        execution = workflow.read(found, is_standard=kind == "standard")
        yield arn, kind, _machine(arn), execution
    operations: dict[str, list[DurableEvent]] = defaultdict(list)
    for arn, *fields in connection.execute(_DURABLE_EVENTS).fetchall():
        operations[arn].append(DurableEvent(*fields))
    for arn, read in operations.items():
        name = _function(arn)
        yield arn, "durable", name or "(unknown)", durable.read(read, arn, name)


def _machine(arn: str) -> str:
    """Return the state machine's name: `arn:aws:states:region:account:execution:NAME:execution`.

    Children of a distributed Map say `NAME/label`.
    """
    parts = arn.split(":")
    return parts[6].partition("/")[0] if len(parts) > 7 else "(unknown)"  # noqa: PLR2004  see above


def _function(arn: str) -> str | None:
    """Return the function of `…:function:NAME:version/durable-execution/name/id`."""
    _, is_function, rest = arn.partition(":function:")
    return rest.partition(":")[0].partition("/")[0] if is_function else None


def _summary(arn: str, kind: str, machine: str, execution: Execution) -> list[object]:
    return [
        arn,
        machine,
        kind,
        execution.started_us,
        execution.ended_us,
        execution.status,
        execution.error_type,
        len(execution.states),
        execution.retries_count,
        execution.caught_count,
        execution.transitions_count,
        execution.events_count,
    ]
