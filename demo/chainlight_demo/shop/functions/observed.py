"""Functions that another tracer observes too: X-Ray, OpenTelemetry, and our decorator."""

from __future__ import annotations

import time

import outgoing
from witness import witnessed

import chainlight


def apply_coupon(event, context):
    """Apply a coupon under aws-xray-sdk, as teams that use X-Ray do."""
    from aws_xray_sdk.core import patch, xray_recorder  # only this function needs it

    patch(["botocore"])
    with witnessed(context, [event["order"]]) as saw, xray_recorder.in_subsegment("coupon"):
        return outgoing.invoke(saw, "shop-similar-items", event)


def recommend(event, context):
    """Recommend things inside an OpenTelemetry span, as teams that use OpenTelemetry do."""
    with witnessed(context, [event["order"]]) as saw, _tracer().start_as_current_span("recommend"):
        return outgoing.invoke(saw, "shop-similar-items", event)


def _tracer():
    from opentelemetry import trace  # only this function needs it
    from opentelemetry.sdk.trace import TracerProvider

    if not isinstance(trace.get_tracer_provider(), TracerProvider):
        trace.set_tracer_provider(TracerProvider())
    return trace.get_tracer("shop")


@chainlight.trace
def similar_items(event, context):
    """Find similar items; traced by the decorator instead of the wrapper."""
    with witnessed(context, [event["order"]]):
        chainlight.annotate("items", 3)
        time.sleep(0.08)
        return {"items": ["a", "b", "c"]}
