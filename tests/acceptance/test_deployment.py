"""The deployed stack: its schedule runs the collector, its chain ids are those of X-Ray."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chainlight_collector.store import Store
from chainlight_demo import fabric

from .conftest import Evening

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(600)]


def test_the_schedule_of_the_template_runs_the_collector(evening: Evening) -> None:
    rules = evening.demo.aws.client("events").list_rules()["Rules"]
    clocks = [rule["Name"] for rule in rules if rule.get("ScheduleExpression")]
    runs_count = evening.one("SELECT count(*) FROM runs")
    fabric.fire_schedule(evening.demo.aws, clocks[0])
    evening.demo.aws.wait_until_quiet()
    store = Store.open(evening.demo.fetch_database(), read_only=True)
    again = store.query("SELECT count(*) FROM runs").fetchall()[0][0]
    attempts = store.query("SELECT count(*) FROM attempts").fetchall()[0][0]
    store.close()
    assert (len(clocks), again) == (1, runs_count + 1)
    assert attempts == evening.one("SELECT count(*) FROM attempts")


def test_a_chain_is_found_in_xray_by_its_chain_id(evening: Evening) -> None:
    chain_ids = evening.rows("SELECT chain_id FROM chains WHERE entry_function LIKE '%coupon'")
    xray = evening.demo.aws.client("xray")
    now = datetime.now(UTC)
    for (chain_id,) in chain_ids:
        found = xray.get_trace_summaries(
            StartTime=now - timedelta(hours=1),
            EndTime=now,
            FilterExpression=f'annotation.chain_id = "{chain_id}"',
        )
        assert [trace["Id"] for trace in found["TraceSummaries"]] == [chain_id]
    assert len(chain_ids) == 3


def test_the_owner_of_every_function_is_its_tag(evening: Evening) -> None:
    owners = dict(evening.rows("SELECT function_name, owner FROM functions"))
    assert owners["shop-fraud-score"] == "risk"
    assert owners["shop-charge-card"] == "payments"
    assert owners["shop-update-crm"] == "marketing"


def test_one_call_of_a_hasty_client_is_three_executions(evening: Evening) -> None:
    found = evening.rows(
        "SELECT caller_function, target, tries_count, executions_count FROM sdk_retries"
    )
    assert found == [("shop-quote-hastily", "shop-carrier-rates", 3, 3)] * 3


def test_work_that_outlives_its_caller_is_an_orphan(evening: Evening) -> None:
    found = evening.rows("SELECT caller_function, callee_function FROM orphans WHERE orphan_us > 0")
    timed_out = evening.one(
        "SELECT count(*) FROM attempts "
        "WHERE function_name = 'shop-quote-shipping' AND outcome = 'timeout'"
    )
    orphans_count = found.count(("shop-quote-shipping", "shop-carrier-rates"))
    assert orphans_count == timed_out
    assert timed_out >= 3  # a busy machine lets one more time out


def test_an_answer_nobody_reads_is_advised_to_become_async(evening: Evening) -> None:
    found = evening.rows(
        "SELECT caller_function, callee_function FROM findings WHERE verdict = 'make_async'"
    )
    assert found == [("shop-place-order", "shop-archive-report")]
