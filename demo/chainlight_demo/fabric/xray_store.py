"""X-Ray's memory: segments by trace, completed and merged as late parts arrive.

A document with the id of an earlier one replaces it (in progress, then complete); an independent
subsegment (`"type": "subsegment"`) appears inside its parent, or alone while the parent is unknown.
"""

from __future__ import annotations

import copy
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from chainlight_demo.fabric.faults import Faults

Segment = dict[str, Any]


@dataclass(slots=True)
class _Stored:
    document: Segment
    visible_s: float


@dataclass(slots=True)
class Retrieval:
    """Traces asked for with Transaction Search; the first look finds it still running."""

    trace_ids: list[str]
    is_running: bool = True


@dataclass(slots=True)
class XrayStore:
    """The traces of one local AWS. Times are seconds since the epoch, as in X-Ray's documents."""

    faults: Faults = field(default_factory=Faults)
    destination: str = "XRay"
    """`CloudWatchLogs` once Transaction Search is on: then nothing is found through the old API."""
    now_s: Callable[[], float] = time.time
    retrievals: dict[str, Retrieval] = field(default_factory=dict)
    _traces: dict[str, dict[str, _Stored]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def put_document(self, segment: Segment) -> None:
        """Take in a segment or independent subsegment.

        Raises:
            ValueError: name, id, trace_id or start_time is missing.
        """
        missing = [name for name in ("name", "id", "trace_id", "start_time") if name not in segment]
        if missing:
            raise ValueError(f"segment without {', '.join(missing)}: {json.dumps(segment)[:200]}")
        if self.faults.happens(self.faults.lost_segment_share):
            return
        is_late = self.faults.happens(self.faults.late_segment_share)
        visible_s = self.now_s() + (self.faults.late_segment_ms / 1000 if is_late else 0.0)
        with self._lock:
            trace = self._traces.setdefault(segment["trace_id"], {})
            known = trace.get(segment["id"])
            if known is None or "end_time" in segment or "end_time" not in known.document:
                trace[segment["id"]] = _Stored(copy.deepcopy(segment), visible_s)

    def begin_retrieval(self, trace_ids: list[str]) -> str:
        """Note a retrieval and return its token."""
        with self._lock:
            token = f"retrieval-{len(self.retrievals)}"
            self.retrievals[token] = Retrieval(trace_ids)
        return token

    def trace_ids(self) -> list[str]:
        """Return the ids of all visible traces, oldest first."""
        with self._lock:
            ids = list(self._traces)
        return [trace_id for trace_id in ids if self.segments(trace_id)]

    def segments(self, trace_id: str) -> list[Segment]:
        """Return a trace's visible segments by start, independent subsegments merged in."""
        now_s = self.now_s()
        with self._lock:
            stored = list(self._traces.get(trace_id, {}).values())
            visible = [copy.deepcopy(s.document) for s in stored if s.visible_s <= now_s]
        return sorted(_merge(visible), key=lambda segment: float(segment["start_time"]))


def walk(segment: Segment) -> Iterator[Segment]:
    """Yield a segment and all its subsegments."""
    yield segment
    for child in segment.get("subsegments") or []:
        yield from walk(child)


def _merge(documents: list[Segment]) -> list[Segment]:
    """Put independent subsegments into their parents; what has no parent here stays on its own."""
    nodes = {node["id"]: node for document in documents for node in walk(document) if "id" in node}
    alone: list[Segment] = []
    for document in documents:
        parent = nodes.get(document.get("parent_id", ""))
        if document.get("type") == "subsegment" and parent is not None and parent is not document:
            _put_child(parent, document)
        else:
            alone.append(document)
    return alone


def _put_child(parent: Segment, child: Segment) -> None:
    nested = {k: v for k, v in child.items() if k not in {"trace_id", "type", "parent_id"}}
    children = [c for c in parent.get("subsegments") or [] if c.get("id") != child["id"]]
    parent["subsegments"] = [*children, nested]
