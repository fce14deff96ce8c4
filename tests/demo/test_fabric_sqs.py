"""SQS to Lambda and back: records, failures, redrive, dead letters, move tasks."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chainlight_demo.fabric.rehearsal import Rehearsal

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
HEADER = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"


@pytest.fixture
def aws() -> Iterator[Rehearsal]:
    with Rehearsal() as rehearsal:
        yield rehearsal


def make_queue(aws: Rehearsal, name: str = "work", **attributes: str) -> tuple[str, str]:
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, arn["Attributes"]["QueueArn"]


def make_pair(aws: Rehearsal, receive_count_max: int, visibility_s: int = 1) -> tuple[str, str]:
    """Return the URLs of a queue and of its dead-letter queue."""
    dead_url, dead_arn = make_queue(aws, "dead")
    policy = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": receive_count_max})
    url, _ = make_queue(aws, RedrivePolicy=policy, VisibilityTimeout=str(visibility_s))
    return url, dead_url


def map_to(aws: Rehearsal, handler: Any, **options: Any) -> None:
    aws.function("worker", handler)
    aws.client("lambda").create_event_source_mapping(
        FunctionName="worker", EventSourceArn="arn:aws:sqs:us-east-1:123456789012:work", **options
    )


def receive(aws: Rehearsal, url: str) -> list[dict[str, Any]]:
    answer = aws.client("sqs").receive_message(
        QueueUrl=url, AttributeNames=["All"], MessageAttributeNames=["All"], MaxNumberOfMessages=10
    )
    messages: list[dict[str, Any]] = answer.get("Messages", [])
    return messages


def with_header(client: Any, header: str = HEADER) -> Any:
    def add(request: Any, **_: Any) -> None:
        request.headers["X-Amzn-Trace-Id"] = header

    client.meta.events.register("before-sign", add)
    return client


def test_a_message_reaches_its_function_with_the_record_lambda_documents(aws: Rehearsal) -> None:
    url, arn = make_queue(aws)
    map_to(aws, lambda _event: None)
    sent = with_header(aws.client("sqs")).send_message(
        QueueUrl=url,
        MessageBody="hello",
        MessageAttributes={"testAttr": {"DataType": "Number", "StringValue": "100"}},
    )
    aws.wait_until_quiet()

    [invocation] = aws.plane.invocations
    [record] = invocation.event["Records"]
    assert invocation.mode == "sync"
    assert record["messageId"] == sent["MessageId"]
    assert record["body"] == "hello"
    assert record["eventSourceARN"] == arn
    assert record["awsRegion"] == "us-east-1"
    assert record["md5OfBody"] == sent["MD5OfMessageBody"]
    assert record["messageAttributes"]["testAttr"]["stringValue"] == "100"
    assert record["attributes"]["AWSTraceHeader"] == HEADER
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert receive(aws, url) == []


def test_the_record_has_the_keys_of_a_recorded_event(aws: Rehearsal) -> None:
    sample = SAMPLES / "events" / "powertools" / "sqsEvent.json"
    if not sample.exists():
        pytest.skip("../shared/samples is absent: event shapes are not compared")
    expected = json.loads(sample.read_text())["Records"][0]
    url, _ = make_queue(aws)
    map_to(aws, lambda _event: None)
    aws.client("sqs").send_message(QueueUrl=url, MessageBody="x")
    aws.wait_until_quiet()

    [record] = aws.plane.invocations[0].event["Records"]
    assert record.keys() == expected.keys()
    assert record["attributes"].keys() == expected["attributes"].keys()


def test_a_failing_message_comes_back_under_new_request_ids_and_then_dies_with_its_id(
    aws: Rehearsal,
) -> None:
    url, dead_url = make_pair(aws, receive_count_max=3)

    def fail(_event: dict[str, Any]) -> None:
        raise RuntimeError

    map_to(aws, fail)
    sent = with_header(aws.client("sqs")).send_message(QueueUrl=url, MessageBody="poison")
    aws.wait_until_quiet()

    counts = [
        i.event["Records"][0]["attributes"]["ApproximateReceiveCount"]
        for i in aws.plane.invocations
    ]
    assert counts == ["1", "2", "3"]
    assert len({i.request_id for i in aws.plane.invocations}) == 3
    [dead] = receive(aws, dead_url)
    assert dead["MessageId"] == sent["MessageId"]
    assert dead["Attributes"]["DeadLetterQueueSourceArn"].endswith(":work")
    assert dead["Attributes"]["AWSTraceHeader"] == HEADER
    assert dead["Attributes"]["ApproximateReceiveCount"] == "4"


def test_only_the_reported_items_of_a_batch_come_back(aws: Rehearsal) -> None:
    url, dead_url = make_pair(aws, receive_count_max=2)

    def report(event: dict[str, Any]) -> object:
        failed = [r["messageId"] for r in event["Records"] if r["body"] == "bad"]
        return {"batchItemFailures": [{"itemIdentifier": i} for i in failed]}

    map_to(aws, report, FunctionResponseTypes=["ReportBatchItemFailures"])
    aws.client("sqs").send_message_batch(
        QueueUrl=url,
        Entries=[{"Id": str(n), "MessageBody": b} for n, b in enumerate(["good", "bad", "fine"])],
    )
    aws.wait_until_quiet()

    bodies = [r["body"] for i in aws.plane.invocations for r in i.event["Records"]]
    assert sorted(bodies) == ["bad", "bad", "fine", "good"]
    assert [m["Body"] for m in receive(aws, dead_url)] == ["bad"]


def test_a_malformed_partial_answer_fails_the_whole_batch(aws: Rehearsal) -> None:
    url, dead_url = make_pair(aws, receive_count_max=1)
    map_to(
        aws,
        lambda _event: {"batchItemFailures": [{"itemIdentifier": "unknown"}]},
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    aws.client("sqs").send_message(QueueUrl=url, MessageBody="x")
    aws.wait_until_quiet()
    assert len(receive(aws, dead_url)) == 1


def test_a_window_gathers_messages_into_one_batch(aws: Rehearsal) -> None:
    url, _ = make_queue(aws)
    for number in range(12):
        aws.client("sqs").send_message(QueueUrl=url, MessageBody=str(number))
    map_to(aws, lambda _event: None, BatchSize=20, MaximumBatchingWindowInSeconds=30)
    aws.wait_until_quiet()
    assert [len(i.event["Records"]) for i in aws.plane.invocations] == [12]


def test_no_more_batches_run_at_once_than_the_scaling_config_allows(aws: Rehearsal) -> None:
    url, _ = make_queue(aws)
    lock, running, seen = threading.Lock(), [0], [0]
    full = threading.Barrier(2)

    def count(_event: dict[str, Any]) -> None:
        with lock:
            running[0] += 1
            seen[0] = max(seen[0], running[0])
        full.wait(timeout=10)
        with lock:
            running[0] -= 1

    map_to(aws, count, BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})
    for number in range(8):
        aws.client("sqs").send_message(QueueUrl=url, MessageBody=str(number))
    aws.wait_until_quiet()
    assert (len(aws.plane.invocations), seen[0]) == (8, 2)


def test_a_disabled_mapping_leaves_its_queue_alone_until_it_is_enabled(aws: Rehearsal) -> None:
    url, _ = make_queue(aws)
    map_to(aws, lambda _event: None, Enabled=False)
    aws.client("sqs").send_message(QueueUrl=url, MessageBody="x")
    aws.wait_until_quiet()
    assert aws.plane.invocations == []

    lambda_client = aws.client("lambda")
    [mapping] = lambda_client.list_event_source_mappings()["EventSourceMappings"]
    lambda_client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
    aws.wait_until_quiet()
    assert len(aws.plane.invocations) == 1


def test_a_fifo_group_is_delivered_in_order(aws: Rehearsal) -> None:
    sqs = aws.client("sqs")
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    url = sqs.create_queue(QueueName="work.fifo", Attributes=attributes)["QueueUrl"]
    aws.function("worker", lambda _event: None)
    for number in range(6):
        sqs.send_message(
            QueueUrl=url,
            MessageBody=str(number),
            MessageGroupId="g",
            MessageDeduplicationId=str(number),
        )
    aws.client("lambda").create_event_source_mapping(
        FunctionName="worker",
        EventSourceArn="arn:aws:sqs:us-east-1:123456789012:work.fifo",
        BatchSize=2,
    )
    aws.wait_until_quiet()
    records = [r for i in aws.plane.invocations for r in i.event["Records"]]
    assert [r["body"] for r in records] == ["0", "1", "2", "3", "4", "5"]
    assert records[0]["attributes"]["MessageGroupId"] == "g"


def test_duplicate_delivery_runs_a_batch_twice_and_deletes_it_once(aws: Rehearsal) -> None:
    aws.faults.duplicate_sqs_share = 1.0
    url, _ = make_queue(aws)
    map_to(aws, lambda _event: None)
    aws.client("sqs").send_message(QueueUrl=url, MessageBody="x")
    aws.wait_until_quiet()
    ids = [i.event["Records"][0]["messageId"] for i in aws.plane.invocations]
    assert len(ids) == 2
    assert len(set(ids)) == 1
    assert receive(aws, url) == []


def test_every_message_of_many_senders_is_delivered_exactly_once(aws: Rehearsal) -> None:
    url, _ = make_queue(aws)
    map_to(aws, lambda _event: None, BatchSize=3)

    def send(sender: int) -> None:
        for number in range(25):
            aws.client("sqs").send_message(QueueUrl=url, MessageBody=f"{sender}-{number}")

    threads = [threading.Thread(target=send, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    aws.wait_until_quiet()
    bodies = [r["body"] for i in aws.plane.invocations for r in i.event["Records"]]
    assert len(bodies) == len(set(bodies)) == 100


def test_a_header_named_by_the_sender_wins_in_a_batch_too(aws: Rehearsal) -> None:
    url, _ = make_queue(aws)
    own = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-own"}}
    with_header(aws.client("sqs")).send_message_batch(
        QueueUrl=url,
        Entries=[
            {"Id": "a", "MessageBody": "a", "MessageSystemAttributes": own},
            {"Id": "b", "MessageBody": "b"},
        ],
    )
    headers = {m["Body"]: m["Attributes"]["AWSTraceHeader"] for m in receive(aws, url)}
    assert headers == {"a": "Root=1-own", "b": HEADER}


def test_a_move_task_takes_dead_letters_home_under_new_ids(aws: Rehearsal) -> None:
    url, dead_url = make_pair(aws, receive_count_max=1)
    sqs = aws.client("sqs")
    sent = sqs.send_message(QueueUrl=url, MessageBody="x")
    sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)
    assert receive(aws, url) == []
    dead_arn = "arn:aws:sqs:us-east-1:123456789012:dead"
    task = sqs.start_message_move_task(SourceArn=dead_arn)

    [row] = sqs.list_message_move_tasks(SourceArn=dead_arn)["Results"]
    assert row["Status"] == "COMPLETED"
    assert row["ApproximateNumberOfMessagesMoved"] == 1
    assert task["TaskHandle"]
    [back] = receive(aws, url)
    assert back["Body"] == "x"
    assert back["MessageId"] != sent["MessageId"]
    assert receive(aws, dead_url) == []


def test_a_move_task_is_refused_for_a_queue_that_is_no_sqs_dead_letter_queue(
    aws: Rehearsal,
) -> None:
    make_queue(aws, "letters-of-a-function")
    with pytest.raises(ClientError, match="Dead Letter Queue"):
        aws.client("sqs").start_message_move_task(
            SourceArn="arn:aws:sqs:us-east-1:123456789012:letters-of-a-function"
        )


def test_the_visibility_of_other_receivers_is_not_shortened(aws: Rehearsal) -> None:
    url, _ = make_queue(aws, VisibilityTimeout="5")
    aws.client("sqs").send_message(QueueUrl=url, MessageBody="x")
    assert len(receive(aws, url)) == 1
    assert receive(aws, url) == []
