"""Queries that readers saved: one `.sql` file each, in a folder of the machine that serves.

The folder is CHAINLIGHT_QUERIES, else `chainlight/queries` in the reader's configuration folder.
What is saved is text for the editor and nothing else: it runs in the sandbox like any other. Names
are short words, so that no name leads out of the folder; number and size are bounded, because
everybody who may look may save.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from chainlight_dashboard.errors import QueryNotSavedError

FOLDER_VARIABLE = "CHAINLIGHT_QUERIES"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,59}")
BYTES_MAX = 20_000
QUERIES_MAX = 200


def folder() -> Path:
    """Return where saved queries lie; it may not exist yet."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen:
        return Path(chosen)
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home, "chainlight", "queries")


def names() -> list[str]:
    """Return the names of the saved queries, sorted; none where there is no folder."""
    return sorted(path.stem for path in folder().glob("*.sql") if NAME.fullmatch(path.stem))


def text(name: str) -> str:
    """Return a saved query, or "" where there is none of that name."""
    if name not in names():
        return ""
    return (folder() / f"{name}.sql").read_text("utf-8", errors="replace")[:BYTES_MAX]


def save(name: str, sql: str) -> None:
    """Keep a query under a name; one of the same name is replaced.

    Raises: QueryNotSavedError for a name, a size or a number that is not allowed.
    """
    if not NAME.fullmatch(name):
        raise QueryNotSavedError("A name is up to 60 letters, digits, blanks, - and _.")
    if not sql.strip() or len(sql.encode()) > BYTES_MAX:
        raise QueryNotSavedError(f"A query to save has 1 to {BYTES_MAX:,} bytes.")
    if name not in names() and len(names()) >= QUERIES_MAX:
        raise QueryNotSavedError(f"There are {QUERIES_MAX} saved queries already; delete one.")
    folder().mkdir(parents=True, exist_ok=True)
    unfinished = folder() / f".{name}.unfinished"
    unfinished.write_text(sql, "utf-8")
    unfinished.replace(folder() / f"{name}.sql")


def delete(name: str) -> None:
    """Forget a saved query; forgetting one that is gone is fine."""
    if NAME.fullmatch(name):
        (folder() / f"{name}.sql").unlink(missing_ok=True)
