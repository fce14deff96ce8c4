"""Step Functions: tasks reach the data plane, wherever the state machine came from."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chainlight_demo.fabric.deploy import deploy_stack
from chainlight_demo.fabric.rehearsal import Rehearsal

ROLE = "arn:aws:iam::123456789012:role/states"


@pytest.fixture
def aws() -> Iterator[Rehearsal]:
    with Rehearsal() as rehearsal:
        yield rehearsal


def definition(function: str) -> str:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": function, "Payload.$": "$"},
        "End": True,
    }
    return json.dumps({"StartAt": "Work", "States": {"Work": task}})


def history(aws: Rehearsal, execution_arn: str) -> list[dict[str, Any]]:
    answer = aws.client("stepfunctions").get_execution_history(executionArn=execution_arn)
    events: list[dict[str, Any]] = answer["events"]
    return events


def test_a_task_runs_its_function_and_the_history_tells(aws: Rehearsal) -> None:
    aws.function("worker", lambda event: {"doubled": event["n"] * 2})
    states = aws.client("stepfunctions")
    machine = states.create_state_machine(name="m", definition=definition("worker"), roleArn=ROLE)[
        "stateMachineArn"
    ]
    started = states.start_execution(stateMachineArn=machine, input='{"n": 21}')
    aws.wait_until_quiet()

    [invocation] = aws.plane.invocations
    assert (invocation.event, invocation.mode) == ({"n": 21}, "sync")
    done = states.describe_execution(executionArn=started["executionArn"])
    assert json.loads(done["output"])["Payload"] == {"doubled": 42}
    [succeeded] = [e for e in history(aws, started["executionArn"]) if e["type"] == "TaskSucceeded"]
    output = json.loads(succeeded["taskSucceededEventDetails"]["output"])
    assert output["SdkResponseMetadata"]["RequestId"] == invocation.request_id


def test_a_state_machine_of_a_template_runs_too(aws: Rehearsal, tmp_path: Path) -> None:
    aws.function("worker", lambda _event: None)
    template = tmp_path / "template.yaml"
    text = json.dumps(definition("worker"))
    template.write_text(
        f"""
        Resources:
          Machine:
            Type: AWS::StepFunctions::StateMachine
            Properties: {{RoleArn: "{ROLE}", DefinitionString: {text}}}
          Rule:
            Type: AWS::Events::Rule
            Properties:
              EventPattern: {{source: [shop]}}
              Targets: [{{Id: "1", Arn: !Ref Machine}}]
        Outputs:
          Machine: {{Value: !Ref Machine}}
        """
    )
    outputs = deploy_stack(aws.client, template, "machines")
    states = aws.client("stepfunctions")
    states.start_execution(stateMachineArn=outputs["Machine"], input="{}")
    aws.client("events").put_events(Entries=[{"Source": "shop", "DetailType": "d", "Detail": "{}"}])
    aws.wait_until_quiet()
    assert [i.event.get("source") for i in aws.plane.invocations] in (
        [None, "shop"],
        ["shop", None],
    )
