"""Step Functions: tasks reach the data plane, wherever the state machine came from."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chainlight_demo.fabric.deploy import deploy_stack
from chainlight_demo.local_aws import LocalAws

HANDLER = """
def handler(event, context):
    return {"doubled": event.get("n", 0) * 2, "request_id": context.aws_request_id}
"""


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    with LocalAws() as local_aws:
        yield local_aws


def make_worker(aws: LocalAws) -> str:
    """Create the function and return the ARN of a role."""
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
    )
    return str(role["Arn"])


def definition() -> str:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "worker", "Payload.$": "$"},
        "End": True,
    }
    return json.dumps({"StartAt": "Work", "States": {"Work": task}})


def output(aws: LocalAws, execution_arn: str) -> dict[str, Any]:
    done = aws.client("stepfunctions").describe_execution(executionArn=execution_arn)
    assert done["status"] == "SUCCEEDED"
    shape: dict[str, Any] = json.loads(done["output"])
    return shape


def test_a_task_runs_its_function_and_the_history_names_the_request(aws: LocalAws) -> None:
    role = make_worker(aws)
    states = aws.client("stepfunctions")
    machine = states.create_state_machine(name="m", definition=definition(), roleArn=role)
    started = states.start_execution(stateMachineArn=machine["stateMachineArn"], input='{"n": 21}')
    aws.wait_until_quiet()

    answered = output(aws, started["executionArn"])
    assert answered["Payload"]["doubled"] == 42
    assert answered["SdkResponseMetadata"]["RequestId"] == answered["Payload"]["request_id"]
    events = states.get_execution_history(executionArn=started["executionArn"])["events"]
    [succeeded] = [event for event in events if event["type"] == "TaskSucceeded"]
    assert answered["Payload"]["request_id"] in succeeded["taskSucceededEventDetails"]["output"]


def test_a_state_machine_of_a_template_runs_and_is_a_target_of_rules(
    aws: LocalAws, tmp_path: Path
) -> None:
    role = make_worker(aws)
    template = tmp_path / "template.yaml"
    template.write_text(
        f"""
        Resources:
          Machine:
            Type: AWS::StepFunctions::StateMachine
            Properties: {{RoleArn: "{role}", DefinitionString: {json.dumps(definition())}}}
          Rule:
            Type: AWS::Events::Rule
            Properties:
              EventPattern: {{source: [shop]}}
              Targets: [{{Id: "1", Arn: !Ref Machine, InputPath: $.detail}}]
        Outputs:
          Machine: {{Value: !Ref Machine}}
        """
    )
    outputs = deploy_stack(aws.client, template, "machines")
    aws.client("events").put_events(
        Entries=[{"Source": "shop", "DetailType": "d", "Detail": '{"n": 4}'}]
    )
    aws.wait_until_quiet()
    executions = aws.client("stepfunctions").list_executions(stateMachineArn=outputs["Machine"])
    [execution] = executions["executions"]
    assert output(aws, execution["executionArn"])["Payload"]["doubled"] == 8
