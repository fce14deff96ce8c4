"""Thresholds are judged by every run, kept with their history, and told once per change."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chainlight_collector.alerts import rules, states, telling
from chainlight_collector.aws import Aws, Deadline
from chainlight_collector.errors import UsageError
from chainlight_collector.lambda_handler import Settings
from chainlight_collector.sources.run import Options, Run
from chainlight_collector.store import Store

from .derive_facts import new_file

NOW_US = 1_790_000_000_000_000
FILE = """
window = "1h"
[failed_share]
above = 0.25
[dead_letters_count]
above = 1
[paid_idle_usd_day]
above = 5
[coverage_share]
below = 0.9
"""
RULES = rules.parse(FILE, "alerts.toml")
LETTER = """
INSERT INTO dead_letter_messages BY NAME
SELECT 'arn:aws:sqs:eu-west-1:123456789012:q-dlq' AS queue_arn, $message_id AS message_id
"""


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with Store.open(new_file(tmp_path / "chainlight.duckdb")) as opened:
        yield opened


def _judge(store: Store, now_us: int, chosen: rules.Rules = RULES) -> None:
    with store.transaction() as connection:
        states.evaluate(connection, chosen, now_us)


def _die(store: Store, *message_ids: str) -> None:
    with store.transaction() as connection:
        for message_id in message_ids:
            connection.execute(LETTER, {"message_id": message_id})


def _states(store: Store) -> list[tuple[Any, ...]]:
    return store.query(
        "SELECT measure, since_us, observed_us, value, is_raised, is_due FROM alert_states "
        "ORDER BY since_us, measure"
    ).fetchall()


def test_a_first_look_that_finds_nothing_is_kept_and_told_nobody(store: Store) -> None:
    _judge(store, NOW_US)

    assert _states(store) == [("dead_letters_count", NOW_US, NOW_US, 0.0, False, False)]
    assert states.due(store.cursor()) == []


def test_a_state_lasts_in_one_row_and_a_change_is_a_new_one(store: Store) -> None:
    _judge(store, NOW_US)
    _die(store, "m1", "m2")
    _judge(store, NOW_US + 1)
    _judge(store, NOW_US + 2)

    assert _states(store) == [
        ("dead_letters_count", NOW_US, NOW_US, 0.0, False, False),
        ("dead_letters_count", NOW_US + 1, NOW_US + 2, 2.0, True, True),
    ]
    newest = store.query("SELECT measure, is_raised, since_us FROM alerts").fetchall()
    assert newest == [("dead_letters_count", True, NOW_US + 1)]


def test_the_threshold_itself_is_not_crossed() -> None:
    above, below = rules.Rule("m", "above", 1.0), rules.Rule("m", "below", 0.9)
    assert [above.is_broken_by(value) for value in (0.9, 1.0, 1.1)] == [False, False, True]
    assert [below.is_broken_by(value) for value in (0.8, 0.9, 1.0)] == [True, False, False]


def test_what_is_unknown_changes_nothing(store: Store) -> None:
    _judge(store, NOW_US)
    assert {state[0] for state in _states(store)} == {"dead_letters_count"}


def test_a_measure_that_left_the_file_leaves_the_database(store: Store) -> None:
    _judge(store, NOW_US)
    _judge(store, NOW_US + 1, rules.parse("[failed_share]\nabove = 0.1", "alerts.toml"))
    assert _states(store) == []


@pytest.mark.parametrize("measure", rules.MEASURES)
def test_each_measure_answers_one_row_on_an_empty_database(store: Store, measure: str) -> None:
    value, _ = states._measured(store.cursor(), measure, (0, NOW_US))
    assert value in (None, 0.0)


def test_measures_count_what_the_views_show(store: Store) -> None:
    with store.transaction() as connection:
        connection.execute(
            "INSERT INTO chain_rows BY NAME SELECT unnest(['1-a', '1-b', '1-c', '1-d']) "
            "AS chain_id, unnest(['error', 'ok', 'ok', 'ok']) AS entry_status, $at AS started_us, "
            "0 AS running_count, 0 AS failed_invocations_count",
            {"at": NOW_US - 1},
        )
    value, words = states._measured(store.cursor(), "failed_share", (NOW_US - 10, NOW_US))
    assert (value, words) == (0.25, "1 of 4 chains failed")


@pytest.mark.parametrize(
    "text",
    [
        "not toml at all [",
        "[failed_shares]\nabove = 1",
        "[failed_share]\nover = 1",
        "[failed_share]\nabove = true",
        "[failed_share]\nabove = 1\nbelow = 2",
        "failed_share = 1",
        "topic_arn = 5",
        'window = "0h"',
        'window = "soon"',
    ],
)
def test_a_file_that_would_watch_something_else_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"alerts\.toml"):
        rules.parse(text, "alerts.toml")


@pytest.fixture
def told(moto: Any) -> Any:
    """Subscribe a queue to a topic; return the topic and a reader of what the queue has got."""
    topic = moto("sns").create_topic(Name="alerts")["TopicArn"]
    sqs = moto("sqs")
    url = sqs.create_queue(QueueName="heard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    moto("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["QueueArn"])

    def read() -> list[dict[str, Any]]:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in found]

    return topic, read


def _run(store: Store, now_us: int) -> Run:
    return Run(Aws(), store, Options(), Deadline.never(), now_us=now_us)


def test_a_change_is_told_once_and_its_end_too(store: Store, told: Any) -> None:
    topic, read = told
    watched = replace(RULES, topic_arn=topic)
    _die(store, "m1", "m2")
    for number in range(3):
        assert telling.check(_run(store, NOW_US + number), watched).problems == []
    [raised] = read()
    assert raised["Subject"] == "chainlight: dead letters raised, 2 (above 1)"
    assert json.loads(raised["Message"]) == {
        "chainlight_alert": 1, "measure": "dead_letters_count", "state": "raised", "value": 2.0,
        "direction": "above", "threshold": 1.0, "words": "2 messages in 1 queues",
        "since_us": NOW_US,
    }  # fmt: skip
    with store.transaction() as connection:
        connection.execute("DELETE FROM dead_letter_messages")
    telling.check(_run(store, NOW_US + 9), watched)
    assert [json.loads(message["Message"])["state"] for message in read()] == ["settled"]


def test_what_could_not_be_told_is_a_problem_and_told_by_the_next_run(
    store: Store, told: Any
) -> None:
    topic, read = told
    _die(store, "m1", "m2")
    gone = replace(RULES, topic_arn=f"{topic}-gone")
    outcome = telling.check(_run(store, NOW_US), gone)
    assert (outcome.is_complete, len(outcome.problems)) == (False, 1)
    telling.check(_run(store, NOW_US + 1), replace(RULES, topic_arn=topic))
    assert len(read()) == 1
    assert store.query("SELECT published_at IS NOT NULL FROM alerts").fetchall() == [(True,)]


def test_the_lambda_reads_thresholds_from_its_bucket_or_goes_without(
    moto: Any,
) -> None:
    s3 = moto("s3")
    s3.create_bucket(
        Bucket="thresholds", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    environment = {
        "CHAINLIGHT_BUCKET": "thresholds", "CHAINLIGHT_ALERTS": "s3://thresholds/alerts.toml",
        "CHAINLIGHT_ALERTS_TOPIC": "arn:aws:sns:eu-central-1:123456789012:t",
    }  # fmt: skip
    settings = Settings.from_environment(environment)
    assert settings.with_alerts(environment, Aws()).options.alerts is None
    s3.put_object(Bucket="thresholds", Key="alerts.toml", Body=FILE.encode())
    found = settings.with_alerts(environment, Aws()).options.alerts
    assert found == replace(RULES, topic_arn=environment["CHAINLIGHT_ALERTS_TOPIC"])
    s3.put_object(Bucket="thresholds", Key="alerts.toml", Body=b"[misspelt]")
    broken = settings.with_alerts(environment, Aws())
    assert (broken.options.alerts, list(broken.alerts_problem)) == (None, ["alerts_problem"])


def test_a_file_on_this_machine_is_read_and_a_missing_one_named(tmp_path: Path) -> None:
    path = tmp_path / "alerts.toml"
    with pytest.raises(UsageError, match="--alerts"):
        rules.load(str(path), Aws())
    path.write_text(FILE, "utf-8")
    assert rules.load(str(path), Aws()) == RULES
