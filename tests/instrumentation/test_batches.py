"""Records of a batch, one by one: which calls belong to whose chain."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch import (
    AsyncBatchProcessor,
    BatchProcessor,
    EventType,
    SqsFifoPartialProcessor,
    async_process_partial_response,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes import SQSEvent

import chainlight
from chainlight.testing import capture_records

Maker = Callable[..., Any]
CHAIN_IDS = [f"1-65f0c0de-{number:024x}" for number in range(1, 4)]


def _messages(**more: Any) -> dict[str, Any]:
    """Return an SQS event of three messages, each of a chain of its own."""
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": "r",
                "body": str(number),
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders.fifo",
                "awsRegion": "eu-west-1",
                "messageAttributes": {},
                "attributes": {
                    "AWSTraceHeader": f"Root={chain_id};Sampled=0",
                    "MessageGroupId": "g",
                    **more,
                },
            }
            for number, chain_id in enumerate(CHAIN_IDS)
        ]
    }


def _stream(source: str, name: str) -> dict[str, Any]:
    numbers = range(3)
    part = {"SequenceNumber": "1", "sequenceNumber": "1", "data": "e30=", "Keys": {"i": {"S": "x"}}}
    return {
        "Records": [
            {"eventID": f"e{number}", "eventSource": source, name: dict(part)} for number in numbers
        ]
    }


def _kafka() -> dict[str, Any]:
    def item(offset: int) -> dict[str, Any]:
        return {"topic": "t", "partition": 0, "offset": offset, "key": "aw==", "value": "dg=="}

    return {"eventSource": "aws:kafka", "records": {"t-0": [item(1), item(2)], "t-1": [item(3)]}}


def _indexes(records: list[dict[str, object]]) -> list[object]:
    (record,) = records
    return [call["cause_index"] for call in record["calls"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("processor", "event"),
    [
        (BatchProcessor(event_type=EventType.SQS), _messages()),
        (SqsFifoPartialProcessor(), _messages()),
        (
            BatchProcessor(event_type=EventType.KinesisDataStreams),
            _stream("aws:kinesis", "kinesis"),
        ),
        (BatchProcessor(event_type=EventType.DynamoDBStreams), _stream("aws:dynamodb", "dynamodb")),
        (BatchProcessor(event_type=EventType.Kafka), _kafka()),
    ],
    ids=["sqs", "fifo", "kinesis", "dynamodb", "kafka"],
)
def test_powertools_batches_are_told_apart_without_a_word_of_the_user(
    processor: Any, event: dict[str, Any], client: Maker, context: Maker
) -> None:
    functions = client("lambda")

    @chainlight.trace
    def handler(event: dict[str, Any], context: Any) -> object:
        def handle(record: Any) -> None:  # noqa: ARG001 - Powertools calls it by name
            functions.invoke(FunctionName="other")

        functions.invoke(FunctionName="before")
        return process_partial_response(event, handle, processor, context)

    with capture_records() as records:
        assert handler(event, context()) == {"batchItemFailures": []}

    assert _indexes(records) == [None, 0, 1, 2]


def test_powertools_asynchronous_batches_are_told_apart_task_by_task(context: Maker) -> None:
    chain_ids: list[str | None] = []
    processor = AsyncBatchProcessor(event_type=EventType.SQS)

    @chainlight.trace
    def handler(event: dict[str, Any], context: Any) -> object:
        async def handle(record: Any) -> None:  # noqa: ARG001 - Powertools calls it by name
            for _ in range(3):
                await asyncio.sleep(0)
            chain_ids.append(chainlight.current().chain_id)

        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            return async_process_partial_response(event, handle, processor, context)
        finally:
            asyncio.set_event_loop(None)
            loop.close()

    with capture_records():
        assert handler(_messages(), context()) == {"batchItemFailures": []}

    assert chain_ids == CHAIN_IDS


def test_records_that_fail_are_reported_as_without_us(context: Maker) -> None:
    def handle(record: Any) -> None:
        raise ValueError(record.body)

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)

    @chainlight.trace
    def handler(event: dict[str, Any], context: Any) -> object:
        return process_partial_response(event, handle, processor, context)

    with capture_records():
        answer = handler(_messages(), context())

    failures = [{"itemIdentifier": f"m{number}"} for number in range(3)]
    assert answer == {"batchItemFailures": failures}
    assert [str(error) for _, error, _ in processor.exceptions] == ["0", "1", "2"]


def test_inside_record_of_the_user_is_told_the_records_chain_and_count(context: Maker) -> None:
    event = _messages(ApproximateReceiveCount="3")
    told: list[tuple[str | None, int | None]] = []

    @chainlight.trace
    def handler(event: dict[str, Any], _context: object) -> None:
        for record in SQSEvent(event).records:
            with chainlight.record_of(record):
                told.append((chainlight.current().chain_id, chainlight.current().receive_count))

    with capture_records():
        handler(event, context())

    assert told == [(chain_id, 3) for chain_id in CHAIN_IDS]


def test_blocks_nest_and_end(client: Maker, context: Maker) -> None:
    functions = client("lambda")

    @chainlight.trace
    def handler(event: dict[str, Any], _context: object) -> None:
        first, second, _ = event["Records"]
        with chainlight.record_of(first):
            with chainlight.record_of(second):
                functions.invoke(FunctionName="a")
            functions.invoke(FunctionName="b")
        functions.invoke(FunctionName="c")

    with capture_records() as records:
        handler(_messages(), context())

    assert _indexes(records) == [1, 0, None]


def test_each_thread_has_its_own_record(client: Maker, context: Maker) -> None:
    functions = client("lambda")

    def work(record: object) -> None:
        with chainlight.record_of(record):
            functions.invoke(FunctionName="other")

    @chainlight.trace
    def handler(event: dict[str, Any], _context: object) -> None:
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(work, event["Records"]))

    with capture_records() as records:
        handler(_messages(), context())

    assert sorted(_indexes(records)) == [0, 1, 2]  # type: ignore[type-var]


@pytest.mark.parametrize("event", [None, "text", {"Records": 7}, {"records": {"t": 3}}, [1], {}])
def test_items_that_are_not_in_the_event_mark_nothing(
    event: object, context: Maker, capsys: pytest.CaptureFixture[str]
) -> None:
    class Odd:
        @property
        def raw_event(self) -> object:
            raise RuntimeError

    @chainlight.trace
    def handler(_event: object, _context: object) -> str | None:
        for item in ({}, None, SimpleNamespace(raw_event={})):
            with chainlight.record_of(item):
                pass
        with chainlight.record_of(Odd()):
            return chainlight.current().chain_id

    with capture_records() as records:
        assert handler(event, context()) == records[0]["chain_id"] if records else True

    assert [line.partition(" at ")[0] for line in capsys.readouterr().err.splitlines()] in (
        [],
        ["chainlight E10 RuntimeError"],
    )


def test_without_a_handler_there_is_nothing_to_mark() -> None:
    with chainlight.record_of({}):
        assert chainlight.current().chain_id is None
