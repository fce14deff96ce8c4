"""The decision tree as a table: each rule on the case made for it, and silent on its near miss.

All cases live in one database, each with functions and owners of its own names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import duckdb
import pytest

from chainlight_collector.derive import derive

from .derive_facts import insert, insert_all, open_database, rows_of
from .finding_cases import RULES, SPECIAL, VERDICTS, unrecorded, workflow

Finding = tuple[str, str, float, str, str]


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = open_database()
    for name, (_, case, near_miss) in RULES.items():
        case.load(connection, name)
        near_miss.load(connection, f"not {name}")
    for name, (case, _) in VERDICTS.items():
        case.load(connection, name)
    for name, case in SPECIAL.items():
        case.load(connection, name)
    insert(connection, workflow())
    insert_all(connection, unrecorded())
    derive(connection, None)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def findings(database: duckdb.DuckDBPyConnection) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = defaultdict(list)
    for caller, *finding in rows_of(
        database,
        "SELECT caller_function, rule, verdict, saving_usd_month, arithmetic, counter_evidence "
        "FROM findings ORDER BY caller_function, CAST(rule[2:] AS INTEGER)",
    ):
        found[caller.removesuffix("-a")].append(tuple(finding))
    return found


@pytest.mark.parametrize("name", RULES)
def test_a_rule_fires_on_its_case_and_is_silent_on_its_near_miss(
    findings: dict[str, list[Finding]], name: str
) -> None:
    rule, *_ = RULES[name]
    assert rule in {found for found, *_ in findings[name]}
    assert rule not in {found for found, *_ in findings[f"not {name}"]}


@pytest.mark.parametrize("name", VERDICTS)
def test_the_tree_ends_where_it_should(findings: dict[str, list[Finding]], name: str) -> None:
    assert [(rule, verdict) for rule, verdict, *_ in findings[name]] == VERDICTS[name][1]


def test_a_result_that_nobody_reads_saves_its_wait(findings: dict[str, list[Finding]]) -> None:
    ((_, _, saving, arithmetic, _),) = findings["unread"]
    assert saving == pytest.approx(20 * 0.5 * 0.0000166667 * 30, rel=1e-6)
    assert "read in 0 of 20 calls" in arithmetic


def test_merging_saves_the_wait_and_the_requests(findings: dict[str, list[Finding]]) -> None:
    ((_, _, saving, _, _),) = findings["long"]
    assert saving == pytest.approx((40 * 90 * 0.0000166667 + 40 * 0.0000002) * 30, rel=1e-6)


def test_a_callee_with_far_more_memory_must_not_be_merged(
    findings: dict[str, list[Finding]],
) -> None:
    ((_, verdict, _, arithmetic, counter),) = findings["heavy"]
    wait = 40 * 800 * 0.125 * 0.0000166667
    grown = 40 * 50 * (3 - 0.125) * 0.0000166667
    assert f"wait ${wait:.6f}" in arithmetic
    assert f"caller at 3072 MB ${grown:.6f}" in arithmetic
    assert verdict == "make_durable"
    assert counter.startswith("do not merge: ")


def test_a_state_machine_is_known_to_wait_without_pay(
    database: duckdb.DuckDBPyConnection, findings: dict[str, list[Finding]]
) -> None:
    ((rule, verdict, saving, arithmetic, counter),) = findings["machine"]
    assert (rule, verdict, saving) == ("T7", "leave_alone", 0)
    assert arithmetic.startswith("machine waited 1200.000 s without pay, for $")
    assert "not known" not in counter
    assert rows_of(
        database,
        "SELECT paid_idle_us, paid_idle_usd FROM edges WHERE caller_function = 'machine'",
    ) == [(0, 0)]


def test_a_wait_of_a_caller_without_a_record_is_not_known(
    findings: dict[str, list[Finding]],
) -> None:
    ((rule, verdict, saving, arithmetic, counter),) = findings["unrecorded"]
    assert (rule, verdict, saving) == ("T7", "leave_alone", 0)
    assert arithmetic.startswith("merge: not known")
    assert counter == "the wait is not known: the caller has no record"


def test_an_owner_of_the_settings_stands_before_the_tag(
    database: duckdb.DuckDBPyConnection, findings: dict[str, list[Finding]]
) -> None:
    assert [rule for rule, *_ in findings["renamed"]] == ["T7"]
    assert rows_of(
        database,
        "SELECT DISTINCT owner, origin FROM owners WHERE starts_with(function_name, 'renamed-')",
    ) == [("us", "setting")]
