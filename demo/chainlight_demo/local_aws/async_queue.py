"""Lambda's queue for events: kept under one request id through all attempts, then settled.

A function error is tried again after 60 and 120 seconds; a throttled event backs off without
counting as an attempt. All waits are shortened by the time scale; ages are told in AWS's seconds.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from chainlight_demo.local_aws import clock, tracing
from chainlight_demo.local_aws.attempts import Attempt, Invocation
from chainlight_demo.local_aws.outcome import Outcome
from chainlight_demo.local_aws.registry import FunctionSettings

RETRY_WAITS_S = (60.0, 120.0)
THROTTLE_WAIT_S_MIN = 1.0
THROTTLE_WAIT_S_MAX = 300.0
RUNNING_EVENTS_MAX = 16
"""Only what nobody waits for is capped: capping synchronous calls deadlocks parents."""

_US_PER_S = 1_000_000
_DROPPED = "dropped: the function is gone"


@dataclass(frozen=True, slots=True)
class Settled:
    """The end of an event: `condition` in the words of AWS's destination records."""

    invocation: Invocation
    condition: str
    attempts: tuple[Attempt, ...]
    parent_segment_id: str

    @property
    def is_success(self) -> bool:
        """Say which destination it goes to."""
        return self.condition == "Success"


@dataclass(frozen=True, slots=True)
class Hands:
    """What the queue needs others for."""

    refresh: Callable[[Invocation], Invocation | None]
    """Read the function's settings anew; None once it is deleted."""
    refusal: Callable[[Invocation], str | None]
    run: Callable[[Invocation, str], Awaitable[Attempt]]
    settle: Callable[[Settled], None]
    """Deliver to destinations and the dead letter queue; called on a worker thread."""
    put_segment: Callable[[tracing.Segment], None]


class AsyncQueue:
    """Holds accepted events until they are settled; `put` may be called from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, hands: Hands, *, time_scale: float) -> None:
        self._loop = loop
        self._hands = hands
        self._time_scale = time_scale
        self._slots = asyncio.Semaphore(RUNNING_EVENTS_MAX)
        self._tasks: set[asyncio.Task[None]] = set()
        self._lock = threading.Lock()
        self._pending_count = 0

    @property
    def pending_count(self) -> int:
        """Return how many events are not settled yet."""
        return self._pending_count

    def put(self, invocation: Invocation) -> None:
        """Accept an event."""
        self._count(1)
        self._loop.call_soon_threadsafe(self._begin, invocation, clock.now_us())

    async def close(self) -> None:
        """Drop every event that is not settled."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, invocation: Invocation, accepted_us: int) -> None:
        task = self._loop.create_task(self._process(invocation, accepted_us))
        self._tasks.add(task)
        task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._count(-1)
        if not task.cancelled() and (error := task.exception()):
            self._loop.call_exception_handler({"message": "async event", "exception": error})

    def _count(self, change: int) -> None:
        with self._lock:
            self._pending_count += change

    async def _process(self, invocation: Invocation, accepted_us: int) -> None:
        course = _Course(invocation, accepted_us)
        while course.condition is None:
            await self._step(course)
        if course.condition == _DROPPED:
            return
        settled = Settled(
            course.invocation,
            course.condition,
            tuple(course.attempts),
            course.parent_segment_id,
        )
        await asyncio.to_thread(self._hands.settle, settled)

    async def _step(self, course: _Course) -> None:
        current = self._hands.refresh(course.invocation)
        if current is None:
            course.condition = _DROPPED
            return
        course.invocation = current
        if current.settings.reserved_concurrency == 0:
            course.condition = "ZeroReservedConcurrency"
        elif self._hands.refusal(current):
            await self._wait(course, course.next_throttle_wait_s())
        else:
            await self._attempt(course)

    async def _attempt(self, course: _Course) -> None:
        async with self._slots:
            course.parent_segment_id = tracing.new_id()
            attempt = await self._hands.run(course.invocation, course.parent_segment_id)
        course.add(attempt)
        self._trace(course)
        if attempt.outcome is Outcome.SUCCESS:
            course.condition = "Success"
        elif len(course.attempts) > course.invocation.settings.asynchronous.retries_max:
            course.condition = "RetriesExhausted"
        else:
            await self._wait(course, RETRY_WAITS_S[len(course.attempts) - 1])

    async def _wait(self, course: _Course, wait_s: float) -> None:
        await asyncio.sleep(wait_s * self._time_scale)
        course.add_wait(wait_s, self._time_scale)
        if course.age_s() > course.invocation.settings.asynchronous.event_age_s_max:
            course.condition = "EventAgeExceeded"

    def _trace(self, course: _Course) -> None:
        invocation = course.invocation
        if not invocation.trace.is_sampled:
            return
        segment = tracing.lambda_segment(
            invocation.trace,
            invocation.settings,
            request_id=invocation.request_id,
            span=course.accepted,
            attempts=tuple(course.traced),
        )
        self._hands.put_segment(segment)


class _Course:
    """How far an event has come; `condition` is set when it goes no further."""

    def __init__(self, invocation: Invocation, accepted_us: int) -> None:
        self.invocation = invocation
        self.attempts: list[Attempt] = []
        self.traced: list[tracing.AsyncAttempt] = []
        self.condition: str | None = None
        self.parent_segment_id = invocation.trace.lambda_segment_id
        self.accepted = tracing.Span(
            invocation.trace.lambda_segment_id, accepted_us, clock.now_us()
        )
        self._unslept_us = 0.0
        self._throttle_wait_s = THROTTLE_WAIT_S_MIN

    def add(self, attempt: Attempt) -> None:
        """Note an attempt that ran."""
        self.attempts.append(attempt)
        self.traced.append(
            tracing.AsyncAttempt(
                self.parent_segment_id, attempt.started_us, attempt.ended_us, attempt.xray_flag
            )
        )

    def add_wait(self, wait_s: float, time_scale: float) -> None:
        """Note a wait that AWS would have made in full."""
        self._unslept_us += wait_s * (1.0 - time_scale) * _US_PER_S

    def age_s(self) -> float:
        """Return the event's age as AWS would count it."""
        return (clock.now_us() - self.accepted.started_us + self._unslept_us) / _US_PER_S

    def next_throttle_wait_s(self) -> float:
        """Return the next wait, each twice the one before."""
        wait_s = self._throttle_wait_s
        self._throttle_wait_s = min(wait_s * 2, THROTTLE_WAIT_S_MAX)
        return wait_s


def refreshed(invocation: Invocation, settings: FunctionSettings) -> Invocation:
    """Return the invocation with the function as it is now."""
    return replace(invocation, settings=settings)
