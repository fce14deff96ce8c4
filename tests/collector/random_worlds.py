"""Random worlds of which everything is known: who caused whom, by how much, in which chain."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from .derive_facts import MS, T0_US, Call, Cause, Execution, chain_of

CHAINS_MAX = 40
"""A recompute costs half a second of CPU for few rows, too: better large worlds than many."""


@dataclass(repr=False)
class World:
    """Executions, and what is true of them: who caused whom, by how much, in which chain."""

    seed: int = 0
    executions: list[Execution] = field(default_factory=list)
    links: set[tuple[str, str]] = field(default_factory=set)  # call id, callee request id
    shares: dict[str, dict[str, float]] = field(default_factory=dict)  # request id: chain: share
    idle_us: dict[tuple[str, int], int] = field(default_factory=dict)  # request id, start
    told: set[str] = field(default_factory=set)  # calls whose callee knows of them in band

    def __repr__(self) -> str:
        """Name the call that makes it: its executions are hundreds of kilobytes."""
        return f"world_of({self.seed})"

    def _repr_pretty_(self, printer: Any, *_: object) -> None:
        """Be as short where Hypothesis prints: it would list a dataclass's fields."""
        printer.text(repr(self))

    def rows(self) -> list:
        """Return the facts of all executions."""
        return [row for execution in self.executions for row in execution.rows()]


@dataclass
class Event:
    """What makes one invocation run."""

    request: str
    at_us: int
    chain: str
    source: str
    depth: int = 0
    cause: Cause | None = None
    parent: str | None = None


class Maker:
    """Builds a world forwards in time: whatever runs knows by what it was caused."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.world = World()
        self.letters: list[tuple[str, str, int, str]] = []  # message, call, sent_us, sender
        self.writes: dict[str, list[tuple[int, str, str]]] = defaultdict(
            list
        )  # at_us, call, sender
        self.numbers = iter(range(1, 10**6))

    def make(self) -> World:
        """Return a world of a few chains and the batches that mix them."""
        for number in range(self.dice.randint(1, CHAINS_MAX)):
            at_us = number * self.dice.randint(4_000, 14_000_000) * MS  # over several days
            entry = Event(f"e{number}", at_us, chain_of(number), "apigw")
            self.run(entry)
        for _ in range(self.dice.randint(0, 3)):
            self.consume_batch()
        for item, writes in self.writes.items():
            self.read_stream(item, sorted(writes))
        return self.world

    def run(self, event: Event) -> int:
        """Run one invocation, with up to three attempts where nobody waits; return its length."""
        owner = self.world.shares[event.parent] if event.parent else {event.chain: 1.0}
        self.world.shares[event.request] = dict(owner)
        attempts = self.dice.choice((1, 1, 3)) if event.source == "async" else 1
        at_us = event.at_us
        for attempt in range(attempts):
            length = self.attempt(event, at_us, is_last=attempt == attempts - 1)
            at_us += length + 1_000 * MS
        return length

    def attempt(self, event: Event, at_us: int, *, is_last: bool) -> int:
        """Run one execution and everything it calls; return its length."""
        depth, source = event.depth, event.source
        execution = Execution(
            f"f{depth}",
            event.request,
            at_us,
            0,
            chain=event.chain,
            stream=f"{source}{next(self.numbers)}",
            source="lambda" if source in ("sync", "async") else source,
            outcome="ok" if is_last else "error",
            causes=[event.cause] if event.cause else [],
            memory_mb=self.dice.choice((128, 512, 1769)),
        )
        self.world.executions.append(execution)
        cursor = self.dice.randint(1, 20) * MS
        idle_us = 0
        for _ in range(self.dice.randint(0, 2) if depth < 3 else 0):
            wait_us, group_idle_us = self.call_together(execution, cursor, depth)
            idle_us += group_idle_us
            cursor += wait_us + self.dice.randint(1, 9) * MS
        execution.duration_us = cursor + self.dice.randint(1, 30_000)
        self.world.idle_us[event.request, execution.at_us] = idle_us
        self.lose_lines(execution)
        return execution.duration_us

    def lose_lines(self, execution: Execution) -> None:
        """Let a record, or a report, never come: no record where nothing else tells of a chain."""
        sends = any(call.kind != "lambda" for call in execution.calls)
        if execution.request.startswith("r") and execution.stream.startswith("sync") and not sends:
            if self.dice.random() < 0.2:
                execution.lines = "start report"
        elif self.dice.random() < 0.1:
            execution.lines = "start record"

    def call_together(self, caller: Execution, cursor: int, depth: int) -> tuple[int, int]:
        """Make up to three calls side by side; return the longest wait, and the idle of all.

        Another thread works for a while at their beginning: each wait sees the same CPU time.
        """
        before = len(caller.calls)
        for _ in range(self.dice.choice((1, 1, 2, 3))):
            self.call(caller, cursor, depth)
        group = caller.calls[before:]
        sync_us = [c.wait_us or 0 for c in group if c.kind == "lambda" and not c.is_async]
        cpu_us = self.dice.choice((0, self.dice.randint(0, min(sync_us)))) if sync_us else 0
        for call in group:
            call.cpu_us = cpu_us
        return max(c.wait_us or 0 for c in group), max(sync_us, default=0) - cpu_us

    def call(self, caller: Execution, cursor: int, depth: int) -> int:
        """Make one call of any kind; return how long the caller waited."""
        call_id = f"{next(self.numbers):016x}"
        kind = self.dice.choice(("sync", "async", "sqs", "item"))
        if kind == "item":
            item = f"table:{self.dice.randrange(3):024x}"
            self.writes[item].append((caller.at_us + cursor, call_id, caller.request))
            caller.calls.append(Call(call_id, "table", cursor, 4 * MS, "dynamodb", keys=(item,)))
            return 4 * MS
        if kind == "sqs":
            message = f"m{next(self.numbers)}"
            self.letters.append((message, call_id, caller.at_us + cursor, caller.request))
            caller.calls.append(Call(call_id, "queue", cursor, 4 * MS, "sqs", keys=(message,)))
            return 4 * MS
        skew = self.dice.randint(-5, 5) * MS if kind == "sync" else 0
        callee = f"r{next(self.numbers)}"
        evidence = self.dice.choice((("keys",), ("call_id",), ("keys", "call_id")))
        in_band = "call_id" in evidence and kind == "sync"
        cause = Cause(call_id=call_id, caller=caller.request) if in_band else Cause()
        at_us = caller.at_us + cursor + 5 * MS + skew
        length = self.run(
            Event(callee, at_us, caller.chain or "", kind, depth + 1, cause, caller.request)
        )
        keys = (callee,) if not in_band or "keys" in evidence else ()
        wait = length + 10 * MS if kind == "sync" else 3 * MS
        self.world.links.add((call_id, callee))
        if in_band:
            self.world.told.add(call_id)
        caller.calls.append(
            Call(call_id, f"f{depth + 1}", cursor, wait, is_async=kind == "async", keys=keys)
        )
        return wait

    def read_stream(self, item: str, writes: list[tuple[int, str, str]]) -> None:
        """Hand an item's writes to a reader in their order, some batches of them twice."""
        at_us = 0
        while writes:
            count = self.dice.randint(1, 3)
            batch, writes = writes[:count], writes[count:]
            causes = [
                Cause(keys=(item, f"event {call_id}"), sent_us=_second_of(written_us + 2 * MS))
                for written_us, call_id, _ in batch
            ]
            for _ in range(self.dice.choice((1, 1, 1, 2))):
                at_us = max(at_us, batch[-1][0]) + self.dice.randint(10, 2_000) * MS
                request = f"r{next(self.numbers)}"
                shares: dict[str, float] = defaultdict(float)
                for _, call_id, sender in batch:
                    self.world.links.add((call_id, request))
                    for chain, share in self.world.shares[sender].items():
                        shares[chain] += share / len(batch)
                self.world.shares[request] = dict(shares)
                self.world.executions.append(
                    Execution(
                        "reader",
                        request,
                        at_us,
                        9 * MS,
                        chain=max(shares),
                        source="dynamodb",
                        causes=causes,
                        stream=f"reader{request}",
                    )
                )

    def consume_batch(self) -> None:
        """Give some of the messages that lie in the queue to one worker."""
        count = min(len(self.letters), self.dice.randint(1, 4))
        if not count:
            return
        batch = [self.letters.pop(self.dice.randrange(len(self.letters))) for _ in range(count)]
        request = f"r{next(self.numbers)}"
        shares: dict[str, float] = defaultdict(float)
        for _, call_id, _, sender in batch:
            self.world.links.add((call_id, request))
            for chain, share in self.world.shares[sender].items():
                shares[chain] += share / count
        self.world.shares[request] = dict(shares)
        sent_us = max(sent for _, _, sent, _ in batch)
        execution = Execution(
            "worker",
            request,
            sent_us + 50 * MS,
            20 * MS,
            chain=max(shares),
            source="sqs",
            causes=[Cause(keys=(message,)) for message, *_ in batch],
        )
        self.world.executions.append(execution)


