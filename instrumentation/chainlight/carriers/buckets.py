"""S3 writes that can notify: recorded with x-amz-request-id, which the event repeats.

The event has it under ``responseElements`` (EventBridge: ``detail.request-id``). Metadata belongs
to the object and to whoever reads it, so the context goes there by opt-in only
(CHAINLIGHT_S3_METADATA) and only while all of it stays within S3's 2 KB. An upload in parts gets
none: S3 takes the metadata when it begins, the call that notifies is the one that completes it.
"""

from __future__ import annotations

from chainlight.carriers import Carrier, bytes_of, text_of, texts_of
from chainlight.context import SLOT
from chainlight.settings import settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from chainlight.context import Context
    from chainlight.invocation import Call

    Params = dict[str, object]

METADATA_BYTES_MAX = 2048


def _describe(call: Call, params: Params) -> None:
    call.kind = "s3"
    call.is_async = 1
    call.target = text_of(params.get("Bucket"))
    call.payload_bytes = bytes_of(params.get("Body"))


def _settle(call: Call, answer: Params) -> None:
    metadata = answer.get("ResponseMetadata")
    headers = metadata.get("HTTPHeaders") if isinstance(metadata, dict) else None
    call.natural_keys = texts_of([headers], "x-amz-request-id") or texts_of([metadata], "RequestId")


def _inject(context: Context, params: Params) -> Params:
    metadata = params.get("Metadata", {})
    if not settings().may_use_s3_metadata or not isinstance(metadata, dict):
        return params
    if any(text_of(name) is None or name.lower() == SLOT for name in metadata):
        return params
    filled = {**metadata, SLOT: context.text()}
    pieces = [*filled, *filled.values()]
    is_fitting = sum(bytes_of(piece) or 0 for piece in pieces) <= METADATA_BYTES_MAX
    return {**params, "Metadata": filled} if is_fitting else params


def _inject_copy(context: Context, params: Params) -> Params:
    """Leave a copy alone that keeps its source's metadata: ours would replace it."""
    is_new = params.get("MetadataDirective") == "REPLACE"
    return _inject(context, params) if is_new else params


CARRIERS = {
    "PutObject": Carrier(_describe, _settle, _inject),
    "CopyObject": Carrier(_describe, _settle, _inject_copy),
    "CompleteMultipartUpload": Carrier(_describe, _settle),
}
