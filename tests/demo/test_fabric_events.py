"""SNS, EventBridge and S3 to Lambda: true ids, trace headers, targets, schedules."""

import itertools
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chainlight_demo import fabric
from chainlight_demo.fabric.eventbridge import UnknownRuleError
from chainlight_demo.fabric.rehearsal import Rehearsal

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "events" / "powertools"
HEADER = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"


@pytest.fixture
def aws() -> Iterator[Rehearsal]:
    with Rehearsal() as rehearsal:
        yield rehearsal


def sample(name: str) -> dict[str, Any]:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip("../shared/samples is absent: event shapes are not compared")
    shape: dict[str, Any] = json.loads(path.read_text())
    return shape


def with_header(client: Any) -> Any:
    def add(request: Any, **_: Any) -> None:
        request.headers["X-Amzn-Trace-Id"] = HEADER

    client.meta.events.register("before-sign", add)
    return client


def keys(value: Any) -> Any:
    """Return the nested keys of a document, lists by their first row."""
    if isinstance(value, dict):
        return {name: keys(inner) for name, inner in value.items()}
    return [keys(value[0])] if isinstance(value, list) and value else None


def make_queue(aws: Rehearsal) -> tuple[str, str]:
    url = aws.client("sqs").create_queue(QueueName="inbox")["QueueUrl"]
    return url, "arn:aws:sqs:us-east-1:123456789012:inbox"


def receive(aws: Rehearsal, url: str) -> dict[str, Any]:
    answer = aws.client("sqs").receive_message(
        QueueUrl=url, AttributeNames=["All"], MessageAttributeNames=["All"]
    )
    [message] = answer["Messages"]
    row: dict[str, Any] = message
    return row


def make_rule(aws: Rehearsal, target: dict[str, Any], **rule: str) -> None:
    events = aws.client("events")
    events.put_rule(Name="rule", **(rule or {"EventPattern": '{"source": ["shop"]}'}))
    events.put_targets(Rule="rule", Targets=[{"Id": "1", **target}])


def put_event(client: Any, **entry: str) -> str:
    answer = client.put_events(
        Entries=[{"Source": "shop", "DetailType": "placed", "Detail": '{"order": 7}', **entry}]
    )
    return str(answer["Entries"][0]["EventId"])


def test_a_notification_reaches_its_function_under_the_id_publish_returned(aws: Rehearsal) -> None:
    arn = aws.function("listener", lambda _event: None)
    sns = with_header(aws.client("sns"))
    topic = sns.create_topic(Name="orders")["TopicArn"]
    subscription = sns.subscribe(
        TopicArn=topic, Protocol="lambda", Endpoint=arn, ReturnSubscriptionArn=True
    )
    published = sns.publish(
        TopicArn=topic,
        Message="hello",
        MessageAttributes={"kind": {"DataType": "String", "StringValue": "new"}},
    )
    aws.wait_until_quiet()

    [invocation] = aws.plane.invocations
    [record] = invocation.event["Records"]
    assert (invocation.mode, invocation.trace_header) == ("async", HEADER)
    assert record["EventSubscriptionArn"] == subscription["SubscriptionArn"]
    assert record["Sns"]["MessageId"] == published["MessageId"]
    assert record["Sns"]["TopicArn"] == topic
    assert record["Sns"]["Subject"] is None
    assert record["Sns"]["MessageAttributes"] == {"kind": {"Type": "String", "Value": "new"}}
    expected = sample("snsEvent.json")["Records"][0]
    assert record.keys() == expected.keys()
    assert record["Sns"].keys() == expected["Sns"].keys()


def test_a_filter_policy_keeps_notifications_from_a_function(aws: Rehearsal) -> None:
    arn = aws.function("listener", lambda _event: None)
    sns = aws.client("sns")
    topic = sns.create_topic(Name="orders")["TopicArn"]
    sns.subscribe(
        TopicArn=topic,
        Protocol="lambda",
        Endpoint=arn,
        Attributes={"FilterPolicy": '{"kind": ["new"]}'},
    )
    for kind in ("old", "new"):
        attributes = {"kind": {"DataType": "String", "StringValue": kind}}
        sns.publish(TopicArn=topic, Message=kind, MessageAttributes=attributes)
    aws.wait_until_quiet()
    assert [i.event["Records"][0]["Sns"]["Message"] for i in aws.plane.invocations] == ["new"]