def _second_of(at_us: int) -> int:
    """Return the second of a commit, as DynamoDB notes it."""
    return (T0_US + at_us) // 1_000_000 * 1_000_000


def worlds() -> st.SearchStrategy[World]:
    return st.integers(0, 2**32).map(world_of)


def world_of(seed: int) -> World:
    world = _with_seen_keys(Maker(random.Random(seed)).make())  # noqa: S311
    world.seed = seed
    return world


def _with_seen_keys(world: World) -> World:
    """Give a call its natural key where its callee has no record to tell of the call.

    A link whose caller has no record is known only where the callee was told of the call.
    """
    blind = {one.request for one in world.executions if "record" not in one.lines}
    mute = {c.call_id for one in world.executions if one.request in blind for c in one.calls}
    blind_callees = {callee for call_id, callee in world.links if call_id in mute} & blind
    for execution in world.executions:
        if execution.request in blind_callees:  # two unknown in a row would be two chains
            execution.lines = "start record report"
    blind -= blind_callees
    mute = {c.call_id for one in world.executions if one.request in blind for c in one.calls}
    lost = mute - world.told
    world.links = {(call_id, callee) for call_id, callee in world.links if call_id not in lost}
    callees: dict[str, list[str]] = defaultdict(list)
    for call_id, callee in sorted(world.links):
        callees[call_id].append(callee)
    for execution in world.executions:
        for call in execution.calls:
            if call.kind == "lambda" and blind.intersection(callees[call.call_id]):
                call.keys = tuple(callees[call.call_id])
    return world
