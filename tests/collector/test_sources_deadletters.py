from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chainlight_collector.aws import Aws, Deadline
from chainlight_collector.sources import deadletters, queues
from chainlight_collector.sources.run import Options, Run
from chainlight_collector.store import Store

from .derive_facts import new_file


@pytest.fixture
def run(moto: Any, tmp_path: Path) -> Any:  # noqa: ARG001  it sets the endpoint
    with Store.open(new_file(tmp_path / "chainlight.duckdb")) as store:
        yield Run(Aws(), store, Options(), Deadline.never())


def _queue(moto: Any, name: str, **attributes: str) -> tuple[str, str]:
    url = moto("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    answer = moto("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, answer["Attributes"]["QueueArn"]


def _knows(run: Run, arn: str) -> None:
    """Make the run know the queue as the DLQ of some other queue."""
    with run.store.transaction() as connection:
        connection.execute(
            "INSERT INTO queue_redrives (queue_arn, dlq_arn, observed_us) VALUES ('q', ?, 1)", [arn]
        )


def _scans(run: Run) -> list[tuple[Any, ...]]:
    return run.store.query(
        "SELECT is_complete, messages_count, reason FROM dead_letter_scans ORDER BY scanned_us"
    ).fetchall()


def _seen(run: Run) -> list[str]:
    rows = run.store.query("SELECT message_id FROM dead_letter_messages ORDER BY 1").fetchall()
    return [message_id for (message_id,) in rows]


def _send(moto: Any, url: str, count: int) -> list[str]:
    return sorted(
        moto("sqs").send_message(QueueUrl=url, MessageBody=json.dumps({"n": n}))["MessageId"]
        for n in range(count)
    )


def test_every_message_is_seen_once_and_given_back(moto: Any, run: Run) -> None:
    url, arn = _queue(moto, "dlq")
    sent = _send(moto, url, 25)
    _knows(run, arn)

    outcome = deadletters.pull(run)

    assert outcome.problems == []
    assert _seen(run) == sent
    assert _scans(run) == [(True, 25, None)]
    left = queues.read(run, arn)
    assert (left.visible_count, left.hidden_count) == (25, 0)


def test_second_look_at_an_unchanged_queue_is_spared(moto: Any, run: Run) -> None:
    url, arn = _queue(moto, "dlq")
    _send(moto, url, 2)
    _knows(run, arn)
    deadletters.pull(run)
    calls_before_count = run.aws.calls_count

    deadletters.pull(run)

    assert run.aws.calls_count - calls_before_count == 2
    assert len(_scans(run)) == 1


def test_message_that_went_away_is_missing_from_the_next_scan(moto: Any, run: Run) -> None:
    url, arn = _queue(moto, "dlq")
    sent = _send(moto, url, 1)
    _knows(run, arn)
    deadletters.pull(run)
    moto("sqs").purge_queue(QueueUrl=url)

    deadletters.pull(run)

    assert _seen(run) == sent
    assert _scans(run) == [(True, 1, None), (True, 0, None)]


def test_queue_with_a_redrive_policy_of_its_own_is_not_touched(moto: Any, run: Run) -> None:
    _, last = _queue(moto, "last")
    policy = json.dumps({"deadLetterTargetArn": last, "maxReceiveCount": 1})
    url, arn = _queue(moto, "dlq", RedrivePolicy=policy)
    _send(moto, url, 1)
    _knows(run, arn)

    deadletters.pull(run)

    [(is_complete, messages_count, reason)] = _scans(run)
    assert (is_complete, messages_count) == (False, 0)
    assert "redrive policy of its own" in reason
    assert queues.read(run, arn).visible_count == 1


def test_message_in_somebodys_hands_makes_the_scan_incomplete(moto: Any, run: Run) -> None:
    url, arn = _queue(moto, "dlq")
    _send(moto, url, 2)
    moto("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=1, VisibilityTimeout=60)
    _knows(run, arn)

    deadletters.pull(run)

    [(is_complete, messages_count, reason)] = _scans(run)
    assert (is_complete, messages_count) == (False, 1)
    assert "1 messages are in flight" in reason


def test_look_stops_at_its_limit_and_says_so(moto: Any, run: Run) -> None:
    url, arn = _queue(moto, "dlq")
    _send(moto, url, 25)
    _knows(run, arn)
    run.options = Options(peek_messages_max=10)

    deadletters.pull(run)

    assert _scans(run) == [(False, 10, "stopped after 10 messages")]
    assert queues.read(run, arn).visible_count == 25


def test_queue_that_was_deleted_is_a_scan_with_a_reason(run: Run) -> None:
    _knows(run, "arn:aws:sqs:eu-central-1:123456789012:gone")

    outcome = deadletters.pull(run)

    assert outcome.problems == []
    assert _scans(run) == [(False, 0, "there is no such queue")]
