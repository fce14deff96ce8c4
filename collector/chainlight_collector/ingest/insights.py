"""Rows of CloudWatch Logs Insights, as the console exports them and GetQueryResults returns them.

A row names its fields with an @: @timestamp is UTC without an offset, @log is `account:group`.
"""

from __future__ import annotations

from datetime import UTC, datetime

Document = dict[str, object]


def is_row(document: Document) -> bool:
    """Say whether this is one row with its message."""
    return "@message" in document


def is_answer(document: Document) -> bool:
    """Say whether this is an answer of GetQueryResults."""
    rows = document.get("results")
    return isinstance(rows, list) and all(isinstance(row, list) for row in rows)


def rows_of(answer: Document) -> list[Document]:
    """Return the rows of an answer, each `[{"field": name, "value": text}, …]` there."""
    rows = answer["results"]
    return [
        {str(cell["field"]): cell.get("value") for cell in row if isinstance(cell, dict)}
        for row in (rows if isinstance(rows, list) else [])
    ]


def event_of(row: Document) -> Document:
    """Return a row as a log event; what the query did not select is missing."""
    group = str(row.get("@log") or "").rpartition(":")[2]
    return {
        "logGroup": group or None,
        "logStream": row.get("@logStream"),
        "timestamp": _epoch_ms(row.get("@timestamp")),
        "message": row.get("@message"),
    }


def _epoch_ms(text: object) -> int | None:
    try:
        return round(datetime.fromisoformat(str(text)).replace(tzinfo=UTC).timestamp() * 1000)
    except ValueError:
        return None
