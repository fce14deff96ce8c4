"""Documents that are histories of Step Functions executions, or lines of Express workflows."""

from __future__ import annotations

import json
from collections.abc import Iterator

from chainlight_collector.ingest import executions

Document = dict[str, object]


def is_history(document: Document) -> bool:
    """Say whether this is an answer of GetExecutionHistory, or holds one as "history"."""
    history = document.get("history", document)
    events = history.get("events") if isinstance(history, dict) else None
    return isinstance(events, list) and any(
        isinstance(event, dict) and "type" in event and "id" in event for event in events
    )


def history_rows(document: Document) -> Iterator[Document]:
    """Yield the rows of its events; "executionArn" beside them names the execution."""
    history, arn = document.get("history", document), document.get("executionArn")
    named = {"executionArn": arn, **history} if isinstance(history, dict) else {}
    yield from executions.event_rows(named)


def strangers(document: Document) -> Iterator[tuple[str, str]]:
    """Yield reason and text of what stands among the events of a history and is none."""
    history = document.get("history", document)
    events = history.get("events", history.get("Events")) if isinstance(history, dict) else None
    for event in events if isinstance(events, list) else []:
        if not isinstance(event, dict):
            yield "an event of a history that is no object", json.dumps(event)


def is_express(document: Document) -> bool:
    """Say whether this is a line of an Express workflow, or a log event whose message is one."""
    is_line = executions.is_express_line(document)
    return is_line or executions.express_line_of(document) is not None


def express_row(document: Document) -> Document:
    """Return the row of such a line."""
    return executions.express_row(executions.express_line_of(document) or document)
