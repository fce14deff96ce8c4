"""A small shop's rows in tables named and typed like the contract's views, as a DuckDB file.

Every table here has the columns of the collector's view of the same name: the pages are tested
against the contract alone, with cases (hostile names, unknown values) that a demo seldom makes.
"""

from __future__ import annotations

import random
import tempfile
import zlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from chainlight_collector.store import Store

HOSTILE_NAME = "<img src=x onerror=alert(1)>**bold**[x](http://evil.example)$a$:red[b]"
UNTRUSTED = {
    "function_name", "entry_function", "caller_function", "callee_function", "target",
    "error_type", "error_message", "condition", "shape", "owner", "queue_arn", "log_group",
}  # fmt: skip
QUEUE_ARN = "arn:aws:sqs:eu-west-1:123456789012:"
GB_SECOND_USD = 0.0000166667
REQUEST_USD = 0.0000002

Span = tuple[int, int]

VIEWS = (
    "attempts", "calls", "links", "chain_members", "chains", "chain_timeline", "chain_segments",
    "dead_letters", "functions", "findings", "coverage", "collector_runs", "edge_calls",
    "invocation_starts", "invocation_reports", "invocation_errors", "records", "alerts",
    "edge_what_ifs",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """One invocation of a chain: milliseconds after its caller's start, and its callees."""

    function: str
    edge: str
    after_ms: int
    own_ms: int
    memory_mb: int = 128
    fails: int = 0
    dies: bool = False
    cold: bool = False
    children: tuple[Node, ...] = field(default=())


@dataclass(slots=True)
class Shop:
    """Rows per table, in the order they were made; `at_us` is the newest instant."""

    now_us: int
    rows: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {name: [] for name in VIEWS}
    )

    def add(self, table: str, **row: object) -> None:
        """Append one row to `table`; columns left out become NULL."""
        self.rows[table].append(row)

    def write(self, path: Path) -> Path:
        """Create the DuckDB file at `path` with a table per view and return it."""
        with duckdb.connect(str(path)) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            for name, described in _columns().items():
                typed = ", ".join(f'"{column[0]}" {column[1]}' for column in described)
                connection.execute(f"CREATE TABLE {name} ({typed})")
                _insert(connection, name, self.rows[name])
        return path


@cache
def _columns() -> dict[str, list[tuple[Any, ...]]]:
    """Return what the contract's views are made of, asked once: a schema takes a second."""
    with tempfile.TemporaryDirectory() as at, Store.open(Path(at) / "schema.duckdb") as store:
        return {name: store.query(f"DESCRIBE {name}").fetchall() for name in VIEWS}


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    """Insert all rows in one statement: one by one took twenty seconds."""
    if not rows:
        return
    columns = dict.fromkeys(name for row in rows for name in row)
    frame = pa.Table.from_pylist([{name: row.get(name) for name in columns} for row in rows])
    values = ", ".join(_value(name) for name in frame.column_names)
    connection.register("incoming", frame)
    connection.execute(
        f"INSERT INTO {table} ({', '.join(frame.column_names)}) SELECT {values} FROM incoming"  # noqa: S608
    )
    connection.unregister("incoming")


def _value(column: str) -> str:
    return f"make_timestamptz({column}::BIGINT)" if column.endswith("_at") else f'"{column}"'


