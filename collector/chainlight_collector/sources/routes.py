"""Which subscriptions and rules have a dead-letter queue, once an hour.

SNS answers for one subscription at a time, so only those are asked about that end at a function or
a queue that is known here. A queue that is subscribed to a topic of dead letters, or gets failed
invocations from a bus, is a place where dead letters end as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from chainlight_collector import ingest
from chainlight_collector.aws import AbsentError, AwsError, OutOfTimeError
from chainlight_collector.sources import checkpoints
from chainlight_collector.sources.checkpoints import Checkpoint
from chainlight_collector.sources.operations_routes import (
    GET_SUBSCRIPTION,
    LIST_BUSES,
    LIST_RULES,
    LIST_SUBSCRIPTIONS,
    LIST_TARGETS,
    Rule,
    Subscription,
)
from chainlight_collector.sources.run import Outcome, Run

ROUTES = "dead_letter_routes"
FAILED_INVOCATION = "Lambda Function Invocation Result"
_PENDING = "PendingConfirmation"

_KNOWN = """
SELECT DISTINCT unnest([function_arn, dlq_arn, on_failure_arn]) AS arn FROM function_configs
UNION
SELECT unnest(event_source_arns) FROM function_configs
UNION
SELECT queue_arn FROM queue_redrives
"""
_ENDINGS = "SELECT DISTINCT unnest([dlq_arn, on_failure_arn]) AS arn FROM function_configs"

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Known:
    """ARNs that are known here, and those of them where dead letters end."""

    arns: frozenset[str]
    endings: frozenset[str]


def pull(run: Run) -> Outcome:
    """Note every route of dead letters that changed."""
    outcome = Outcome(ROUTES)
    with run.store.cursor() as connection:
        known = checkpoints.read(connection, ROUTES).get(ROUTES)
    if known is not None and run.now_us - (known.position_us or 0) < run.options.detail_life_us:
        return outcome
    rows: list[Row] = []
    kinds: list[str] = []
    for listed, names in ((_by_subscription, ("sns", "topic")), (_by_rule, ("eventbridge", "bus"))):
        try:
            rows += list(listed(run, _known(run)))
            kinds += names
        except OutOfTimeError:
            outcome.is_complete = False
            return outcome
        except AwsError as error:
            outcome.fail(str(error))
    _commit(run, rows, kinds, outcome)
    return outcome


def _known(run: Run) -> _Known:
    arns = [arn for (arn,) in run.store.query(_KNOWN).fetchall() if arn]
    endings = [arn for (arn,) in run.store.query(_ENDINGS).fetchall() if arn]
    return _Known(frozenset(map(_unqualified, arns)), frozenset(endings))


def _commit(run: Run, rows: list[Row], kinds: list[str], outcome: Outcome) -> None:
    outcome.total_count = outcome.done_count = len(rows)
    after = [Checkpoint(ROUTES, ROUTES, run.now_us)] if outcome.is_complete else []
    with run.store.transaction() as connection:
        ingest.dead_letter_routes(connection, rows, kinds, run.now_us)
        checkpoints.write(connection, after, run.now_us)
    run.show(outcome)


def _by_subscription(run: Run, known: _Known) -> Iterator[Row]:
    for subscription in _subscriptions(run):
        arn, endpoint = subscription.get("SubscriptionArn", ""), subscription.get("Endpoint", "")
        if arn in ("", _PENDING):
            continue
        topic = subscription.get("TopicArn", "")
        if topic in known.endings and endpoint.split(":")[2:3] == ["sqs"]:
            yield _row(f"{arn}#topic", "topic", topic, endpoint, endpoint)
        if _unqualified(endpoint) in known.arns:
            dlq_arn = _subscription_dlq(run, arn)
            if dlq_arn:
                yield _row(arn, "sns", topic, endpoint, dlq_arn)


def _subscriptions(run: Run) -> Iterator[Subscription]:
    parameters: dict[str, object] = {}
    while True:
        page = run.aws.call(LIST_SUBSCRIPTIONS, **parameters)
        yield from page.get("Subscriptions", [])
        if not page.get("NextToken"):
            return
        parameters["NextToken"] = page["NextToken"]


def _subscription_dlq(run: Run, arn: str) -> str | None:
    try:
        answer = run.aws.call(GET_SUBSCRIPTION, SubscriptionArn=arn)
    except AbsentError:
        return None  # unsubscribed since it was listed
    policy: dict[str, str] = json.loads(answer.get("Attributes", {}).get("RedrivePolicy") or "{}")
    return policy.get("deadLetterTargetArn")


def _by_rule(run: Run, known: _Known) -> Iterator[Row]:
    for bus in _buses(run):
        for rule in _rules(run, bus["Name"]):
            yield from _targets(run, bus, rule, is_ending=bus.get("Arn") in known.endings)


def _buses(run: Run) -> Iterator[dict[str, str]]:
    parameters: dict[str, object] = {}
    while True:
        page = run.aws.call(LIST_BUSES, **parameters)
        yield from page.get("EventBuses", [])
        if not page.get("NextToken"):
            return
        parameters["NextToken"] = page["NextToken"]


def _rules(run: Run, bus_name: str) -> Iterator[Rule]:
    parameters: dict[str, object] = {"EventBusName": bus_name}
    while True:
        page = run.aws.call(LIST_RULES, **parameters)
        yield from page.get("Rules", [])
        if not page.get("NextToken"):
            return
        parameters["NextToken"] = page["NextToken"]


def _targets(run: Run, bus: dict[str, str], rule: Rule, *, is_ending: bool) -> Iterator[Row]:
    parameters: dict[str, object] = {"Rule": rule["Name"], "EventBusName": bus["Name"]}
    passes_failures = is_ending and FAILED_INVOCATION in rule.get("EventPattern", "")
    while True:
        page = run.aws.call(LIST_TARGETS, **parameters)
        for target in page.get("Targets", []):
            route_id, arn = f"{rule['Arn']}#{target['Id']}", target["Arn"]
            dlq_arn = target.get("DeadLetterConfig", {}).get("Arn")
            if dlq_arn:
                yield _row(route_id, "eventbridge", rule["Arn"], arn, dlq_arn)
            if passes_failures and arn.split(":")[2] == "sqs":
                yield _row(f"{route_id}#bus", "bus", rule["Arn"], arn, arn)
        if not page.get("NextToken"):
            return
        parameters["NextToken"] = page["NextToken"]


def _row(route_id: str, kind: str, source_arn: str, target_arn: str, dlq_arn: str) -> Row:
    return {
        "route_id": route_id,
        "kind": kind,
        "source_arn": source_arn,
        "target_arn": target_arn,
        "dlq_arn": dlq_arn,
    }


def _unqualified(arn: str) -> str:
    """Return a function's ARN without its version or alias, any other ARN as it is."""
    return ":".join(arn.split(":")[:7]) if ":function:" in arn else arn
