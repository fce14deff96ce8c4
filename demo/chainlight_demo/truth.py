"""What really happened in the shop, read from the files its handlers wrote outside AWS."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class Execution:
    """One execution of a handler, as the handler itself saw it."""

    function: str
    request_id: str
    started_us: int
    orders: list[str]
    outcome: str | None = None  # None: it never came to its end
    calls: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Truth:
    """All executions of a demo run, by start."""

    executions: list[Execution]

    @property
    def invocations(self) -> dict[tuple[str, str], list[Execution]]:
        """Executions by (function, request id); more than one is a retry."""
        grouped: dict[tuple[str, str], list[Execution]] = defaultdict(list)
        for execution in self.executions:
            grouped[execution.function, execution.request_id].append(execution)
        return dict(grouped)

    @property
    def retries_count(self) -> int:
        """How many executions repeated an earlier one of the same invocation."""
        return len(self.executions) - len(self.invocations)

    def exhausted(self, function: str, attempts_max: int = 3) -> set[str]:
        """Request ids of an async function that failed on every attempt it is allowed.

        There may be more attempts than that: AWS may deliver an event twice.
        """
        return {
            request_id
            for (name, request_id), tries in self.invocations.items()
            if name == function
            and len(tries) >= attempts_max
            and all(one.outcome == "error" for one in tries)
        }

    def poisoned(self, receives_max: int = 2) -> set[str]:
        """Message ids that were handed back as often as their queue allows."""
        failures: dict[str, int] = defaultdict(int)
        for execution in self.executions:
            for message in execution.messages:
                failures[message["message_id"]] += not message["is_done"]
        return {message_id for message_id, count in failures.items() if count >= receives_max}


def read(directory: Path) -> Truth:
    """Read every witness file of a directory."""
    lines = [
        json.loads(line)
        for path in sorted(directory.glob("*.ndjson"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    executions: dict[str, Execution] = {}
    for line in sorted(lines, key=lambda one: (one["execution"], one["seen_us"])):
        _apply(line, executions)
    return Truth(sorted(executions.values(), key=lambda one: one.started_us))


def _apply(line: dict[str, Any], executions: dict[str, Execution]) -> None:
    if line["what"] == "start":
        executions[line["execution"]] = Execution(
            line["function"], line["request_id"], line["seen_us"], line["orders"]
        )
        return
    execution = executions[line["execution"]]
    if line["what"] == "called":
        execution.calls.append(line)
    elif line["what"] == "message":
        execution.messages.append(line)
    elif line["what"] == "end":
        execution.outcome = line["outcome"]
