"""SNS Publish and PublishBatch: the context rides in one Binary message attribute.

Binary, because filter policies do not see it: a String attribute made them drop messages. Added
only below ten attributes (raw delivery to SQS discards messages with more) and where the whole
request stays within 262,144 bytes. Natural key: MessageId. Text messages to phones start nothing.
"""

from __future__ import annotations

from chainlight.carriers import bytes_of
from chainlight.carriers.messages import Messages
from chainlight.context import SLOT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from chainlight.context import Context

    Params = dict[str, object]

ATTRIBUTES_MAX = 10
REQUEST_BYTES_MAX = 262_144
_TYPE = "Binary"


def _is_call(params: Params) -> bool:
    return "PhoneNumber" not in params


class _Topic(Messages):
    kind = "sns"
    targets = ("TopicArn", "TargetArn")
    body = "Message"
    entries = "PublishBatchRequestEntries"
    request_bytes_max = REQUEST_BYTES_MAX

    def slot(self, context: Context) -> str | None:
        return context.text()

    def fill(self, message: Params, text: str) -> Params:
        attributes = message.get("MessageAttributes", {})
        if not isinstance(attributes, dict) or SLOT in attributes:
            return message
        if len(attributes) >= ATTRIBUTES_MAX:
            return message
        slot = {"DataType": _TYPE, "BinaryValue": text.encode()}
        return {**message, "MessageAttributes": {**attributes, SLOT: slot}}

    def message_bytes(self, message: Params) -> int:
        """Return message, subject, and name, type and value of each attribute."""
        total = (bytes_of(message.get("Message")) or 0) + (bytes_of(message.get("Subject")) or 0)
        attributes = message.get("MessageAttributes", {})
        for name, attribute in attributes.items() if isinstance(attributes, dict) else ():
            values = attribute.values() if isinstance(attribute, dict) else ()
            total += (bytes_of(name) or 0) + sum(bytes_of(value) or 0 for value in values)
        return total


CARRIERS = {"Publish": _Topic().single(_is_call), "PublishBatch": _Topic().batch()}
