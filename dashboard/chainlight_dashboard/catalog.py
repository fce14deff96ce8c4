"""The dashboard's queries: one `.sql` file each, which declares the columns it returns.

A file opens with comments: the question it answers, one row per what, and one line
`-- columns: a, b, c`, which a test compares with what DuckDB says. Parameters are `$named`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

QUERIES = Path(__file__).parent / "queries"
_COLUMNS = re.compile(r"^-- columns:(.*(?:\n--   .*)*)", re.MULTILINE)
_PARAMETER = re.compile(r"\$([a-z_]+)")
_COMMENT = re.compile(r"^--.*\n", re.MULTILINE)

Value = int | float | str | list[str] | None


@dataclass(frozen=True, slots=True)
class Query:
    """One query: its name, text, declared columns and the parameters it takes."""

    name: str
    text: str
    columns: tuple[str, ...]
    parameters: tuple[str, ...]

    def with_literals(self, parameters: dict[str, Value]) -> str:
        """Return the text with each parameter written out, ready for `chainlight sql`."""
        return _PARAMETER.sub(lambda match: literal(parameters[match[1]]), self.text)


@cache
def query(name: str) -> Query:
    """Return the query of `queries/<name>.sql`.

    Raises: FileNotFoundError for a name without a file.
    """
    text = (QUERIES / f"{name}.sql").read_text(encoding="utf-8")
    found = _COLUMNS.search(text)
    declared = found[1].replace("\n--", "") if found else ""
    body = _COMMENT.sub("", text)
    return Query(
        name=name,
        text=text,
        columns=tuple(column.strip() for column in declared.split(",") if column.strip()),
        parameters=tuple(dict.fromkeys(_PARAMETER.findall(body))),
    )


def names() -> list[str]:
    """Return the names of all queries, sorted."""
    return sorted(path.stem for path in QUERIES.glob("*.sql"))


def literal(value: Value) -> str:
    """Return `value` as a SQL literal; text is quoted with doubled quotes."""
    if value is None:
        return "NULL"
    if isinstance(value, list):
        return f"[{', '.join(literal(item) for item in value)}]::VARCHAR[]"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value)
