"""The execution source: Standard state machines by their histories, Express ones by their logs.

An Express workflow has no history to ask for: what it did stands in the log group that its logging
configuration names, where it logs ALL (at ERROR its states are missing).
"""

from __future__ import annotations

from collections.abc import Iterator

from chainlight_collector import ingest
from chainlight_collector.aws import AwsError
from chainlight_collector.ingest import executions as events
from chainlight_collector.ingest import times
from chainlight_collector.sources import histories, log_pages
from chainlight_collector.sources.histories import Histories, Listed, Row
from chainlight_collector.sources.operations_traces import (
    DESCRIBE_STATE_MACHINE,
    GET_HISTORY,
    LIST_EXECUTIONS,
    LIST_STATE_MACHINES,
    StateMachine,
)
from chainlight_collector.sources.run import Outcome, Run

EXECUTIONS = "executions"
EXPRESS = "express"
HISTORY_PAGE = 1000
_RUNNING = frozenset({"RUNNING", "PENDING_REDRIVE"})


def pull(run: Run) -> Outcome:
    """Read what every state machine did since the last run.

    Raises:
        AwsError: the state machines cannot be listed.

    """
    outcome = Outcome(EXECUTIONS)
    for machine in _machines(run):
        arn = machine["stateMachineArn"]
        try:
            if machine.get("type") == "EXPRESS":
                _pull_express(run, arn, outcome)
            else:
                histories.pull(run, _standard(run, arn), outcome)
        except AwsError as error:
            outcome.fail(f"{machine.get('name', arn)}: {error}")
    return outcome


def _machines(run: Run) -> Iterator[StateMachine]:
    parameters: dict[str, object] = {"maxResults": 1000}
    while True:
        page = run.aws.call(LIST_STATE_MACHINES, **parameters)
        yield from page.get("stateMachines", [])
        if not page.get("nextToken"):
            return
        parameters["nextToken"] = page["nextToken"]


def _standard(run: Run, machine_arn: str) -> Histories:
    return Histories(
        EXECUTIONS,
        machine_arn,
        lambda: _listed(run, machine_arn),
        lambda arn: _history(run, arn),
        ingest.execution_events,
    )


def _listed(run: Run, machine_arn: str) -> Iterator[Listed]:
    parameters: dict[str, object] = {"stateMachineArn": machine_arn, "maxResults": 1000}
    while True:
        page = run.aws.call(LIST_EXECUTIONS, **parameters)
        for each in page.get("executions", []):
            started_us = times.us_of(each.get("startDate")) or 0
            yield Listed(each["executionArn"], started_us, each.get("status") in _RUNNING)
        if not page.get("nextToken"):
            return
        parameters["nextToken"] = page["nextToken"]


def _history(run: Run, arn: str) -> Iterator[Row]:
    parameters: dict[str, object] = {
        "executionArn": arn,
        "maxResults": HISTORY_PAGE,
        "includeExecutionData": True,
    }
    while True:
        page = run.aws.call(GET_HISTORY, **parameters)
        yield from events.event_rows({"events": page.get("events", [])}, arn)
        if not page.get("nextToken"):
            return
        parameters["nextToken"] = page["nextToken"]


def _pull_express(run: Run, machine_arn: str, outcome: Outcome) -> None:
    group = _log_group(run, machine_arn)
    if group is None:
        return
    outcome.total_count += 1
    log_pages.pull(
        run,
        EXPRESS,
        group,
        lambda connection, page: ingest.execution_events(connection, list(_rows(page)), run.now_us),
        outcome,
    )
    outcome.done_count += 1


def _rows(page: list[dict[str, object]]) -> Iterator[Row]:
    for event in page:
        line = events.express_line_of(event)
        if line is not None:
            yield events.express_row(line)


def _log_group(run: Run, machine_arn: str) -> str | None:
    """Return the log group of an Express workflow, None where it does not log."""
    answer = run.aws.call(DESCRIBE_STATE_MACHINE, stateMachineArn=machine_arn)
    for destination in answer.get("loggingConfiguration", {}).get("destinations", []):
        arn = str(destination.get("cloudWatchLogsLogGroup", {}).get("logGroupArn", ""))
        _, is_group, name = arn.partition(":log-group:")
        if is_group:
            return name.removesuffix(":*")
    return None
