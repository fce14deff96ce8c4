"""Thousands of log groups under the account's rates: the collector keeps to them and finishes.

CHAINLIGHT_LOG_GROUPS_COUNT sets the size: 2000 with AWS's own rates takes about seven minutes, the
default is small and runs at rates five times as high.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from chainlight_collector.aws import Aws
from chainlight_collector.collect import Surroundings, collect
from chainlight_collector.sources.run import Options
from chainlight_collector.store import Store
from chainlight_demo.fabric.exchange import read_exchange, read_operation
from chainlight_demo.local_aws import LocalAws

pytestmark = [pytest.mark.acceptance, pytest.mark.apart, pytest.mark.timeout(1800)]

GROUPS_COUNT = int(os.environ.get("CHAINLIGHT_LOG_GROUPS_COUNT", "60"))
IS_FULL = GROUPS_COUNT >= 2000
FILTER_PER_S = 5.0 if IS_FULL else 25.0
BURST_S = 0.5  # of calls may come at once, as out of AWS's own bucket
QUOTAS = {"logs:FilterLogEvents": FILTER_PER_S, "logs:DescribeLogGroups": 10.0}
REPORT = (
    "REPORT RequestId: {id}\tDuration: 3.10 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB\t"
    "Max Memory Used: 40 MB\t\n"
)


@dataclass
class Gate:
    """Stands before the local AWS and notes when each request came."""

    app: Callable[..., Any]
    instants_s: dict[str, list[float]] = field(default_factory=dict)

    def __call__(  # noqa: D102  WSGI
        self, environ: dict[str, object], start_response: Callable[..., Any]
    ) -> Any:
        service = read_exchange(environ).service
        api = f"{service}:{read_operation(environ, service)}"
        self.instants_s.setdefault(api, []).append(time.monotonic())
        return self.app(environ, start_response)

    def busiest_second_count(self, api: str) -> int:
        """Return the most requests that came within any second."""
        instants_s = sorted(self.instants_s.get(api, []))
        return max(
            (sum(start_s <= at_s < start_s + 1 for at_s in instants_s) for start_s in instants_s),
            default=0,
        )


@pytest.fixture
def gate() -> Iterator[tuple[LocalAws, Gate]]:
    with LocalAws() as aws:
        aws._app = gate = Gate(aws._app)
        yield aws, gate


def _fill(aws: LocalAws) -> None:
    """Write one invocation into each group, in process: the gate is for the collector."""
    logs = aws.client("logs")
    now_ms = time.time_ns() // 1_000_000
    for number in range(GROUPS_COUNT):
        group = f"/aws/lambda/many-{number:05d}"
        stream = "2026/11/25/[$LATEST]" + f"{number:032x}"
        request_id = f"{number:08d}-0000-4000-8000-000000000000"
        logs.create_log_group(logGroupName=group)
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        lines = (f"START RequestId: {request_id} Version: $LATEST\n", REPORT.format(id=request_id))
        events = [
            {"timestamp": now_ms - 60_000 + place * 4, "message": line}
            for place, line in enumerate(lines)
        ]
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


def test_every_group_is_read_and_no_rate_is_passed(
    gate: tuple[LocalAws, Gate],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    aws, at_gate = gate
    _fill(aws)
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    aws.faults.calls_per_second = dict(QUOTAS)
    at_gate.instants_s.clear()
    began_s = time.monotonic()

    around = Surroundings(aws=Aws(calls_per_s={"logs:FilterLogEvents": FILTER_PER_S}))
    summary = collect(tmp_path / "many.duckdb", Options(settle_us=0), around)

    took_s = time.monotonic() - began_s
    came = Counter({api: len(instants) for api, instants in at_gate.instants_s.items()})
    figures = {
        "groups_count": GROUPS_COUNT,
        "took_s": round(took_s, 1),
        "requests": dict(came.most_common(8)),
        "busiest_second": {api: at_gate.busiest_second_count(api) for api in QUOTAS},
        "refused": dict(aws.faults.throttled_counts),
        "api_calls": summary.api_calls,
    }
    record_property("figures", str(figures))
    with Store.open(tmp_path / "many.duckdb", read_only=True) as store:
        rows = store.query("SELECT count(*), count(billed_ms) FROM attempts").fetchall()
    assert (summary.outcome, summary.problems) == ("ok", [])
    assert rows == [(GROUPS_COUNT, GROUPS_COUNT)]
    assert aws.faults.throttled_counts == {}
    for api, quota_per_s in QUOTAS.items():
        assert at_gate.busiest_second_count(api) <= quota_per_s * (1 + BURST_S) + 1
    assert came["logs:FilterLogEvents"] == summary.api_calls["logs:FilterLogEvents"]
    assert sum(came.values()) == summary.api_calls_count
