"""The metric source: what Lambda counts of a function and no log line tells.

Throttled and dropped events never ran, so they have no line. Each metric asked for costs money,
each point of it nothing: so one request an hour covers the hour before it too, in points of five
minutes, and ListMetrics says first which metrics have points at all. A point that grew since it was
read last is replaced.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from chainlight_collector import ingest
from chainlight_collector.sources import checkpoints
from chainlight_collector.sources.checkpoints import Checkpoint
from chainlight_collector.sources.operations_metrics import GET_METRIC_DATA, LIST_METRICS
from chainlight_collector.sources.run import DEFAULT_PREFIX, Outcome, Run

METRICS = "metrics"
NAMESPACE = "AWS/Lambda"
PERIOD_US = 300 * 1_000_000
OVERLAP_US = 3600 * 1_000_000
QUERIES_MAX = 500
_RECENT_US = 3 * 3600 * 1_000_000 - PERIOD_US
"""ListMetrics can leave out what had no point for three hours; older windows need the others."""

STATISTICS = {
    "Throttles": ("Sum", "count"),
    "ConcurrentExecutions": ("Maximum", "count"),
    "AsyncEventsReceived": ("Sum", "count"),
    "AsyncEventsDropped": ("Sum", "count"),
    "AsyncEventAge": ("Maximum", "ms"),
    "DeadLetterErrors": ("Sum", "count"),
    "DestinationDeliveryFailures": ("Sum", "count"),
    "IteratorAge": ("Maximum", "ms"),
}
"""Metric of a function: the statistic that is kept, and its unit."""


@dataclass(frozen=True, slots=True)
class _Series:
    """One metric of one function; `key` is its query's id."""

    key: str
    function_name: str
    metric: str


def pull(run: Run) -> Outcome:
    """Read the metrics of the chosen functions once an hour.

    Raises:
        AwsError: CloudWatch does not answer.

    """
    outcome = Outcome(METRICS)
    with run.store.cursor() as connection:
        known = checkpoints.read(connection, METRICS).get(NAMESPACE)
    read_to_us = known.position_us if known else None
    to_us = (run.now_us - run.options.settle_us) // PERIOD_US * PERIOD_US
    if read_to_us is not None and to_us - read_to_us < run.options.metrics_every_us:
        return outcome
    from_us = run.now_us - run.options.since_us if read_to_us is None else read_to_us - OVERLAP_US
    _read(run, from_us // PERIOD_US * PERIOD_US, to_us, outcome)
    if outcome.is_complete:
        with run.store.transaction() as connection:
            checkpoints.write(connection, [Checkpoint(METRICS, NAMESPACE, to_us)], run.now_us)
    return outcome


def _read(run: Run, from_us: int, to_us: int, outcome: Outcome) -> None:
    series = list(_chosen(run, from_us))
    outcome.total_count = len(series)
    for start in range(0, len(series), QUERIES_MAX):
        some = series[start : start + QUERIES_MAX]
        if run.deadline.has_passed:
            outcome.is_complete = False
            return
        points = list(_points(run, some, from_us, to_us))
        with run.store.transaction() as connection:
            outcome.counts += ingest.metric_points(connection, points)
        outcome.done_count += len(some)
        run.show(outcome)


def _chosen(run: Run, from_us: int) -> Iterator[_Series]:
    """Yield the metrics that exist, of functions whose logs are read."""
    is_recent = run.now_us - from_us < _RECENT_US
    parameters: dict[str, object] = {"Namespace": NAMESPACE}
    if is_recent:
        parameters["RecentlyActive"] = "PT3H"
    count = 0
    while True:
        page = run.aws.call(LIST_METRICS, **parameters)
        for each in page.get("Metrics", []):
            names = [pair["Value"] for pair in each["Dimensions"] if pair["Name"] == "FunctionName"]
            is_whole_function = len(names) == len(each["Dimensions"]) == 1
            if each["MetricName"] in STATISTICS and is_whole_function and _is_read(run, names[0]):
                yield _Series(f"m{count}", names[0], each["MetricName"])
                count += 1
        if not page.get("NextToken"):
            return
        parameters["NextToken"] = page["NextToken"]


def _is_read(run: Run, function_name: str) -> bool:
    group = DEFAULT_PREFIX + function_name
    options = run.options
    chosen_apart = options.group_tag is not None or group in options.group_names
    return chosen_apart or any(group.startswith(prefix) for prefix in options.group_prefixes)


def _points(
    run: Run, series: list[_Series], from_us: int, to_us: int
) -> Iterator[dict[str, object]]:
    by_key = {each.key: each for each in series}
    parameters: dict[str, object] = {
        "MetricDataQueries": [_query(each) for each in series],
        "StartTime": datetime.fromtimestamp(from_us / 1_000_000, UTC),
        "EndTime": datetime.fromtimestamp(to_us / 1_000_000, UTC),
        "ScanBy": "TimestampAscending",
    }
    while True:
        page = run.aws.call(GET_METRIC_DATA, **parameters)
        for result in page.get("MetricDataResults", []):
            one = by_key[result["Id"]]
            for at, value in zip(result["Timestamps"], result["Values"], strict=True):
                yield _row(one, at, value)
        if not page.get("NextToken"):
            return
        parameters["NextToken"] = page["NextToken"]


def _query(series: _Series) -> dict[str, object]:
    statistic, _ = STATISTICS[series.metric]
    metric = {
        "Namespace": NAMESPACE,
        "MetricName": series.metric,
        "Dimensions": [{"Name": "FunctionName", "Value": series.function_name}],
    }
    stat = {"Metric": metric, "Period": PERIOD_US // 1_000_000, "Stat": statistic}
    return {"Id": series.key, "MetricStat": stat}


def _row(series: _Series, at: datetime, value: float) -> dict[str, object]:
    statistic, unit = STATISTICS[series.metric]
    return {
        "function_name": series.function_name,
        "metric": series.metric,
        "statistic": statistic.lower(),
        "unit": unit,
        "started_us": round(at.timestamp() * 1_000_000) // PERIOD_US * PERIOD_US,
        "period_us": PERIOD_US,
        "value": value,
    }