class ChainWriter:
    """Turns a tree of nodes into the rows of one chain."""

    def __init__(self, shop: Shop, chain_id: str, started_us: int) -> None:
        self.shop = shop
        self.chain_id = chain_id
        self.started_us = started_us
        self.rows_count = 0
        self.totals = {"cost": 0.0, "idle_us": 0, "idle_usd": 0.0}
        self.counts = {"attempts": 0, "retries": 0, "failed": 0, "cold": 0, "dead": 0}
        self.ended_us = started_us
        self.names: list[str] = []

    def add(self, node: Node, parent_row: int | None, depth: int, sent_us: int) -> int:
        """Write the rows of `node` and of everything under it; return when it last ended."""
        row = self.rows_count
        self.rows_count += 1
        self.names.append(node.function)
        request_id = f"{self.chain_id}-{row:04d}"
        started_us = sent_us + (4_000 if node.edge in {"invoke", "http"} else 190_000)
        spans = self._attempts(node, row, started_us)
        children_end = self._children(node, row, depth, spans[-1][0])
        ended_us = max(spans[-1][1], children_end if _waits(node) else 0)
        idle_us = self._idle(node, row, spans[-1][0], ended_us)
        self._write_attempts(node, (request_id, depth), spans, ended_us, idle_us)
        if node.dies:
            self._dead_letter(node, row, request_id, ended_us)
        self.shop.add(
            "chain_timeline", chain_id=self.chain_id, row=row, parent_row=parent_row,
            depth=depth, function_name=node.function, request_id=request_id,
            edge_kind="sync" if node.edge == "invoke" else node.edge,
            sent_us=sent_us, started_us=started_us, ended_us=ended_us,
            attempts_count=len(spans), status="error" if node.dies else "ok",
            is_on_critical_path=depth < 2,
        )  # fmt: skip
        self.ended_us = max(self.ended_us, ended_us)
        return ended_us

    def _attempts(self, node: Node, row: int, started_us: int) -> list[Span]:
        spans, at_us = [], started_us
        count = max(1, node.fails + (0 if node.dies else 1))
        for number in range(1, count + 1):
            fails = number <= node.fails
            end_us = at_us + node.own_ms * 1_000
            spans.append((at_us, end_us))
            if node.cold and number == 1:
                self._segment(row, "cold", at_us - 310_000, at_us, number)
            self._segment(row, "error" if fails else "run", at_us, end_us, number)
            if number < count:
                self._segment(row, "backoff", end_us, end_us + 60_000_000 * number, number)
            at_us = end_us + 60_000_000 * number
        return spans

    def _children(self, node: Node, row: int, depth: int, start_us: int) -> int:
        end_us = start_us
        for child in node.children:
            child_end = self.add(child, row, depth + 1, start_us + child.after_ms * 1_000)
            if child.edge == "invoke":
                end_us = max(end_us, child_end)
        return end_us + node.own_ms * 200

    def _idle(self, node: Node, row: int, start_us: int, end_us: int) -> int:
        if not _waits(node):
            return 0
        first_us = start_us + min(c.after_ms for c in node.children) * 1_000
        idle_us = max(0, end_us - first_us - node.own_ms * 200)
        self._segment(row, "idle", first_us, first_us + idle_us, 1)
        return idle_us

    def _segment(self, row: int, kind: str, start_us: int, end_us: int, number: int) -> None:
        self.shop.add(
            "chain_segments", chain_id=self.chain_id, row=row, kind=kind, started_us=start_us,
            ended_us=end_us, attempt_number=number,
        )  # fmt: skip

    def _write_attempts(
        self, node: Node, place: tuple[str, int], spans: list[Span], ended_us: int, idle_us: int
    ) -> None:
        request_id, depth = place
        for number, (start_us, end_us) in enumerate(spans, 1):
            is_last = number == len(spans)
            row = _attempt(node, number, (start_us, ended_us if is_last else end_us))
            idle = idle_us if is_last else 0
            row["request_id"] = request_id
            row["chain_id"] = self.chain_id
            row["paid_idle_us"] = idle
            row["paid_idle_usd"] = idle / 1_000 * _usd_per_ms(node)
            self.shop.add("attempts", **row)
            self.shop.add(
                "chain_members", chain_id=self.chain_id, function_name=node.function,
                request_id=request_id, attempt_number=number, share=1.0, depth=depth,
            )  # fmt: skip
            self._write_logs(row)
            self.totals["cost"] += row["cost_usd"]
            self.totals["idle_us"] += idle
            self.totals["idle_usd"] += row["paid_idle_usd"]
            self.counts["cold"] += row["is_cold"]
            self.counts["failed"] += row["outcome"] == "error"
        self.counts["attempts"] += len(spans)
        self.counts["retries"] += len(spans) - 1
        self._write_calls(node, request_id, spans[-1][0], idle_us)

    def _write_logs(self, attempt: dict[str, Any]) -> None:
        kept = ("function_name", "request_id", "log_group", "log_stream")
        where = {name: attempt[name] for name in kept}
        self.shop.add("invocation_starts", **where, logged_us=attempt["started_us"])
        self.shop.add(
            "invocation_reports", **where, logged_us=attempt["ended_us"],
            duration_us=attempt["duration_us"], billed_ms=attempt["billed_ms"],
            memory_mb=attempt["memory_mb"], max_memory_used_mb=attempt["max_memory_used_mb"],
        )  # fmt: skip
        if attempt["error_type"]:
            self.shop.add(
                "invocation_errors", **where, logged_us=attempt["ended_us"], kind="application",
                error_type=attempt["error_type"], error_message="421 too many connections",
            )  # fmt: skip

    def _write_calls(self, node: Node, request_id: str, start_us: int, idle_us: int) -> None:
        for index, child in enumerate(node.children):
            called_us = start_us + child.after_ms * 1_000
            self._write_edge(node, child, request_id, (called_us, idle_us))
            self.shop.add(
                "calls", call_id=f"{request_id}/{index}", caller_function=node.function,
                caller_request_id=request_id, caller_attempt_number=node.fails + 1,
                kind="lambda" if child.edge in {"invoke", "async"} else child.edge,
                target=child.function, operation="Invoke",
                mode="sync" if child.edge == "invoke" else "async",
                started_us=start_us + child.after_ms * 1_000,
                wait_us=idle_us if child.edge == "invoke" else 12_000, cpu_us=400,
                tries_count=1, outcome="ok", payload_bytes=812, response_bytes=96,
                result_was_read=child.edge == "invoke",
            )  # fmt: skip

    def _write_edge(self, node: Node, child: Node, request_id: str, call: tuple[int, int]) -> None:
        started_us, wait_us = call
        idle_us = wait_us if child.edge == "invoke" else 0
        self.shop.add(
            "edge_calls", caller_function=node.function, callee_function=child.function,
            caller_request_id=request_id,
            kind="lambda" if child.edge in {"invoke", "async"} else child.edge,
            mode="sync" if child.edge == "invoke" else "async", started_us=started_us,
            is_failed=False, is_callee_seen=True, wait_us=wait_us, queued_us=3_000,
            tries_count=1, executions_count=1, paid_idle_us=idle_us,
            paid_idle_usd=idle_us / 1_000 * _usd_per_ms(node),
            result_was_read=True,
        )  # fmt: skip

    def _dead_letter(self, node: Node, row: int, request_id: str, at_us: int) -> None:
        self.counts["dead"] += 1
        self._segment(row, "dlq", at_us, at_us, node.fails)
        self.shop.add(
            "dead_letters", queue_arn=f"{QUEUE_ARN}receipts-dlq", source="lambda_dlq",
            message_id=f"m-{request_id}", request_id=request_id, function_name=node.function,
            chain_id=self.chain_id, condition="RetriesExhausted", error_code="200",
            error_message="SmtpRefused: 421 too many connections", attempts_count=node.fails,
            sent_at=at_us, first_seen_at=at_us, last_seen_at=self.shop.now_us, is_gone=False,
        )  # fmt: skip

    def finish(self, entry: Node, answered_us: int) -> None:
        """Write the chain's own row once its members stand."""
        dead = self.counts["dead"]
        self.shop.add(
            "chains", chain_id=self.chain_id, entry_function=entry.function,
            entry_kind=entry.edge, started_at=self.started_us,
            wall_us=self.ended_us - self.started_us, answered_us=answered_us - self.started_us,
            functions_count=len(set(self.names)), attempts_count=self.counts["attempts"],
            retries_count=self.counts["retries"], failed_count=self.counts["failed"],
            cold_starts_count=self.counts["cold"], dead_letters_count=dead,
            paid_idle_us=self.totals["idle_us"], paid_idle_usd=self.totals["idle_usd"],
            cost_usd=self.totals["cost"],
            status="dead_lettered" if dead else "failed" if entry.fails else "ok",
            shape_id=f"{zlib.crc32(repr(self.names).encode()):08x}", shape=" → ".join(self.names),
        )  # fmt: skip


