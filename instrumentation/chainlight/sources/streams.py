"""Brokers and streams that name themselves at the top: Kafka, MQ, DocumentDB, Firehose, Analytics.

Records stay packed. A producer that is traced writes a ``traceparent`` header, as bytes.
"""

from __future__ import annotations

from chainlight.sources import Cause, Source
from chainlight.sources.shapes import at, dict_of, list_of, us_of_ms, whole

Json = dict[str, object]

_KINDS = {
    "aws:kafka": "msk",
    "SelfManagedKafka": "kafka",
    "aws:SelfManagedKafka": "kafka",
    "aws:amq": "mq",
    "aws:rmq": "mq",
    "aws:docdb": "documentdb",
}
_TRACEPARENT = "traceparent"


def named(event: Json) -> Source | None:
    """Recognise a broker by its name; a cause for each record of each topic or queue."""
    kind = _kind(event)
    if kind is None:
        return None
    causes = [_kafka_record(name, record) for name, record in _flat(event.get("records"))]
    causes += [_message(message) for message in list_of(event.get("messages"))]
    causes += [_message(message) for _, message in _flat(event.get("rmqMessagesByQueue"))]
    return Source(kind, event.get("eventSourceArn"), causes)


def pipe(items: list[object]) -> Source | None:
    """Recognise what a pipe took from a broker: its records, each with the broker's name."""
    first = dict_of(items[0])
    kind = _kind(first)
    if kind is None:
        return Source("unknown")
    read = _message if kind == "mq" else _kafka_item
    return Source(kind, first.get("eventSourceArn"), [read(item) for item in items])


def delivery_stream(event: Json) -> Source | None:
    """Recognise a Firehose transformation; records that came over Kinesis have its keys."""
    if "invocationId" not in event:
        return None
    causes = []
    for record in list_of(event.get("records")):
        origin = dict_of(at(record, "kinesisRecordMetadata"))
        shard_id, sequence = origin.get("shardId"), origin.get("sequenceNumber")
        cause = Cause(f"{shard_id}:{sequence}" if origin else at(record, "recordId"))
        cause.sent_us = us_of_ms(at(record, "approximateArrivalTimestamp"))
        causes.append(cause)
    return Source("firehose", event.get("deliveryStreamArn"), causes)


def application(event: Json) -> Source | None:
    """Recognise a Kinesis Analytics application's preprocessing or output."""
    if "invocationId" not in event:
        return None
    return Source("kinesis_analytics", event.get("applicationArn"))


def _kind(event: Json) -> str | None:
    name = event.get("eventSource")
    return _KINDS.get(name) if isinstance(name, str) else None


def _flat(groups: object) -> list[tuple[str, object]]:
    return [(name, item) for name, items in dict_of(groups).items() for item in list_of(items)]


def _kafka_item(item: object) -> Cause:
    return _kafka_record(f"{at(item, 'topic')}-{at(item, 'partition')}", item)


def _kafka_record(partition: str, record: object) -> Cause:
    offset = whole(at(record, "offset"))
    cause = Cause(f"{partition}:{offset}" if offset is not None else None)
    cause.sent_us = us_of_ms(at(record, "timestamp"))
    for header in list_of(at(record, "headers")):
        cause.take_traceparent(_text(dict_of(header).get(_TRACEPARENT)))
    return cause


def _message(message: object) -> Cause:
    """Read a message of ActiveMQ (``messageID``) or RabbitMQ (``basicProperties``)."""
    properties = dict_of(at(message, "basicProperties"))
    cause = Cause(at(message, "messageID"), properties.get("messageId"))
    header = at(properties, "headers", _TRACEPARENT)
    cause.take_traceparent(_text(dict_of(header).get("bytes")))
    cause.take_traceparent(at(message, "properties", _TRACEPARENT))
    return cause


def _text(octets: object) -> str | None:
    """Return the text of bytes given as a list of numbers, which Java writes signed."""
    numbers = list_of(octets)
    if not numbers or not all(isinstance(n, int) and 0 <= n < 128 for n in numbers):  # noqa: PLR2004
        return None
    return "".join(map(chr, numbers[:64]))  # type: ignore[arg-type]
