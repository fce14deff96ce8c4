"""The SQL files of this package, run statement by statement inside the caller's transaction."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb


@cache
def text_of(name: str) -> str:
    """Return the text of ``sql/<name>.sql``."""
    return (resources.files(__package__) / "sql" / f"{name}.sql").read_text("utf-8")


def run(
    connection: duckdb.DuckDBPyConnection, name: str, parameters: Mapping[str, object] | None = None
) -> tuple[object, ...]:
    """Execute ``sql/<name>.sql`` and return the first row of its last statement.

    Each statement is given those of the named parameters that it asks for.
    """
    given = parameters or {}
    row: tuple[object, ...] | None = None
    for statement in connection.extract_statements(text_of(name)):
        wanted = {key: given[key] for key in statement.named_parameters}
        row = connection.execute(statement, wanted or None).fetchone()
    return row or ()
