"""Text as a SQL literal, for the statements that take no parameters (ATTACH, COPY, SET)."""

from __future__ import annotations


def literal(text: str) -> str:
    """Return `text` in quotes, its own quotes doubled."""
    return "'" + text.replace("'", "''") + "'"
