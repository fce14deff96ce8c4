"""SNS to Lambda with the true notification; everything else SNS delivers stays with moto."""

from __future__ import annotations

import base64
import functools
from typing import Any

from moto.core.utils import iso_8601_datetime_with_milliseconds
from moto.sns.models import Subscription

from chainlight_demo.fabric.deliveries import Deliveries, Delivery
from chainlight_demo.fabric.exchange import current_trace_header
from chainlight_demo.fabric.patches import MotoObject, Patches


def install(patches: Patches, deliveries: Deliveries) -> None:
    """Deliver notifications of Lambda subscriptions through `deliveries`."""
    patches.wrap(Subscription, "publish", functools.partial(_publish, deliveries))


def notification_event(
    subscription: MotoObject,
    message: str,
    message_id: str,
    subject: str | None,
    attributes: dict[str, Any] | None,
) -> dict[str, Any]:
    """Return the event of one notification.

    Shape: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html. The signature is a stand-in.
    """
    region = subscription.topic.arn.split(":")[3]
    host = f"https://sns.{region}.amazonaws.com/"
    notification = {
        "Type": "Notification",
        "MessageId": message_id,
        "TopicArn": subscription.topic.arn,
        "Subject": subject,
        "Message": message,
        "Timestamp": iso_8601_datetime_with_milliseconds(),
        "SignatureVersion": "1",
        "Signature": base64.b64encode(message_id.encode()).decode(),
        "SigningCertUrl": f"{host}SimpleNotificationService-local.pem",
        "UnsubscribeUrl": f"{host}?Action=Unsubscribe&SubscriptionArn={subscription.arn}",
        "MessageAttributes": {
            name: _attribute(value) for name, value in (attributes or {}).items()
        },
    }
    return {
        "Records": [
            {
                "EventSource": "aws:sns",
                "EventVersion": "1.0",
                "EventSubscriptionArn": subscription.arn,
                "Sns": notification,
            }
        ]
    }


def _publish(  # noqa: PLR0913, PLR0917 moto's signature
    deliveries: Deliveries,
    original: MotoObject,
    subscription: MotoObject,
    message: str,
    message_id: str,
    subject: str | None = None,
    message_attributes: dict[str, Any] | None = None,
    **rest: MotoObject,
) -> None:
    if subscription.protocol != "lambda":
        original(
            subscription,
            message,
            message_id,
            subject=subject,
            message_attributes=message_attributes,
            **rest,
        )
        return
    matcher = subscription._filter_policy_matcher  # noqa: SLF001 moto's parsed filter policy
    if matcher is not None and not matcher.matches(message_attributes, message):
        return
    if rest.get("message_structure") == "json":
        message = subscription._parse_message_structure(message, "lambda")  # noqa: SLF001
    event = notification_event(subscription, message, message_id, subject, message_attributes)
    deliveries.submit(Delivery(subscription.endpoint, event, current_trace_header()))


def _attribute(value: dict[str, Any]) -> dict[str, Any]:
    raw = value["Value"]
    text = base64.b64encode(raw).decode() if isinstance(raw, bytes) else raw
    return {"Type": value["Type"], "Value": str(text)}
