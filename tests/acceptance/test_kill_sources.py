"""Kill -9 of the collector over every source of the local AWS, on a calm and on a stormy day.

Groups, functions, mappings, queues, subscriptions, rules, a bucket of failures, metrics and traces
grow between the kills. CHAINLIGHT_KILLS_COUNT and CHAINLIGHT_STORM_KILLS_COUNT set how often the
collector is killed; the full count is 200 and 20.
"""

from __future__ import annotations

import io
import json
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chainlight_collector.store import Store
from chainlight_demo.local_aws import LocalAws

pytestmark = [pytest.mark.acceptance, pytest.mark.apart, pytest.mark.timeout(3600)]

CALM_COUNT = int(os.environ.get("CHAINLIGHT_KILLS_COUNT", "3"))
STORM_COUNT = int(os.environ.get("CHAINLIGHT_STORM_KILLS_COUNT", "2"))
GROUPS_COUNT = 3
INVOCATIONS_COUNT = 5
KILLED_AFTER_S_MAX = 1.2
HIDDEN_S = 10 if max(CALM_COUNT, STORM_COUNT) > 20 else 2
"""A look at all letters ends before its first one shows itself again; 30 s where it is real."""
LATE_MS = 1_500
STORM: dict[str, object] = {
    "seed": 11,
    "empty_log_page_share": 0.3,
    "late_log_share": 0.2,
    "late_log_ms": LATE_MS,
    "throttled_share": {"logs:FilterLogEvents": 0.2, "lambda:*": 0.05, "sqs:*": 0.05},
    "late_segment_share": 0.3,
    "late_segment_ms": LATE_MS,
    "duplicate_sqs_share": 0.3,
}
CLOCKS = {"seen_us", "observed_us", "scanned_us", "updated_us", "ingested_us"}
RUNNING = {"checkpoints", "collector_runs", "dead_letter_scans", "alert_states"}
BREEDER = """
import os, sys
from pathlib import Path
from chainlight_collector.aws import Aws
from chainlight_collector.collect import Surroundings, collect
from chainlight_collector.sources import batch, deadletters, logs
from chainlight_collector.sources.run import Options

sys.modules["pandas"] = None
batch.BATCH_BYTES, logs.TURN_PAGES, deadletters.HIDDEN_S = 4_000, 2, int(sys.argv[2])
options = Options(settle_us=0, detail_life_us=0, metrics_every_us=0)
fast = {action: 1000.0 for action in ("logs:FilterLogEvents", "logs:DescribeLogGroups")}
around = Surroundings(aws=Aws(calls_per_s=fast))
for service in ("lambda", "logs", "sqs", "sns", "events", "s3", "cloudwatch", "xray"):
    around.aws._client(service)
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        runs = 1 if line.strip() == "once" else 1000
        outcomes = [collect(Path(sys.argv[1]), options, around).outcome for _ in range(runs)]
        os._exit(0 if outcomes[-1] == "ok" else 3)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""
"""Imports and makes its clients once, and forks a collector for each line that it reads."""


class World:
    """Something in each service, and more of it every time."""

    def __init__(self, aws: LocalAws) -> None:
        self.aws = aws
        self.grown_count = 0
        self.letters_count = 0
        self._set_up()

    def _set_up(self) -> None:
        sqs, account = self.aws.client("sqs"), "123456789012"
        region = self.aws.environment()["AWS_REGION"]
        self.urls = {
            name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("dlq", "sns-dlq")
        }
        self.arns = {name: f"arn:aws:sqs:{region}:{account}:{name}" for name in self.urls}
        policy = json.dumps({"deadLetterTargetArn": self.arns["dlq"], "maxReceiveCount": 2})
        sqs.create_queue(QueueName="work", Attributes={"RedrivePolicy": policy})
        self.aws.client("s3").create_bucket(Bucket="shop-failures")
        self.role = self._role()
        self._function("f0", DeadLetterConfig={"TargetArn": self.arns["dlq"]})
        arn = self._function("f1")
        destination = {"OnFailure": {"Destination": "arn:aws:s3:::shop-failures"}}
        self.aws.client("lambda").put_function_event_invoke_config(
            FunctionName="f1", DestinationConfig=destination
        )
        sns = self.aws.client("sns")
        topic = sns.create_topic(Name="orders")["TopicArn"]
        redrive = json.dumps({"deadLetterTargetArn": self.arns["sns-dlq"]})
        sns.subscribe(
            TopicArn=topic,
            Protocol="lambda",
            Endpoint=arn,
            Attributes={"RedrivePolicy": redrive},
        )
        for number in range(GROUPS_COUNT):
            self.aws.client("logs").create_log_group(logGroupName=f"/aws/lambda/f{number}")
            self.aws.client("logs").create_log_stream(
                logGroupName=f"/aws/lambda/f{number}", logStreamName=_stream(number)
            )

    def _role(self) -> str:
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
        made = self.aws.client("iam").create_role(
            RoleName="r", AssumeRolePolicyDocument=json.dumps(trust)
        )
        return str(made["Role"]["Arn"])

    def _function(self, name: str, **settings: Any) -> str:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("app.py", "def handler(event, context): return 1")
        made = self.aws.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.11",
            Role=self.role,
            Handler="app.handler",
            Code={"ZipFile": buffer.getvalue()},
            **settings,
        )
        return str(made["FunctionArn"])

    def grow(self) -> None:
        """Add to every source what one more moment brings."""
        number, now_ms = self.grown_count, time.time_ns() // 1_000_000
        self.grown_count += 1
        for group in range(GROUPS_COUNT):
            self.aws.client("logs").put_log_events(
                logGroupName=f"/aws/lambda/f{group}",
                logStreamName=_stream(group),
                logEvents=_events(f"{number:06d}-{group}", now_ms - 30_000),
            )
        self._bury(number)
        self.aws.client("cloudwatch").put_metric_data(
            Namespace="AWS/Lambda", MetricData=[_throttle(number, now_ms)]
        )
        self.aws.client("xray").put_trace_segments(
            TraceSegmentDocuments=[_segment(number, now_ms / 1000 - 30)]
        )
        if number % 5 == 0:
            self.aws.client("lambda").update_function_configuration(
                FunctionName="f0", MemorySize=128 + number
            )

    def _bury(self, number: int) -> None:
        self.letters_count += 3
        sqs = self.aws.client("sqs")
        attributes = {
            "RequestID": {"DataType": "String", "StringValue": f"{number:06d}-0-0"},
            "ErrorCode": {"DataType": "Number", "StringValue": "200"},
        }
        sqs.send_message(
            QueueUrl=self.urls["dlq"], MessageBody=f"{number}", MessageAttributes=attributes
        )
        envelope = {"Type": "Notification", "MessageId": f"n{number}", "TopicArn": "t"}
        sqs.send_message(QueueUrl=self.urls["sns-dlq"], MessageBody=json.dumps(envelope))
        context = {"requestId": f"s{number}", "functionArn": "f1", "condition": "RetriesExhausted"}
        self.aws.client("s3").put_object(
            Bucket="shop-failures",
            Key=f"aws/lambda/async/f1/2026/11/25/2026-11-25T10.00.00-{number:06d}",
            Body=json.dumps({"requestContext": context}).encode(),
        )


def _stream(group: int) -> str:
    return "2026/11/25/[$LATEST]" + f"{group:032x}"


def _events(name: str, first_ms: int) -> list[dict[str, Any]]:
    events = []
    for index in range(INVOCATIONS_COUNT):
        request_id, at_ms = f"{name}-{index}", first_ms + index * 10
        report = f"REPORT RequestId: {request_id}\tDuration: 3 ms\tBilled Duration: 4 ms\t\n"
        for offset_ms, line in ((0, f"START RequestId: {request_id} Version: 1\n"), (4, report)):
            events.append({"timestamp": at_ms + offset_ms, "message": line})
    return events


def _throttle(number: int, now_ms: int) -> dict[str, Any]:
    return {
        "MetricName": "Throttles",
        "Dimensions": [{"Name": "FunctionName", "Value": f"f{number % GROUPS_COUNT}"}],
        "Timestamp": datetime.fromtimestamp(now_ms / 1000 - 900, UTC),
        "Value": 1.0,
    }


def _segment(number: int, started_s: float) -> str:
    document = {
        "id": f"{number:016x}",
        "trace_id": f"1-{int(started_s):08x}-{number:024x}",
        "name": "f2",
        "origin": "AWS::Lambda::Function",
        "start_time": started_s,
        "end_time": started_s + 0.02,
    }
    return json.dumps(document)


@pytest.fixture
def world() -> Iterator[World]:
    with LocalAws() as aws:
        yield World(aws)


@contextmanager
def _breeder(world: World, database: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", BREEDER, str(database), str(HIDDEN_S)],
        env={**os.environ, **world.aws.environment()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def _say(breeder: subprocess.Popen[str], word: str) -> int:
    """Have a collector forked and return its process id."""
    assert breeder.stdin is not None
    assert breeder.stdout is not None
    breeder.stdin.write(word + "\n")
    breeder.stdin.flush()
    return int(breeder.stdout.readline())


def _status(breeder: subprocess.Popen[str]) -> int:
    assert breeder.stdout is not None
    return int(breeder.stdout.readline())


@pytest.mark.parametrize(
    ("faults", "kills_count"), [({}, CALM_COUNT), (STORM, STORM_COUNT)], ids=["calm", "stormy"]
)
def test_killed_collector_ends_with_the_tables_of_an_undisturbed_run(
    world: World,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    faults: dict[str, object],
    kills_count: int,
) -> None:
    chance = random.Random(20261125)  # noqa: S311  moments, no secrets
    killed_path, whole_path = tmp_path / "killed.duckdb", tmp_path / "whole.duckdb"
    before = {name: getattr(world.aws.faults, name) for name in faults}
    _set(world, faults)
    endings = []
    with _breeder(world, killed_path) as breeder:
        for _ in range(kills_count):
            world.grow()
            collector = _say(breeder, "on and on")
            time.sleep(chance.uniform(0, KILLED_AFTER_S_MAX))
            os.kill(collector, signal.SIGKILL)
            endings.append(_status(breeder))
        _set(world, before)
        time.sleep(HIDDEN_S + 1 + LATE_MS / 1000)  # hidden messages and late events show themselves
        _say(breeder, "once")
        last = _status(breeder)
    with _breeder(world, whole_path) as breeder:
        _say(breeder, "once")
        undisturbed = _status(breeder)

    killed, whole = _tables(killed_path), _tables(whole_path)
    figures = {name: len(rows) for name, rows in whole.items() if rows}
    record_property("figures", str({"kills": endings.count(signal.SIGKILL), **figures}))
    assert (last, undisturbed) == (0, 0)
    assert endings == [signal.SIGKILL] * kills_count
    assert len(whole["invocation_reports"]) == kills_count * GROUPS_COUNT * INVOCATIONS_COUNT
    assert len(whole["dead_letter_messages"]) == world.letters_count
    for name, rows in whole.items():
        if name not in HISTORIES:
            assert killed[name] == rows, name


HISTORIES = {"function_configs", "log_group_configs", "event_source_mappings"}
"""They hold every state that a run saw, and a run that came later saw fewer."""


def _set(world: World, switches: dict[str, object]) -> None:
    for name, value in switches.items():
        setattr(world.aws.faults, name, value)


def _tables(path: Path) -> dict[str, list[str]]:
    """Return every row of every table, without clocks, in an order of its own."""
    with Store.open(path, read_only=True) as store:
        names = store.query(
            "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND NOT temporary"
        ).fetchall()
        return {name: _rows(store, name) for (name,) in names if name not in RUNNING}


def _rows(store: Store, name: str) -> list[str]:
    columns = [column[0] for column in store.query(f"DESCRIBE {name}").fetchall()]
    chosen = ", ".join(f'"{column}"' for column in columns if column not in CLOCKS)
    return sorted(map(repr, store.query(f"SELECT {chosen} FROM {name}").fetchall()))  # noqa: S608
