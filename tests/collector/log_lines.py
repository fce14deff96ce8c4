"""Log lines and the tables that they make: what the ingest tests share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from chainlight import record
from chainlight_collector import ddl, ingest
from chainlight_collector.ingest import Counts

Database = duckdb.DuckDBPyConnection
Take = Callable[..., Counts]

T_MS = 1_790_000_000_000
T_US = T_MS * 1000
GROUP = "/aws/lambda/shop-checkout"
STREAM = "2026/09/21/[$LATEST]0123456789abcdef0123456789abcdef"
RID = "7f7c4b5e-0000-4000-8000-000000000001"
ARN = "arn:aws:lambda:eu-central-1:123456789012:function:shop-checkout"
ROOT = "1-6ab1f2c0-0123456789abcdef01234567"
SEEN_US = T_US + 60_000_000
REPORT = (
    f"REPORT RequestId: {RID}\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\t"
    "Max Memory Used: 40 MB\t"
)


def event(message: str, ms: int | None = T_MS, **other: object) -> dict[str, object]:
    """Return a log event as FilterLogEvents has it."""
    return {"logGroup": GROUP, "logStream": STREAM, "timestamp": ms, "message": message, **other}


def database() -> Database:
    """Return a database in memory with the fact tables."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for name, text in ddl.schema_files():
        if name.startswith("facts/"):
            connection.execute(text)
    return connection


@contextmanager
def transaction(db: Database) -> Iterator[None]:
    """Commit what is done inside, as the store does."""
    db.execute("BEGIN TRANSACTION")
    yield
    db.execute("COMMIT")


def taker(db: Database, folder: Path) -> Take:
    """Return a function that ingests the events it is given."""

    def take(*events: dict[str, object]) -> Counts:
        file = folder / "events.ndjson"
        file.write_text("".join(json.dumps(each) + "\n" for each in events))
        with transaction(db):
            return ingest.log_events(db, [file], SEEN_US)

    return take


def rows(db: Database, table: str) -> list[dict[str, Any]]:
    """Return the rows without what is NULL, so that a test names what is there."""
    cursor = db.execute(f"SELECT * FROM {table} ORDER BY ALL")  # noqa: S608  names of tests
    names = [column[0] for column in cursor.description or ()]
    found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    where = {"log_group", "log_stream", "day", "function_name"}
    return [
        {key: value for key, value in row.items() if value is not None and key not in where}
        for row in found
    ]


def tables(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Return every table whole, in an order of its own."""
    names = db.execute("SELECT table_name FROM duckdb_tables() WHERE NOT temporary").fetchall()
    return {
        name: db.execute(f'SELECT * FROM "{name}" ORDER BY ALL').fetchall()  # noqa: S608
        for (name,) in names
    }


def record_line(**values: object) -> str:
    """Return the line of an execution that ended well, but for what is said."""
    whole: dict[str, object] = {
        "chain_id": ROOT,
        "request_id": RID,
        "function_arn": ARN,
        "memory_mb": 128,
        "started_us": T_US,
        "duration_us": 12_340,
        **values,
    }
    return record.encode(whole)
