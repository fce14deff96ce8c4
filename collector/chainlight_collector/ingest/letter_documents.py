"""Documents that hold dead letters, by their shape, and what other answers of AWS are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

Document = dict[str, object]
Fits = Callable[[Document], bool]

_INVOCATION_RESULT = "Lambda Function Invocation Result"
_DEPTH_MAX = 6
_NAMED_ANSWERS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"EventSourceMappings"}), "an answer of ListEventSourceMappings"),
    (frozenset({"FunctionArn", "MaximumRetryAttempts"}), "a FunctionEventInvokeConfig"),
    (frozenset({"TaskHandle"}), "an answer of StartMessageMoveTask"),
    (frozenset({"Results"}), "an answer of ListMessageMoveTasks"),
    (frozenset({"detail-type", "detail"}), "an EventBridge event"),
    (frozenset({"StatusCode"}), "an answer of Invoke"),
)
_SQS_RECORD_KEYS = frozenset({"messageId", "body"})


def is_destination(document: Document) -> bool:
    """Say whether this is a destination record, bare or in an EventBridge event."""
    context = document.get("requestContext")
    is_bare = isinstance(context, dict) and "condition" in context
    return is_bare or str(document.get("detail-type", "")).startswith(_INVOCATION_RESULT)


def is_message(document: Document) -> bool:
    """Say whether this is an SQS message, as ReceiveMessage or as Lambda shows it."""
    return {"MessageId", "Body"} <= document.keys() or document.keys() >= _SQS_RECORD_KEYS


def is_answer(document: Document) -> bool:
    """Say whether this is an answer of ReceiveMessage."""
    return "Messages" in document


def is_notification(document: Document) -> bool:
    """Say whether this is an SNS notification, as an HTTP endpoint or a queue gets it."""
    return {"TopicArn", "Message", "MessageId"} <= document.keys()


def is_record(document: Document) -> bool:
    """Say whether this is one record of a batch that Lambda was given."""
    return isinstance(document.get("eventSource", document.get("EventSource")), str)


def message_of(document: Document) -> Document:
    """Return a message with the keys of ReceiveMessage, its queue beside it."""
    attributes = document.get("MessageAttributes", document.get("messageAttributes"))
    return {
        "queueArn": document.get("queueArn", document.get("eventSourceARN")),
        "MessageId": document.get("MessageId", document.get("messageId")),
        "Body": _as_text(document.get("Body", document.get("body"))),
        "Attributes": document.get("Attributes", document.get("attributes")),
        "MessageAttributes": _as_received(attributes),
    }


def message_of_destination(document: Document) -> Document:
    """Return a destination record that came without its queue: request and condition name it."""
    detail = document.get("detail", document)
    context = detail.get("requestContext") if isinstance(detail, dict) else None
    known = context if isinstance(context, dict) else {}
    name = f"{known.get('requestId')}:{known.get('condition')}"
    return {"MessageId": name, "Body": json.dumps(document)}


def inner_of(notification: Document) -> Document | None:
    """Return the destination record inside of a notification, None where it is another's."""
    text = notification.get("Message")
    try:
        inner = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return None
    return inner if isinstance(inner, dict) and is_destination(inner) else None


def within(value: object, fits: Fits, depth: int = 0) -> Iterator[Document]:
    """Yield the outermost documents inside of another that fit, six levels deep at most."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inside:
        if isinstance(each, dict) and fits(each):
            yield each
        elif depth < _DEPTH_MAX:
            yield from within(each, fits, depth + 1)


def reason(document: Document) -> str:
    """Say why a document is not read: what it is, or which keys it has."""
    for keys, name in _NAMED_ANSWERS:
        if keys <= document.keys():
            return f"{name}: it holds no dead letter and no log"
    names = ", ".join(sorted(str(key) for key in document)[:12])
    return f"no shape that is read here: keys {names or 'none'}"


def _as_text(body: object) -> str:
    return body if isinstance(body, str) else json.dumps(body)


def _as_received(attributes: object) -> dict[str, object]:
    """Return message attributes with the key that ReceiveMessage uses (events say stringValue)."""
    if not isinstance(attributes, dict):
        return {}
    return {
        name: {"StringValue": value.get("StringValue", value.get("stringValue"))}
        for name, value in attributes.items()
        if isinstance(value, dict)
    }
