"""template.yaml in every storage mode, on one evening's logs: equal numbers, minimal rights.

Schedules run the collectors, a log subscription pushes what they have read already, and what each
called of AWS is compared with what its role allows.
"""

from __future__ import annotations

import base64
import gzip
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from chainlight_collector import addresses, places
from chainlight_demo import fabric, postgres
from chainlight_demo.fabric.deploy import delete_stack, deploy_stack
from chainlight_demo.local_aws.environment import CREDENTIALS
from chainlight_demo.local_aws.registry import REGION
from chainlight_demo.run import OWN_PARAMETERS, PATIENT, PROJECT

from ..dashboard import browsing  # noqa: TID252  no package is there to name
from .conftest import Evening

PROGRAMS = postgres.programs()
pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.timeout(600),
    pytest.mark.skipif(PROGRAMS is None, reason="PostgreSQL is missing (apt install postgresql)"),
]

NUMBERS = """
SELECT
    (SELECT count(*) FROM attempts),
    (SELECT sum(billed_ms) FROM attempts),
    (SELECT round(sum(cost_usd), 12) FROM attempts),
    (SELECT count(*) FROM chains),
    (SELECT count(*) FROM links),
    (SELECT sum(wait_us) FROM edges),
    (SELECT round(sum(paid_idle_usd), 12) FROM edges),
    (SELECT count(*) FROM chain_timeline)
"""
TILES_COUNT_MIN = 4
PLATFORM = {"logs:CreateLogStream", "logs:PutLogEvents"}
"""Lambda calls them with the function's role; the local AWS writes logs by itself."""
ABSENT = {
    "cloudwatch:GetMetricData",  # no metrics,
    "lambda:GetDurableExecutionHistory",  # no durable function,
    "lambda:ListDurableExecutionsByFunction",
    "s3:AbortMultipartUpload",  # no upload that failed,
    "s3:ListBucket",  # no failure bucket, no orphan younger than a day,
    "sns:Publish",  # no threshold,
    "states:DescribeStateMachine",  # no state machine,
    "states:GetExecutionHistory",
    "states:ListExecutions",
    "tag:GetResources",  # no groups chosen by tag,
    "xray:ListRetrievedTraces",  # no Transaction Search
    "xray:StartTraceRetrieval",
}
"""What this evening does not have; the tests of each source call them on stubs."""
TILES = """() => [...document.querySelectorAll('[data-testid="stMetric"]')]
  .map((tile) => tile.innerText.split(/\\s*\\n\\s*/).slice(0, 2))"""
"""The label and the value of each tile of the page."""
OF_A_LAKE_LATER = {"s3:DeleteObject"}
"""DuckLake deletes a file a day after the last version that refers to it."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A deployed template and where its database is."""

    name: str
    outputs: dict[str, str]


@pytest.fixture(scope="module")
def catalog_url() -> Iterator[str]:
    assert PROGRAMS is not None
    with postgres.running(PROGRAMS) as url:
        yield postgres.create_database(PROGRAMS, url, "chains")


@pytest.fixture(scope="module")
def secret_arn(evening: Evening, catalog_url: str) -> str:
    login, _, place = catalog_url.removeprefix("postgres://").partition("@")
    host, _, rest = place.partition(":")
    port, _, database = rest.partition("/")
    secret = {"username": login, "password": "pw", "host": host, "port": port, "dbname": database}
    secrets = evening.demo.aws.client("secretsmanager")
    return str(secrets.create_secret(Name="catalog", SecretString=json.dumps(secret))["ARN"])


@pytest.fixture(scope="module", params=["object", "lake"])
def stack(request: pytest.FixtureRequest, evening: Evening, secret_arn: str) -> Stack:
    aws, mode = evening.demo.aws, request.param
    chosen = {
        "StorageMode": mode,
        "CatalogSecretArn": secret_arn,
        "CatalogOptions": "sslmode=disable",
    }
    name = f"cl-{mode}"
    outputs = deploy_stack(aws.client, PROJECT / "template.yaml", name, OWN_PARAMETERS | chosen)
    aws.ledger.watch([outputs["CollectorName"]])
    clocks = [rule["Name"] for rule in aws.client("events").list_rules()["Rules"]]
    [clock] = [each for each in clocks if each.startswith(name)]
    fabric.fire_schedule(aws, clock)
    aws.wait_until_quiet()
    return Stack(name, outputs)


