"""Events: retries under one request id, dead letters and destinations, against recorded records."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Rig

FAILS = """
    import time
    def main(event, context):
        print("at", time.time(), context.aws_request_id)
        raise RuntimeError("always")
"""
FINE = "def main(event, context): return {'fine': True}"


def starts(messages: list[str]) -> list[str]:
    """Return the request ids of the START lines."""
    return [message.split()[2] for message in messages if message.startswith("START")]


def structure(value: Any) -> Any:
    """Return the keys of nested objects, with leaves replaced by their types."""
    if isinstance(value, dict):
        return {key: structure(item) for key, item in value.items()}
    return type(value).__name__


def recorded_record(samples: Path, test_name: str) -> dict[str, Any]:
    """Return the destination record AWS sent in one of the recorded tests."""
    path = samples / "destinations" / "localstack-recorded.jsonl"
    for line in path.read_text().splitlines():
        if test_name in line:
            found = re.search(r'"Body": (\{.*?\}), "MD5OfBody"', line)
            assert found
            body: dict[str, Any] = json.loads(found[1])
            return body
    raise AssertionError(f"no {test_name} in {path}")


def fail_to(rig: Rig, target_arn: str, **config: Any) -> None:
    """Send what function `f` fails at to a destination."""
    rig.aws.client("lambda").put_function_event_invoke_config(
        FunctionName="f", DestinationConfig={"OnFailure": {"Destination": target_arn}}, **config
    )


def test_failing_event_is_tried_three_times_under_one_request_id(rig: Rig) -> None:
    rig.deploy("f", FAILS)

    answer = rig.invoke("f", InvocationType="Event")

    messages = rig.messages("f")
    assert starts(messages) == [answer["ResponseMetadata"]["RequestId"]] * 3
    moments_s = [float(m.split()[1]) for m in messages if m.startswith("at ")]
    waits_s = [later - earlier for earlier, later in pairwise(moments_s)]
    assert 0.6 <= waits_s[0] < 1.1
    assert 1.2 <= waits_s[1] < 1.7


def test_maximum_retry_attempts_is_obeyed_and_can_be_updated(rig: Rig) -> None:
    rig.deploy("f", FAILS)
    client = rig.aws.client("lambda")
    client.put_function_event_invoke_config(FunctionName="f", MaximumRetryAttempts=2)
    client.put_function_event_invoke_config(FunctionName="f", MaximumRetryAttempts=0)

    rig.invoke("f", InvocationType="Event")

    assert len(starts(rig.messages("f"))) == 1
    config = client.get_function_event_invoke_config(FunctionName="f")
    assert config["MaximumRetryAttempts"] == 0


def test_dead_letter_is_the_original_event_with_three_attributes(rig: Rig, samples: Path) -> None:
    url, arn = rig.queue("dead")
    rig.deploy("f", FAILS, DeadLetterConfig={"TargetArn": arn})

    answer = rig.invoke("f", {"order": 7}, InvocationType="Event")
    message = rig.receive(url)[0]

    assert json.loads(message["Body"]) == {"order": 7}
    assert message["MessageAttributes"] == {
        "RequestID": {
            "DataType": "String",
            "StringValue": answer["ResponseMetadata"]["RequestId"],
        },
        "ErrorCode": {"DataType": "Number", "StringValue": "200"},
        "ErrorMessage": {"DataType": "String", "StringValue": "always"},
    }
    path = samples / "destinations" / "localstack-recorded.jsonl"
    line = next(x for x in path.read_text().splitlines() if "lambda_dead_letter_queue" in x)
    recorded = json.loads(line)["content"]["messages"]["Messages"][0]
    assert structure(message["MessageAttributes"]) == structure(recorded["MessageAttributes"])


def test_dead_letter_goes_to_a_topic_too(rig: Rig) -> None:
    url, arn = rig.queue("heard")
    sns = rig.aws.client("sns")
    topic_arn = sns.create_topic(Name="dead")["TopicArn"]
    raw = {"RawMessageDelivery": "true"}
    sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=arn, Attributes=raw)
    rig.deploy("f", FAILS, DeadLetterConfig={"TargetArn": topic_arn})
    rig.aws.client("lambda").put_function_event_invoke_config(
        FunctionName="f", MaximumRetryAttempts=0
    )

    rig.invoke("f", {"order": 8}, InvocationType="Event")
    message = rig.receive(url)[0]

    assert json.loads(message["Body"]) == {"order": 8}
    assert message["MessageAttributes"]["ErrorMessage"]["StringValue"] == "always"


def test_failure_record_has_the_structure_aws_recorded(rig: Rig, samples: Path) -> None:
    url, arn = rig.queue("failed")
    function_arn = rig.deploy("f", FAILS)
    fail_to(rig, arn)

    answer = rig.invoke("f", {"message": "m"}, InvocationType="Event")
    message = rig.receive(url)[0]

    record = json.loads(message["Body"])
    assert structure(record) == structure(recorded_record(samples, "Sqs::test_retries"))
    assert record["requestContext"] == {
        "requestId": answer["ResponseMetadata"]["RequestId"],
        "functionArn": f"{function_arn}:$LATEST",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 3,
    }
    assert record["requestPayload"] == {"message": "m"}
    assert record["responseContext"]["functionError"] == "Unhandled"
    assert message["Attributes"]["AWSTraceHeader"].startswith("Root=1-")


def test_success_record_has_the_structure_aws_recorded(rig: Rig, samples: Path) -> None:
    url, arn = rig.queue("done")
    rig.deploy("f", FINE)
    destination = {"OnSuccess": {"Destination": arn}}
    rig.aws.client("lambda").put_function_event_invoke_config(
        FunctionName="f", DestinationConfig=destination
    )

    rig.invoke("f", InvocationType="Event")
    record = json.loads(rig.receive(url)[0]["Body"])

    recorded = recorded_record(samples, "[Success-payload0]")
    assert list(record) == list(recorded)
    assert record.pop("responsePayload") == {"fine": True}
    recorded.pop("responsePayload")
    assert structure(record) == structure(recorded)
    assert record["requestContext"]["condition"] == "Success"


def test_event_for_a_function_with_zero_concurrency_goes_straight_to_its_destination(
    rig: Rig, samples: Path
) -> None:
    url, arn = rig.queue("failed")
    rig.deploy("f", FINE)
    fail_to(rig, arn)
    client = rig.aws.client("lambda")
    client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)

    rig.invoke("f", InvocationType="Event")
    record = json.loads(rig.receive(url)[0]["Body"])

    recorded = recorded_record(samples, "TestLambdaConcurrency::test_reserved_concurrency")
    assert structure(record) == structure(recorded)
    assert record["requestContext"]["condition"] == "ZeroReservedConcurrency"
    assert record["requestContext"]["approximateInvokeCount"] == 0


def test_event_too_old_for_its_next_retry_ends_as_event_age_exceeded(rig: Rig) -> None:
    url, arn = rig.queue("failed")
    rig.deploy("f", FAILS)
    fail_to(rig, arn, MaximumEventAgeInSeconds=100)

    rig.invoke("f", InvocationType="Event")
    context = json.loads(rig.receive(url)[0]["Body"])["requestContext"]

    assert context["condition"] == "EventAgeExceeded"
    assert context["approximateInvokeCount"] == 2


def test_destination_may_be_a_function_or_a_bus(rig: Rig) -> None:
    events = rig.aws.client("events")
    url, arn = rig.queue("bus")
    bus_arn = events.create_event_bus(Name="results")["EventBusArn"]
    pattern = json.dumps({"source": ["lambda"]})
    events.put_rule(Name="all", EventBusName="results", EventPattern=pattern)
    events.put_targets(Rule="all", EventBusName="results", Targets=[{"Id": "q", "Arn": arn}])
    heir_arn = rig.deploy("heir", "def main(event, context): print(event['requestContext'])")
    rig.deploy("f", FINE)
    rig.aws.client("lambda").put_function_event_invoke_config(
        FunctionName="f", DestinationConfig={"OnSuccess": {"Destination": heir_arn}}
    )
    rig.deploy("g", FAILS)
    rig.aws.client("lambda").put_function_event_invoke_config(
        FunctionName="g",
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": bus_arn}},
    )

    request_id = rig.invoke("f", InvocationType="Event")["ResponseMetadata"]["RequestId"]
    rig.invoke("g", InvocationType="Event")

    assert any(request_id in message for message in rig.messages("heir"))
    event = json.loads(rig.receive(url)[0]["Body"])
    assert event["detail-type"] == "Lambda Function Invocation Result - Failure"
    assert event["detail"]["requestContext"]["condition"] == "RetriesExhausted"


def test_throttled_event_waits_and_does_not_count_as_an_attempt(rig: Rig) -> None:
    url, arn = rig.queue("done")
    source = "import time\ndef main(event, context): time.sleep(0.3)"
    rig.deploy("f", source)
    client = rig.aws.client("lambda")
    client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=1)
    client.put_function_event_invoke_config(
        FunctionName="f", DestinationConfig={"OnSuccess": {"Destination": arn}}
    )

    for _ in range(3):
        rig.invoke("f", InvocationType="Event")
    records = [json.loads(message["Body"]) for message in rig.receive(url)]

    assert [r["requestContext"]["approximateInvokeCount"] for r in records] == [1, 1, 1]
    assert len(set(starts(rig.messages("f")))) == 3


def test_duplicate_delivery_runs_twice_under_one_id_without_an_error(rig: Rig) -> None:
    rig.aws.faults.duplicate_async_share = 1.0
    rig.deploy("f", FINE)

    answer = rig.invoke("f", InvocationType="Event")

    assert starts(rig.messages("f")) == [answer["ResponseMetadata"]["RequestId"]] * 2


def test_destination_that_does_not_exist_hurts_nobody(rig: Rig) -> None:
    rig.deploy("f", FINE)
    destination = {"OnSuccess": {"Destination": "arn:aws:sqs:us-east-1:123456789012:gone"}}
    rig.aws.client("lambda").put_function_event_invoke_config(
        FunctionName="f", DestinationConfig=destination
    )

    rig.invoke("f", InvocationType="Event")

    assert len(starts(rig.messages("f"))) == 1
