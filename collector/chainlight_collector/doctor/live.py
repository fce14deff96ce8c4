"""Checks that ask AWS: what may be read, which log groups and functions there are, the clock."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, cast

from chainlight_collector.aws import Aws, AwsError
from chainlight_collector.doctor import probes
from chainlight_collector.doctor.findings import Finding, State
from chainlight_collector.doctor.probes import Ground
from chainlight_collector.errors import SourceError
from chainlight_collector.sources.functions import has_layer
from chainlight_collector.sources.log_groups import DELIVERY, STANDARD
from chainlight_collector.sources.operations import (
    DESCRIBE_LOG_GROUPS,
    GET_QUEUE_URL,
    LIST_FUNCTIONS,
    FunctionConfiguration,
    LogGroup,
)
from chainlight_collector.sources.operations_traces import GET_DESTINATION
from chainlight_collector.sources.xray import TRANSACTION_SEARCH

SKEW_S_MAX = 2.0
"""AWS's Date header has whole seconds, and the answer takes its time."""
NAMED_MAX = 20


@dataclass(frozen=True, slots=True)
class Account:
    """What AWS listed; `problem` says why it may not be everything."""

    groups: tuple[LogGroup, ...] = ()
    functions: tuple[FunctionConfiguration, ...] = ()
    skew_s: float | None = None
    problem: str | None = None


def read(aws: Aws, prefix: str) -> Account:
    """List the log groups with this prefix and all functions."""
    groups: list[LogGroup] = []
    functions: list[FunctionConfiguration] = []
    skew_s, problem = None, None
    try:
        began_s = time.time()
        first = aws.call(DESCRIBE_LOG_GROUPS, limit=1)
        skew_s = _skew_s(cast("Mapping[str, Any]", first), began_s)
        groups = list(_groups(aws, prefix))
        functions = list(_functions(aws))
    except SourceError as error:
        problem = str(error)
    return Account(tuple(groups), tuple(functions), skew_s, problem)


def check(aws: Aws, account: Account, places: tuple[str, ...]) -> Iterator[Finding]:
    """Yield what is found out from AWS; `places` are ARNs of queues and buckets of dead letters."""
    if account.problem:
        yield Finding("aws", _state(account), f"AWS does not list everything: {account.problem}.")
    yield from _permissions(aws, _ground(aws, account, places))
    yield _log_groups(account)
    yield _layers(account)
    yield _hidden_lines(account)
    yield _transaction_search(aws)
    yield _clock(account)


def _state(account: Account) -> State:
    return State.MISSING if account.groups or account.functions else State.FAILED


def _groups(aws: Aws, prefix: str) -> Iterator[LogGroup]:
    parameters: dict[str, object] = {"logGroupNamePrefix": prefix} if prefix else {}
    while True:
        page = aws.call(DESCRIBE_LOG_GROUPS, **parameters)
        yield from page.get("logGroups", [])
        if not page.get("nextToken"):
            return
        parameters["nextToken"] = page["nextToken"]


def _functions(aws: Aws) -> Iterator[FunctionConfiguration]:
    marker: dict[str, object] = {}
    while True:
        page = aws.call(LIST_FUNCTIONS, **marker)
        yield from page.get("Functions", [])
        if not page.get("NextMarker"):
            return
        marker = {"Marker": page["NextMarker"]}


def _skew_s(answer: Mapping[str, Any], began_s: float) -> float | None:
    """Return how far this clock is ahead of AWS's, None where the answer has no date."""
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    date = headers.get("date")
    if date is None:
        return None
    return (began_s + time.time()) / 2 - (parsedate_to_datetime(date).timestamp() + 0.5)


def _ground(aws: Aws, account: Account, places: tuple[str, ...]) -> Ground:
    by_service = {arn.split(":")[2]: arn for arn in reversed(places)}
    return Ground(
        log_group=next((group["logGroupName"] for group in account.groups), None),
        function_arn=next((each["FunctionArn"] for each in account.functions), None),
        queue_url=_queue_url(aws, by_service.get("sqs")),
        bucket=by_service["s3"].rpartition(":")[2] if "s3" in by_service else None,
    )


