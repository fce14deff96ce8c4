"""CloudFormation resource types moto has no model for; `RESOURCES` lists them."""

from __future__ import annotations

import json
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.core.common_models import CloudFormationModel
from moto.logs.models import logs_backends
from moto.s3.models import s3_backends
from moto.sns.models import sns_backends

from chainlight_demo.fabric import sqs_queues
from chainlight_demo.fabric.deliveries import function_and_qualifier
from chainlight_demo.fabric.patches import MotoObject

_SUBSCRIPTION_ATTRIBUTES = (
    "FilterPolicy",
    "FilterPolicyScope",
    "RawMessageDelivery",
    "RedrivePolicy",
)


class Resource(CloudFormationModel):  # type: ignore[misc]  # moto has no types
    """A resource that keeps its properties and knows its physical id."""

    TYPE: str

    def __init__(self, name: str, properties: dict[str, Any], account_id: str, region: str) -> None:
        self.physical_resource_id = name
        self.properties = properties
        self.account_id = account_id
        self.region = region

    def create(self) -> None:
        """Make the resource in its backend."""

    def delete(self, _account_id: str, _region: str) -> None:
        """Take the resource away again."""

    @classmethod
    def cloudformation_type(cls) -> str:
        """Return the resource type of templates."""
        return getattr(cls, "TYPE", "Chainlight::Local::Resource")

    @staticmethod
    def cloudformation_name_type() -> str:
        """Return which property names the resource: none does."""
        return ""

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_kwargs: MotoObject,
    ) -> Resource:
        """Make the resource a template asks for."""
        resource = cls(resource_name, cloudformation_json["Properties"], account_id, region_name)
        resource.create()
        return resource

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Resource,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> Resource:
        """Replace the resource by what the new template asks for."""
        original_resource.delete(account_id, region_name)
        return cls.create_from_cloudformation_json(
            new_resource_name, cloudformation_json, account_id, region_name
        )

    def _backend(self, backends: MotoObject) -> MotoObject:
        return backends[self.account_id][self.region]


class SnsSubscription(Resource):
    """`AWS::SNS::Subscription`."""

    TYPE = "AWS::SNS::Subscription"

    def create(self) -> None:
        """Subscribe the endpoint with its attributes."""
        backend, wanted = self._backend(sns_backends), self.properties
        subscription = backend.subscribe(wanted["TopicArn"], wanted["Endpoint"], wanted["Protocol"])
        self.physical_resource_id = subscription.arn
        for name in _SUBSCRIPTION_ATTRIBUTES:
            value = wanted.get(name)
            if value not in (None, False, "false"):
                text = value if isinstance(value, str) else json.dumps(value)
                backend.set_subscription_attributes(subscription.arn, name, text)

    def delete(self, _account_id: str, _region: str) -> None:
        """Unsubscribe."""
        self._backend(sns_backends).unsubscribe(self.physical_resource_id)


class EventInvokeConfig(Resource):
    """`AWS::Lambda::EventInvokeConfig`."""

    TYPE = "AWS::Lambda::EventInvokeConfig"

    def create(self) -> None:
        """Set retries, age and destinations of a function's asynchronous events."""
        name, _ = function_and_qualifier(self.properties["FunctionName"])
        config: dict[str, Any] = {
            key: int(self.properties[key])
            for key in ("MaximumRetryAttempts", "MaximumEventAgeInSeconds")
            if key in self.properties
        }
        if destinations := self.properties.get("DestinationConfig"):
            config["DestinationConfig"] = destinations
        self._backend(lambda_backends).put_function_event_invoke_config(name, config)

    def delete(self, _account_id: str, _region: str) -> None:
        """Go back to Lambda's defaults, unless the function is gone already."""
        name, _ = function_and_qualifier(self.properties["FunctionName"])
        function = self._backend(lambda_backends)._lambdas._get_latest  # noqa: SLF001
        if name in self._backend(lambda_backends)._lambdas._functions:  # noqa: SLF001
            function(name).event_invoke_config = []


class Alias(Resource):
    """`AWS::Lambda::Alias`."""

    TYPE = "AWS::Lambda::Alias"

    def create(self) -> None:
        """Point a name at a version."""
        wanted = self.properties
        alias = self._backend(lambda_backends).create_alias(
            name=wanted["Name"],
            function_name=wanted["FunctionName"],
            function_version=str(wanted["FunctionVersion"]),
            description=wanted.get("Description", ""),
            routing_config=wanted.get("RoutingConfig"),
        )
        self.physical_resource_id = alias.arn

    def delete(self, _account_id: str, _region: str) -> None:
        """Remove the alias."""
        name = self.properties["FunctionName"]
        self._backend(lambda_backends).delete_alias(self.properties["Name"], name)


class LogSubscriptionFilter(Resource):
    """`AWS::Logs::SubscriptionFilter`."""

    TYPE = "AWS::Logs::SubscriptionFilter"

    def create(self) -> None:
        """Subscribe a destination to a log group."""
        wanted = self.properties
        self.physical_resource_id = wanted.get("FilterName") or self.physical_resource_id
        self._backend(logs_backends).put_subscription_filter(
            wanted["LogGroupName"],
            self.physical_resource_id,
            wanted.get("FilterPattern", ""),
            wanted["DestinationArn"],
            wanted.get("RoleArn"),
        )

    def delete(self, _account_id: str, _region: str) -> None:
        """Unsubscribe, unless the log group is gone already."""
        group = self._backend(logs_backends).groups.get(self.properties["LogGroupName"])
        if group is not None:
            group.subscription_filters.pop(self.physical_resource_id, None)


class QueuePolicy(Resource):
    """`AWS::SQS::QueuePolicy`: kept with the queue, enforced by nobody."""

    TYPE = "AWS::SQS::QueuePolicy"

    def create(self) -> None:
        """Attach the policy to each queue."""
        for url in self.properties["Queues"]:
            queue = sqs_queues.backend_by_region(self.account_id, self.region).queues[
                url.rsplit("/", 1)[-1]
            ]
            queue.policy = json.dumps(self.properties["PolicyDocument"])


class TopicPolicy(Resource):
    """`AWS::SNS::TopicPolicy`: kept with the topic, enforced by nobody."""

    TYPE = "AWS::SNS::TopicPolicy"

    def create(self) -> None:
        """Attach the policy to each topic."""
        for arn in self.properties["Topics"]:
            document = json.dumps(self.properties["PolicyDocument"])
            self._backend(sns_backends).get_topic(arn).policy = document


class BucketPolicy(Resource):
    """`AWS::S3::BucketPolicy`: kept with the bucket, enforced by nobody."""

    TYPE = "AWS::S3::BucketPolicy"

    def create(self) -> None:
        """Attach the policy."""
        backend = s3_backends[self.account_id]["aws"]
        document = json.dumps(self.properties["PolicyDocument"]).encode()
        backend.put_bucket_policy(self.properties["Bucket"], document)


class Alarm(Resource):
    """`AWS::CloudWatch::Alarm`: accepted, and never rings."""

    TYPE = "AWS::CloudWatch::Alarm"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Know the one attribute alarms have."""
        return attr == "Arn"

    def get_cfn_attribute(self, _attribute_name: str) -> str:
        """Return the alarm's ARN."""
        name = self.physical_resource_id
        return f"arn:aws:cloudwatch:{self.region}:{self.account_id}:alarm:{name}"


RESOURCES: tuple[type[Resource], ...] = (
    SnsSubscription,
    EventInvokeConfig,
    Alias,
    LogSubscriptionFilter,
    QueuePolicy,
    TopicPolicy,
    BucketPolicy,
    Alarm,
)
