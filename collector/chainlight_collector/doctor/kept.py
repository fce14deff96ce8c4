"""Checks that ask the database: what was read, how much of it is linked, where a gap is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import metadata

import duckdb

from chainlight_collector import ddl
from chainlight_collector.doctor.findings import Finding, State
from chainlight_collector.store import Store

DAYS_MAX = 7
_LAST_RUN = "SELECT started_at, outcome, rejected_count FROM runs ORDER BY started_us DESC LIMIT 1"
_COVERAGE = """
SELECT day, invocations_count, with_record_share, with_report_share, linked_share, rejects_count
FROM coverage ORDER BY day DESC NULLS LAST LIMIT ?
"""
_OLDEST_GAP = "SELECT min(oldest_gap_at) FROM coverage"
_UNREAD = "SELECT log_group, unread_reason FROM log_groups WHERE unread_reason IS NOT NULL"
_REFUSED = """
SELECT queue_arn, reason FROM dead_letter_scans WHERE reason IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY queue_arn ORDER BY scanned_us DESC) = 1
ORDER BY queue_arn
"""
_PLACES = """
SELECT DISTINCT unnest([dlq_arn, on_failure_arn]) AS arn FROM function_newest
UNION
SELECT dlq_arn FROM queue_redrives
UNION
SELECT dlq_arn FROM dead_letter_routes
"""


def versions() -> Finding:
    """Return what is installed."""
    names = ("chainlight-collector", "chainlight", "boto3", "botocore")
    found = [f"{name} {_version(name)}" for name in names]
    python = ".".join(map(str, sys.version_info[:3]))
    details = (*found, f"duckdb {duckdb.__version__}", f"Python {python}")
    text = f"{found[0]}, schema {ddl.SCHEMA_VERSION}, {details[-2]}, {details[-1]}"
    return Finding("versions", State.OK, text, details)


def places(store: Store) -> tuple[str, ...]:
    """Return the ARNs of queues and buckets where dead letters end."""
    return tuple(sorted(arn for (arn,) in store.query(_PLACES).fetchall() if arn))


def check(store: Store) -> Iterator[Finding]:
    """Yield what is found out from the database."""
    yield _last_run(store)
    yield _unread(store)
    yield _refused(store)
    yield _coverage(store)
    yield _gap(store)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "unknown"


def _last_run(store: Store) -> Finding:
    row = store.query(_LAST_RUN).fetchone()
    if row is None:
        return Finding("last run", State.NOTE, "none yet: run `chainlight collect`")
    started_at, outcome, rejected_count = row
    text = f"{started_at:%Y-%m-%d %H:%M:%S} UTC: {outcome}, {rejected_count} rejected"
    return Finding("last run", State.OK if outcome == "ok" else State.MISSING, text)


def _unread(store: Store) -> Finding:
    rows = store.query(_UNREAD).fetchall()
    if not rows:
        return Finding("unread log groups", State.OK, "every log group that was found is read")
    details = tuple(f"{group}: {reason}" for group, reason in rows)
    return Finding("unread log groups", State.MISSING, f"{len(rows)} cannot be read", details)


def _refused(store: Store) -> Finding:
    rows = store.query(_REFUSED).fetchall()
    if not rows:
        return Finding("dead-letter queues", State.OK, "every look was complete")
    details = tuple(f"{arn}: {reason}" for arn, reason in rows)
    text = f"{len(rows)} queues were not seen whole at the last look"
    return Finding("dead-letter queues", State.NOTE, text, details)


def _coverage(store: Store) -> Finding:
    rows = store.query(_COVERAGE, [DAYS_MAX]).fetchall()
    if not rows:
        return Finding("coverage", State.NOTE, "nothing was read yet")
    details = tuple(
        f"{day}: {count} invocations, record {_share(record)}, REPORT {_share(report)}, "
        f"linked {_share(linked)}, {rejects} rejects"
        for day, count, record, report, linked, rejects in rows
    )
    return Finding("coverage", State.OK, details[0], details)


def _gap(store: Store) -> Finding:
    (oldest,) = store.query(_OLDEST_GAP).fetchone() or (None,)
    if oldest is None:
        return Finding("gaps", State.OK, "no execution begins without an end")
    text = f"the oldest execution without an end began at {oldest:%Y-%m-%d %H:%M:%S} UTC"
    return Finding("gaps", State.NOTE, text)


def _share(share: float | None) -> str:
    return "unknown" if share is None else f"{100 * share:.0f} %"