@pytest.fixture
def as_a_reader(evening: Evening, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in CREDENTIALS.items():
        monkeypatch.setenv(key, value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ENDPOINT_URL", evening.demo.aws.endpoint_url)


@pytest.mark.usefixtures("as_a_reader")
def test_numbers_are_those_of_the_file_by_schedule_and_again_by_push(
    evening: Evening, stack: Stack, tmp_path: Path
) -> None:
    expected = evening.rows(NUMBERS)
    assert _numbers(stack, tmp_path) == expected

    summary = _push(evening, stack)

    assert (summary["outcome"], summary["kept_count"]) == ("ok", 0)
    assert summary["known_count"] > 0
    assert _numbers(stack, tmp_path) == expected


@pytest.mark.usefixtures("as_a_reader")
def test_dashboard_opens_on_it_and_shows_the_numbers_of_the_file(
    evening: Evening, stack: Stack
) -> None:
    expected = _tiles(evening.database)
    assert len(expected) >= TILES_COUNT_MIN
    assert _tiles(stack.outputs["DatabaseUri"]) == expected


def test_what_the_collector_called_is_what_its_role_allows(evening: Evening, stack: Stack) -> None:
    allowed = _allowed(evening, stack)
    called = evening.demo.aws.ledger.actions_of(stack.outputs["CollectorName"])
    assert called - allowed == set()
    assert sorted(allowed - called - OF_A_LAKE_LATER) == sorted(PLATFORM | ABSENT)


def test_deleted_stack_leaves_its_layer_and_nothing_else(evening: Evening, stack: Stack) -> None:
    aws, bucket = evening.demo.aws, stack.outputs["BucketName"]
    _empty(aws.client("s3"), bucket)
    delete_stack(aws.client, stack.name)

    assert _left(evening, stack) == {}


def _numbers(stack: Stack, folder: Path) -> list[tuple[Any, ...]]:
    address = addresses.parse(stack.outputs["DatabaseUri"])
    with places.reading(address, folder / uuid.uuid4().hex) as store:
        return store.query(NUMBERS).fetchall()


def _tiles(database: Path | str) -> list[list[str]]:
    with browsing.served(database) as address, browsing.started_browser() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{address}/?range=7+d")
        page.locator('[data-testid="stMetric"]').first.wait_for(timeout=60_000)
        page.wait_for_function(browsing.SETTLED, timeout=60_000)
        tiles: list[list[str]] = page.evaluate(TILES)
    return tiles


def _push(evening: Evening, stack: Stack) -> dict[str, Any]:
    """Deliver events of one function as a subscription would; the schedule has brought them."""
    logs, group = evening.demo.aws.client("logs"), "/aws/lambda/shop-place-order"
    events = logs.filter_log_events(logGroupName=group, limit=20)["events"]
    stream = events[0]["logStreamName"]
    document = {
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": group,
        "logStream": stream,
        "subscriptionFilters": ["chainlight"],
        "logEvents": [
            {"id": event["eventId"], "timestamp": event["timestamp"], "message": event["message"]}
            for event in events
            if event["logStreamName"] == stream
        ],
    }
    data = base64.b64encode(gzip.compress(json.dumps(document).encode())).decode()
    answer = evening.demo.aws.client("lambda", config=PATIENT).invoke(
        FunctionName=stack.outputs["CollectorName"],
        Payload=json.dumps({"awslogs": {"data": data}}),
    )
    summary: dict[str, Any] = json.load(answer["Payload"])
    assert "FunctionError" not in answer, summary
    return summary


def _allowed(evening: Evening, stack: Stack) -> set[str]:
    iam = evening.demo.aws.client("iam")
    [role] = [
        each["RoleName"]
        for each in iam.list_roles()["Roles"]
        if each["RoleName"].startswith(f"{stack.name}-CollectorRole")
    ]
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    documents = [
        iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names
    ]
    read = [yaml_parse(str(each)) for each in documents]  # moto gives Python's way of writing it
    return {a for document in read for each in document["Statement"] for a in each["Action"]}


def _empty(s3: Any, bucket: str) -> None:
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for row in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            s3.delete_object(Bucket=bucket, Key=row["Key"], VersionId=row["VersionId"])


def _left(evening: Evening, stack: Stack) -> dict[str, list[str]]:
    """Return what is still there by kind, of those named after the stack."""
    aws = evening.demo.aws
    found = {
        "functions": [
            f["FunctionName"] for f in aws.client("lambda").list_functions()["Functions"]
        ],
        "layers": [x["LayerName"] for x in aws.client("lambda").list_layers()["Layers"]],
        "roles": [role["RoleName"] for role in aws.client("iam").list_roles()["Roles"]],
        "policies": [
            each["PolicyName"]
            for each in aws.client("iam").list_policies(Scope="Local")["Policies"]
        ],
        "buckets": [b["Name"] for b in aws.client("s3").list_buckets()["Buckets"]],
        "rules": [rule["Name"] for rule in aws.client("events").list_rules()["Rules"]],
        "topics": [t["TopicArn"] for t in aws.client("sns").list_topics()["Topics"]],
        "log groups": [
            group["logGroupName"] for group in aws.client("logs").describe_log_groups()["logGroups"]
        ],
    }
    own = {kind: [each for each in names if stack.name in each] for kind, names in found.items()}
    return {kind: names for kind, names in own.items() if names}