def _queue_url(aws: Aws, arn: str | None) -> str | None:
    if arn is None:
        return None
    try:
        return aws.call(GET_QUEUE_URL, QueueName=arn.rpartition(":")[2])["QueueUrl"]
    except AwsError:
        return None


def _permissions(aws: Aws, ground: Ground) -> Iterator[Finding]:
    answers = probes.ask_all(aws, ground)
    missing = [answer for answer in answers if answer.is_granted is False]
    untried = [f"{each.action}: {each.reason}" for each in answers if each.is_granted is None]
    granted_count = len(answers) - len(missing) - len(untried)
    if missing:
        actions = ", ".join(answer.action for answer in missing)
        text = f"{len(missing)} IAM actions are missing: {actions}. Grant them to this role."
        yield Finding("permissions", State.MISSING, text, tuple(each.action for each in missing))
    else:
        text = f"{granted_count} IAM actions are granted, {len(untried)} were not tried"
        yield Finding("permissions", State.OK, text, tuple(untried))


def _log_groups(account: Account) -> Finding:
    classes = Counter(group.get("logGroupClass", STANDARD) for group in account.groups)
    text = f"{len(account.groups)} log groups"
    if set(classes) <= {STANDARD}:
        state = State.OK if account.groups else State.NOTE
        return Finding("log groups", state, text)
    counted = ", ".join(f"{count} {name}" for name, count in sorted(classes.items()))
    others = [
        f"{group['logGroupName']}: {group.get('logGroupClass')}"
        for group in account.groups
        if group.get("logGroupClass", STANDARD) != STANDARD
    ]
    hint = "FilterLogEvents may not answer for other classes than STANDARD"
    state = State.MISSING if classes[DELIVERY] else State.NOTE
    return Finding("log groups", state, f"{text} ({counted}). {hint}.", tuple(others))


def _layers(account: Account) -> Finding:
    without = [each["FunctionName"] for each in account.functions if not has_layer(each)]
    total_count = len(account.functions)
    if not without:
        return Finding("layer", State.OK, f"all {total_count} functions have the layer")
    text = (
        f"{len(without)} of {total_count} functions have no layer: their attempts and costs are "
        "known, their own calls and waits only from X-Ray."
    )
    return Finding("layer", State.NOTE, text, tuple(sorted(without)))


def _hidden_lines(account: Account) -> Finding:
    hidden = [
        each["FunctionName"]
        for each in account.functions
        if each.get("LoggingConfig", {}).get("SystemLogLevel") == "WARN"
    ]
    if not hidden:
        return Finding("log levels", State.OK, "no function hides its START and REPORT lines")
    text = (
        f"{len(hidden)} functions have SystemLogLevel WARN: no REPORT is visible, their billed "
        "time is unknown. Set it to INFO."
    )
    return Finding("log levels", State.MISSING, text, tuple(sorted(hidden)))


def _transaction_search(aws: Aws) -> Finding:
    try:
        destination = aws.call(GET_DESTINATION).get("Destination")
    except SourceError as error:
        return Finding("transaction search", State.NOTE, f"unknown: {error}")
    if destination == TRANSACTION_SEARCH:
        text = "on: traces are read from the log group aws/spans and by retrieval"
    else:
        text = "off: traces are read with GetTraceSummaries and BatchGetTraces"
    return Finding("transaction search", State.OK, text)


def _clock(account: Account) -> Finding:
    if account.skew_s is None:
        return Finding("clock", State.NOTE, "unknown: AWS's answer had no date")
    side = "ahead of" if account.skew_s > 0 else "behind"
    text = f"this clock is {abs(account.skew_s):.1f} s {side} AWS's"
    if abs(account.skew_s) <= SKEW_S_MAX:
        return Finding("clock", State.OK, text)
    hint = "windows end too early or too late by that much: set it by NTP"
    return Finding("clock", State.MISSING, f"{text}; {hint}.")
