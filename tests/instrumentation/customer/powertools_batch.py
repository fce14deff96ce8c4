"""Powertools' tracer, logger and batch processor around a handler that calls another function."""

import json

import boto3
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)

LAMBDA = boto3.client("lambda")
PROCESSOR = BatchProcessor(event_type=EventType.SQS)
TRACER = Tracer(service="parcels")
LOGGER = Logger(service="parcels")


def _message(number):
    return {
        "messageId": f"message-{number}",
        "receiptHandle": "handle",
        "body": json.dumps({"parcel": number}),
        "attributes": {
            "ApproximateReceiveCount": "1",
            "AWSTraceHeader": f"Root=1-65f0c0d{number}-0123456789abcdef01234567",
            "SentTimestamp": "1710000000000",
        },
        "messageAttributes": {},
        "md5OfBody": "0",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:parcels",
        "awsRegion": "eu-west-1",
    }


EVENTS = [{"Records": [_message(number) for number in range(4)]}]


@TRACER.capture_method
def pack(record):
    parcel = record.json_body["parcel"]
    LOGGER.info("packing", parcel=parcel)
    answer = LAMBDA.invoke(FunctionName="label", Payload=record.body.encode())
    if parcel == 2:
        raise ValueError("poisoned")
    return json.load(answer["Payload"])


@LOGGER.inject_lambda_context(log_event=True)
@TRACER.capture_lambda_handler
def handler(event, context):
    return process_partial_response(
        event=event, record_handler=pack, processor=PROCESSOR, context=context
    )
