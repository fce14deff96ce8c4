"""The batches of the storage bench: each writer's are its own, and one that all of them bring."""

from __future__ import annotations

import json

INVOCATIONS = 50
"""Of a batch; a reader that counts another multiple has seen half of a commit."""
FIRST_MS = 1_795_000_000_000
SHARED, SHARED_EVERY = "shared", 10
STREAM = "2026/11/21/[$LATEST]" + "a" * 32


def documents(writer: str, number: int) -> list[str]:
    """Return what one commit brings, as log subscriptions deliver it; every tenth with the other's.

    The same arguments, the same text: what is brought again is known.
    """
    own = [_document(writer, number)]
    return own if number % SHARED_EVERY else [*own, _document(SHARED, number // SHARED_EVERY)]


def _document(writer: str, number: int) -> str:
    document = {
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": f"/aws/lambda/{writer}",
        "logStream": STREAM,
        "subscriptionFilters": ["chainlight"],
        "logEvents": [
            {"id": f"{number:08d}{index:04d}{place}", "timestamp": at_ms, "message": message}
            for index in range(INVOCATIONS)
            for place, (at_ms, message) in enumerate(_lines(writer, number, index))
        ],
    }
    return json.dumps(document)


def _lines(writer: str, number: int, index: int) -> list[tuple[int, str]]:
    request_id = f"{sum(writer.encode()):08x}-{number:04x}-4000-8000-{index:012d}"
    at_ms = FIRST_MS + number * 1000 + index * 20
    report = (
        f"REPORT RequestId: {request_id}\tDuration: 3.10 ms\tBilled Duration: 4 ms\t"
        "Memory Size: 128 MB\tMax Memory Used: 40 MB\t\n"
    )
    return [
        (at_ms, f"START RequestId: {request_id} Version: $LATEST\n"),
        (at_ms + 4, f"END RequestId: {request_id}\n"),
        (at_ms + 4, report),
    ]
