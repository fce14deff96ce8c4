"""What the decision tree is held to: for each rule a case it is made for, and its near misses."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb

from .derive_facts import (
    MS,
    T0_US,
    Call,
    Cause,
    Execution,
    chain_of,
    config_of,
    insert,
    insert_all,
)

TARGETS = {
    "sns": "arn:aws:sns:eu-west-1:111122223333:topic",
    "sqs": "arn:aws:sqs:eu-west-1:111122223333:{name}-queue",
}


@dataclass(frozen=True)
class Edge:
    """Calls a → b over an hour, and what is configured and set around them."""

    count: int = 20
    wait_ms: int = 500
    own_ms: int = 20
    read: bool | None = True
    read_count: int = 0
    is_async: bool = False
    kind: str = "lambda"
    caller_mb: int = 1024
    callee_mb: int = 1024
    outcome: str = "ok"
    failed_count: int = 0
    retried_count: int = 0
    throttled_count: int = 0
    source: str = "apigw"
    graphql_count: int = 0
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

    def _suffix(self) -> str:
        return "" if self.kind == "lambda" else " m"

    def _chain(self, name: str, number: int) -> list[Execution]:
        at_us = number * 3600_000 * MS // max(self.count - 1, 1)
        is_throttled = number < self.throttled_count
        call = Call(
            f"{name} c{number}",
            TARGETS.get(self.kind, "{name}-b").format(name=name),
            10 * MS,
            self.wait_ms * MS,
            kind=self.kind,
            is_async=self.is_async,
            read=True if number < self.read_count else self.read,
            keys=() if is_throttled else (f"{name} B{number}" + self._suffix(),),
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
            source="appsync" if number < self.graphql_count else self.source,
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
                source=self.kind,
                causes=[] if self.kind == "lambda" else [Cause(keys=(f"{name} B{number} m",))],
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
REDRIVES = (
    "INSERT INTO queue_redrives VALUES ('arn:aws:sqs:eu-west-1:111122223333:{{name}}-queue', {}"
)
REDRIVE = (REDRIVES.format("'arn:aws:sqs:eu-west-1:1:dead', 5, 30, 0, DATE '2026-09-21')"),)
NO_REDRIVE = (REDRIVES.format("NULL, NULL, 30, 0, DATE '2026-09-21')"),)
QUEUE = replace(LOST, kind="sqs", settings=REDRIVE)
FAR = replace(PLAIN, config=THEIRS, callee_account="999999999999")

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
    "T1 enough calls": (
        "T1",
        replace(PLAIN, config=THEIRS),
        replace(PLAIN, config=THEIRS, count=19),
    ),
    "T2 enough calls": (
        "T2",
        replace(PLAIN, config=THEIRS, settings=CHEAP),
        replace(PLAIN, config=THEIRS, settings=CHEAP, count=19),
    ),
    "T3 enough calls": (
        "T3",
        replace(PLAIN, config=THEIRS, settings=DEAR),
        replace(PLAIN, config=THEIRS, settings=DEAR, count=19),
    ),
    "T3 another account": ("T3", FAR, replace(PLAIN, config=THEIRS)),
    "T3 another account, cheap": ("T3", FAR, replace(FAR, settings=CHEAP)),
    "T5 most calls are AppSync's": (
        "T5",
        replace(LONG, graphql_count=21),
        replace(LONG, graphql_count=20),
    ),
    "T6 one is read": (
        "T6",
        replace(PLAIN, read=False),
        replace(PLAIN, read=False, read_count=1),
    ),
    "T6 cannot be seen": ("T6", replace(PLAIN, read=False), replace(PLAIN, read=None)),
    "T6 GraphQL": (
        "T6",
        replace(PLAIN, read=False),
        replace(PLAIN, read=False, source="appsync"),
    ),
    "T7 GraphQL": ("T7", LONG, replace(LONG, source="appsync")),
    "T7 nobody waits": ("T7", LONG, replace(LONG, is_async=True)),
    "T7 interface first": ("T7", LONG, replace(FAR, wait_ms=90_000)),
    "T8 not configured": ("T8", LOST, replace(LOST, config=None)),
    "T8 queue": ("T8", replace(QUEUE, settings=NO_REDRIVE), QUEUE),
    "T9 queue": (
        "T9",
        replace(ASYNC, count=40, failed_count=3),
        replace(QUEUE, count=40, failed_count=3),
    ),
    "T10 fine": ("T10", ASYNC, LOST),
    "T10 buffer": ("T10", ASYNC, replace(ASYNC, count=40, retried_count=5)),
    "T10 somebody waits": ("T10", ASYNC, PLAIN),
    "T10 enough calls": ("T10", ASYNC, replace(ASYNC, count=19)),
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


def workflow() -> list[tuple[str, dict[str, Any]]]:
    """Return what 20 executions of a state machine tell, each of which waits a minute for b."""
    rows: list[tuple[str, dict[str, Any]]] = []
    for number in range(20):
        arn = f"arn:aws:states:eu-west-1:111122223333:execution:machine:{number}"
        at_us = number * 100_000 * MS
        told: list[tuple[str, int, dict[str, Any]]] = [
            ("ExecutionStarted", 0, {}),
            ("TaskStateEntered", 1, {"state_name": "Ask"}),
            ("TaskScheduled", 2, {"target": "machine-b"}),
            ("TaskSucceeded", 60_002, {"request_id": f"machine {number}"}),
            ("TaskStateExited", 60_003, {"state_name": "Ask"}),
            ("ExecutionSucceeded", 60_004, {}),
        ]
        task = {"resource_type": "lambda", "resource": "invoke"}
        for event_id, (kind, ms, details) in enumerate(told, 1):
            row = {"execution_arn": arn, "event_id": event_id, "previous_event_id": event_id - 1}
            row |= dict.fromkeys(("state_name", "target", "request_id")) | details
            row |= task if kind in ("TaskScheduled", "TaskSucceeded") else dict.fromkeys(task)
            row |= {"event_type": kind, "at_us": T0_US + at_us + ms * MS, "seen_us": T0_US}
            rows.append(("execution_events", row))
        run = Execution("machine-b", f"machine {number}", at_us + 3 * MS, 59_000 * MS)
        rows += replace(run, stream=f"machine {number}", lines="start report").rows()
    return rows


def unrecorded() -> list[Execution]:
    """Return 20 invocations that name a caller whose own record never came."""
    return [
        run
        for number in range(20)
        for run in (
            Execution(
                "unrecorded-a",
                f"unrecorded A{number}",
                number * 100_000 * MS,
                90 * MS,
                stream=f"unrecorded {number}",
                lines="start report",
            ),
            Execution(
                "unrecorded-b",
                f"unrecorded B{number}",
                number * 100_000 * MS + 9 * MS,
                50 * MS,
                stream=f"unrecorded {number}",
                causes=[Cause(call_id=f"unrecorded {number}", caller=f"unrecorded A{number}")],
            ),
        )
    ]
