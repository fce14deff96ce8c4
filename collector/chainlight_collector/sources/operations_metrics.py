"""The requests for CloudWatch metrics. AWS charges $0.01 for 1,000 metrics asked for (2026-11)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

from chainlight_collector.aws import Operation


class MetricName(TypedDict, total=False):
    """A metric as ListMetrics lists it."""

    MetricName: str
    Dimensions: list[dict[str, str]]


class MetricNamesPage(TypedDict, total=False):
    """One page of ListMetrics, 500 metrics at most."""

    Metrics: list[MetricName]
    NextToken: str


class MetricResult(TypedDict, total=False):
    """The points of one metric; `Id` is the query's."""

    Id: str
    Timestamps: list[datetime]
    Values: list[float]
    StatusCode: str


class MetricDataPage(TypedDict, total=False):
    """One page of GetMetricData, for 500 queries at most."""

    MetricDataResults: list[MetricResult]
    NextToken: str


LIST_METRICS: Operation[MetricNamesPage] = Operation(
    "cloudwatch", "list_metrics", "cloudwatch:ListMetrics"
)
GET_METRIC_DATA: Operation[MetricDataPage] = Operation(
    "cloudwatch", "get_metric_data", "cloudwatch:GetMetricData"
)

ALL: tuple[Operation[Any], ...] = (LIST_METRICS, GET_METRIC_DATA)
