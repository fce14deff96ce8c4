"""`chainlight dlq --redrive --yes` on the local AWS: the function runs again in the old chain."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from chainlight_collector.store import Store
from chainlight_demo.local_aws import LocalAws

pytestmark = [pytest.mark.acceptance, pytest.mark.apart]

ROOT = "1-6ab1f2c0-0123456789abcdef01234567"
HANDLER = """
import json, os
def handler(event, context):
    print(json.dumps({"was": event, "root": os.environ.get("_X_AMZN_TRACE_ID", "")}))
    if not event.get("is_fine"):
        raise ValueError("no")
"""


def _deploy(aws: LocalAws, dlq_arn: str) -> None:
    allowed = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    service = {"Principal": {"Service": "lambda.amazonaws.com"}}
    trust = {"Version": "2012-10-17", "Statement": [{**allowed, **service}]}
    role = aws.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", HANDLER)
    aws.client("lambda").create_function(
        FunctionName="worker",
        Runtime="python3.11",
        Role=role["Role"]["Arn"],
        Handler="app.handler",
        Code={"ZipFile": buffer.getvalue()},
        DeadLetterConfig={"TargetArn": dlq_arn},
    )


def _command(aws: LocalAws, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chainlight_collector", *words],
        env=aws.environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def _seen(aws: LocalAws) -> list[dict[str, Any]]:
    events = aws.client("logs").filter_log_events(logGroupName="/aws/lambda/worker")["events"]
    return [json.loads(each["message"]) for each in events if each["message"].startswith('{"was"')]


def test_event_runs_again_in_its_chain_and_its_letter_is_gone(tmp_path: Path) -> None:
    database = str(tmp_path / "db.duckdb")
    with LocalAws() as aws:
        sqs = aws.client("sqs")
        url = sqs.create_queue(QueueName="dlq")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        _deploy(aws, arn["Attributes"]["QueueArn"])
        header = {"DataType": "String", "StringValue": f"Root={ROOT};Sampled=0"}
        sent = sqs.send_message(
            QueueUrl=url,
            MessageBody=json.dumps({"is_fine": True, "order": 7}),
            MessageAttributes={"RequestID": {"DataType": "String", "StringValue": "r1"}},
            MessageSystemAttributes={"AWSTraceHeader": header},
        )
        collected = _command(aws, "collect", "--db", database, "--settle", "0")
        with Store.open(database) as store, store.transaction() as connection:
            connection.execute("UPDATE dead_letter_messages SET function_name = 'worker'")
        told = _command(aws, "dlq", "--db", database, "--redrive", sent["MessageId"])
        before = _seen(aws) if told.returncode else []
        done = _command(aws, "dlq", "--db", database, "--redrive", sent["MessageId"], "--yes")
        aws.wait_until_quiet()
        seen = _seen(aws)
        left = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]

    assert (collected.returncode, told.returncode, done.returncode) == (0, 0, 0), collected.stderr
    assert told.stdout == done.stdout
    assert "_X_AMZN_TRACE_ID='Root=" + ROOT in told.stdout
    assert before == []
    assert [each["was"] for each in seen] == [{"is_fine": True, "order": 7}]
    assert ROOT in seen[0]["root"]
    assert left["ApproximateNumberOfMessages"] == "0"
    assert left["ApproximateNumberOfMessagesNotVisible"] == "0"
