"""The shop's outgoing calls: plain boto3, each timed by the witness around the call itself.

Invokes are timed twice: around the whole call, and from botocore's own events "before-send" to
"response-received", which leaves out signing, parsing and whatever other tracers do in between.
"""

from __future__ import annotations

import json
import os
import threading
import time

import boto3

LAMBDA = boto3.client("lambda")
SQS = boto3.client("sqs")
SNS = boto3.client("sns")
EVENTS = boto3.client("events")
S3 = boto3.client("s3")
LAMBDA.list_functions(
    MaxItems=1
)  # a client's first request costs 10 to 30 ms: pay it once, in init


EXCHANGE = threading.local()


def _left(**_):
    EXCHANGE.left_ns, EXCHANGE.left_cpu_ns = time.perf_counter_ns(), time.thread_time_ns()


def _arrived(**_):
    EXCHANGE.took_us = (time.perf_counter_ns() - EXCHANGE.left_ns) // 1000
    EXCHANGE.cpu_us = (time.thread_time_ns() - EXCHANGE.left_cpu_ns) // 1000


LAMBDA.meta.events.register("before-send.lambda.Invoke", _left)
LAMBDA.meta.events.register("response-received.lambda.Invoke", _arrived)


def invoke(saw, function, payload, client=LAMBDA):
    """Invoke a function and wait for its answer, as JSON."""
    body = json.dumps(payload).encode()
    with saw.call("lambda", function, "sync") as facts:
        answer = client.invoke(FunctionName=function, Payload=body)
        facts["keys"] = [answer["ResponseMetadata"]["RequestId"]]
        facts["exchange_us"], facts["exchange_cpu_us"] = EXCHANGE.took_us, EXCHANGE.cpu_us
    return json.load(answer["Payload"])


def invoke_and_ignore(saw, function, payload):
    """Invoke a function, wait for it, and never look at what it says."""
    body = json.dumps(payload).encode()
    with saw.call("lambda", function, "sync") as facts:
        answer = LAMBDA.invoke(FunctionName=function, Payload=body)
        facts["keys"] = [answer["ResponseMetadata"]["RequestId"]]
        facts["exchange_us"], facts["exchange_cpu_us"] = EXCHANGE.took_us, EXCHANGE.cpu_us


def send_event(saw, function, payload):
    """Invoke a function without waiting for it."""
    body = json.dumps(payload).encode()
    with saw.call("lambda", function, "async") as facts:
        answer = LAMBDA.invoke(FunctionName=function, InvocationType="Event", Payload=body)
        facts["keys"] = [answer["ResponseMetadata"]["RequestId"]]


def enqueue(saw, payload):
    """Put a parcel into the fulfilment queue."""
    queue_url = os.environ["FULFILMENT_QUEUE_URL"]
    with saw.call("sqs", queue_url, "async") as facts:
        answer = SQS.send_message(QueueUrl=queue_url, MessageBody=json.dumps(payload))
        facts["keys"] = [answer["MessageId"]]


def publish(saw, payload):
    """Tell everyone who subscribed to orders."""
    topic_arn = os.environ["ORDERS_TOPIC_ARN"]
    with saw.call("sns", topic_arn, "async") as facts:
        answer = SNS.publish(TopicArn=topic_arn, Message=json.dumps(payload))
        facts["keys"] = [answer["MessageId"]]


def announce(saw, payload):
    """Put an order onto the event bus."""
    entry = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": json.dumps(payload)}
    with saw.call("eventbridge", "default", "async") as facts:
        answer = EVENTS.put_events(Entries=[entry])
        facts["keys"] = [answer["Entries"][0]["EventId"]]


def store(saw, key, payload):
    """Put a document into the invoices bucket."""
    bucket = os.environ["INVOICES_BUCKET"]
    with saw.call("s3", bucket, "async") as facts:
        answer = S3.put_object(Bucket=bucket, Key=key, Body=json.dumps(payload).encode())
        facts["keys"] = [answer["ResponseMetadata"]["RequestId"]]
