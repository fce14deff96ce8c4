"""The events of one log group that is read for its JSON, page by page: spans, Express workflows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from chainlight_collector.aws import next_token
from chainlight_collector.sources.operations import FILTER_LOG_EVENTS
from chainlight_collector.sources.run import Run


def events(run: Run, group: str, from_us: int, to_us: int) -> Iterator[list[dict[str, Any]]]:
    """Yield the events of each page between two instants, to the end; pages may be empty.

    Raises:
        AwsError: the group cannot be read.
        OutOfTimeError: the deadline is near; what was yielded may be kept and is read again.

    """
    parameters: dict[str, object] = {
        "logGroupName": group,
        "startTime": max(0, from_us) // 1000,
        "endTime": to_us // 1000,
        "interleaved": True,
    }
    while True:
        body = run.aws.call(FILTER_LOG_EVENTS, **parameters)["RawBody"]
        yield list(json.loads(body).get("events", []))
        token = next_token(body)
        if token is None:
            return
        parameters["nextToken"] = token
