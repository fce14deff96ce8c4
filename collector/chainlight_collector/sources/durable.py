"""The durable source: the histories of durable functions' executions."""

from __future__ import annotations

from collections.abc import Iterator

from chainlight_collector import ingest
from chainlight_collector.aws import AwsError
from chainlight_collector.ingest import durable as events
from chainlight_collector.ingest import times
from chainlight_collector.sources import checkpoints, histories
from chainlight_collector.sources.checkpoints import Checkpoint
from chainlight_collector.sources.histories import Histories, Listed, Row
from chainlight_collector.sources.operations import LIST_FUNCTIONS
from chainlight_collector.sources.operations_traces import GET_DURABLE_HISTORY, LIST_DURABLE
from chainlight_collector.sources.run import Outcome, Run

DURABLE = "durable"
FUNCTIONS = "durable_functions"
_RUNNING = frozenset({"RUNNING", "PAUSING", "PAUSED", "DELETING"})


def pull(run: Run) -> Outcome:
    """Read what every durable function's executions did since the last run.

    Raises:
        AwsError: the functions cannot be listed.

    """
    outcome = Outcome(DURABLE)
    for function_arn in _functions(run):
        try:
            histories.pull(run, _of_function(run, function_arn), outcome)
        except AwsError as error:
            outcome.fail(f"{function_arn}: {error}")
    return outcome


def _functions(run: Run) -> list[str]:
    """Return the durable functions; who they are is asked for once an hour."""
    with run.store.cursor() as connection:
        known = checkpoints.read(connection, FUNCTIONS).get("")
    if known is not None and run.now_us - (known.position_us or 0) < run.options.detail_life_us:
        return list(known.state.get("arns", []))
    arns = sorted(_listed_functions(run))
    with run.store.transaction() as connection:
        after = Checkpoint(FUNCTIONS, "", run.now_us, {"arns": arns})
        checkpoints.write(connection, [after], run.now_us)
    return arns


def _listed_functions(run: Run) -> Iterator[str]:
    marker: dict[str, object] = {}
    while True:
        page = run.aws.call(LIST_FUNCTIONS, **marker)
        for function in page.get("Functions", []):
            if function.get("DurableConfig"):
                yield function["FunctionArn"]
        if not page.get("NextMarker"):
            return
        marker = {"Marker": page["NextMarker"]}


def _of_function(run: Run, function_arn: str) -> Histories:
    return Histories(
        DURABLE,
        function_arn,
        lambda: _listed(run, function_arn),
        lambda arn: _history(run, arn),
        ingest.durable_events,
    )


def _listed(run: Run, function_arn: str) -> Iterator[Listed]:
    parameters: dict[str, object] = {"FunctionName": function_arn, "ReverseOrder": True}
    while True:
        page = run.aws.call(LIST_DURABLE, **parameters)
        for each in page.get("DurableExecutions", []):
            started_us = times.us_of(each.get("StartTimestamp")) or 0
            yield Listed(each["DurableExecutionArn"], started_us, each.get("Status") in _RUNNING)
        if not page.get("NextMarker"):
            return
        parameters["Marker"] = page["NextMarker"]


def _history(run: Run, arn: str) -> Iterator[Row]:
    parameters: dict[str, object] = {"DurableExecutionArn": arn, "IncludeExecutionData": False}
    while True:
        page = run.aws.call(GET_DURABLE_HISTORY, **parameters)
        yield from events.event_rows({"Events": page.get("Events", [])}, arn)
        if not page.get("NextMarker"):
            return
        parameters["Marker"] = page["NextMarker"]