@pytest.mark.parametrize("is_raw", [False, True])
def test_a_topic_hands_message_attributes_and_trace_header_to_a_queue(
    aws: Rehearsal, *, is_raw: bool
) -> None:
    url, queue_arn = make_queue(aws)
    sns = with_header(aws.client("sns"))
    topic = sns.create_topic(Name="orders")["TopicArn"]
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=queue_arn,
        Attributes={"RawMessageDelivery": "true"} if is_raw else {},
    )
    attributes = {"kind": {"DataType": "String", "StringValue": "new"}}
    published = sns.publish(TopicArn=topic, Message="hello", MessageAttributes=attributes)
    message = receive(aws, url)
    assert message["Attributes"]["AWSTraceHeader"] == HEADER
    if is_raw:
        assert message["Body"] == "hello"
        assert message["MessageAttributes"] == attributes
    else:
        body = json.loads(message["Body"])
        assert body["MessageId"] == published["MessageId"]
        assert body["MessageAttributes"] == {"kind": {"Type": "String", "Value": "new"}}


def test_an_event_reaches_its_function_under_the_id_put_events_returned(aws: Rehearsal) -> None:
    make_rule(aws, {"Arn": aws.function("auditor", lambda _event: None)})
    event_id = put_event(with_header(aws.client("events")))
    aws.wait_until_quiet()

    [invocation] = aws.plane.invocations
    assert (invocation.mode, invocation.trace_header) == ("async", HEADER)
    assert invocation.event["id"] == event_id
    assert invocation.event["detail"] == {"order": 7}
    assert invocation.event["detail-type"] == "placed"
    assert invocation.event["time"].endswith("Z")
    expected = sample("eventBridgeEvent.json")
    assert invocation.event.keys() == expected.keys() - {"replay-name"}


def test_the_trace_header_of_an_entry_wins_over_that_of_the_request(aws: Rehearsal) -> None:
    make_rule(aws, {"Arn": aws.function("auditor", lambda _event: None)})
    put_event(with_header(aws.client("events")), TraceHeader="Root=1-entry")
    aws.wait_until_quiet()
    assert aws.plane.invocations[0].trace_header == "Root=1-entry"


def test_an_event_for_a_queue_keeps_id_and_trace_header(aws: Rehearsal) -> None:
    url, arn = make_queue(aws)
    make_rule(aws, {"Arn": arn})
    event_id = put_event(with_header(aws.client("events")))
    message = receive(aws, url)
    assert json.loads(message["Body"])["id"] == event_id
    assert message["Attributes"]["AWSTraceHeader"] == HEADER


def test_a_target_may_get_a_constant_a_part_or_a_template(aws: Rehearsal) -> None:
    arn = aws.function("auditor", lambda _event: None)
    events = aws.client("events")
    events.put_rule(Name="rule", EventPattern='{"source": ["shop"]}')
    template = {"InputPathsMap": {"n": "$.detail.order"}, "InputTemplate": '{"number": <n>}'}
    events.put_targets(
        Rule="rule",
        Targets=[
            {"Id": "1", "Arn": arn, "Input": '{"fixed": true}'},
            {"Id": "2", "Arn": arn, "InputPath": "$.detail"},
            {"Id": "3", "Arn": arn, "InputTransformer": template},
        ],
    )
    put_event(events)
    aws.wait_until_quiet()
    given = [i.event for i in aws.plane.invocations]
    assert given == [{"fixed": True}, {"order": 7}, {"number": 7}]


def test_a_disabled_rule_matches_nothing(aws: Rehearsal) -> None:
    make_rule(aws, {"Arn": aws.function("auditor", lambda _event: None)})
    aws.client("events").disable_rule(Name="rule")
    put_event(aws.client("events"))
    aws.wait_until_quiet()
    assert aws.plane.invocations == []


def test_an_event_for_a_missing_function_ends_in_the_targets_dead_letter_queue(
    aws: Rehearsal,
) -> None:
    url, queue_arn = make_queue(aws)
    gone = "arn:aws:lambda:us-east-1:123456789012:function:gone"
    make_rule(aws, {"Arn": gone, "DeadLetterConfig": {"Arn": queue_arn}})
    event_id = put_event(aws.client("events"))
    aws.wait_until_quiet()
    message = receive(aws, url)
    assert json.loads(message["Body"])["id"] == event_id
    assert message["MessageAttributes"]["TARGET_ARN"]["StringValue"] == gone
    assert set(message["MessageAttributes"]) >= {"RULE_ARN", "ERROR_CODE", "ERROR_MESSAGE"}


