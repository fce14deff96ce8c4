"""S3 notifications with the request id of the call that caused them, delivered to Lambda by us.

moto still sends them to queues and topics; both carry the same record.
"""

from __future__ import annotations

import functools
import itertools
import threading
import zlib
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from urllib.parse import quote_plus

from moto.core.utils import iso_8601_datetime_with_milliseconds
from moto.s3 import notifications

from chainlight_demo.fabric.deliveries import Deliveries, Delivery
from chainlight_demo.fabric.exchange import WsgiEnviron, current, current_trace_header
from chainlight_demo.fabric.patches import MotoObject, Patches

_PRINCIPAL = {"principalId": "AWS:AIDALOCALAWS00000000"}
_OWNER = {"principalId": "A0LOCALAWS0000"}
_sequence = itertools.count(1)


def install(patches: Patches, deliveries: Deliveries) -> None:
    """Patch the record and its way to Lambda."""
    patches.replace(notifications, "_get_s3_event", notification_event)
    patches.replace(notifications, "_invoke_awslambda", functools.partial(_invoke, deliveries))


def notification_event(
    event_name: str, bucket: MotoObject, key: MotoObject, notification_id: str
) -> dict[str, Any]:
    """Return the event of one object change.

    Shape: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    """
    exchange = current()
    stored: dict[str, Any] = {"key": quote_plus(key.name, safe="/")}
    if not str(event_name).startswith("s3:ObjectRemoved"):
        stored |= {"size": key.size, "eTag": key.etag.strip('"')}
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": bucket.region_name,
        "eventTime": iso_8601_datetime_with_milliseconds(),
        "eventName": event_name.removeprefix("s3:"),
        "userIdentity": _PRINCIPAL,
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {
            "x-amz-request-id": exchange.request_id if exchange else "",
            "x-amz-id-2": exchange.extended_request_id if exchange else "",
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": notification_id,
            "bucket": {"name": bucket.name, "ownerIdentity": _OWNER, "arn": bucket.arn},
            "object": {**stored, "sequencer": f"{next(_sequence):018X}"},
        },
    }
    return {"Records": [record]}


class WriteLocks:
    """One lock per object being written, so that a conditional put checks and writes in one step.

    moto compares the ETag first and stores the body later; large bodies leave a gap in which two
    writers both pass (2 of 120 updates lost at 6 MB).
    """

    _STRIPES = 64

    def __init__(self) -> None:
        self._locks = [threading.RLock() for _ in range(self._STRIPES)]

    def lock_for(self, environ: WsgiEnviron) -> AbstractContextManager[object]:
        """Return the lock this request needs; reads need none."""
        if environ.get("REQUEST_METHOD") not in {"PUT", "POST", "DELETE"}:
            return nullcontext()
        path = f"{environ.get('HTTP_HOST')}{environ.get('PATH_INFO')}"
        return self._locks[zlib.crc32(path.encode()) % self._STRIPES]


def response_headers() -> list[tuple[str, str]]:
    """Return the request ids S3 answers with, the same the notification names."""
    exchange = current()
    if exchange is None:
        return []
    return [
        ("x-amz-request-id", exchange.request_id),
        ("x-amz-id-2", exchange.extended_request_id),
    ]


def _invoke(
    deliveries: Deliveries,
    _account_id: str,
    event: dict[str, Any],
    function_arn: str,
    _region: str,
) -> None:
    deliveries.submit(Delivery(function_arn, event, current_trace_header()))
