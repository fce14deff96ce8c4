"""Log events of a made-up fleet, as FilterLogEvents shows them: NDJSON, gzip.

Chains of five shapes over twelve functions: synchronous calls one below the other, fan-out, async
retries under the same request id, queues with batches, functions without the layer. Half of the
functions write text, half JSON. One execution in 50 starts an environment, one in 70 times out and
leaves no record line, one in 60 raises. Record lines are written by the layer's own encoder.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from chainlight import record

START_MS = 1_795_000_000_000
CHAIN_EVERY_MS = 40
ARN = "arn:aws:lambda:eu-central-1:123456789012:function:"
TIMEOUT_MS = 3000
COLD_SHARE = 0.02
TIMEOUT_SHARE = 0.014
ERROR_SHARE = 0.017
CHATTY_SHARE = 0.05

Event = dict[str, object]


@dataclass(frozen=True)
class Function:
    """What one function does: who it calls, in which format it logs, whether it has the layer."""

    name: str
    sync: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    memory_mb: int = 512
    own_us: int = 4_000
    is_json: bool = False
    has_layer: bool = True


FLEET = {
    function.name: function
    for function in (
        Function("shop-api", ("shop-checkout",), is_json=True),
        Function("shop-checkout", ("shop-stock", "shop-payment"), ("shop-mail",), 1024),
        Function("shop-stock", own_us=9_000, is_json=True),
        Function("shop-payment", ("bank-charge",), memory_mb=256),
        Function("bank-charge", own_us=60_000, is_json=True, has_layer=False),
        Function("shop-mail", own_us=30_000, memory_mb=128),
        Function("report-start", ("report-page",) * 6, memory_mb=256),
        Function("report-page", own_us=80_000, memory_mb=2048, is_json=True),
        Function("import-split", (), ("import-row",) * 3, is_json=True),
        Function("import-row", ("shop-stock",)),
        Function("night-clean", own_us=400_000, memory_mb=3008, is_json=True),
        Function("shop-audit", own_us=1_000, memory_mb=128, has_layer=False),
    )
}
ENTRIES = ("shop-api",) * 6 + ("report-start", "import-split", "night-clean", "shop-audit")


@dataclass
class Fleet:
    """The running fleet: its clock, its random numbers, and what it has printed."""

    chance: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311
    events: list[Event] = field(default_factory=list)

    def chain(self, number: int) -> None:
        """Run one chain to its end."""
        started_us = (START_MS + number * CHAIN_EVERY_MS) * 1000 + self.chance.randrange(40_000)
        root = f"1-{started_us // 1_000_000:08x}-{self.chance.getrandbits(96):024x}"
        entry = FLEET[self.chance.choice(ENTRIES)]
        self.invocation(entry, root, started_us, {"source_kind": "apigw"})

    def invocation(
        self, function: Function, root: str, started_us: int, why: dict[str, object]
    ) -> tuple[str, int]:
        """Run one invocation with Lambda's retries; return its request id and its first end."""
        request_id = self._uuid()
        tries_count = 1 if why["source_kind"] != "lambda-async" else 3
        first_end_us = at_us = started_us
        for number in range(tries_count):
            is_ok, end_us = self._execution(function, root, request_id, at_us, why)
            first_end_us = end_us if number == 0 else first_end_us
            if is_ok:
                break
            at_us = end_us + 60_000_000 * (number + 1)
        return request_id, first_end_us

    def _execution(
        self, function: Function, root: str, request_id: str, at_us: int, why: dict[str, object]
    ) -> tuple[bool, int]:
        is_cold, luck = self.chance.random() < COLD_SHARE, self.chance.random()
        lines = _Lines(self, function, root, request_id, at_us)
        lines.begin(is_cold=is_cold)
        now_us = at_us + self.chance.randint(200, function.own_us)
        calls: list[dict[str, object]] = []
        for target in (*function.sync, *function.later):
            now_us = self._call(calls, target, (root, request_id, at_us, now_us))
        now_us += self.chance.randint(100, function.own_us)
        outcome = "ok"
        if luck < TIMEOUT_SHARE + ERROR_SHARE:
            outcome = "timeout" if luck < TIMEOUT_SHARE else "error"
        end_us = at_us + TIMEOUT_MS * 1000 if outcome == "timeout" else now_us
        values = {"outcome": outcome, "calls": calls, "is_cold": int(is_cold), **why}
        lines.end(end_us, outcome, values)
        return outcome == "ok", end_us

    def _call(
        self, calls: list[dict[str, object]], target: str, where: tuple[str, str, int, int]
    ) -> int:
        root, caller, started_us, now_us = where
        function, call_id = FLEET[target], f"{self.chance.getrandbits(64):016x}"
        is_async = target in {"shop-mail", "import-row"}
        why = {
            "source_kind": "lambda-async" if is_async else "lambda",
            "causes": [{"caller_request_id": caller, "call_id": call_id}],
        }
        queued_us = self.chance.randint(8_000, 90_000) if is_async else 1_500
        request_id, end_us = self.invocation(function, root, now_us + queued_us, why)
        wait_us = 9_000 if is_async else end_us - now_us + 1_200
        calls.append(
            {
                "call_id": call_id,
                "target": target,
                "offset_us": now_us - started_us,
                "wait_us": wait_us,
                "is_async": int(is_async),
                "status_code": 202 if is_async else 200,
                "natural_keys": [request_id],
                "payload_bytes": self.chance.randint(80, 4000),
                "result_was_read": None if is_async else 1,
            }
        )
        return now_us + wait_us + self.chance.randint(50, 400)

    def _uuid(self) -> str:
        text = f"{self.chance.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


