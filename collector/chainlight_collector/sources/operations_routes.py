"""The requests that find where SNS, EventBridge and S3 keep what could not be delivered."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

from chainlight_collector.aws import Operation


class Subscription(TypedDict, total=False):
    """A subscription as ListSubscriptions lists it; its ARN is none until it is confirmed."""

    SubscriptionArn: str
    Protocol: str
    Endpoint: str
    TopicArn: str


class SubscriptionsPage(TypedDict, total=False):
    """One page of ListSubscriptions, 100 at most."""

    Subscriptions: list[Subscription]
    NextToken: str


class SubscriptionAttributes(TypedDict, total=False):
    """The attributes of a subscription, all as text."""

    Attributes: dict[str, str]


class BusesPage(TypedDict, total=False):
    """One page of ListEventBuses."""

    EventBuses: list[dict[str, str]]
    NextToken: str


class Rule(TypedDict, total=False):
    """A rule as ListRules lists it."""

    Name: str
    Arn: str
    EventPattern: str


class RulesPage(TypedDict, total=False):
    """One page of ListRules."""

    Rules: list[Rule]
    NextToken: str


class Target(TypedDict, total=False):
    """A target of a rule."""

    Id: str
    Arn: str
    DeadLetterConfig: dict[str, str]


class TargetsPage(TypedDict, total=False):
    """One page of ListTargetsByRule."""

    Targets: list[Target]
    NextToken: str


class ListedObject(TypedDict, total=False):
    """An object as ListObjectsV2 lists it."""

    Key: str
    LastModified: datetime
    Size: int


class ObjectsPage(TypedDict, total=False):
    """One page of ListObjectsV2, 1,000 keys at most, in the order of their bytes."""

    Contents: list[ListedObject]
    NextContinuationToken: str


LIST_SUBSCRIPTIONS: Operation[SubscriptionsPage] = Operation(
    "sns", "list_subscriptions", "sns:ListSubscriptions"
)
GET_SUBSCRIPTION: Operation[SubscriptionAttributes] = Operation(
    "sns", "get_subscription_attributes", "sns:GetSubscriptionAttributes"
)
LIST_BUSES: Operation[BusesPage] = Operation("events", "list_event_buses", "events:ListEventBuses")
LIST_RULES: Operation[RulesPage] = Operation("events", "list_rules", "events:ListRules")
LIST_TARGETS: Operation[TargetsPage] = Operation(
    "events", "list_targets_by_rule", "events:ListTargetsByRule"
)
LIST_OBJECTS: Operation[ObjectsPage] = Operation("s3", "list_objects_v2", "s3:ListBucket")

ALL: tuple[Operation[Any], ...] = (
    LIST_SUBSCRIPTIONS,
    GET_SUBSCRIPTION,
    LIST_BUSES,
    LIST_RULES,
    LIST_TARGETS,
    LIST_OBJECTS,
)
