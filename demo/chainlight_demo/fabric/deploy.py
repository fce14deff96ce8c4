"""Deploy SAM and CloudFormation templates through the ordinary CloudFormation API.

What `sam deploy` does: local code goes to a bucket, the template is translated, the stack is
created. Nothing here knows that the endpoint is local.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from chainlight_demo.fabric.patches import MotoObject

ClientFactory = Callable[[str], MotoObject]

_CODE_PROPERTY = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
    "AWS::Lambda::Function": "Code",
    "AWS::Lambda::LayerVersion": "Content",
}
_SERVICE_ROLE_POLICIES = (
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaSQSQueueExecutionRole",
    "AWSLambdaKinesisExecutionRole",
    "AWSLambdaDynamoDBExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
)
_POLICY_PREFIX = "arn:aws:iam::aws:policy/"
_FIRST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]


class DeployError(RuntimeError):
    """A stack could not be created; the message names the template and the reason."""


def deploy_stack(
    client_factory: ClientFactory,
    template_path: Path,
    stack_name: str,
    parameters: Mapping[str, str] | None = None,
    artifacts: Mapping[str, Path] | None = None,
) -> dict[str, str]:
    """Create a stack and return its outputs by key.

    Local `CodeUri` and `ContentUri` are resolved beside the template, or through `artifacts`
    (the value in the template, to the folder or zip to upload).

    Raises:
        DeployError: local code is missing, or CloudFormation did not complete the stack.
    """
    template = yaml_parse(template_path.read_text(encoding="utf-8"))
    bucket = _artifact_bucket(stack_name)
    client_factory("s3").create_bucket(Bucket=bucket)
    uploader = _Uploader(client_factory("s3"), bucket, template_path.parent, artifacts or {})
    _upload_code(template, uploader)
    cloudformation = client_factory("cloudformation")
    region = cloudformation.meta.region_name
    values = {key: str(value) for key, value in (parameters or {}).items()}
    if "Transform" in template:
        template = translate(template, values, region)
    rows = [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]
    try:
        cloudformation.create_stack(
            StackName=stack_name,
            TemplateBody=json.dumps(template),
            Parameters=rows,
            Capabilities=_CAPABILITIES,
        )
    except ClientError as error:
        raise DeployError(f"{template_path}: {error}") from error
    return _outputs(cloudformation, stack_name, template_path)


def delete_stack(client_factory: ClientFactory, stack_name: str) -> None:
    """Delete a stack and the uploads made for it; buckets with objects in them stay, as on AWS."""
    client_factory("cloudformation").delete_stack(StackName=stack_name)
    s3, bucket = client_factory("s3"), _artifact_bucket(stack_name)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for row in page.get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=row["Key"])
    s3.delete_bucket(Bucket=bucket)


def translate(
    template: dict[str, Any], parameters: Mapping[str, str], region: str
) -> dict[str, Any]:
    """Turn a SAM template into plain CloudFormation."""
    defaults = {
        name: declared["Default"]
        for name, declared in template.get("Parameters", {}).items()
        if "Default" in declared
    }
    policies = {name: f"{_POLICY_PREFIX}service-role/{name}" for name in _SERVICE_ROLE_POLICIES}
    policies["AWSXRayDaemonWriteAccess"] = f"{_POLICY_PREFIX}AWSXRayDaemonWriteAccess"
    translator = Translator(policies, Parser(), boto_session=boto3.Session(region_name=region))
    translated: dict[str, Any] = translator.translate(
        template, {**defaults, **parameters, "AWS::Region": region, "AWS::Partition": "aws"}
    )
    translator.metrics.publish()  # to nobody; unpublished ones make it warn
    return translated


class _Uploader:
    """Uploads each local path once."""

    def __init__(
        self, s3: MotoObject, bucket: str, folder: Path, artifacts: Mapping[str, Path]
    ) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._folder = folder
        self._artifacts = artifacts
        self._keys: dict[Path, str] = {}

    def upload(self, value: str) -> str:
        """Upload what a template names and return the key."""
        path = Path(self._artifacts.get(value, self._folder / value)).resolve()
        if not path.exists():
            raise DeployError(f"the template names {value}, and {path} does not exist: build it")
        if path not in self._keys:
            self._keys[path] = f"{len(self._keys):03d}-{path.stem}.zip"
            body = path.read_bytes() if path.is_file() else _zip_folder(path)
            self._s3.put_object(Bucket=self._bucket, Key=self._keys[path], Body=body)
        return self._keys[path]

    def uri(self, value: str) -> str:
        """Upload and return an `s3://` address, as SAM wants it."""
        return f"s3://{self._bucket}/{self.upload(value)}"

    def location(self, value: str) -> dict[str, str]:
        """Upload and return bucket and key, as CloudFormation wants them."""
        return {"S3Bucket": self._bucket, "S3Key": self.upload(value)}


def _upload_code(template: dict[str, Any], uploader: _Uploader) -> None:
    global_function = template.get("Globals", {}).get("Function", {})
    if _is_local(global_function.get("CodeUri")):
        global_function["CodeUri"] = uploader.uri(global_function["CodeUri"])
    for resource in template["Resources"].values():
        name = _CODE_PROPERTY.get(resource["Type"])
        properties = resource.get("Properties", {})
        if name is None or not _is_local(properties.get(name)):
            continue
        is_sam = resource["Type"].startswith("AWS::Serverless::")
        place = uploader.uri if is_sam else uploader.location
        properties[name] = place(properties[name])


def _is_local(value: object) -> bool:
    return isinstance(value, str) and not value.startswith("s3://")


def _zip_folder(folder: Path) -> bytes:
    """Zip a folder so that two builds give the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_dir() or "__pycache__" in path.parts:
                continue
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _FIRST_ZIP_DATE)
            entry.external_attr = (path.stat().st_mode & 0o777) << 16
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _artifact_bucket(stack_name: str) -> str:
    return f"{stack_name.lower()}-artifacts"


def _outputs(cloudformation: MotoObject, stack_name: str, template_path: Path) -> dict[str, str]:
    stack = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
    if stack["StackStatus"] != "CREATE_COMPLETE":
        reason = stack.get("StackStatusReason", "no reason given")
        raise DeployError(
            f"{template_path}: stack {stack_name} is {stack['StackStatus']}: {reason}"
        )
    return {row["OutputKey"]: row["OutputValue"] for row in stack.get("Outputs", [])}
