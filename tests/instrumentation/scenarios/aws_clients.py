"""The same AWS calls through boto3, aiobotocore and aioboto3; prints what the layer prints.

Run as ``python aws_clients.py URL CLIENT``. Each step is a handler of its own, named by its request
id; what the handler saw goes into its annotation, so that records compare with all there is.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from types import SimpleNamespace
from typing import Any

import chainlight

CREDENTIALS = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "eu-west-1"}
TOPIC = "arn:aws:sns:eu-west-1:123456789012:orders"
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:m"
QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"
ENTRIES = [{"Source": "s", "DetailType": "t", "Detail": "{}"}]
STEPS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "invoke": ("lambda", "invoke", {"FunctionName": "f", "Payload": b"{}"}),
    "event": ("lambda", "invoke", {"FunctionName": "f", "InvocationType": "Event"}),
    "refused": ("lambda", "invoke", {"FunctionName": "missing"}),
    "bad": ("lambda", "invoke", {"FunctionName": 7}),
    "message": ("sqs", "send_message", {"QueueUrl": QUEUE, "MessageBody": "x"}),
    "topic": ("sns", "publish", {"TopicArn": TOPIC, "Message": "x"}),
    "bus": ("events", "put_events", {"Entries": ENTRIES}),
    "stream": ("kinesis", "put_record", {"StreamName": "s", "Data": b"x", "PartitionKey": "p"}),
    "object": ("s3", "put_object", {"Bucket": "b", "Key": "k", "Body": b"x"}),
    "item": ("dynamodb", "put_item", {"TableName": "t", "Item": {"id": {"S": "1"}}}),
    "machine": ("stepfunctions", "start_execution", {"stateMachineArn": MACHINE, "input": "{}"}),
    "read": ("dynamodb", "get_item", {"TableName": "t", "Key": {"id": {"S": "1"}}}),
}
FANNED_OUT = [f"slow-{ms}" for ms in (300, 100, 200)]

OPEN = AsyncExitStack()

Call = Callable[[str, str, dict[str, Any]], Awaitable[Any]]


def _boto3(url: str) -> Call:
    import boto3  # noqa: PLC0415 - only in its own run

    session = boto3.Session(**CREDENTIALS)
    clients: dict[str, Any] = {}

    async def call(service: str, operation: str, params: dict[str, Any]) -> Any:
        client = clients.get(service)
        if client is None:
            client = clients[service] = session.client(service, endpoint_url=url)
        answer = await asyncio.to_thread(getattr(client, operation), **params)
        if "Payload" in answer:
            answer["Payload"] = await asyncio.to_thread(answer["Payload"].read)
        return answer

    return call


def _asynchronous(make: Callable[..., Any], url: str) -> Call:
    clients: dict[str, Any] = {}

    async def call(service: str, operation: str, params: dict[str, Any]) -> Any:
        client = clients.get(service)
        if client is None:
            client = await OPEN.enter_async_context(make(service, endpoint_url=url))
            clients[service] = client
        answer = await getattr(client, operation)(**params)
        if "Payload" in answer:
            async with answer["Payload"] as body:
                answer["Payload"] = await body.read()
        return answer

    return call


def _aiobotocore(url: str) -> Call:
    from aiobotocore.session import get_session  # noqa: PLC0415 - as above

    def make(service: str, **options: Any) -> Any:
        return get_session().create_client(service, **CREDENTIALS, **options)

    return _asynchronous(make, url)


def _aioboto3(url: str) -> Call:
    import aioboto3  # noqa: PLC0415 - as above

    return _asynchronous(aioboto3.Session(**CREDENTIALS).client, url)


CLIENTS = {"boto3": _boto3, "aiobotocore": _aiobotocore, "aioboto3": _aioboto3}


async def _step(call: Call, step: tuple[str, str, dict[str, Any]]) -> str:
    try:
        answer = await call(*step)
    except Exception as error:  # noqa: BLE001 - any of them is what came out
        return f"{type(error).__name__}: {error}"[:200]
    return f"{sorted(answer)} {answer.get('Payload')}"


async def _fan_out(call: Call) -> str:
    invokes = [call("lambda", "invoke", {"FunctionName": name}) for name in FANNED_OUT]
    answers = await asyncio.gather(*invokes)
    return " ".join(answer["ResponseMetadata"]["RequestId"] for answer in answers)


def _run(loop: asyncio.Runner, name: str, do: Callable[[], Awaitable[str]]) -> None:
    def handler(_event: object, _context: object) -> None:
        chainlight.annotate("saw", loop.run(do()))  # type: ignore[arg-type]

    chainlight.trace(handler)({}, SimpleNamespace(aws_request_id=name))


def main(url: str, client: str) -> None:
    """Run every step."""
    call = CLIENTS[client](url)
    with asyncio.Runner() as loop:
        for name, step in STEPS.items():
            _run(loop, name, lambda step=step: _step(call, step))  # type: ignore[misc]
        _run(loop, "fan-out", lambda: _fan_out(call))
        loop.run(OPEN.aclose())


if __name__ == "__main__":
    main(*sys.argv[1:])
