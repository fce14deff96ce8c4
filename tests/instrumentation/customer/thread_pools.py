"""Fan-outs by threads, two ways: neither hands context variables on."""

import json
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.dummy import Pool

import boto3

LAMBDA = boto3.client("lambda")
EVENTS = [{"parts": 8, "pool": "executor"}, {"parts": 8, "pool": "dummy"}]


def render(part):
    answer = LAMBDA.invoke(FunctionName="render", Payload=json.dumps({"part": part}).encode())
    return json.load(answer["Payload"])["echo"]


def handler(event, _context):
    if event["pool"] == "executor":
        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(render, range(event["parts"])))
    with Pool(4) as pool:
        return pool.map(render, range(100, 100 + event["parts"]))
