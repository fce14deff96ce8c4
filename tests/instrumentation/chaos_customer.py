"""A customer with every kind of event and call, for the chaos: nothing in here is the layer's."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import importlib
import json
import ssl
import urllib.request
import zlib
from collections.abc import Callable
from typing import Any

import aiohttp
import httpx
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_xray_sdk.core import xray_recorder
from botocore.exceptions import ParamValidationError
from opentelemetry.sdk.trace import TracerProvider

import chainlight
from chainlight.bridges.otel import ChainPropagator

Maker = Callable[..., Any]
PROBE = "chainlight_probe"
"""A module that is imported for the first time inside the busy handler."""

TOLD = "1-65f0c0de-0123456789abcdef01234567;caller-request;00112233445566ff"
TRACEPARENT = "00-65f0c0de0123456789abcdef01234567-00112233445566ff-01"

SQS = {"eventSource": "aws:sqs", "eventSourceARN": "arn:q", "attributes": {"SentTimestamp": "7"}}
NOTIFICATION = {
    "TopicArn": "arn:t",
    "MessageId": "n",
    "Message": json.dumps({"Records": [{"eventSource": "aws:s3"}]}),
    "Timestamp": "2024-02-29T00:00:00.000Z",
    "MessageAttributes": {"chainlight": {"Type": "Binary", "Value": "eA=="}},
}
DESTINATION = {"requestContext": {"requestId": "r", "functionArn": "f", "condition": "Success"}}
BUS = {"id": "e", "source": "s", "detail-type": "t", "detail": DESTINATION}
BATCH = {
    "Records": [
        {**SQS, "messageId": "m1", "body": json.dumps(NOTIFICATION)},
        {**SQS, "messageId": "m2", "body": json.dumps(BUS)},
    ]
}
KAFKA = {"offset": 1, "timestamp": 1, "headers": [{"traceparent": list(TRACEPARENT.encode())}]}
RESOLVER = {"info": {"fieldName": "f", "parentTypeName": "t"}, "request": {}}
_CLIENT_CONTEXT = base64.b64encode(b'{"custom": {"price": 1.5}}').decode()


def _stream_event(kind: str) -> bytes:
    """Return one empty event of an event stream: lengths, headers, and two checksums."""
    pairs = ((":message-type", "event"), (":event-type", kind))
    headers = b"".join(
        bytes([len(name)]) + name.encode() + b"\x07" + len(value).to_bytes(2) + value.encode()
        for name, value in pairs
    )
    lengths = (len(headers) + 16).to_bytes(4) + len(headers).to_bytes(4)
    body = lengths + zlib.crc32(lengths).to_bytes(4) + headers
    return body + zlib.crc32(body).to_bytes(4)


EVENTS: list[Any] = [
    {"a": 1},
    {"chainlight": TOLD},
    {"Records": [{"EventSource": "aws:sns", "Sns": NOTIFICATION}]},
    {"Records": [{"eventSource": "aws:s3", "eventTime": "2024-02-29T00:00:00Z"}]},
    {"Records": [{"eventSource": "aws:kinesis", "kinesis": {"approximateArrivalTimestamp": 1.5}}]},
    {
        "Records": [
            {
                "eventSource": "aws:dynamodb",
                "eventSourceARN": "arn:aws:dynamodb:r:1:table/t/stream/s",
                "dynamodb": {"Keys": {"i": {"N": "1.5"}}},
            }
        ]
    },
    {"Records": [{"eventSource": "aws:ses"}]},
    {"Records": [{"eventSource": "aws:codecommit"}]},
    {
        "requestContext": {"requestId": "r", "apiId": "a", "timeEpoch": 1},
        "headers": {"traceparent": TRACEPARENT, "X-Amzn-Trace-Id": "Root=1"},
    },
    DESTINATION,
    {"type": "TOKEN", "methodArn": "m"},
    {"raw_path": "/", "method": "GET", "headers": {}},
    {"params": {}, "context": {"request-id": "r"}, "stage-variables": {}},
    {"resource": "/", "path": "/", "httpMethod": "GET"},
    BUS,
    {"Execution": {"Id": "arn:aws:states:e"}},
    {"x": {"Execution": {"Id": "arn:aws:states:e"}, "StateMachine": {}}},
    {
        "DurableExecutionArn": "d",
        "CheckpointToken": "t",
        "InitialExecutionState": {"Operations": [{"ExecutionDetails": {"InputPayload": "{}"}}]},
    },
    {"awslogs": {"data": "H4"}},
    {"eventSource": "aws:kafka", "records": {"t-0": [KAFKA]}, "messages": [{}]},
    {"deliveryStreamArn": "d", "invocationId": "i", "records": [{"recordId": "r"}]},
    {"applicationArn": "a", "invocationId": "i"},
    {"widgetContext": {}},
    RESOLVER,
    [RESOLVER],
    [{"eventSource": "aws:sqs", "messageId": "m"}],
    [{"eventSource": "aws:kafka", **KAFKA}],
]
"""One event for each recogniser; the handler does nothing with them."""

RAISING = {"raise": "the handler's own error"}
UNTRACED = {"trace": "none given by Lambda"}
LONG = {"Records": [{"eventSource": "aws:sqs", "messageId": "m" * 100}] * 2100}
"""A batch whose record is longer than a line may be."""

REQUESTS_COUNT = 29
"""What the busy handler and the raising one send, bare."""


class Calls:
    """What the busy handler calls: clients made once, because a hundred of them take a second."""

    def __init__(self, fake: Any, make: Maker, tracer: Any) -> None:
        self.fake = fake
        self.url = fake.url
        self.tracer = tracer
        names = ("lambda", "sqs", "sns", "events", "kinesis", "dynamodb", "stepfunctions", "s3")
        self.clients = {name: make(name) for name in names}
        self.tls = ssl.create_default_context()
        self.http = httpx.Client(verify=self.tls)

    def run(self, event: Any, context: Any) -> None:
        """Make a call of every kind, some of which fail."""
        for record in event["Records"]:
            with chainlight.record_of(record):
                self._invoke()
        processor = BatchProcessor(event_type=EventType.SQS)
        process_partial_response(event, lambda record: record.body, processor, context)
        self._send()
        self._write()
        with xray_recorder.in_subsegment("work"), self.tracer.start_as_current_span("work"):
            self._ask()
        TracerProvider(shutdown_on_exit=False)
        importlib.import_module(PROBE)
        carrier: dict[str, str] = {}
        ChainPropagator().inject(carrier, ChainPropagator().extract(carrier))
        chainlight.annotate("order", chainlight.current().chain_id or "")

    def _invoke(self) -> None:
        functions = self.clients["lambda"]
        functions.invoke(FunctionName="f", ClientContext=_CLIENT_CONTEXT)["Payload"].read()
        functions.invoke(FunctionName="f", InvocationType="Event", Payload=b'{"a": 1}')
        functions.invoke_async(FunctionName="f", InvokeArgs=b"{}")
        list(functions.invoke_with_response_stream(FunctionName="f")["EventStream"])
        options = {"FunctionName": "f"}
        functions.checkpoint_durable_execution(
            DurableExecutionArn="d",
            CheckpointToken="t",
            Updates=[
                {
                    "Id": "1",
                    "Type": "CHAINED_INVOKE",
                    "Action": "START",
                    "ChainedInvokeOptions": options,
                }
            ],
        )
        with contextlib.suppress(ParamValidationError):
            functions.invoke()

    def _send(self) -> None:
        aws, entry = self.clients, {"Id": "1", "MessageBody": "x"}
        aws["sqs"].send_message(QueueUrl=f"{self.url}/1/q", MessageBody="x")
        aws["sqs"].send_message_batch(QueueUrl=f"{self.url}/1/q", Entries=[entry])
        aws["sns"].publish(TopicArn="arn:aws:sns:eu-west-1:1:t", Message="x")
        aws["events"].put_events(Entries=[{"Source": "s", "DetailType": "d", "Detail": "{}"}])
        aws["kinesis"].put_record(StreamName="s", Data=b"x", PartitionKey="k")
        machine = "arn:aws:states:eu-west-1:123456789012:stateMachine:m"
        aws["stepfunctions"].start_execution(stateMachineArn=machine, input="{}")
        aws["stepfunctions"].list_state_machines()

    def _write(self) -> None:
        tables, item = self.clients["dynamodb"], {"i": {"N": "1.5"}}
        tables.get_item(TableName="t", Key=item)
        tables.put_item(TableName="t", Item=item)
        tables.delete_item(TableName="t", Key=item)
        tables.batch_write_item(RequestItems={"t": [{"PutRequest": {"Item": item}}]})
        tables.transact_write_items(TransactItems=[{"Put": {"TableName": "t", "Item": item}}])
        self.clients["s3"].put_object(Bucket="b", Key="k", Body=b"x")
        source = {"Bucket": "b", "Key": "k"}
        self.clients["s3"].copy_object(
            Bucket="b", Key="l", CopySource=source, MetadataDirective="REPLACE"
        )

    def _ask(self) -> None:
        urllib.request.urlopen(f"{self.url}/plain", data=b"x").read()  # noqa: S310 - loopback
        self.http.post(f"{self.url}/plain")
        asyncio.run(self._ask_in_tasks())
        with contextlib.suppress(OSError):
            urllib.request.urlopen("http://127.0.0.1:9/")

    async def _ask_in_tasks(self) -> None:
        async with aiohttp.ClientSession() as session, session.post(f"{self.url}/plain") as answer:
            await answer.read()
        async with httpx.AsyncClient(verify=self.tls) as client:
            await client.post(f"{self.url}/plain")


def answer_of(answer: type[Any], request: Any) -> Any:
    """Answer as each service would."""
    target = request.headers.get("X-Amz-Target", "")
    said: dict[str, object] = {
        "SendMessage": {"MessageId": "m"},
        "SendMessageBatch": {"Successful": [{"Id": "1", "MessageId": "m"}], "Failed": []},
        "PutEvents": {"FailedEntryCount": 0, "Entries": [{"EventId": "e"}]},
        "PutRecord": {"ShardId": "s", "SequenceNumber": "1"},
        "StartExecution": {"executionArn": "arn:x", "startDate": 1},
    }
    headers = {"x-amzn-RequestId": "r", "x-amz-request-id": "r"}
    if b"Action=Publish" in request.body:
        return answer(
            b"<R><PublishResult><MessageId>n</MessageId></PublishResult></R>", 200, headers
        )
    if request.path.startswith("/b/"):
        return answer(b"<CopyObjectResult/>", headers=headers)
    if "response-streaming" in request.path:
        return answer(_stream_event("InvokeComplete"), headers=headers)
    return answer(json.dumps(said.get(target.partition(".")[2], {})).encode(), headers=headers)
