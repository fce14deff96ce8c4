"""SQL made of ``chainlight.record``: its field tables are the only definition of the record line.

Four temporary macros come of it: ``wire_of(line)`` parses; ``record_of(wire)``, ``call_of(wire)``
and ``cause_of(wire)`` give the long names with defaults filled in. Causes and calls stay as they
are on the wire until they are rows: in lists, their long names cost as much as parsing the line.
Fields are taken by position, because DuckDB does not tell ``p`` from ``P`` in the names of a
struct, and the wire does.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

from chainlight import record
from chainlight_collector.literals import literal

if TYPE_CHECKING:
    import duckdb

    Field = tuple[str, str, str, object]

_VERSION_FIELD = ("chainlight", "version", "BIGINT", None)
_LISTS: dict[str, tuple[Field, ...]] = {
    "causes": record.CAUSE_FIELDS,
    "calls": record.CALL_FIELDS,
}


def define_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the macros ``wire_of``, ``record_of``, ``call_of`` and ``cause_of``."""
    for statement in _macros():
        connection.execute(statement)


@lru_cache(maxsize=1)
def _macros() -> tuple[str, ...]:
    fields = (_VERSION_FIELD, *record.RECORD_FIELDS)
    structure = _literal(json.dumps(_structure(fields)))
    structs = {"record": fields, "call": record.CALL_FIELDS, "cause": record.CAUSE_FIELDS}
    return (
        f"CREATE OR REPLACE TEMP MACRO wire_of(line) AS TRY(from_json(line, {structure}))",
        *(
            f"CREATE OR REPLACE TEMP MACRO {name}_of(wire) AS {_struct('wire', each)}"
            for name, each in structs.items()
        ),
    )


def _structure(fields: tuple[Field, ...]) -> dict[str, object]:
    return {
        key: [_structure(_LISTS[name])] if name in _LISTS else kind for key, name, kind, _ in fields
    }


def _struct(wire: str, fields: tuple[Field, ...]) -> str:
    members = [
        f"{name} := {_member(f'struct_extract_at({wire}, {position})', name, default)}"
        for position, (_, name, _, default) in enumerate(fields, start=1)
    ]
    return f"struct_pack({', '.join(members)})"


def _member(value: str, name: str, default: object) -> str:
    if name in _LISTS:
        return f"coalesce({value}, [])"
    if default is None or default == ():
        return value
    return f"coalesce({value}, {_literal(default)})"


def _literal(value: object) -> str:
    return literal(value) if isinstance(value, str) else str(value)
