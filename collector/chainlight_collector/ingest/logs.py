"""Log events to facts, in bounded parts: memory does not grow with the input."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlight_collector.ingest.counts import Counts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb


def log_events(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], seen_us: int) -> Counts:
    """Ingest NDJSON files (also .gz) of log events."""
    raise NotImplementedError


def log_pages(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], seen_us: int) -> Counts:
    """Ingest NDJSON files of ``{"logGroup", "body": FilterLogEvents answer}``."""
    raise NotImplementedError


def log_subscriptions(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], seen_us: int
) -> Counts:
    """Ingest NDJSON files of decoded subscription documents."""
    raise NotImplementedError


def log_texts(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], seen_us: int) -> Counts:
    """Ingest plain text files."""
    raise NotImplementedError
