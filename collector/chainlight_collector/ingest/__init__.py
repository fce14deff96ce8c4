"""From what a source said to fact rows: exactly once, whatever comes twice, late or in pieces.

Every function runs inside the caller's transaction and returns ``Counts``. The text is parsed by
DuckDB (``sql/``, one file per fact); Python only names files.
"""

from __future__ import annotations

from chainlight_collector.ingest.counts import Counts
from chainlight_collector.ingest.documents import (
    dead_letter_routes,
    dead_letter_scan,
    dead_letters,
    event_source_mappings,
    function_configs,
    log_group_configs,
    metric_points,
    queue_redrives,
    reject_documents,
)
from chainlight_collector.ingest.executions import durable_events, execution_events
from chainlight_collector.ingest.files import steps
from chainlight_collector.ingest.logs import (
    log_events,
    log_pages,
    log_subscriptions,
    log_texts,
    loose_events,
)
from chainlight_collector.ingest.xray import xray_documents

__all__ = [
    "Counts",
    "dead_letter_routes",
    "dead_letter_scan",
    "dead_letters",
    "durable_events",
    "event_source_mappings",
    "execution_events",
    "function_configs",
    "log_events",
    "log_group_configs",
    "log_pages",
    "log_subscriptions",
    "log_texts",
    "loose_events",
    "metric_points",
    "queue_redrives",
    "reject_documents",
    "steps",
    "xray_documents",
]
