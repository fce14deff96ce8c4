"""What would set a dead letter on its way again: the exact command, or the reason why none does."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from chainlight_collector import ingest, redrive
from chainlight_collector.aws import Aws, Deadline
from chainlight_collector.errors import RedriveError
from chainlight_collector.sources import deadletters, queues
from chainlight_collector.sources.run import Options, Run
from chainlight_collector.store import Store

from .derive_facts import new_file

ACCOUNT, REGION = "123456789012", "eu-central-1"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:worker"
ROOT = "1-6ab1f2c0-0123456789abcdef01234567"
HEADER = f"Root={ROOT};Parent=0123456789abcdef;Sampled=0"


@pytest.fixture
def run(moto: Any, tmp_path: Path) -> Any:  # noqa: ARG001  it sets the endpoint
    with Store.open(new_file(tmp_path / "chainlight.duckdb")) as store:
        made = Run(Aws(), store, Options(), Deadline.never())
        row = {"function_name": "worker", "function_arn": FUNCTION}
        with store.transaction() as connection:
            ingest.function_configs(connection, [row], made.now_us)
        yield made


def _bury(
    moto: Any, run: Run, body: object, name: str = "dlq", **attributes: str
) -> tuple[str, str]:
    """Put a letter into a queue, look at it, and return its id and the queue's ARN."""
    url = moto("sqs").create_queue(QueueName=name)["QueueUrl"]
    sent = moto("sqs").send_message(
        QueueUrl=url,
        MessageBody=body if isinstance(body, str) else json.dumps(body),
        MessageAttributes={
            key: {"DataType": "String", "StringValue": text} for key, text in attributes.items()
        },
        MessageSystemAttributes={"AWSTraceHeader": {"DataType": "String", "StringValue": HEADER}},
    )
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    with run.store.transaction() as connection:
        connection.execute(
            "INSERT INTO queue_redrives (queue_arn, dlq_arn, observed_us) VALUES (?, ?, 1)",
            [name, arn],
        )
    deadletters.pull(run)
    return sent["MessageId"], arn


def test_event_that_a_function_failed_is_given_to_it_again_in_its_chain(
    moto: Any, run: Run
) -> None:
    event = {"order": "it's 7"}
    context = {"requestId": "r", "functionArn": f"{FUNCTION}:$LATEST", "condition": "X"}
    record = {"version": "1.0", "requestContext": context, "requestPayload": event}
    message_id, arn = _bury(moto, run, record)

    plan = redrive.plan(run, message_id)
    hidden_count = queues.read(run, arn).hidden_count
    plan.give_up()

    words = shlex.split(plan.command)
    assert words[:2] == ["AWS_LAMBDA_FUNCTION_NAME=redrive", f"_X_AMZN_TRACE_ID={HEADER}"]
    assert words[2:] == [
        *("aws", "lambda", "invoke", "--function-name", FUNCTION, "--invocation-type", "Event"),
        *("--cli-binary-format", "raw-in-base64-out", "--payload", json.dumps(event), "/dev/null"),
    ]
    assert hidden_count == 1
    assert queues.read(run, arn).visible_count == 1


def test_only_the_wanted_message_is_held(moto: Any, run: Run) -> None:
    context = {"requestId": "r", "functionArn": FUNCTION, "condition": "X"}
    letters = [
        _bury(moto, run, {"requestContext": context, "requestPayload": number})[0]
        for number in range(12)
    ]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:dlq"

    plan = redrive.plan(run, letters[5])

    assert shlex.split(plan.command)[-2] == "5"
    assert (queues.read(run, arn).visible_count, queues.read(run, arn).hidden_count) == (11, 1)


def test_message_of_a_queues_own_dlq_goes_back_by_a_move_task(moto: Any, run: Run) -> None:
    message_id, arn = _bury(moto, run, "hello")
    source = f"arn:aws:sqs:{REGION}:{ACCOUNT}:work"
    with run.store.transaction() as connection:
        connection.execute(
            "UPDATE dead_letter_messages SET source = 'sqs_redrive', source_queue_arn = ?", [source]
        )

    plan = redrive.plan(run, message_id)

    assert plan.command == (
        f"aws sqs start-message-move-task --source-arn {arn} --destination-arn {source}"
    )
    assert plan.text.startswith(f"moves all 1 messages of {arn} back to {source}")


def test_undelivered_notification_goes_to_its_one_subscriber_as_sns_would(
    moto: Any, run: Run
) -> None:
    notification = {"Type": "Notification", "MessageId": "n", "TopicArn": "t", "Message": "x"}
    message_id, arn = _bury(moto, run, notification)
    route = {"route_id": "s", "kind": "sns", "source_arn": "t", "dlq_arn": arn}
    with run.store.transaction() as connection:
        ingest.dead_letter_routes(connection, [{**route, "target_arn": FUNCTION}], ["sns"], 1)

    words = shlex.split(redrive.plan(run, message_id).command)

    assert json.loads(words[words.index("--payload") + 1])["Records"][0]["Sns"] == notification


def test_event_of_a_rule_for_a_queue_is_sent_there_under_its_trace_header(
    moto: Any, run: Run
) -> None:
    moto("sqs").create_queue(QueueName="target")
    target = f"arn:aws:sqs:{REGION}:{ACCOUNT}:target"
    event = {"id": "e", "detail-type": "Placed", "detail": {}}
    message_id, arn = _bury(moto, run, event, RULE_ARN="r", ERROR_CODE="X")
    route = {"route_id": "r", "kind": "eventbridge", "source_arn": "r", "dlq_arn": arn}
    with run.store.transaction() as connection:
        ingest.dead_letter_routes(connection, [{**route, "target_arn": target}], [], 1)

    plan = redrive.plan(run, message_id)
    plan.act()

    assert json.loads(shlex.split(plan.command)[-3]) == event
    url = moto("sqs").get_queue_url(QueueName="target")["QueueUrl"]
    [message] = moto("sqs").receive_message(
        QueueUrl=url, MessageSystemAttributeNames=["AWSTraceHeader"]
    )["Messages"]
    assert (json.loads(message["Body"]), message["Attributes"]) == (
        event,
        {"AWSTraceHeader": HEADER},
    )
    left = queues.read(run, arn)
    assert (left.visible_count, left.hidden_count) == (0, 0)


def test_letter_that_nobody_knows_or_that_has_gone_is_refused(moto: Any, run: Run) -> None:
    message_id, _ = _bury(moto, run, {"requestContext": {"condition": "X"}})
    moto("sqs").purge_queue(QueueUrl=moto("sqs").get_queue_url(QueueName="dlq")["QueueUrl"])

    with pytest.raises(RedriveError, match="no dead letter has the message id 'none'"):
        redrive.plan(run, "none")
    with pytest.raises(RedriveError, match="has gone or somebody holds it"):
        redrive.plan(run, message_id)


def test_batch_of_a_stream_is_told_where_to_read_it(run: Run) -> None:
    batch = {"shardId": "shardId-000000000001", "startSequenceNumber": "495"}
    body = {
        "requestContext": {"functionArn": FUNCTION, "condition": "X"},
        "KinesisBatchInfo": batch,
    }
    with run.store.transaction() as connection:
        ingest.dead_letters(connection, [{"MessageId": "m", "Body": json.dumps(body)}], 1)

    with pytest.raises(RedriveError, match="from shard shardId-000000000001 at 495"):
        redrive.plan(run, "m")
