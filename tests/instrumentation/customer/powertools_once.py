"""Powertools' idempotency over DynamoDB: the second of equal events finds the first's answer."""

import json

import boto3
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent,
)

LAMBDA = boto3.client("lambda")
STORE = DynamoDBPersistenceLayer(table_name="once")
CONFIG = IdempotencyConfig(event_key_jmespath="order")
EVENTS = [{"order": 1}, {"order": 1}, {"order": 2}]


@idempotent(persistence_store=STORE, config=CONFIG)
def handler(event, _context):
    answer = LAMBDA.invoke(FunctionName="charge", Payload=json.dumps(event).encode())
    return json.load(answer["Payload"])
