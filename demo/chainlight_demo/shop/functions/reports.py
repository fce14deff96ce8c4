"""Reports and refunds: fan-out over threads, a result nobody reads, an error at the entry."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import outgoing
from witness import witnessed

SLOW_PART = 5
SLOW_PART_S = 0.20


def make_report(event, context):
    """Render the parts of a report side by side and join them."""
    with witnessed(context, [event["order"]]) as saw:
        parts = [{**event, "part": part} for part in range(event.get("parts", 6))]
        with ThreadPoolExecutor(len(parts)) as threads:
            pages = list(threads.map(lambda one: _render(saw, one), parts))
        outgoing.invoke_and_ignore(saw, "shop-archive-report", {**event, "pages": len(pages)})
        return {"pages": len(pages)}


def _render(saw, part):
    return outgoing.invoke(saw, "shop-render-part", part)


def render_part(event, context):
    """Render one part; the last one takes twice as long."""
    with witnessed(context, [event["order"]]):
        time.sleep(SLOW_PART_S if event["part"] == SLOW_PART else 0.10)
        return {"part": event["part"]}


def archive_report(event, context):
    """Keep a report; its answer is never read."""
    with witnessed(context, [event["order"]]):
        time.sleep(0.15)
        return {"kept": event["order"], "padding": "x" * 2000}


def render_invoice(event, context):
    """Render an invoice that was put into the bucket."""
    keys = [record["s3"]["object"]["key"] for record in event["Records"]]
    with witnessed(context, [key.rpartition("/")[2].removesuffix(".json") for key in keys]):
        time.sleep(0.03)


def refund(event, context):
    """Refuse: the entry itself fails."""
    with witnessed(context, [event["order"]]):
        time.sleep(0.02)
        raise ValueError(f"nothing was charged for {event['order']}")
