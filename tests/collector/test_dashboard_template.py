from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
TEMPLATE = PROJECT / "dashboard-template.yaml"
PIN = re.compile(r"^([\w.-]+)==(\S+)", re.MULTILINE)


def test_cfn_lint_finds_nothing() -> None:
    linter = Path(sys.executable).with_name("cfn-lint")

    done = subprocess.run([linter, TEMPLATE], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


def test_stack_lets_nobody_reach_the_dashboard_without_a_login(moto: Any) -> None:
    network = moto("ec2")
    subnets = [row["SubnetId"] for row in network.describe_subnets()["Subnets"]]
    secret = moto("secretsmanager").create_secret(Name="client", SecretString="s3cr3t")
    certificate = moto("acm").request_certificate(DomainName="chains.example.com")
    stacks = moto("cloudformation")
    values = {
        "Image": "registry.example.com/chainlight-dashboard:1",
        "DatabaseUri": "s3://bucket/chainlight.duckdb",
        "ReaderPolicyArn": "arn:aws:iam::123456789012:policy/reader",
        "HostName": "chains.example.com",
        "CertificateArn": certificate["CertificateArn"],
        "VpcId": network.describe_vpcs()["Vpcs"][0]["VpcId"],
        "LoadBalancerSubnetIds": ",".join(subnets[:2]),
        "TaskSubnetIds": ",".join(subnets[:2]),
        "OidcIssuer": "https://login.example.com",
        "OidcAuthorizationEndpoint": "https://login.example.com/authorize",
        "OidcTokenEndpoint": "https://login.example.com/token",
        "OidcUserInfoEndpoint": "https://login.example.com/userinfo",
        "OidcClientId": "chainlight",
        "OidcClientSecretArn": secret["ARN"],
    }
    moto("iam").create_policy(
        PolicyName="reader",
        PolicyDocument='{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", '
        '"Action": ["s3:GetObject"], "Resource": "*"}]}',
    )
    stacks.create_stack(
        StackName="board",
        TemplateBody=TEMPLATE.read_text(encoding="utf-8"),
        Parameters=[{"ParameterKey": key, "ParameterValue": values[key]} for key in values],
        Capabilities=["CAPABILITY_IAM"],
    )
    kinds = {
        row["LogicalResourceId"]: row["PhysicalResourceId"]
        for row in stacks.describe_stack_resources(StackName="board")["StackResources"]
    }
    balancer = moto("elbv2")
    listeners = balancer.describe_listeners(LoadBalancerArn=kinds["LoadBalancer"])["Listeners"]
    actions = {row["Port"]: [each["Type"] for each in row["DefaultActions"]] for row in listeners}
    [task_group] = network.describe_security_groups(GroupIds=[kinds["TaskGroup"]])["SecurityGroups"]
    [way_in] = task_group["IpPermissions"]

    assert (
        stacks.describe_stacks(StackName="board")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
    )
    assert actions == {443: ["authenticate-oidc", "forward"], 80: ["redirect"]}
    assert [pair["GroupId"] for pair in way_in["UserIdGroupPairs"]] == [kinds["LoadBalancerGroup"]]
    assert (way_in["FromPort"], way_in["IpRanges"]) == (8501, [])


def test_image_is_made_of_versions_that_the_project_is_tested_with() -> None:
    tested = set(PIN.findall((PROJECT / "requirements.lock").read_text(encoding="utf-8")))
    shipped = PIN.findall((PROJECT / "dashboard" / "requirements.lock").read_text(encoding="utf-8"))

    assert {"duckdb", "streamlit", "boto3", "duckdb-extension-ducklake"} <= {n for n, _ in shipped}
    assert [pin for pin in shipped if pin not in tested] == []
