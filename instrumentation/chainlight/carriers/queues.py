"""SQS SendMessage and SendMessageBatch: the context rides in the system attribute AWSTraceHeader.

It is the one attribute that counts neither among the ten nor in the size, and it is set only when
the user did not. Natural key: MessageId.
"""

from __future__ import annotations

from chainlight.carriers.messages import Messages
from chainlight.context import trace_header

TYPE_CHECKING = False
if TYPE_CHECKING:
    from chainlight.context import Context

    Params = dict[str, object]

_ATTRIBUTE = "AWSTraceHeader"


class _Queue(Messages):
    kind = "sqs"
    targets = ("QueueUrl",)
    body = "MessageBody"

    def slot(self, context: Context) -> str | None:
        return trace_header(context)

    def fill(self, message: Params, text: str) -> Params:
        attributes = message.get("MessageSystemAttributes", {})
        if not isinstance(attributes, dict) or _ATTRIBUTE in attributes:
            return message
        ours = {"DataType": "String", "StringValue": text}
        return {**message, "MessageSystemAttributes": {**attributes, _ATTRIBUTE: ours}}


CARRIERS = {"SendMessage": _Queue().single(), "SendMessageBatch": _Queue().batch()}
