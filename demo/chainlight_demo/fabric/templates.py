"""moto's CloudFormation keeps what it drops: function settings, layers, bucket notifications.

Sources: the resource types' pages in the CloudFormation reference; what is dropped was measured
against moto 5.2.
"""

from __future__ import annotations

import json
from typing import Any

from moto.awslambda.models import LambdaFunction, LayerVersion, Permission, lambda_backends
from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import CloudFormationBackend
from moto.core.exceptions import ServiceException
from moto.iam.models import ManagedPolicy
from moto.s3.models import FakeBucket, s3_backends

from chainlight_demo.fabric.patches import MotoObject, Patches
from chainlight_demo.fabric.template_resources import RESOURCES

_FUNCTION_PROPERTIES = (
    "Architectures",
    "DeadLetterConfig",
    "Description",
    "Environment",
    "EphemeralStorage",
    "LoggingConfig",
    "MemorySize",
    "ReservedConcurrentExecutions",
    "Timeout",
    "TracingConfig",
    "VpcConfig",
)
_FUNCTION_INTEGERS = ("MemorySize", "ReservedConcurrentExecutions", "Timeout")
_LAYER_PROPERTIES = (
    "CompatibleArchitectures",
    "CompatibleRuntimes",
    "Description",
    "LayerName",
    "LicenseInfo",
)
_NOTIFICATIONS = {
    "LambdaConfigurations": ("CloudFunction", "Function"),
    "QueueConfigurations": ("Queue", "Queue"),
    "TopicConfigurations": ("Topic", "Topic"),
}


def install(patches: Patches) -> None:
    """Patch moto's models and make it look for ours."""
    patches.wrap(LambdaFunction, "create_from_cloudformation_json", _create_function)
    patches.wrap(LambdaFunction, "update_from_cloudformation_json", _update_function)
    patches.wrap(LayerVersion, "create_from_cloudformation_json", _create_layer)
    patches.replace(LayerVersion, "physical_resource_id", property(lambda layer: layer.arn))
    patches.replace(LayerVersion, "delete", _delete_layer)
    patches.replace(LayerVersion, "has_cfn_attr", classmethod(_knows_layer_attribute))
    patches.replace(LayerVersion, "get_cfn_attribute", lambda layer, _name: layer.arn)
    patches.replace(Permission, "physical_resource_id", property(lambda p: f"permission-{id(p)}"))
    patches.replace(Permission, "delete", lambda _permission, _account, _region: None)
    patches.replace(ManagedPolicy, "delete", lambda p, _a, _r: p.backend.delete_policy(p.arn))
    patches.wrap(FakeBucket, "create_from_cloudformation_json", _create_bucket)
    patches.wrap(parsing, "get_model_list", lambda original: [*original(), *RESOURCES])
    patches.wrap(parsing, "resource_class_from_type", _known_class)
    patches.wrap(CloudFormationBackend, "create_stack", _create_stack)
    for cache in (parsing.get_model_map, parsing.get_name_type_map):
        cache.cache_clear()


def _known_class(original: MotoObject, resource_type: str) -> MotoObject:
    """Refuse a type nobody implements; moto would leave the resource out in silence."""
    model = original(resource_type)
    if model is None and resource_type not in parsing.NULL_MODELS:
        raise ValidationError(message=f"{resource_type} is not supported by the local AWS")
    return model


def _create_stack(original: MotoObject, *args: MotoObject, **kwargs: MotoObject) -> MotoObject:
    """Answer with AWS's error where a template breaks moto's models."""
    try:
        return original(*args, **kwargs)
    except ServiceException:
        raise
    except Exception as error:
        raise ValidationError(message=f"{type(error).__name__}: {error}") from error


