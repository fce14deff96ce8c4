"""The path of an order: placed, charged, scored, announced, packed, receipted."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import outgoing
from witness import witnessed


def place_order(event, context):
    """Take an order from the web and set everything else in motion."""
    order = json.loads(event["body"]) if "body" in event else event
    with witnessed(context, [order["order"]]) as saw:
        charge = outgoing.invoke(saw, "shop-charge-card", order)
        outgoing.publish(saw, order)
        outgoing.enqueue(saw, order)
        outgoing.announce(saw, order)
        outgoing.store(saw, f"invoices/{order['order']}.json", {**order, "charge": charge["id"]})
        outgoing.invoke_and_ignore(saw, "shop-archive-report", order)
        outgoing.send_event(saw, "shop-emit-receipt", order)
        return {"statusCode": 202, "body": json.dumps({"order": order["order"]})}


def charge_card(event, context):
    """Charge the card once the fraud score is known."""
    with witnessed(context, [event["order"]]) as saw:
        score = outgoing.invoke(saw, "shop-fraud-score", event)
        if score["risk"] > event.get("risk_limit", 1.0):
            raise PermissionError(f"card refused for {event['order']}: risk {score['risk']}")
        time.sleep(0.03)
        return {"id": f"ch-{event['order']}", "risk": score["risk"]}


def fraud_score(event, context):
    """Score an order; this function carries no layer at all."""
    with witnessed(context, [event["order"]]):
        time.sleep(event.get("score_s", 0.12))
        return {"risk": event.get("risk", 0.1)}


def notify_customer(event, context):
    """Tell the customer, once per SNS record."""
    orders = [json.loads(record["Sns"]["Message"])["order"] for record in event["Records"]]
    with witnessed(context, orders):
        time.sleep(0.02)


def update_crm(event, context):
    """Tell the customer database, once per SNS record."""
    orders = [json.loads(record["Sns"]["Message"])["order"] for record in event["Records"]]
    with witnessed(context, orders):
        time.sleep(0.04)


def audit_trail(event, context):
    """Keep what happened, from the event bus."""
    with witnessed(context, [event["detail"]["order"]]):
        time.sleep(0.01)


def pack_parcel(event, context):
    """Pack a batch of parcels; a poisoned one is handed back to the queue."""
    parcels = [(record["messageId"], json.loads(record["body"])) for record in event["Records"]]
    with witnessed(context, [parcel["order"] for _, parcel in parcels]) as saw:
        failures = []
        for message_id, parcel in parcels:
            time.sleep(0.01)
            is_done = not parcel.get("is_poison")
            saw.message(message_id, parcel["order"], is_done=is_done)
            if not is_done:
                failures.append({"itemIdentifier": message_id})
        return {"batchItemFailures": failures}


class PrinterOutOfPaper(Exception):
    """The receipt printer has no paper."""


def emit_receipt(event, context):
    """Print a receipt; the printer fails as often as the order says."""
    with witnessed(context, [event["order"]]) as saw:
        time.sleep(0.05)
        if event.get("paper") == "never":
            raise PrinterOutOfPaper(f"no paper for {event['order']}")
        if event.get("paper") == "second try" and _is_first_try(saw):
            raise PrinterOutOfPaper(f"paper jam for {event['order']}")
        return {"receipt": event["order"]}


def _is_first_try(saw):
    cleared = Path(os.environ["SHOP_WITNESS_DIRECTORY"]) / f"jam-cleared.{saw.request_id}"
    try:
        cleared.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