def _usd_per_ms(node: Node) -> float:
    return node.memory_mb / 1024 / 1000 * GB_SECOND_USD


def _attempt(node: Node, number: int, span: Span) -> dict[str, Any]:
    start_us, end_us = span
    billed_ms = -(-(end_us - start_us) // 1_000)
    failed, cold = number <= node.fails, node.cold and number == 1
    compute_usd = billed_ms * _usd_per_ms(node)
    return {
        "function_name": node.function, "function_version": "$LATEST",
        "function_arn": f"arn:aws:lambda:eu-west-1:123456789012:function:{node.function}",
        "account_id": "123456789012", "region": "eu-west-1", "attempt_number": number,
        "started_at": start_us, "started_us": start_us, "ended_us": end_us,
        "duration_us": end_us - start_us, "billed_ms": billed_ms, "memory_mb": node.memory_mb,
        "max_memory_used_mb": int(node.memory_mb * 0.6), "init_us": 310_000 if cold else None,
        "is_cold": cold, "arch": "arm64", "outcome": "error" if failed else "ok",
        "error_type": "SmtpRefused" if failed else None, "source_kind": node.edge,
        "has_record": True, "has_report": True, "idle_evidence": "record",
        "compute_usd": compute_usd, "request_usd": REQUEST_USD,
        "cost_usd": compute_usd + REQUEST_USD, "overhead_us": 180,
        "log_group": f"/aws/lambda/{node.function}",
        "log_stream": "2026/11/21/[$LATEST]0123456789abcdef",
    }  # fmt: skip


def _waits(node: Node) -> bool:
    return any(child.edge == "invoke" for child in node.children)


def _order(luck: random.Random) -> Node:
    dies = luck.random() < 0.15
    retried = luck.random() < 0.15
    fraud = Node("fraud-score", "invoke", 40, luck.randint(300, 1400), 512)
    charge = Node(
        "charge-card", "invoke", 90, luck.randint(120, 600), 256,
        cold=luck.random() < 0.2, children=(fraud,),
    )  # fmt: skip
    receipt = Node("emit-receipt", "async", 700, 240, fails=3 if dies else int(retried), dies=dies)
    stock = Node("reserve-stock", "sqs", 500, luck.randint(80, 300), fails=int(retried))
    return Node(
        "place-order", "http", 0, luck.randint(150, 400), 256,
        cold=luck.random() < 0.25, children=(charge, stock, receipt),
    )  # fmt: skip


def _report(luck: random.Random) -> Node:
    pdf = Node("render-pdf", "invoke", 300, luck.randint(4_000, 9_000), 2048)
    query = Node("query-sales", "invoke", 60, luck.randint(1_500, 2_500), 512)
    return Node("nightly-report", "eventbridge", 0, 500, 1024, children=(query, pdf))


def _signup(luck: random.Random) -> Node:
    mail = Node("send-email", "sns", 30, luck.randint(90, 400))
    return Node("signup", "http", 0, luck.randint(40, 90), children=(mail,))


def _refund(luck: random.Random) -> Node:
    fails = int(luck.random() < 0.2)
    ledger = Node("ledger-write", "invoke", 20, luck.randint(200, 500))
    return Node("refund", "http", 0, 120, fails=fails, dies=False, children=(ledger,))


def fill(shop: Shop, chains_count: int = 60, spread_us: int = 20 * 3_600_000_000) -> Shop:
    """Add `chains_count` chains that end before `now_us`, with the tables that describe them."""
    luck = random.Random(7)  # noqa: S311
    makers = [_order, _order, _order, _report, _signup, _refund]
    for index in range(chains_count):
        entry = makers[index % len(makers)](luck)
        started_us = shop.now_us - spread_us + index * spread_us // chains_count
        started_us += luck.randint(0, spread_us // chains_count // 2) - 400_000_000
        chain_id = f"1-{started_us // 1_000_000:08x}-{luck.getrandbits(96):024x}"
        writer = ChainWriter(shop, chain_id, started_us)
        writer.finish(entry, writer.add(entry, None, 0, started_us))
    _describe(shop, chains_count)
    return shop


def _describe(shop: Shop, chains_count: int) -> None:
    names = sorted({row["function_name"] for row in shop.rows["attempts"]})
    for name in names:
        shop.add(
            "functions", function_name=name, region="eu-west-1", account_id="123456789012",
            function_arn=f"arn:aws:lambda:eu-west-1:123456789012:function:{name}",
            owner="shop", runtime="python3.13", arch="arm64", memory_mb=128, timeout_s=30,
            has_layer=name != "ledger-write",
            is_async_target=name in {"emit-receipt", "send-email", "nightly-report"},
            dlq_arn=f"{QUEUE_ARN}receipts-dlq" if name == "emit-receipt" else None,
            max_retry_attempts=2, invocations_count=chains_count,
            error_share=0.02 if name == "send-email" else 0.0,
        )  # fmt: skip
    for verdict, rule, caller, callee, saving in (
        ("make_async", "T6", "nightly-report", "render-pdf", 96.2),
        ("merge", "T7", "charge-card", "fraud-score", 41.0),
        ("add_dlq", "T8", None, "send-email", None),
        ("buffer", "T9", "place-order", "reserve-stock", None),
        ("leave_alone", "T7", "refund", "ledger-write", 0.4),
        ("not_enough_calls", "T6", "nightly-report", "query-sales", None),
    ):
        shop.add(
            "findings", rule=rule, verdict=verdict, caller_function=caller,
            callee_function=callee, kind="lambda", mode="sync", calls_count=412,
            window_days=1.0, saving_usd_month=saving,
            arithmetic=f"412 calls * 0.71 s wait * 0.25 GB * $0.0000166667 per GB-s: {callee}",
            counter_evidence="the call may serve as a barrier",
        )  # fmt: skip
    shop.add(
        "alerts", measure="failed_share", is_raised=True, value=0.12, direction="above",
        threshold=0.05, words="7 of 60 chains failed", since_us=shop.now_us - 7_200_000_000,
        observed_us=shop.now_us,
    )  # fmt: skip
    shop.add(
        "coverage", day="2026-11-21", invocations_count=200, with_record_share=0.97,
        with_report_share=1.0, linked_share=0.995, rejects_count=3, sampled_share=0.0,
    )  # fmt: skip
    shop.add(
        "collector_runs", started_us=shop.now_us - 40_000_000, ended_us=shop.now_us - 30_000_000,
        outcome="ok", kept_count=900, known_count=0, rejected_count=3, api_calls_count=12,
    )  # fmt: skip
