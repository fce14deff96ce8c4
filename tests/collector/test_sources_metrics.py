from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chainlight_collector.aws import Aws, Deadline
from chainlight_collector.sources import metrics
from chainlight_collector.sources.run import Options, Run
from chainlight_collector.store import Store

from .derive_facts import new_file

NOW_US = 1_790_000_100_000_000
PERIOD_US = metrics.PERIOD_US
HOUR_US = 3600 * 1_000_000
FUNCTION = [{"Name": "FunctionName", "Value": "orders"}]


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with Store.open(new_file(tmp_path / "chainlight.duckdb")) as opened:
        yield opened


def _run(store: Store, now_us: int = NOW_US, **options: Any) -> Run:
    run = Run(Aws(), store, Options(**{"settle_us": 0, **options}), Deadline.never())
    run.now_us = now_us
    return run


def _put(moto: Any, name: str, at_us: int, value: float, dimensions: Any = FUNCTION) -> None:
    datum = {
        "MetricName": name,
        "Dimensions": dimensions,
        "Timestamp": datetime.fromtimestamp(at_us / 1_000_000, UTC),
        "Value": value,
    }
    moto("cloudwatch").put_metric_data(Namespace="AWS/Lambda", MetricData=[datum])


def _rows(store: Store) -> list[tuple[Any, ...]]:
    return store.query(
        "SELECT function_name, metric, statistic, unit, started_us, value FROM metrics "
        "ORDER BY metric, started_us"
    ).fetchall()


def test_points_are_kept_by_period_with_their_statistic_and_unit(moto: Any, store: Store) -> None:
    first_us = NOW_US // PERIOD_US * PERIOD_US - 4 * PERIOD_US
    for offset_us, value in ((0, 1.0), (1_000_000, 2.0), (PERIOD_US, 4.0)):
        _put(moto, "Throttles", first_us + offset_us, value)
        _put(moto, "AsyncEventAge", first_us + offset_us, value * 100)
    _put(moto, "Duration", first_us, 9.0)
    _put(moto, "Throttles", first_us, 9.0, [*FUNCTION, {"Name": "Resource", "Value": "orders:1"}])

    run = _run(store)
    outcome = metrics.pull(run)

    assert (outcome.problems, outcome.done_count, outcome.counts.kept) == ([], 2, 4)
    assert _rows(store) == [
        ("orders", "AsyncEventAge", "maximum", "ms", first_us, 200.0),
        ("orders", "AsyncEventAge", "maximum", "ms", first_us + PERIOD_US, 400.0),
        ("orders", "Throttles", "sum", "count", first_us, 3.0),
        ("orders", "Throttles", "sum", "count", first_us + PERIOD_US, 4.0),
    ]
    assert run.aws.calls_counts == {"cloudwatch:ListMetrics": 1, "cloudwatch:GetMetricData": 1}


def test_point_that_grew_is_replaced_and_never_doubled(moto: Any, store: Store) -> None:
    at_us = NOW_US // PERIOD_US * PERIOD_US - PERIOD_US
    _put(moto, "Throttles", at_us, 1.0)
    metrics.pull(_run(store))
    _put(moto, "Throttles", at_us + 1_000_000, 2.0)

    again = metrics.pull(_run(store, NOW_US + HOUR_US))
    third = metrics.pull(_run(store, NOW_US + 2 * HOUR_US))

    assert (again.counts.kept, third.counts.kept) == (1, 0)
    assert _rows(store) == [("orders", "Throttles", "sum", "count", at_us, 3.0)]


def test_metrics_are_asked_for_once_an_hour(moto: Any, store: Store) -> None:
    _put(moto, "Throttles", NOW_US - HOUR_US // 2, 1.0)
    metrics.pull(_run(store))

    early = _run(store, NOW_US + HOUR_US - PERIOD_US)
    metrics.pull(early)

    assert early.aws.calls_count == 0


def test_only_functions_whose_logs_are_read_are_asked_about(moto: Any, store: Store) -> None:
    _put(moto, "Throttles", NOW_US - HOUR_US // 2, 1.0)

    run = _run(store, group_prefixes=("/aws/lambda/shop-",))
    outcome = metrics.pull(run)

    assert (outcome.total_count, run.aws.calls_counts["cloudwatch:GetMetricData"]) == (0, 0)


def test_more_series_than_a_request_takes_go_in_several(
    moto: Any, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "QUERIES_MAX", 2)
    for name in "abcde":
        _put(moto, "Throttles", NOW_US - HOUR_US // 2, 1.0, [{**FUNCTION[0], "Value": name}])

    run = _run(store)
    metrics.pull(run)

    assert [row[0] for row in _rows(store)] == list("abcde")
    assert run.aws.calls_counts["cloudwatch:GetMetricData"] == 3
