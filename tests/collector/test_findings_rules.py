"""The decision tree as a table: each rule on the case made for it, and silent on its near miss.

All cases live in one database, each with functions and owners of its own names.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb
import pytest

from chainlight_collector.derive import derive

from .derive_facts import (
    MS,
    Call,
    Execution,
    chain_of,
    config_of,
    insert,
    insert_all,
    open_database,
    rows_of,
)


@dataclass(frozen=True)
class Edge:
    """Calls a → b over an hour, and what is configured and set around them."""

    count: int = 20
    wait_ms: int = 500
    own_ms: int = 20
    read: bool = True
    is_async: bool = False
    kind: str = "lambda"
    caller_mb: int = 1024
    callee_mb: int = 1024
    outcome: str = "ok"
    failed_count: int = 0
    retried_count: int = 0
    throttled_count: int = 0
    source: str = "apigw"
    callee_account: str = "111122223333"
    config: dict[str, Any] | None = None
    caller_config: dict[str, Any] | None = None
    settings: tuple[str, ...] = field(default=())

    def load(self, database: duckdb.DuckDBPyConnection, name: str) -> None:
        """Write the facts of these calls between functions of this name."""
        chains = [one for number in range(self.count) for one in self._chain(name, number)]
        insert_all(database, chains)
        for function, config in (("a", self.caller_config), ("b", self.config)):
            if config is not None:
                own = {"owner": f"{name} {config['owner']}"}
                insert(database, [config_of(f"{name}-{function}", **config | own)])
        for statement in self.settings:
            database.execute(statement.format(name=name))

    def _chain(self, name: str, number: int) -> list[Execution]:
        at_us = number * 3600_000 * MS // max(self.count - 1, 1)
        is_throttled = number < self.throttled_count
        call = Call(
            f"{name} c{number}",
            "arn:aws:sns:eu-west-1:111122223333:topic" if self.kind == "sns" else f"{name}-b",
            10 * MS,
            self.wait_ms * MS,
            kind=self.kind,
            is_async=self.is_async,
            read=self.read,
            keys=() if is_throttled else (f"{name} B{number}",),
            status_code=429 if is_throttled else 200,
        )
        caller = Execution(
            f"{name}-a",
            f"{name} A{number}",
            at_us,
            (self.wait_ms + self.own_ms) * MS,
            chain=_chain_id(name, number),
            calls=[call],
            memory_mb=self.caller_mb,
            source=self.source,
        )
        return [caller, *([] if is_throttled else self._callees(name, number, at_us))]

    def _callees(self, name: str, number: int, at_us: int) -> list[Execution]:
        attempts = 3 if number < self.retried_count else 1
        is_failed = number < self.failed_count
        return [
            Execution(
                f"{name}-b",
                f"{name} B{number}",
                at_us + (15 + attempt * 60_000) * MS,
                (self.wait_ms - 10) * MS,
                chain=_chain_id(name, number),
                memory_mb=self.callee_mb,
                stream=f"{name} {number}-{attempt}",
                account=self.callee_account,
                outcome="error" if is_failed or attempt < attempts - 1 else self.outcome,
            )
            for attempt in range(attempts)
        ]


def _chain_id(name: str, number: int) -> str:
    digest = hashlib.sha256(f"{name} {number}".encode()).hexdigest()
    return f"{chain_of(0)[:10]}-{digest[:24]}"


OURS = {"owner": "shop"}
THEIRS = {"owner": "payments"}
GUARDED = {"owner": "shop", "dlq_arn": "arn:x"}
CHEAP = ("INSERT INTO coordination_costs VALUES ('{name} payments', '{name} shop', FALSE)",)
DEAR = ("INSERT INTO coordination_costs VALUES ('{name} shop', '{name} payments', TRUE)",)
PLAIN = Edge(config=OURS, caller_config=OURS)
ASYNC = replace(PLAIN, is_async=True, wait_ms=50, config=GUARDED)
LONG = replace(PLAIN, wait_ms=90_000, count=40)
LOST = replace(ASYNC, config=OURS)

# rule, the case it is made for, the case that misses it narrowly
RULES = {
    "T1 another owner": ("T1", replace(PLAIN, config=THEIRS), PLAIN),
    "T1 nobody said": (
        "T1",
        replace(PLAIN, config=THEIRS),
        replace(PLAIN, config=THEIRS, settings=CHEAP),
    ),
    "T2 said to be cheap": (
        "T2",
        replace(PLAIN, config=THEIRS, settings=CHEAP),
        replace(PLAIN, config=THEIRS),
    ),
    "T3 said to be dear": (
        "T3",
        replace(PLAIN, config=THEIRS, settings=DEAR),
        replace(PLAIN, config=THEIRS, settings=CHEAP),
    ),
    "T3 async": (
        "T3",
        replace(ASYNC, config=THEIRS | {"dlq_arn": "arn:x"}, settings=DEAR),
        replace(ASYNC, config=THEIRS | {"dlq_arn": "arn:x"}, settings=DEAR, kind="sns"),
    ),
    "T4 too few calls": ("T4", replace(PLAIN, count=19), PLAIN),
    "T5 invoked by AppSync": ("T5", replace(LONG, source="appsync"), LONG),
    "T5 named in the settings": (
        "T5",
        replace(LONG, settings=("INSERT INTO graphql_roots VALUES ('{name}-a*')",)),
        replace(LONG, settings=("INSERT INTO graphql_roots VALUES ('{name}-b*')",)),
    ),
    "T6 nobody reads it": ("T6", replace(PLAIN, read=False), PLAIN),
    "T7 a wait to be judged": ("T7", LONG, replace(LONG, read=False)),
    "T8 nowhere to go": ("T8", LOST, ASYNC),
    "T8 a destination will do": (
        "T8",
        LOST,
        replace(LOST, config={"owner": "shop", "on_failure_arn": "arn:x"}),
    ),
    "T9 retried": (
        "T9",
        replace(ASYNC, count=40, retried_count=5),
        replace(ASYNC, count=40, retried_count=4),
    ),
    "T9 throttled": (
        "T9",
        replace(ASYNC, count=100, throttled_count=2),
        replace(ASYNC, count=100, throttled_count=1),
    ),
    "T9 failing": (
        "T9",
        replace(ASYNC, count=40, failed_count=3),
        replace(ASYNC, count=40, failed_count=2),
    ),
    "T10 fine": ("T10", ASYNC, LOST),
}


VERDICTS = {
    "few": (replace(PLAIN, count=19), [("T4", "not_enough_calls")]),
    "other owner": (
        replace(PLAIN, config=THEIRS),
        [("T1", "leave_alone"), ("T7", "leave_alone")],
    ),
    "other account": (
        replace(PLAIN, config=THEIRS, callee_account="999999999999"),
        [("T3", "add_interface")],
    ),
    "unread": (replace(PLAIN, read=False), [("T6", "make_async")]),
    "short wait": (replace(PLAIN, wait_ms=50), [("T7", "leave_alone")]),
    "long wait": (LONG, [("T7", "merge")]),
    "graphql": (replace(LONG, source="appsync"), [("T5", "leave_alone")]),
    "lost below the floor": (
        replace(LOST, count=2, outcome="error"),
        [("T4", "not_enough_calls"), ("T8", "add_dlq")],
    ),
    "not configured": (replace(ASYNC, config=None), [("T10", "leave_alone")]),
    "near its timeout": (
        replace(PLAIN, wait_ms=25_000, caller_config=OURS | {"timeout_s": 30}),
        [("T7", "merge")],
    ),
    "far from its timeout": (
        replace(PLAIN, wait_ms=5_000, caller_config=OURS | {"timeout_s": 30}),
        [("T7", "merge" if 20 * 5 * 0.0000166667 * 30 >= 1 else "leave_alone")],
    ),
    "over its objective": (
        replace(PLAIN, settings=("INSERT INTO latency_objectives VALUES ('{name}-a', 400000)",)),
        [("T7", "merge")],
    ),
    "within its objective": (
        replace(PLAIN, settings=("INSERT INTO latency_objectives VALUES ('{name}-a', 600000)",)),
        [("T7", "leave_alone")],
    ),
}


SPECIAL = {
    "unread": replace(PLAIN, read=False),
    "long": LONG,
    "heavy": replace(LONG, wait_ms=800_000, own_ms=50_000, caller_mb=128, callee_mb=3072),
    "renamed": replace(
        PLAIN,
        config=THEIRS,
        settings=("INSERT INTO owner_overrides VALUES ('{name}-*', 'us')",),
    ),
}

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


def test_an_owner_of_the_settings_stands_before_the_tag(
    database: duckdb.DuckDBPyConnection, findings: dict[str, list[Finding]]
) -> None:
    assert [rule for rule, *_ in findings["renamed"]] == ["T7"]
    assert rows_of(
        database,
        "SELECT DISTINCT owner, origin FROM owners WHERE starts_with(function_name, 'renamed-')",
    ) == [("us", "setting")]
