"""Which queues matter: those that feed functions, and those where dead letters end.

A redrive policy becomes a row where it differs from what was known; NULL says that it has gone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from chainlight_collector import ingest
from chainlight_collector.aws import AbsentError, AwsError
from chainlight_collector.sources import checkpoints
from chainlight_collector.sources.operations import (
    GET_QUEUE_ATTRIBUTES,
    GET_QUEUE_URL,
    LIST_SOURCE_QUEUES,
)
from chainlight_collector.sources.run import Outcome, Run, postpone_touched

REDRIVES = "queue_redrives"

_NEWEST_CONFIGS = """
SELECT dlq_arn, on_failure_arn, event_source_arns
FROM function_configs
QUALIFY row_number() OVER (PARTITION BY function_arn ORDER BY observed_us DESC) = 1
"""
_NEWEST_DLQS = """
SELECT dlq_arn FROM queue_redrives
QUALIFY row_number() OVER (PARTITION BY queue_arn ORDER BY observed_us DESC) = 1
"""


_NEWEST_ROUTES = """
SELECT dlq_arn FROM dead_letter_routes
QUALIFY row_number() OVER (PARTITION BY route_id ORDER BY observed_us DESC) = 1
"""


@dataclass(frozen=True, slots=True)
class Places:
    """Queue ARNs by their part: `feeding` functions, `ending` with dead letters."""

    feeding: frozenset[str]
    ending: frozenset[str]


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue as GetQueueAttributes shows it."""

    arn: str
    url: str
    attributes: dict[str, str]

    @property
    def redrive(self) -> dict[str, str]:
        """The queue's own redrive policy, empty where it has none."""
        policy = self.attributes.get("RedrivePolicy")
        return dict(json.loads(policy)) if policy else {}

    @property
    def visible_count(self) -> int:
        """About how many messages could be received now."""
        return int(self.attributes.get("ApproximateNumberOfMessages", 0))

    @property
    def hidden_count(self) -> int:
        """About how many messages somebody has received and not yet deleted, or are delayed."""
        return int(self.attributes.get("ApproximateNumberOfMessagesNotVisible", 0)) + int(
            self.attributes.get("ApproximateNumberOfMessagesDelayed", 0)
        )


def pull(run: Run) -> Outcome:
    """Note the redrive policy of every queue that feeds a function."""
    outcome = Outcome(REDRIVES)
    known = places(run)
    arns = sorted(known.feeding | _sources(run, known.ending, outcome))
    outcome.total_count = len(arns)
    rows: list[dict[str, object]] = []
    for arn in arns:
        if run.deadline.has_passed:
            outcome.is_complete = False
            break
        rows += _row(run, arn, outcome)
    with run.store.transaction() as connection:
        outcome.counts += ingest.queue_redrives(connection, rows, run.now_us)
        postpone_touched(connection, outcome.counts)
    run.show(outcome)
    return outcome


def places(run: Run) -> Places:
    """Return the queues that the newest function configurations and redrive policies name."""
    configs = run.store.query(_NEWEST_CONFIGS).fetchall()
    redrives = run.store.query(_NEWEST_DLQS).fetchall()
    redrives += run.store.query(_NEWEST_ROUTES).fetchall()
    with run.store.cursor() as connection:
        functions = checkpoints.read(connection, "functions").values()
    feeding = {arn for row in configs for arn in row[2] or ()}
    ending = {arn for row in [*configs, *redrives] for arn in row[:2] if arn}
    ending |= {arn for function in functions for arn in function.state.get("on_failure_arns", ())}
    return Places(frozenset(filter(is_queue, feeding)), frozenset(filter(is_queue, ending)))


def read(run: Run, arn: str) -> Queue:
    """Return a queue's address and attributes.

    Raises:
        AbsentError: there is no such queue (any more).
        AwsError: it cannot be read.

    """
    url = _url(run, arn)
    answer = run.aws.call(GET_QUEUE_ATTRIBUTES, QueueUrl=url, AttributeNames=["All"])
    return Queue(arn, url, answer.get("Attributes", {}))


def _sources(run: Run, ending: frozenset[str], outcome: Outcome) -> set[str]:
    """Return the queues that name one of these in their redrive policy."""
    found: set[str] = set()
    for arn in sorted(ending):
        if run.deadline.has_passed:
            break
        try:
            found.update(_sources_of(run, arn))
        except AbsentError:
            continue
        except AwsError as error:
            outcome.fail(f"{arn}: {error}")
    return found


def _sources_of(run: Run, arn: str) -> Iterator[str]:
    """Yield ARNs; a source queue lives in the account and region of its dead-letter queue."""
    parameters: dict[str, object] = {"QueueUrl": _url(run, arn)}
    while True:
        page = run.aws.call(LIST_SOURCE_QUEUES, **parameters)
        for url in page.get("queueUrls", []):
            yield ":".join([*arn.split(":")[:5], url.rsplit("/", 1)[1]])
        if not page.get("NextToken"):
            return
        parameters["NextToken"] = page["NextToken"]


def _url(run: Run, arn: str) -> str:
    _, _, _, _, account_id, name = arn.split(":")
    address = run.aws.call(GET_QUEUE_URL, QueueName=name, QueueOwnerAWSAccountId=account_id)
    return address["QueueUrl"]


def is_queue(arn: str) -> bool:
    """Whether an ARN is that of an SQS queue."""
    return arn.split(":")[2:3] == ["sqs"]


def _row(run: Run, arn: str, outcome: Outcome) -> Iterator[dict[str, object]]:
    try:
        queue = read(run, arn)
    except AbsentError:
        return
    except AwsError as error:
        outcome.fail(f"{arn}: {error}")
        return
    outcome.done_count += 1
    count = queue.redrive.get("maxReceiveCount")
    timeout_s = queue.attributes.get("VisibilityTimeout")
    yield {
        "queue_arn": arn,
        "dlq_arn": queue.redrive.get("deadLetterTargetArn"),
        "max_receive_count": int(count) if count is not None else None,
        "visibility_timeout_s": int(timeout_s) if timeout_s is not None else None,
    }
