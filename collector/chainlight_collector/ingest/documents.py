"""Few rows at a time: dead letters, configurations, redrive policies, rejected documents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from chainlight_collector.ingest import statements
from chainlight_collector.ingest.counts import Counts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb


def dead_letters(
    connection: duckdb.DuckDBPyConnection,
    messages: Sequence[Mapping[str, object]],
    seen_us: int,
    *,
    is_known_queue: bool = True,
) -> Counts:
    """Keep the messages of dead-letter queues and failure destinations that are not yet known.

    A message is as ReceiveMessage answers it (``MessageId, Body, Attributes, MessageAttributes``)
    with its queue beside it (``queueArn``; None where unknown). Records of successful invocations
    are skipped, and, where it is not known that the messages come from such a queue, those that
    do not say so themselves. Bodies are not stored.
    """
    if not messages:
        return Counts()
    statements.run(connection, "macros")
    parameters = {
        "messages": json.dumps(messages, default=repr),
        "is_known_queue": is_known_queue,
        "seen_us": seen_us,
    }
    kept, touched_us, skipped = statements.run(connection, "dead_letter_messages", parameters)
    kept_count, skipped_count = cast("int", kept), cast("int", skipped)
    return Counts(
        kept=kept_count,
        known=len(messages) - kept_count - skipped_count,
        skipped=skipped_count,
        touched_since_us=cast("int | None", touched_us),
    )


def dead_letter_scan(
    connection: duckdb.DuckDBPyConnection, scan: Mapping[str, object], scanned_us: int
) -> None:
    """Keep what one look into a queue found.

    ``scan`` has ``queue_arn, is_complete, messages_count, message_ids, reason``.
    """
    statements.run(connection, "macros")
    statements.run(connection, "dead_letter_scans", {**scan, "scanned_us": scanned_us})


def function_configs(
    connection: duckdb.DuckDBPyConnection, configs: Sequence[Mapping[str, object]], seen_us: int
) -> Counts:
    """Keep the configurations that differ from the newest known; keys are the table's columns."""
    return _changed(connection, "function_configs", configs, seen_us)


def queue_redrives(
    connection: duckdb.DuckDBPyConnection, rows: Sequence[Mapping[str, object]], seen_us: int
) -> Counts:
    """Keep the redrive policies that differ from the newest known; keys are the table's columns."""
    return _changed(connection, "queue_redrives", rows, seen_us)


def log_group_configs(
    connection: duckdb.DuckDBPyConnection, rows: Sequence[Mapping[str, object]], seen_us: int
) -> Counts:
    """Keep the log groups that differ from the newest known; keys are the table's columns."""
    return _changed(connection, "log_group_configs", rows, seen_us)


def dead_letter_routes(
    connection: duckdb.DuckDBPyConnection,
    rows: Sequence[Mapping[str, object]],
    kinds: Sequence[str],
    seen_us: int,
) -> Counts:
    """Keep the routes that differ from the newest known; `kinds` are those that were listed whole.

    Keys are the table's columns.
    """
    statements.run(connection, "macros")
    parameters = {"rows": json.dumps(rows), "kinds": list(kinds), "seen_us": seen_us}
    kept = cast("int", statements.run(connection, "dead_letter_routes", parameters)[0])
    return Counts(kept=kept)


def event_source_mappings(
    connection: duckdb.DuckDBPyConnection, rows: Sequence[Mapping[str, object]], seen_us: int
) -> Counts:
    """Keep the mappings that differ from the newest known, and note those that have gone.

    `rows` are all mappings there are; keys are the table's columns.
    """
    statements.run(connection, "macros")
    parameters = {"rows": json.dumps(rows), "seen_us": seen_us}
    kept = cast("int", statements.run(connection, "event_source_mappings", parameters)[0])
    return Counts(kept=kept)


def metric_points(
    connection: duckdb.DuckDBPyConnection, points: Sequence[Mapping[str, object]]
) -> Counts:
    """Keep points of metrics; one that is known with another value is replaced."""
    if not points:
        return Counts()
    statements.run(connection, "macros")
    kept = cast("int", statements.run(connection, "metric_points", {"rows": json.dumps(points)})[0])
    return Counts(kept=kept, known=len(points) - kept)


def reject_documents(
    connection: duckdb.DuckDBPyConnection,
    rejects: Sequence[tuple[str, str]],
    seen_us: int,
    *,
    source: str = "document",
) -> Counts:
    """Keep documents that could not be read, each given as (reason, raw text)."""
    if not rejects:
        return Counts()
    statements.run(connection, "macros")
    parameters = {
        "reasons": [reason for reason, _ in rejects],
        "raws": [raw for _, raw in rejects],
        "source": source,
        "seen_us": seen_us,
    }
    rejected = cast("int", statements.run(connection, "reject_documents", parameters)[0])
    return Counts(rejected=rejected, known=len(rejects) - rejected)


def _changed(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    rows: Sequence[Mapping[str, object]],
    seen_us: int,
) -> Counts:
    if not rows:
        return Counts()
    statements.run(connection, "macros")
    parameters = {"rows": json.dumps(rows), "seen_us": seen_us}
    kept = cast("int", statements.run(connection, name, parameters)[0])
    return Counts(kept=kept, known=len(rows) - kept, touched_since_us=seen_us if kept else None)
