"""The product against the shop's own witness: every figure is compared with what handlers wrote."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from statistics import quantiles

import pytest

from .conftest import Evening

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(600)]

RUNS_ON_ANY_EVENING = True
WAIT_TOLERANCE_US = 5_000
TYPICAL_TOLERANCE_US = 1_000
FAN_OUT = "shop-make-report"  # six threads that compete for one interpreter
TRACED_BY_OTHERS = {"shop-apply-coupon", "shop-recommend"}  # their tracers work inside the call


def test_every_invocation_and_every_attempt_is_found_once(evening: Evening) -> None:
    witnessed = Counter((one.function, one.request_id) for one in evening.truth.executions)
    found = Counter(evening.rows("SELECT function_name, request_id FROM attempts"))
    assert found == witnessed


def test_every_call_is_linked_to_the_invocation_it_caused(evening: Evening) -> None:
    linked = defaultdict(set)
    for caller, request_id, callee, callee_request_id in evening.rows(
        "SELECT caller_function, caller_request_id, callee_function, callee_request_id FROM links"
    ):
        linked[caller, request_id].add((callee, callee_request_id))
    for execution in evening.truth.executions:
        expected = {
            (call["target"], call["keys"][0])
            for call in execution.calls
            if call["kind"] == "lambda" and call["keys"]
        }
        assert expected <= linked[execution.function, execution.request_id], execution


def test_every_invocation_but_the_entries_has_a_cause(evening: Evening) -> None:
    entries = {"shop-place-order", "shop-quote-shipping", "shop-quote-hastily", "shop-refund"}
    entries |= {"shop-apply-coupon", "shop-recommend", "shop-make-report"}
    orphans = evening.rows(
        """
        SELECT DISTINCT function_name, request_id FROM attempts
        ANTI JOIN links
            ON links.callee_function = attempts.function_name
            AND links.callee_request_id = attempts.request_id
        """
    )
    refused = [one for one in evening.truth.executions if one.function == "shop-charge-card"]
    driven = {one.request_id for one in refused if one.request_id not in _called(evening)}
    assert {row[0] for row in orphans if row[1] not in driven} == entries


def _called(evening: Evening) -> set[str]:
    return {key for one in evening.truth.executions for call in one.calls for key in call["keys"]}


def test_retries_and_dead_letters_equal_the_handlers_failures(evening: Evening) -> None:
    retries = evening.one("SELECT count(*) FROM attempts WHERE attempt_number > 1")
    receipts = evening.rows("SELECT request_id FROM dead_letters WHERE source = 'lambda_dlq'")
    parcels = evening.rows("SELECT message_id FROM dead_letters WHERE source = 'sqs_redrive'")
    assert retries == evening.truth.retries_count > 0
    assert {row[0] for row in receipts} == evening.truth.exhausted("shop-emit-receipt") != set()
    assert {row[0] for row in parcels} == evening.truth.poisoned() != set()
    assert len(receipts) + len(parcels) == evening.one("SELECT count(*) FROM dead_letters")


def test_every_chain_is_whole(evening: Evening) -> None:
    chain_of = defaultdict(set)
    for chain_id, function, request_id in evening.rows(
        "SELECT chain_id, function_name, request_id FROM chain_members"
    ):
        chain_of[function, request_id].add(chain_id)
    chains_of_order = defaultdict(set)
    for execution in evening.truth.executions:
        if len(execution.orders) == 1:
            chains_of_order[execution.orders[0]] |= chain_of[
                execution.function, execution.request_id
            ]
    assert {order: len(chains) for order, chains in chains_of_order.items()} == dict.fromkeys(
        chains_of_order, 1
    )
    chain_of_order = {order: next(iter(chains)) for order, chains in chains_of_order.items()}
    assert len(set(chain_of_order.values())) == len(chain_of_order) == evening.demo.orders_count
    for execution in evening.truth.executions:
        expected = {chain_of_order[order] for order in execution.orders}
        assert chain_of[execution.function, execution.request_id] == expected, execution


def test_every_function_with_the_layer_has_a_record_for_every_attempt(evening: Evening) -> None:
    shares = dict(
        evening.rows(
            "SELECT function_name, avg(has_record::INTEGER) FROM attempts GROUP BY function_name"
        )
    )
    assert shares.pop("shop-fraud-score") == 0
    assert shares == dict.fromkeys(shares, 1.0)


def test_waits_equal_what_handlers_measured_around_their_own_calls(
    evening: Evening, record_property: Callable[[str, object], None]
) -> None:
    measured_us = {
        (one.function, call["target"], call["keys"][0]): call["exchange_us"]
        for one in evening.truth.executions
        for call in one.calls
        if call["kind"] == "lambda" and call["mode"] == "sync" and call["keys"]
    }
    waited_us = {
        tuple(key): wait_us
        for *key, wait_us in evening.rows(
            """
            SELECT caller_function, target, natural_key, wait_us FROM calls
            WHERE kind = 'lambda' AND mode = 'sync' AND natural_key IS NOT NULL
            """
        )
    }
    assert waited_us.keys() == measured_us.keys()
    gaps_us = sorted(measured_us[key] - waited_us[key] for key in measured_us)
    record_property("gaps_us", str(gaps_us))
    _, middle_us, upper_us = quantiles(gaps_us, n=4)
    assert gaps_us[0] >= -WAIT_TOLERANCE_US
    assert middle_us <= TYPICAL_TOLERANCE_US  # beyond that a busy machine stopped the handler
    assert upper_us <= WAIT_TOLERANCE_US


def test_paid_idle_of_every_edge_is_what_its_callers_stood_idle(
    evening: Evening, record_property: Callable[[str, object], None]
) -> None:
    idle_us = defaultdict(list)
    for one in evening.truth.executions:
        for call in one.calls:
            if call["kind"] == "lambda" and call["mode"] == "sync" and call["keys"]:
                idle = call["exchange_us"] - call["exchange_cpu_us"]
                idle_us[one.function, call["target"]].append(idle)
    paid_us = {
        (caller, callee): (paid, calls)
        for caller, callee, paid, calls in evening.rows(
            """
            SELECT caller_function, callee_function, paid_idle_us, calls_count FROM edges
            WHERE kind = 'lambda' AND mode = 'sync' AND failed_count = 0
            """
        )
        if caller != FAN_OUT  # its threads wait side by side: the union is paid
    }
    gaps_us = {edge: (sum(idle_us[edge]) - paid) / calls for edge, (paid, calls) in paid_us.items()}
    record_property("gaps_us_a_call", str(gaps_us))
    others = {edge: gap for edge, gap in gaps_us.items() if edge[0] not in TRACED_BY_OTHERS}
    assert len(others) >= 3
    assert max(map(abs, others.values())) <= WAIT_TOLERANCE_US, gaps_us


def test_the_sum_over_chains_equals_the_sum_over_attempts(evening: Evening) -> None:
    by_chain = evening.one("SELECT sum(cost_usd) FROM chains")
    by_attempt = evening.one("SELECT sum(cost_usd) FROM attempts")
    assert by_chain == pytest.approx(by_attempt, rel=1e-9)


def test_billed_milliseconds_equal_the_sum_of_the_report_lines(evening: Evening) -> None:
    assert evening.one("SELECT sum(billed_ms) FROM attempts") == _billed_in_logs(evening)


def _billed_in_logs(evening: Evening) -> int:
    logs = evening.demo.aws.client("logs")
    groups = [
        group["logGroupName"]
        for page in logs.get_paginator("describe_log_groups").paginate(
            logGroupNamePrefix="/aws/lambda/shop-"
        )
        for group in page["logGroups"]
    ]
    messages = [
        event["message"]
        for group in groups
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        for event in page["events"]
    ]
    text = [re.search(r"^REPORT .*Billed Duration: (\d+) ms", message) for message in messages]
    platform = [json.loads(one) for one in messages if '"platform.report"' in one]
    in_json = [one["record"]["metrics"]["billedDurationMs"] for one in platform]
    return sum(int(match[1]) for match in text if match) + sum(in_json)


def test_nothing_was_rejected(evening: Evening) -> None:
    assert evening.rows("SELECT source, reason, raw FROM rejects") == []