class _Lines:
    """The lines of one execution, in its function's format."""

    def __init__(
        self, fleet: Fleet, function: Function, root: str, request_id: str, at_us: int
    ) -> None:
        self._fleet, self._function, self._at_us = fleet, function, at_us
        self._root, self._request_id = root, request_id
        self._init_ms = 0.0
        environment = fleet.chance.randrange(20)
        day = "2026/11/17"
        self._stream = f"{day}/[$LATEST]{function.name.encode().hex():0<30.30}{environment:02x}"

    def begin(self, *, is_cold: bool) -> None:
        """Print what stands before the handler's own lines."""
        request_id, chance = self._request_id, self._fleet.chance
        if is_cold:
            self._init_ms = chance.randint(9_000, 60_000) / 100
            self._cold()
        if self._function.is_json:
            self._platform("start", {"requestId": request_id, "version": "$LATEST",
                "tracing": {"spanId": f"{chance.getrandbits(64):016x}", "type": "X-Amzn-Trace-Id",
                    "value": f"Root={self._root};Parent=35465b3a9e2f7c6a;Sampled=0"}})  # fmt: skip
        else:
            self._print(self._at_us, f"START RequestId: {request_id} Version: $LATEST\n")
        if chance.random() < CHATTY_SHARE:
            self._print(self._at_us + 500, "loaded 12 orders from the table orders in 3 ms\n")

    def end(self, end_us: int, outcome: str, values: dict[str, object]) -> None:
        """Print the record line and what stands behind it."""
        self._failed(end_us, outcome)
        if self._function.has_layer and outcome != "timeout":
            self._print(end_us, self._record(end_us, values))
        duration_ms = (end_us - self._at_us) / 1000
        if self._function.is_json:
            self._report(end_us, duration_ms, outcome)
        else:
            self._print(end_us, f"END RequestId: {self._request_id}\n")
            self._report_text(end_us, duration_ms, outcome)

    def _cold(self) -> None:
        at_us = self._at_us - int(self._init_ms * 1000)
        if self._function.is_json:
            self._platform("initStart", {"initializationType": "on-demand", "phase": "init",
                "runtimeVersion": "python:3.13.v40", "functionName": self._function.name,
                "functionVersion": "$LATEST"}, at_us)  # fmt: skip
        else:
            runtime = "Runtime Version: python:3.13.v40\tRuntime Version ARN: arn:aws:lambda:x"
            self._print(at_us, f"INIT_START {runtime}\n")

    def _failed(self, end_us: int, outcome: str) -> None:
        if outcome == "error" and self._function.is_json:
            error = {"errorType": "OrderError", "errorMessage": "no such order"}
            line = {"timestamp": _iso(end_us), "level": "ERROR", "requestId": self._request_id}
            self._print(end_us, json.dumps({**line, "message": error}))
        elif outcome == "error":
            trace = 'Traceback (most recent call last):\n\u00a0\u00a0File "/var/task/app.py"'
            self._print(end_us, f"[ERROR] OrderError: no such order\n{trace}\n")

    def _record(self, end_us: int, values: dict[str, object]) -> str:
        whole: dict[str, object] = {
            "chain_id": self._root,
            "request_id": self._request_id,
            "function_arn": ARN + self._function.name,
            "memory_mb": self._function.memory_mb,
            "started_us": self._at_us + 150,
            "duration_us": end_us - self._at_us - 300,
            "overhead_us": 40,
            **values,
        }
        kind = str(whole["source_kind"])
        whole["source_kind"] = kind.removesuffix("-async")
        if self._function.is_json:
            whole["level"] = "INFO"
        return record.encode(whole)

    def _report(self, end_us: int, duration_ms: float, outcome: str) -> None:
        metrics: dict[str, object] = {
            "durationMs": round(duration_ms, 3),
            "billedDurationMs": -int(-(duration_ms + self._init_ms) // 1),
            "memorySizeMB": self._function.memory_mb,
            "maxMemoryUsedMB": 61,
        }
        if self._init_ms:
            metrics["initDurationMs"] = self._init_ms
        body: dict[str, object] = {"requestId": self._request_id, "metrics": metrics}
        body["status"] = {"ok": "success"}.get(outcome, outcome)
        self._platform("report", body, end_us)

    def _report_text(self, end_us: int, duration_ms: float, outcome: str) -> None:
        billed_ms = -int(-(duration_ms + self._init_ms) // 1)
        line = (
            f"REPORT RequestId: {self._request_id}\tDuration: {duration_ms:.2f} ms\t"
            f"Billed Duration: {billed_ms} ms\tMemory Size: {self._function.memory_mb} MB\t"
            "Max Memory Used: 61 MB\t"
        )
        line += f"Init Duration: {self._init_ms:.2f} ms\t" if self._init_ms else ""
        self._print(end_us, line + ("Status: timeout\n" if outcome == "timeout" else "\n"))

    def _platform(self, kind: str, body: Event, at_us: int | None = None) -> None:
        at_us = self._at_us if at_us is None else at_us
        line = {"time": _iso(at_us), "type": f"platform.{kind}", "record": body}
        self._print(at_us, json.dumps(line, separators=(",", ":")))

    def _print(self, at_us: int, message: str) -> None:
        at_ms = at_us // 1000
        self._fleet.events.append(
            {
                "logGroup": f"/aws/lambda/{self._function.name}",
                "logStreamName": self._stream,
                "timestamp": at_ms,
                "message": message,
                "ingestionTime": at_ms + 700,
                "eventId": f"3{at_ms}{self._fleet.chance.getrandbits(130) % 10**42:042d}",
            }
        )


def write(file: Path, count: int) -> int:
    """Write at least so many events, each chain whole, in the order of time; return how many."""
    written = 0
    with gzip.open(file, "wt", compresslevel=6, encoding="utf-8") as out:
        for events in _batches(count):
            out.writelines(json.dumps(event) + "\n" for event in events)
            written += len(events)
    return written


def _batches(count: int) -> Iterator[list[Event]]:
    fleet, chains, made = Fleet(), 0, 0
    while made < count:
        for _ in range(500):
            fleet.chain(chains)
            chains += 1
        made += len(fleet.events)
        yield sorted(fleet.events, key=lambda event: str(event["timestamp"]))
        fleet.events.clear()


def _iso(at_us: int) -> str:
    text = datetime.fromtimestamp(at_us / 1e6, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
