"""Write docs/sql-reference.md from the schema's own files: what each view answers, and its columns.

The words are those of each `.sql` file's header; a column's unit is told by its name's ending.
``--check`` compares instead of writing and exits with 1.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import duckdb

from chainlight_collector import ddl

PROJECT = Path(__file__).resolve().parents[1]
REFERENCE = PROJECT / "docs" / "sql-reference.md"
INTRODUCTION = """# SQL reference

Every view of the database, in the words of its own `.sql` file (`tools/sql_reference.py` wrote this
page). Times are `*_at` (UTC) and `*_us` (microseconds: epoch for instants, length for durations),
money is US dollars at list price, unknown is NULL. Questions with their SQL are in
[recipes](recipes/README.md).
"""
UNITS = {
    "_us": "microseconds",
    "_ms": "milliseconds",
    "_usd_month": "US dollars a month of 30 days",
    "_usd": "US dollars at list price",
    "_bytes": "bytes",
    "_mb": "MB",
    "_gb_s": "GB-seconds",
    "_share": "0 to 1",
    "_count": "how many",
    "_at": "UTC",
    "_s": "seconds",
    "_days": "days",
}
_CREATED = re.compile(r"CREATE OR REPLACE (VIEW|MACRO) (\w+)(\([^)]*\))?")


def reference() -> str:
    """Return the whole page as it should be."""
    connection = duckdb.connect(config={"autoinstall_known_extensions": False})
    ddl.apply(connection, PROJECT)
    sections = [INTRODUCTION]
    for name, text in ddl.schema_files():
        if name.startswith(("views/", "seeds/")):
            sections += _sections(connection, text)
    return "\n".join(sections)


def _sections(connection: duckdb.DuckDBPyConnection, text: str) -> list[str]:
    header, _, body = text.partition("CREATE")
    words = _words(header)
    created = _CREATED.findall("CREATE" + body)
    views = [name for kind, name, _ in created if kind == "VIEW"]
    macros = [f"{name}{arguments}" for kind, name, arguments in created if kind == "MACRO"]
    found = [f"## {view}\n{words}\n\n{_table(connection, view)}" for view in views]
    if macros:
        found.append(f"## {', '.join(macros)}\n{words}\n")
    return found


def _words(header: str) -> str:
    lines = [line.removeprefix("--").strip() for line in header.strip().splitlines()]
    return "\n".join(line for line in lines if line)


def _table(connection: duckdb.DuckDBPyConnection, view: str) -> str:
    rows = connection.execute(f"DESCRIBE {view}").fetchall()
    lines = [f"| `{row[0]}` | {_type(row[1])} | {_unit(row[0])} |" for row in rows]
    return "\n".join(["| column | type | unit |", "|---|---|---|", *lines]) + "\n"


def _type(name: str) -> str:
    return {"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ"}.get(name, name)


def _unit(column: str) -> str:
    if column.startswith(("is_", "has_", "crosses_")):
        return "true, false"
    return next((unit for ending, unit in UNITS.items() if column.endswith(ending)), "")


def main() -> int:
    """Write the page, or say whether it is current."""
    page = reference()
    if "--check" not in sys.argv:
        REFERENCE.write_text(page, encoding="utf-8")
        return 0
    is_current = REFERENCE.read_text(encoding="utf-8") == page
    if not is_current:
        print(f"{REFERENCE.name} is stale: run .venv/bin/python tools/sql_reference.py")
    return 0 if is_current else 1


if __name__ == "__main__":
    raise SystemExit(main())
