"""A bill that was run, not modelled: what the advice promised against what the advised way cost."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chainlight_collector import derive, ingest
from chainlight_collector.settings import set_settings
from chainlight_collector.store import Store
from chainlight_demo import bill
from chainlight_demo.local_aws import LocalAws

pytestmark = [pytest.mark.acceptance, pytest.mark.apart, pytest.mark.timeout(300)]

RUNS = int(os.environ.get("CHAINLIGHT_BILL_RUNS", "22"))
"""Of each way; the findings judge from 20 calls on."""
TOLERANCE_SHARE = 0.15
ANY_WAIT_MATTERS = '{"thresholds": {"saving_usd_month_min": 0}}'


@dataclass(frozen=True, slots=True)
class Bills:
    """All ways run equally often, and what was read of them."""

    store: Store
    transitions_count: int

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        return self.store.query(sql).fetchall()

    def cost_usd(self, way: str) -> float:
        """Return what Lambda billed for a way: the REPORT lines' milliseconds and requests."""
        names = "', '".join(step.name for step in bill.WAYS[way])
        ((cost,),) = self.rows(
            f"SELECT sum(cost_usd) FROM attempts WHERE function_name IN ('{names}')"  # noqa: S608
        )
        return float(cost)


@pytest.fixture(scope="module")
def bills(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bills]:
    if not bill.LAYER.exists():
        pytest.skip(f"the layer is not built: {bill.LAYER} (make layer)")
    folder = tmp_path_factory.mktemp("bill")
    with LocalAws() as aws:
        deployed = bill.deployed(aws)
        for way in bill.WAYS:  # one cold run each: the bill is about warm functions
            deployed.run(way)
        aws.wait_until_quiet()
        since_ms = int(time.time() * 1000) + 1
        deployed.executions.clear()
        for _ in range(RUNS):
            for way in bill.WAYS:
                deployed.run(way)
        deployed.invoke("bill-hasty")
        aws.wait_until_quiet()
        events = folder / "events.ndjson"
        events.write_text("\n".join(deployed.events(since_ms=since_ms)), encoding="utf-8")
        transitions_count = deployed.transitions_count()
    with Store.open(folder / "bill.duckdb") as store:
        _import(store, events, folder)
        yield Bills(store, transitions_count)


def _import(store: Store, events: Path, folder: Path) -> None:
    settings = folder / "settings.json"
    settings.write_text(ANY_WAIT_MATTERS, encoding="utf-8")
    with store.transaction() as connection:
        set_settings(connection, settings)
    for step in ingest.steps(events):
        with store.transaction() as connection:
            counts = step(connection, time.time_ns() // 1000)
            derive.derive(connection, counts.touched_since_us)


def test_the_advice_on_nested_calls_saves_what_the_merged_function_costs_less(
    bills: Bills, record_property: Callable[[str, object], None]
) -> None:
    predicted = bills.rows(
        """
        SELECT verdict, saving_usd_month * window_days / 30 FROM findings
        WHERE caller_function LIKE 'bill-nested-%' ORDER BY caller_function
        """
    )
    promised_usd = sum(usd for _, usd in predicted)
    measured_usd = bills.cost_usd("nested") - bills.cost_usd("merged")
    transitions_usd = bills.transitions_count * 0.000025
    lines = {way: f"${bills.cost_usd(way):.6f}" for way in bill.WAYS if way != "heavy"}
    lines["states with transitions"] = f"${bills.cost_usd('states') + transitions_usd:.6f}"
    lines["merging was predicted to save"] = f"${promised_usd:.6f}"
    lines["merging saved"] = f"${measured_usd:.6f}"
    for name, usd in lines.items():
        print(f"{name:30} {usd}")  # noqa: T201  the bill is the point
        record_property(name, usd)
    assert [verdict for verdict, _ in predicted] == ["merge", "merge"]
    assert promised_usd == pytest.approx(measured_usd, rel=TOLERANCE_SHARE)


def test_a_coordinator_pays_most_and_states_pay_transitions_instead_of_waits(
    bills: Bills,
) -> None:
    assert bills.transitions_count == RUNS * 3
    assert bills.cost_usd("merged") < bills.cost_usd("states") < bills.cost_usd("nested")
    assert bills.cost_usd("async") < bills.cost_usd("coordinated")


def test_a_callee_that_needs_far_more_memory_is_not_to_be_merged(bills: Bills) -> None:
    ((verdict, counter),) = bills.rows(
        "SELECT verdict, counter_evidence FROM findings WHERE caller_function = 'bill-small'"
    )
    assert verdict == "leave_alone"
    assert counter.startswith("do not merge")


def test_a_hasty_caller_pays_three_executions_for_one_call(bills: Bills) -> None:
    ((tries, executions, duplicated_usd, advice),) = bills.rows(
        """
        SELECT tries_count, executions_count, duplicated_usd, advice FROM sdk_retries
        WHERE caller_function = 'bill-hasty'
        """
    )
    ((cost_usd, runs),) = bills.rows(
        "SELECT sum(cost_usd), count(*) FROM attempts WHERE function_name = 'bill-slow'"
    )
    assert (tries, executions, runs) == (3, 3, 3)
    assert duplicated_usd == pytest.approx(cost_usd * 2 / 3, rel=0.1)
    assert advice == (
        'Config(connect_timeout=5, read_timeout=2, retries={"total_max_attempts": 1})'
    )
