"""Quotes: a caller that gives up on a slow callee, and one whose SDK retries behind its back."""

from __future__ import annotations

import time

import boto3
import outgoing
from botocore.config import Config
from witness import witnessed

HASTY = boto3.client(
    "lambda",
    config=Config(read_timeout=0.7, retries={"mode": "standard", "total_max_attempts": 3}),
)


def quote_shipping(event, context):
    """Ask the carrier, which answers long after this function's own timeout."""
    with witnessed(context, [event["order"]]) as saw:
        return outgoing.invoke(saw, "shop-carrier-rates", event)


def quote_hastily(event, context):
    """Ask the carrier with a read timeout shorter than its answer: boto3 asks again and again."""
    with witnessed(context, [event["order"]]) as saw:
        try:
            return outgoing.invoke(saw, "shop-carrier-rates", event, client=HASTY)
        except Exception as problem:  # the shop sells without a quote
            return {"rate": None, "reason": type(problem).__name__}


def carrier_rates(event, context):
    """Answer slowly: the carrier's own systems are old."""
    with witnessed(context, [event["order"]]):
        time.sleep(event.get("carrier_s", 0.2))
        return {"rate": 4.90}
