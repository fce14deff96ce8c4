from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from chainlight_collector.sources import (
    operations,
    operations_metrics,
    operations_routes,
    operations_traces,
)

PROJECT = Path(__file__).resolve().parents[2]
TEMPLATE = PROJECT / "template.yaml"
LAMBDA_ITSELF = {
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
}
DUCKDB_ITSELF = {"s3:AbortMultipartUpload", "s3:DeleteObject"}
BEYOND_THE_CODE = LAMBDA_ITSELF | DUCKDB_ITSELF
READER_ACTIONS = {"s3:GetObject", "s3:ListBucket", "secretsmanager:GetSecretValue"}
NO_RESOURCE = {
    *(LAMBDA_ITSELF - {"logs:CreateLogStream", "logs:PutLogEvents"}),
    "cloudwatch:GetMetricData",
    "cloudwatch:ListMetrics",
    "lambda:ListEventSourceMappings",
    "events:ListEventBuses",
    "lambda:ListFunctions",
    "sns:ListSubscriptions",
    "states:ListStateMachines",
    "tag:GetResources",
    "xray:BatchGetTraces",
    "xray:GetTraceSegmentDestination",
    "xray:GetTraceSummaries",
    "xray:ListRetrievedTraces",
    "xray:StartTraceRetrieval",
}


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return yaml_parse(io.StringIO(TEMPLATE.read_text(encoding="utf-8")))


def _statements(template: dict[str, Any]) -> list[dict[str, Any]]:
    """All that the collector's role may ever do, whatever the storage mode."""
    resources = template["Resources"].values()
    policies = template["Resources"]["CollectorRole"]["Properties"]["Policies"] + [
        each["Properties"] for each in resources if each["Type"] == "AWS::IAM::Policy"
    ]
    return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]


def test_cfn_lint_finds_nothing() -> None:
    linter = Path(sys.executable).with_name("cfn-lint")

    done = subprocess.run([linter, TEMPLATE], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


def test_role_may_do_what_the_code_calls_and_nothing_else(template: dict[str, Any]) -> None:
    allowed = {action for statement in _statements(template) for action in statement["Action"]}

    assert allowed == {operation.action for operation in operations.ALL} | BEYOND_THE_CODE


def test_wildcard_resource_stands_only_where_aws_knows_no_other(template: dict[str, Any]) -> None:
    everywhere = {
        action
        for statement in _statements(template)
        if statement["Resource"] == "*"
        for action in statement["Action"]
    }

    assert everywhere == NO_RESOURCE


def test_reason_stands_beside_each_action() -> None:
    actions = {operation.action for operation in operations.ALL} | BEYOND_THE_CODE
    lines = TEMPLATE.read_text(encoding="utf-8").splitlines()

    for action in actions:
        stated = [line for line in lines if line.strip().startswith(f"- {action} ")]
        assert stated
        assert all(" # " in line for line in stated)


def test_reader_may_read_the_database_and_nothing_else(template: dict[str, Any]) -> None:
    properties = template["Resources"]["ReaderPolicy"]["Properties"]
    statements = properties["PolicyDocument"]["Statement"]

    assert {action for each in statements for action in each["Action"]} == READER_ACTIONS
    assert all(each["Resource"] != "*" for each in statements)


def test_every_request_of_the_code_is_in_the_list_that_the_role_is_compared_with() -> None:
    modules = (operations, operations_metrics, operations_routes, operations_traces)
    made = {
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, operations.Operation)
    }

    assert made == set(operations.ALL)


def test_bucket_is_closed_encrypted_and_versioned(template: dict[str, Any]) -> None:
    bucket = template["Resources"]["Bucket"]["Properties"]

    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["BucketEncryption"]