def test_a_schedule_fires_when_told_and_matches_no_ordinary_event(aws: Rehearsal) -> None:
    arn = aws.function("collector", lambda _event: None)
    make_rule(aws, {"Arn": arn}, ScheduleExpression="rate(5 minutes)")
    put_event(aws.client("events"))
    aws.wait_until_quiet()
    assert aws.plane.invocations == []

    fabric.fire_schedule(aws, "rule")
    aws.wait_until_quiet()
    [invocation] = aws.plane.invocations
    assert invocation.event["detail-type"] == "Scheduled Event"
    assert invocation.event["resources"] == ["arn:aws:events:us-east-1:123456789012:rule/rule"]


def test_an_unknown_schedule_is_an_error_that_names_it(aws: Rehearsal) -> None:
    with pytest.raises(UnknownRuleError, match="nightly"):
        fabric.fire_schedule(aws, "nightly")


def test_schedules_fire_by_themselves_on_a_shortened_clock() -> None:
    with Rehearsal(time_scale=0.001) as aws:
        make_rule(
            aws,
            {"Arn": aws.function("collector", lambda _event: None)},
            ScheduleExpression="rate(1 minute)",
        )
        fabric.start_schedules(aws)
        waiter = aws.client("lambda")
        while not aws.plane.invocations:
            waiter.list_functions()
        assert aws.plane.invocations[0].event["source"] == "aws.events"


def test_an_upload_reaches_its_function_under_the_request_id_s3_answered(aws: Rehearsal) -> None:
    arn = aws.function("indexer", lambda _event: None)
    s3 = with_header(aws.client("s3"))
    s3.create_bucket(Bucket="invoices")
    s3.put_bucket_notification_configuration(
        Bucket="invoices",
        NotificationConfiguration={
            "LambdaFunctionConfigurations": [
                {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}
            ]
        },
    )
    put = s3.put_object(Bucket="invoices", Key="a b/1.json", Body=b"{}")
    aws.wait_until_quiet()

    [invocation] = aws.plane.invocations
    [record] = invocation.event["Records"]
    answered = put["ResponseMetadata"]
    assert (invocation.mode, invocation.trace_header) == ("async", HEADER)
    assert record["responseElements"]["x-amz-request-id"] == answered["RequestId"]
    assert record["responseElements"]["x-amz-id-2"] == answered["HostId"]
    assert record["s3"]["object"]["key"] == "a+b/1.json"
    assert record["s3"]["object"]["eTag"] == put["ETag"].strip('"')
    assert record["eventName"] == "ObjectCreated:Put"
    assert keys(invocation.event) == keys(sample("s3Event.json"))


def test_s3_tells_queues_and_topics_too(aws: Rehearsal) -> None:
    url, queue_arn = make_queue(aws)
    listener = aws.function("listener", lambda _event: None)
    sns = aws.client("sns")
    topic = sns.create_topic(Name="uploads")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=listener)
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="invoices")
    events = ["s3:ObjectCreated:*"]
    s3.put_bucket_notification_configuration(
        Bucket="invoices",
        NotificationConfiguration={
            "QueueConfigurations": [{"QueueArn": queue_arn, "Events": events}],
            "TopicConfigurations": [{"TopicArn": topic, "Events": events}],
        },
    )
    aws.wait_until_quiet()
    aws.client("sqs").purge_queue(QueueUrl=url)
    aws.plane.invocations.clear()
    request_id = s3.put_object(Bucket="invoices", Key="k", Body=b"")["ResponseMetadata"][
        "RequestId"
    ]
    aws.wait_until_quiet()
    in_queue = json.loads(receive(aws, url)["Body"])
    in_topic = json.loads(aws.plane.invocations[0].event["Records"][0]["Sns"]["Message"])
    for document in (in_queue, in_topic):
        assert document["Records"][0]["responseElements"]["x-amz-request-id"] == request_id


def test_of_many_conditional_writers_of_large_objects_one_wins_each_round(aws: Rehearsal) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="state")
    etag = s3.put_object(Bucket="state", Key="db", Body=b"0")["ETag"]
    numbers = itertools.count()

    def write(_: int) -> str | None:
        body = b"x" * 3_000_000 + str(next(numbers)).encode()
        try:
            answer = s3.put_object(Bucket="state", Key="db", Body=body, IfMatch=etag)
        except ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed":
                raise
            return None
        return str(answer["ETag"])

    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            [etag] = [won for won in pool.map(write, range(4)) if won]
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket="state", Key="db", Body=b"", IfNoneMatch="*")
