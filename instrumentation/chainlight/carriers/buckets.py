"""S3 writes that can notify: recorded with x-amz-request-id, which the event repeats.

The event has it under ``responseElements`` (EventBridge: ``detail.request-id``).
"""

from __future__ import annotations

from chainlight.carriers import Carrier, bytes_of, text_of, texts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from chainlight.calls import Call

    Params = dict[str, object]


def _describe(call: Call, params: Params) -> None:
    call.kind = "s3"
    call.is_async = 1
    call.target = text_of(params.get("Bucket"))
    call.payload_bytes = bytes_of(params.get("Body"))


def _settle(call: Call, answer: Params) -> None:
    metadata = answer.get("ResponseMetadata")
    headers = metadata.get("HTTPHeaders") if isinstance(metadata, dict) else None
    call.natural_keys = texts_of([headers], "x-amz-request-id") or texts_of([metadata], "RequestId")


_WRITE = Carrier(_describe, _settle)
CARRIERS = dict.fromkeys(("PutObject", "CopyObject", "CompleteMultipartUpload"), _WRITE)
