"""One chain over every kind of edge, as handlers of one module; deployed once for each cell.

It is customer code: nothing in it knows of the layer.
"""

import json
import os

import boto3


def start(event, _context):
    names = json.loads(os.environ["NAMES"])
    functions = boto3.client("lambda")
    body = json.dumps(event).encode()
    answer = functions.invoke(FunctionName=names["double"], Payload=body)
    functions.invoke(FunctionName=names["flaky"], InvocationType="Event", Payload=body)
    messages = [{"Id": str(n), "MessageBody": f"message {n}"} for n in range(3)]
    boto3.client("sqs").send_message_batch(QueueUrl=names["queue"], Entries=messages)
    boto3.client("sns").publish(TopicArn=names["topic"], Message="news")
    entry = {"Source": names["source"], "DetailType": "placed", "Detail": json.dumps(event)}
    boto3.client("events").put_events(Entries=[entry])
    boto3.client("s3").put_object(Bucket=names["bucket"], Key="a/1.json", Body=body)
    boto3.client("stepfunctions").start_execution(
        stateMachineArn=names["machine"], input=json.dumps(event)
    )
    return json.load(answer["Payload"])


def double(event, _context):
    return {"n": event["n"] * 2}


def flaky(event, _context):
    raise RuntimeError(f"refused {event['n']}")


def listen(event, _context):
    return {"records": len(event.get("Records", ()))}
