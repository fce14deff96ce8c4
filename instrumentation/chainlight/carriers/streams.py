"""Kinesis PutRecord and PutRecords: recorded with ``shardId:SequenceNumber``, nothing is added.

A record has no room beside its data, which is the user's. The natural key is what the consumer's
event has as ``eventID``.
"""

from __future__ import annotations

from chainlight.carriers.messages import Messages

TYPE_CHECKING = False
if TYPE_CHECKING:
    Params = dict[str, object]


class _Stream(Messages):
    kind = "kinesis"
    targets = ("StreamARN", "StreamName", "StreamId")
    body = "Data"
    entries = done = failed = "Records"
    code = "ErrorCode"

    def key(self, taken: Params) -> str | None:
        shard, number = taken.get("ShardId"), taken.get("SequenceNumber")
        is_taken = isinstance(shard, str) and isinstance(number, str)
        return f"{shard}:{number}" if is_taken else None


def _is_call(params: Params) -> bool:
    return not params.get("DryRun")


CARRIERS = {"PutRecord": _Stream().single(_is_call), "PutRecords": _Stream().batch()}