def _create_function(
    _original: MotoObject,
    _cls: MotoObject,
    name: str,
    template: dict[str, Any],
    account: str,
    region: str,
    **_: MotoObject,
) -> MotoObject:
    properties = template["Properties"]
    spec = {key: properties[key] for key in _FUNCTION_PROPERTIES if key in properties}
    spec |= {key: int(spec[key]) for key in _FUNCTION_INTEGERS if key in spec}
    spec |= {
        "Code": _function_code(properties["Code"]),
        "FunctionName": name,
        "Handler": properties.get("Handler"),
        "Layers": _flat(properties.get("Layers", [])),
        "PackageType": properties.get("PackageType", "Zip"),
        "Role": properties["Role"],
        "Runtime": properties.get("Runtime"),
        "Tags": {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])},
    }
    if "Environment" in spec:
        variables = spec["Environment"].get("Variables", {})
        spec["Environment"] = {"Variables": {k: _as_text(v) for k, v in variables.items()}}
    return lambda_backends[account][region].create_function(spec)


def _update_function(original: MotoObject, *args: MotoObject, **kwargs: MotoObject) -> MotoObject:
    properties = kwargs["cloudformation_json"]["Properties"]
    properties |= {key: int(properties[key]) for key in _FUNCTION_INTEGERS if key in properties}
    return original(*args, **kwargs)


def _function_code(code: dict[str, Any]) -> dict[str, Any]:
    """Read inline source as CloudFormation does: text of a module named index."""
    if "ZipFile" not in code:
        return dict(code)
    archive = LambdaFunction._create_zipfile_from_plaintext_code  # noqa: SLF001 moto's own
    return {**code, "ZipFile": archive(code["ZipFile"])}


def _create_layer(
    _original: MotoObject,
    _cls: MotoObject,
    name: str,
    template: dict[str, Any],
    account: str,
    region: str,
    **_: MotoObject,
) -> MotoObject:
    properties = template["Properties"]
    spec = {key: properties[key] for key in _LAYER_PROPERTIES if key in properties}
    return lambda_backends[account][region].publish_layer_version(
        {"LayerName": name, **spec, "Content": properties["Content"]}
    )


def _delete_layer(layer: MotoObject, account_id: str, region: str) -> None:
    lambda_backends[account_id][region].delete_layer_version(layer.name, str(layer.version))


def _knows_layer_attribute(_cls: MotoObject, attribute: str) -> bool:
    return attribute == "LayerVersionArn"


def _create_bucket(
    original: MotoObject,
    cls: MotoObject,
    name: str,
    template: dict[str, Any],
    account_id: str,
    region: str,
    **kwargs: MotoObject,
) -> MotoObject:
    bucket = original(cls, name, template, account_id, region, **kwargs)
    properties = template.get("Properties", {})
    backend = s3_backends[account_id]["aws"]
    if notifications := properties.get("NotificationConfiguration"):
        backend.put_bucket_notification_configuration(name, _notifications(notifications))
    if versioning := properties.get("VersioningConfiguration"):
        backend.put_bucket_versioning(name, versioning["Status"])
    if block := properties.get("PublicAccessBlockConfiguration"):
        backend.put_public_access_block(name, {k: _as_text(v) for k, v in block.items()})
    return bucket


def _notifications(configuration: dict[str, Any]) -> dict[str, Any]:
    """Translate a template's notifications into what moto reads from PutBucketNotification."""
    shaped: dict[str, Any] = {}
    for kind, (api_name, template_name) in _NOTIFICATIONS.items():
        rows = [
            {
                api_name: row[template_name],
                "Event": [row["Event"]],
                **({"Filter": _key_filter(row["Filter"])} if "Filter" in row else {}),
            }
            for row in configuration.get(kind, [])
        ]
        shaped[f"{api_name}Configuration"] = rows
    if "EventBridgeConfiguration" in configuration:
        shaped["EventBridgeConfiguration"] = {}
    return shaped


def _key_filter(template_filter: dict[str, Any]) -> dict[str, Any]:
    rules = template_filter["S3Key"]["Rules"]
    named = [{"Name": rule["Name"].lower(), "Value": rule["Value"]} for rule in rules]
    return {"S3Key": {"FilterRule": named}}


def _flat(values: list[Any]) -> list[Any]:
    return [value for value in values if value]


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
