"""Throttling as each service refuses, seeded faults, and patches that are taken back."""

import time
from collections.abc import Iterator

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.sqs.models import Queue, SQSBackend

from chainlight_demo import fabric
from chainlight_demo.fabric.faults import Faults
from chainlight_demo.fabric.patches import Patches
from chainlight_demo.fabric.rehearsal import Rehearsal


@pytest.fixture
def aws() -> Iterator[Rehearsal]:
    with Rehearsal() as rehearsal:
        yield rehearsal


@pytest.mark.parametrize(
    ("service", "call", "api", "status", "code"),
    [
        ("logs", "describe_log_groups", "logs:DescribeLogGroups", 400, "ThrottlingException"),
        ("lambda", "list_functions", "lambda:ListFunctions", 429, "TooManyRequestsException"),
        ("sqs", "list_queues", "sqs:ListQueues", 403, "RequestThrottled"),
        ("sns", "list_topics", "sns:ListTopics", 400, "Throttled"),
        ("s3", "list_buckets", "s3:ListBuckets", 503, "SlowDown"),
        ("cloudwatch", "list_metrics", "monitoring:ListMetrics", 400, "Throttling"),
        ("xray", "get_sampling_rules", "xray:GetSamplingRules", 429, "ThrottledException"),
        ("events", "list_rules", "events:ListRules", 400, "ThrottlingException"),
    ],
)
def test_a_throttled_call_is_refused_as_its_service_refuses(
    aws: Rehearsal, service: str, call: str, api: str, status: int, code: str
) -> None:
    aws.faults.throttled_share = {api: 1.0}
    with pytest.raises(ClientError) as caught:
        getattr(aws.client(service), call)()
    answer = caught.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status
    assert answer["Error"]["Code"].startswith(code)
    assert aws.faults.throttled_counts == {api: 1}
    aws.faults.throttled_share = {}
    getattr(aws.client(service), call)()


def test_a_client_with_retries_gets_through_half_refused_calls(aws: Rehearsal) -> None:
    aws.faults.throttled_share = {"logs:*": 0.5}
    config = Config(retries={"mode": "standard", "total_max_attempts": 12})
    logs = aws.client("logs", config=config)
    for number in range(3):
        logs.create_log_group(logGroupName=str(number))
    aws.faults.throttled_share = {}
    assert len(logs.describe_log_groups()["logGroups"]) == 3


def test_a_rate_limit_lets_a_second_of_calls_through_and_then_the_rate(aws: Rehearsal) -> None:
    aws.faults.calls_per_second = {"logs:DescribeLogGroups": 5}
    logs = aws.client("logs")
    passed = 0
    started_s = time.monotonic()
    for _ in range(60):
        try:
            logs.describe_log_groups()
            passed += 1
        except ClientError:
            continue
    took_s = time.monotonic() - started_s
    assert 5 <= passed <= 6 + took_s * 5
    assert aws.faults.throttled_counts["logs:DescribeLogGroups"] == 60 - passed


def test_faults_are_off_by_default_and_repeat_with_their_seed() -> None:
    assert not any(Faults().happens(0.0) for _ in range(100))
    draws = [
        [faults.happens(0.5) for _ in range(50)] for faults in (Faults(seed=3), Faults(seed=3))
    ]
    assert draws[0] == draws[1]
    assert draws[0] != [Faults(seed=4).happens(0.5) for _ in range(50)]


def test_moto_is_as_it_was_after_the_fabric_is_gone() -> None:
    before = (vars(Queue)["add_message"], vars(SQSBackend)["receive_message"])
    with Rehearsal():
        assert vars(Queue)["add_message"] is not before[0]
    assert (vars(Queue)["add_message"], vars(SQSBackend)["receive_message"]) == before


def test_a_second_fabric_in_one_process_is_refused(aws: Rehearsal) -> None:
    with pytest.raises(fabric.FabricError, match="installed already"):
        fabric.install(aws)


def test_patches_restore_inherited_and_absent_names() -> None:
    class Owner:
        known = 1

    patches = Patches()
    patches.replace(Owner, "known", 2)
    patches.replace(Owner, "known", 3)
    patches.replace(Owner, "new", 4)
    patches.restore()
    assert Owner.known == 1
    assert not hasattr(Owner, "new")
