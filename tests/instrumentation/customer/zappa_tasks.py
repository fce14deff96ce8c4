"""Zappa's way of background work: the function sends itself the name of a task to run."""

import importlib
import json

import boto3

LAMBDA = boto3.client("lambda")


def task(function):
    """Make a function run later, in an invocation of its own, when it is called."""

    def later(*args, **kwargs):
        message = {
            "task_path": f"{function.__module__}.{function.__name__}",
            "capture_response": False,
            "args": args,
            "kwargs": kwargs,
            "command": "zappa.asynchronous.route_lambda_task",
        }
        answer = LAMBDA.invoke(
            FunctionName="toy", InvocationType="Event", Payload=json.dumps(message).encode()
        )
        return answer["StatusCode"]

    later.sync = function
    return later


@task
def make_pie(filling, count=1):
    return f"{count} {filling} pies"


def handler(event, _context):
    if event.get("command") == "zappa.asynchronous.route_lambda_task":
        module_name, _, name = event["task_path"].rpartition(".")
        function = getattr(importlib.import_module(module_name), name)
        return function.sync(*event["args"], **event["kwargs"])
    return make_pie(event["filling"], count=3)


def _delivered(sent):
    request_id, body = sent[-1]
    return request_id, body


EVENTS = [{"filling": "apple"}, _delivered]
