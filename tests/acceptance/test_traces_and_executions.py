"""The real collector on a local AWS: workflows, traces that come late, both worlds of X-Ray."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chainlight_collector.aws import Aws
from chainlight_collector.collect import Surroundings, collect
from chainlight_collector.sources import xray_traces
from chainlight_collector.sources.operations_traces import ALL
from chainlight_collector.sources.run import Options
from chainlight_collector.store import Store
from chainlight_demo.local_aws import LocalAws

pytestmark = [pytest.mark.acceptance, pytest.mark.apart]

FAST = {operation.action: 100.0 for operation in ALL} | {"logs:FilterLogEvents": 100.0}
HANDLER = """
def handler(event, context):
    if event.get("n") == 0:
        raise ValueError("nothing to double")
    return {"doubled": event["n"] * 2}
"""
DEFINITION = {
    "StartAt": "Work",
    "States": {
        "Work": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "worker", "Payload.$": "$"},
            "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Instead"}],
            "End": True,
        },
        "Instead": {"Type": "Pass", "End": True},
    },
}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalAws]:
    monkeypatch.setattr(xray_traces, "POLL_S", 0.01)
    with LocalAws() as local_aws:
        for name, value in local_aws.environment().items():
            monkeypatch.setenv(name, value)
        yield local_aws


def make_worker(aws: LocalAws) -> str:
    """Create the traced function and return the ARN of a role."""
    role = aws.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", HANDLER)
    aws.client("lambda").create_function(
        FunctionName="worker",
        Runtime="python3.11",
        Role=role["Arn"],
        Handler="app.handler",
        Code={"ZipFile": packed.getvalue()},
        TracingConfig={"Mode": "Active"},
    )
    return str(role["Arn"])


def run(database: Path) -> Any:
    around = Surroundings(aws=Aws(calls_per_s=FAST), publishes_snapshot=False)
    summary = collect(database, Options(settle_us=0), around)
    assert summary.problems == []
    return summary


def rows(database: Path, sql: str) -> list[tuple[Any, ...]]:
    with Store.open(database, read_only=True) as store:
        return store.query(sql).fetchall()


def test_executions_are_read_with_their_retries_and_joined_to_their_invocations(
    aws: LocalAws, tmp_path: Path
) -> None:
    database = tmp_path / "chainlight.duckdb"
    role = make_worker(aws)
    states = aws.client("stepfunctions")
    machine = states.create_state_machine(
        name="doubling", definition=json.dumps(DEFINITION), roleArn=role
    )
    for number in (21, 0):
        states.start_execution(
            stateMachineArn=machine["stateMachineArn"],
            name=f"double-{number}",
            input=json.dumps({"n": number}),
        )
    aws.wait_until_quiet()

    run(database)
    again = run(database)

    assert rows(
        database,
        "SELECT machine_name, kind, status, retries_count, caught_count, transitions_count "
        "FROM executions ORDER BY retries_count",
    ) == [("doubling", "standard", "ok", 0, 0, 1), ("doubling", "standard", "ok", 1, 1, 3)]
    assert rows(
        database, "SELECT evidence, count(*) FROM links WHERE is_callee_seen GROUP BY ALL"
    ) == [("execution", 3)]
    assert rows(
        database, "SELECT count(*), count(trace_root), sum(attempt_number) FROM attempts"
    ) == [(3, 3, 3)]
    assert again.sources["executions"]["kept_count"] == 0


def test_segments_that_come_late_complete_what_the_logs_told(aws: LocalAws, tmp_path: Path) -> None:
    database = tmp_path / "chainlight.duckdb"
    make_worker(aws)
    aws.faults.late_segment_share, aws.faults.late_segment_ms = 1.0, 15_000
    for _ in range(3):
        aws.client("lambda").invoke(FunctionName="worker", Payload=b'{"n": 1}')

    run(database)
    early = rows(database, "SELECT count(*) FROM chain_breakdown")
    while not aws.client("xray").get_trace_summaries(
        StartTime=time.time() - 600, EndTime=time.time()
    )["TraceSummaries"]:
        continue
    run(database)
    aws.faults.late_segment_share = 0.0
    aws.client("xray").update_trace_segment_destination(Destination="CloudWatchLogs")
    aws.client("lambda").invoke(FunctionName="worker", Payload=b'{"n": 1}')
    run(database)
    run(database)

    assert early == [(0,)]
    assert rows(
        database, "SELECT count(*), count(gap), sum(functions_count) FROM chain_breakdown"
    ) == [(4, 0, 4)]
    assert rows(database, "SELECT count(*), bool_and(has_report) FROM attempts") == [(4, True)]
