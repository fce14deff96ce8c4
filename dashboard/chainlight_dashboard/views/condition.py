"""The search box of the list: a word to look for, or a condition of SQL."""

from __future__ import annotations

import re

_WHERE = re.compile(r"\s*where\b(.+)", re.IGNORECASE | re.DOTALL)
IDS_MAX = 10_000


def condition(text: str | None) -> str | None:
    """Return the condition of a text that begins with `where`, None for any other text."""
    found = _WHERE.fullmatch(text or "")
    return found[1].strip() if found else None


def statement(where: str) -> str:
    """Return the statement that finds the chains of a condition; it is run in the sandbox only.

    The condition stands on lines of its own, so that a comment in it ends with it.
    """
    return f"SELECT chain_id FROM chains WHERE (\n{where}\n) LIMIT {IDS_MAX}"  # noqa: S608
