"""Dead letters of every kind: found where they end, read for their keys, joined to their chain."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from chainlight.record import CALL_FIELDS, CAUSE_FIELDS, RECORD_FIELDS
from chainlight_collector import derive, ingest
from chainlight_collector.aws import Aws, Deadline
from chainlight_collector.sources import deadletters, failure_objects, queues, routes
from chainlight_collector.sources.run import Options, Run
from chainlight_collector.store import Store

from .derive_facts import new_file

ACCOUNT, REGION = "123456789012", "eu-central-1"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:worker"
CHAIN_ID = "1-6ab1f2c0-0123456789abcdef01234567"
T_US = 1_790_000_000_000_000


@pytest.fixture
def run(moto: Any, tmp_path: Path) -> Any:  # noqa: ARG001  it sets the endpoint
    with Store.open(new_file(tmp_path / "chainlight.duckdb")) as store:
        yield Run(Aws(), store, Options(), Deadline.never())


def _configure(run: Run, **columns: Any) -> None:
    row = {"function_name": "worker", "function_arn": FUNCTION, **columns}
    with run.store.transaction() as connection:
        ingest.function_configs(connection, [row], run.now_us)


def _queue(moto: Any, name: str) -> tuple[str, str]:
    url = moto("sqs").create_queue(QueueName=name)["QueueUrl"]
    answer = moto("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, answer["Attributes"]["QueueArn"]


def _record(run: Run, **fields: Any) -> None:
    """Bring in the record line of an execution of `orders` (or another function)."""
    record = {"chainlight": 1, "c": CHAIN_ID, "r": "r-orders", "t": T_US, "d": 1000, **fields}
    record.setdefault("f", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders")
    line = {
        "logGroup": "/aws/lambda/orders",
        "logStream": "s",
        "timestamp": T_US // 1000,
        "message": json.dumps(record, separators=(",", ":")),
    }
    file = Path(run.store.path).with_suffix(".ndjson")
    file.write_text(json.dumps(line))
    with run.store.transaction() as connection:
        ingest.log_events(connection, [file], T_US)
        derive.derive(connection, None)


def _call(kind: str, key: str) -> dict[str, Any]:
    short = {name: key for key, name, *_ in CALL_FIELDS}
    named = {"call_id": "00000000000000aa", "kind": kind, "target": "t", "natural_keys": key}
    return {short[name]: value for name, value in named.items()}


def _calls_field() -> str:
    return next(key for key, name, *_ in RECORD_FIELDS if name == "calls")


def _routes(run: Run) -> list[tuple[Any, ...]]:
    return run.store.query(
        "SELECT kind, source_arn, target_arn, dlq_arn FROM dead_letter_routes "
        "ORDER BY observed_us, kind"
    ).fetchall()


def _letters(run: Run, columns: str) -> list[tuple[Any, ...]]:
    return run.store.query(f"SELECT {columns} FROM dead_letters ORDER BY message_id").fetchall()  # noqa: S608


def test_dlq_of_a_subscription_is_found_and_its_going_is_noted(moto: Any, run: Run) -> None:
    _configure(run)
    _, dlq = _queue(moto, "sns-dlq")
    topic = moto("sns").create_topic(Name="orders")["TopicArn"]
    policy = json.dumps({"deadLetterTargetArn": dlq})
    made = moto("sns").subscribe(
        TopicArn=topic,
        Protocol="lambda",
        Endpoint=FUNCTION,
        Attributes={"RedrivePolicy": policy},
        ReturnSubscriptionArn=True,
    )
    moto("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=dlq + "-of-others")

    first = routes.pull(run)
    ending = queues.places(run).ending
    soon = routes.pull(run)
    moto("sns").unsubscribe(SubscriptionArn=made["SubscriptionArn"])
    run.now_us += run.options.detail_life_us
    routes.pull(run)

    assert (first.problems, ending, soon.total_count) == ([], {dlq}, 0)
    route = ("sns", topic, FUNCTION)
    assert _routes(run) == [(*route, dlq), (*route, None)]
    assert queues.places(run).ending == frozenset()


def test_dlq_of_a_rules_target_and_queues_behind_topics_and_buses_are_found(
    moto: Any, run: Run
) -> None:
    _, dlq = _queue(moto, "events-dlq")
    _, behind_topic = _queue(moto, "behind-topic")
    _, behind_bus = _queue(moto, "behind-bus")
    topic = moto("sns").create_topic(Name="failures")["TopicArn"]
    moto("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=behind_topic)
    events = moto("events")
    bus = events.create_event_bus(Name="failures")["EventBusArn"]
    rule = events.put_rule(Name="r", EventPattern='{"source":["shop"]}')["RuleArn"]
    target = {"Id": "1", "Arn": FUNCTION, "DeadLetterConfig": {"Arn": dlq}}
    events.put_targets(Rule="r", Targets=[target])
    pattern = json.dumps({"detail-type": ["Lambda Function Invocation Result - Failure"]})
    kept = events.put_rule(Name="k", EventBusName="failures", EventPattern=pattern)["RuleArn"]
    events.put_targets(Rule="k", EventBusName="failures", Targets=[{"Id": "1", "Arn": behind_bus}])
    _configure(run, dlq_arn=topic, on_failure_arn=bus)

    outcome = routes.pull(run)

    assert outcome.problems == []
    assert _routes(run) == [
        ("bus", kept, behind_bus, behind_bus),
        ("eventbridge", rule, FUNCTION, dlq),
        ("topic", topic, behind_topic, behind_topic),
    ]
    assert queues.places(run).ending == {dlq, behind_topic, behind_bus}


def test_letter_of_a_subscription_belongs_to_the_chain_that_published(moto: Any, run: Run) -> None:
    url, dlq = _queue(moto, "sns-dlq")
    _configure(run)
    route = {
        "route_id": "s",
        "kind": "sns",
        "source_arn": "t",
        "target_arn": FUNCTION,
        "dlq_arn": dlq,
    }
    with run.store.transaction() as connection:
        ingest.dead_letter_routes(connection, [route], ["sns"], run.now_us)
    notification = {"Type": "Notification", "MessageId": "published-1", "TopicArn": "t"}
    moto("sqs").send_message(QueueUrl=url, MessageBody=json.dumps({**notification, "Message": "x"}))
    moto("sqs").send_message(QueueUrl=url, MessageBody="raw delivery has no envelope")
    _record(run, **{_calls_field(): [_call("sns", "published-1")]})

    deadletters.pull(run)

    assert Counter(_letters(run, "source, function_name, chain_id")) == {
        ("sns", "worker", CHAIN_ID): 1,
        ("sns", "worker", None): 1,
    }


def test_letter_of_a_rule_belongs_to_the_chain_that_put_the_event(moto: Any, run: Run) -> None:
    url, dlq = _queue(moto, "events-dlq")
    with run.store.transaction() as connection:
        connection.execute(
            "INSERT INTO queue_redrives (queue_arn, dlq_arn, observed_us) VALUES ('q', ?, 1)", [dlq]
        )
    attributes = {
        "RULE_ARN": "arn:rule",
        "TARGET_ARN": FUNCTION,
        "ERROR_CODE": "NO_PERMISSIONS",
        "ERROR_MESSAGE": "no",
        "RETRY_ATTEMPTS": "3",
    }
    moto("sqs").send_message(
        QueueUrl=url,
        MessageBody=json.dumps({"id": "event-1", "detail-type": "Placed", "detail": {}}),
        MessageAttributes={
            name: {"DataType": "String", "StringValue": text} for name, text in attributes.items()
        },
    )
    _record(run, **{_calls_field(): [_call("eventbridge", "event-1")]})

    deadletters.pull(run)

    columns = "source, function_name, chain_id, error_code, attempts_count"
    assert _letters(run, columns) == [("eventbridge", "worker", CHAIN_ID, "NO_PERMISSIONS", 3)]


def test_failed_batch_of_a_stream_belongs_to_the_chain_of_its_first_record(run: Run) -> None:
    batch = {
        "shardId": "shardId-000000000001",
        "startSequenceNumber": "495903",
        "endSequenceNumber": "495909",
        "batchSize": 7,
        "streamArn": "arn:stream",
    }
    body = {
        "requestContext": {"requestId": "last", "functionArn": FUNCTION, "condition": "X"},
        "KinesisBatchInfo": batch,
    }
    _record(run, **{_calls_field(): [_call("kinesis", "shardId-000000000001:495903")]})
    with run.store.transaction() as connection:
        ingest.dead_letters(connection, [{"MessageId": "m", "Body": json.dumps(body)}], T_US)

    assert _letters(run, "source, chain_id, batch_size_count") == [("stream", CHAIN_ID, 7)]


def test_objects_of_a_failure_bucket_are_letters_read_once(moto: Any, run: Run) -> None:
    moto("s3").create_bucket(
        Bucket="shop-failures", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    bucket = "arn:aws:s3:::shop-failures"
    _configure(run, on_failure_arn=bucket)
    context = {"functionArn": FUNCTION, "condition": "RetriesExhausted"}

    def put(day: str, number: int) -> str:
        key = f"aws/lambda/async/worker/{day}/{day.replace('/', '-')}T10.00.0{number}-uuid"
        body = {"requestContext": {**context, "requestId": f"r{number}"}, "requestPayload": {}}
        moto("s3").put_object(Bucket="shop-failures", Key=key, Body=json.dumps(body))
        return key

    keys = [put("2026/11/20", 1), put("2026/11/21", 2)]
    moto("s3").put_object(Bucket="shop-failures", Key="aws/lambda/async/other/x", Body=b"{}")
    failure_objects.pull(run)
    gets_count = run.aws.calls_counts["s3:GetObject"]
    keys += [put("2026/11/20", 3), put("2026/11/21", 4)]  # one came late, one is new
    outcome = failure_objects.pull(run)

    assert (outcome.problems, gets_count, run.aws.calls_counts["s3:GetObject"]) == ([], 2, 4)
    found = _letters(run, "queue_arn, message_id, source, request_id, function_name, is_gone")
    assert found == [
        (bucket, key, "destination", request_id, "worker", None)
        for key, request_id in sorted(zip(keys, ("r1", "r2", "r3", "r4"), strict=True))
    ]


def test_failure_that_another_function_was_given_is_a_letter_that_has_gone(run: Run) -> None:
    handler = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:cleanup"
    _configure(run, on_failure_arn=handler)
    short = {name: key for key, name, *_ in RECORD_FIELDS}
    cause = {next(key for key, name, *_ in CAUSE_FIELDS if name == "natural_keys"): "r-failed"}
    fields = {
        short["function_arn"]: handler,
        short["request_id"]: "r-cleanup",
        short["source_kind"]: "destination",
        short["source_arn"]: f"{FUNCTION}:$LATEST",
        short["causes"]: [cause],
    }
    _record(run, **fields)

    columns = "queue_arn, message_id, source, request_id, function_name, is_gone"
    assert _letters(run, columns) == [
        (handler, "r-cleanup", "destination", "r-failed", "worker", True)
    ]


def test_same_id_with_another_body_is_another_letter(run: Run) -> None:
    bodies = [
        {"requestContext": {"requestId": name, "functionArn": FUNCTION, "condition": "X"}}
        for name in ("r1", "r2")
    ]
    messages = [{"MessageId": "masked", "Body": json.dumps(body)} for body in bodies]
    for _ in range(2):
        with run.store.transaction() as connection:
            ingest.dead_letters(connection, messages, time.time_ns() // 1000)

    assert [row[0] for row in _letters(run, "request_id")] in (["r1", "r2"], ["r2", "r1"])
