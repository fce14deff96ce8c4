"""One job in five ways, to hold a bill against its advice.

Nested, coordinated, async, merged, as a state machine: the job has three steps that take 60, 80 and
100 ms. Each way is deployed as functions of its own on a local AWS and run equally often, warm;
what a way costs is then measured, never modelled.
"""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chainlight_demo.local_aws import LocalAws

LAYER = Path(__file__).resolve().parents[2] / "dist" / "chainlight-layer.zip"
STEPS_S = (0.06, 0.08, 0.1)
MEMORY_MB = 512
HANDLERS = """
import json, os, time
import boto3
from botocore.config import Config

WORK_S = float(os.environ["WORK_S"])
NEXT = os.environ["NEXT"].split()
READ_TIMEOUT_S = float(os.environ["READ_TIMEOUT_S"])
CLIENT = boto3.client(
    "lambda",
    config=Config(
        read_timeout=READ_TIMEOUT_S, retries={"mode": "standard", "total_max_attempts": 3}
    ),
)
CLIENT.list_functions(MaxItems=1)  # a client's first request costs 10 to 30 ms: paid in init

def sync(event, context):
    time.sleep(WORK_S)
    answers = []
    for name in NEXT:
        try:
            answers.append(json.load(CLIENT.invoke(FunctionName=name, Payload=b"{}")["Payload"]))
        except Exception as problem:
            answers.append(type(problem).__name__)
    return {"answers": answers}

def event(event, context):
    time.sleep(WORK_S)
    for name in NEXT:
        CLIENT.invoke(FunctionName=name, InvocationType="Event", Payload=b"{}")
"""


@dataclass(frozen=True, slots=True)
class Step:
    """A function of one way: how long it works, and whom it calls then."""

    name: str
    work_s: float
    calls: tuple[str, ...] = ()
    handler: str = "sync"
    memory_mb: int = MEMORY_MB
    read_timeout_s: float = 60.0


ONE, TWO, THREE = STEPS_S
WAYS: dict[str, tuple[Step, ...]] = {
    "nested": (
        Step("bill-nested-1", ONE, ("bill-nested-2",)),
        Step("bill-nested-2", TWO, ("bill-nested-3",)),
        Step("bill-nested-3", THREE),
    ),
    "coordinated": (
        Step("bill-coordinator", 0, ("bill-part-1", "bill-part-2", "bill-part-3")),
        Step("bill-part-1", ONE),
        Step("bill-part-2", TWO),
        Step("bill-part-3", THREE),
    ),
    "async": (
        Step("bill-async-1", ONE, ("bill-async-2",), "event"),
        Step("bill-async-2", TWO, ("bill-async-3",), "event"),
        Step("bill-async-3", THREE, (), "event"),
    ),
    "merged": (Step("bill-merged", sum(STEPS_S)),),
    "states": (
        Step("bill-state-1", ONE),
        Step("bill-state-2", TWO),
        Step("bill-state-3", THREE),
    ),
    "heavy": (
        Step("bill-small", 0.2, ("bill-large",), memory_mb=128),
        Step("bill-large", 0.02, memory_mb=3008),
    ),
}
"""The functions of each way; the first is the one to invoke. ``heavy`` is another job: its second
function needs 24 times the memory of its first."""
HASTY = (
    Step("bill-hasty", 0, ("bill-slow",), read_timeout_s=0.5),
    Step("bill-slow", 0.9),
)
"""A caller whose SDK gives up on a callee that is only slow, and asks again."""


@dataclass(slots=True)
class Bill:
    """The ways deployed on one local AWS."""

    aws: LocalAws
    layer_arn: str
    role_arn: str
    machine_arn: str = ""
    executions: list[str] = field(default_factory=list)

    def run(self, way: str) -> None:
        """Do the job once in this way and wait until nothing of it runs any more."""
        if way == "states":
            started = self.aws.client("stepfunctions").start_execution(
                stateMachineArn=self.machine_arn, name=uuid.uuid4().hex, input="{}"
            )
            self.executions.append(started["executionArn"])
        else:
            self.invoke(WAYS[way][0].name)
        if way in ("async", "states"):
            self.aws.wait_until_quiet()

    def invoke(self, name: str) -> None:
        """Invoke a function and wait for its answer."""
        self.aws.client("lambda").invoke(FunctionName=name, Payload=b"{}")["Payload"].read()

    def transitions_count(self) -> int:
        """Return how many states all executions entered."""
        client = self.aws.client("stepfunctions")
        return sum(
            event["type"].endswith("StateEntered")
            for arn in self.executions
            for event in client.get_execution_history(executionArn=arn, maxResults=1000)["events"]
        )

    def events(self, *, since_ms: int) -> Iterator[str]:
        """Yield the log events since then, one JSON text each."""
        logs = self.aws.client("logs")
        groups = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/bill-")["logGroups"]
        for group in groups:
            pages = logs.get_paginator("filter_log_events").paginate(
                logGroupName=group["logGroupName"], startTime=since_ms
            )
            for event in (event for page in pages for event in page["events"]):
                yield json.dumps(
                    {
                        "logGroup": group["logGroupName"],
                        "logStream": event["logStreamName"],
                        "eventId": event["eventId"],
                        "timestamp": event["timestamp"],
                        "message": event["message"],
                    }
                )


def deployed(aws: LocalAws) -> Bill:
    """Deploy every way, with the layer, on a local AWS."""
    role = aws.client("iam").create_role(RoleName="bill", AssumeRolePolicyDocument="{}")["Role"]
    layer = aws.client("lambda").publish_layer_version(
        LayerName="chainlight", Content={"ZipFile": LAYER.read_bytes()}
    )
    bill = Bill(aws, layer["LayerVersionArn"], role["Arn"])
    for step in [step for way in (*WAYS.values(), HASTY) for step in way]:
        _create(bill, step)
    machine = aws.client("stepfunctions").create_state_machine(
        name="bill", definition=_definition(), roleArn=role["Arn"]
    )
    bill.machine_arn = machine["stateMachineArn"]
    return bill


def _create(bill: Bill, step: Step) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("job.py", HANDLERS)
    bill.aws.client("lambda").create_function(
        FunctionName=step.name,
        Role=bill.role_arn,
        Runtime="python3.12",
        Handler=f"job.{step.handler}",
        Code={"ZipFile": packed.getvalue()},
        MemorySize=step.memory_mb,
        Timeout=20,
        Layers=[bill.layer_arn],
        Environment={
            "Variables": {
                "AWS_LAMBDA_EXEC_WRAPPER": "/opt/chainlight",
                "WORK_S": str(step.work_s),
                "NEXT": " ".join(step.calls),
                "READ_TIMEOUT_S": str(step.read_timeout_s),
            }
        },
    )


def _definition() -> str:
    names = [step.name for step in WAYS["states"]]
    states: dict[str, Any] = {}
    for name, following in zip(names, [*names[1:], None], strict=True):
        states[name] = {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": name, "Payload.$": "$"},
            **({"Next": following} if following else {"End": True}),
        }
    return json.dumps({"StartAt": names[0], "States": states})
