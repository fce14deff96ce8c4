"""Events that AWS services hand to Lambda asynchronously: accepted at once, invoked in order.

A delivery is pending from `submit` until the data plane has accepted it, so that nobody who waits
for quiet can look away in between. The publisher's request never waits for the function.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from chainlight_demo.fabric.ports import DataPlane

_ARN_NAME_INDEX = 6
_ARN_QUALIFIER_INDEX = 7


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one function; `on_refused` is called when the function does not exist."""

    function_arn: str
    event: Mapping[str, object]
    trace_header: str | None = None
    on_refused: Callable[[Delivery, str], None] | None = None

    @property
    def payload(self) -> bytes:
        """Return the event as the function gets it."""
        return json.dumps(self.event).encode()


@dataclass(slots=True)
class Deliveries:
    """The queue in front of `plane.invoke(mode="async")`, emptied by one thread."""

    plane: DataPlane
    refused: list[tuple[Delivery, str]] = field(default_factory=list)
    _queue: queue.Queue[Delivery | None] = field(default_factory=queue.Queue)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to deliver."""
        self._thread = threading.Thread(target=self._run, name="fabric-deliveries", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Deliver what is pending, then end."""
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join(timeout=10)

    def submit(self, delivery: Delivery) -> None:
        """Queue an event."""
        self._queue.put(delivery)

    def is_busy(self) -> bool:
        """Say whether an event is still on its way to the data plane."""
        return self._queue.unfinished_tasks > 0

    def _run(self) -> None:
        while (delivery := self._queue.get()) is not None:
            try:
                self._deliver(delivery)
            finally:
                self._queue.task_done()
        self._queue.task_done()

    def _deliver(self, delivery: Delivery) -> None:
        name, qualifier = function_and_qualifier(delivery.function_arn)
        try:
            result = self.plane.invoke(
                name,
                delivery.payload,
                mode="async",
                trace_header=delivery.trace_header,
                qualifier=qualifier,
            )
        except Exception as error:  # noqa: BLE001 one bad target must not stop the others
            self._refuse(delivery, f"{type(error).__name__}: {error}")
            return
        if result.status_code >= 400:  # noqa: PLR2004 HTTP
            self._refuse(delivery, result.payload.decode(errors="replace"))

    def _refuse(self, delivery: Delivery, reason: str) -> None:
        self.refused.append((delivery, reason))
        if delivery.on_refused is not None:
            delivery.on_refused(delivery, reason)


def function_and_qualifier(function: str) -> tuple[str, str | None]:
    """Split a function name or ARN into name and version or alias."""
    if not function.startswith("arn:"):
        name, _, qualifier = function.partition(":")
        return name, qualifier or None
    parts = function.split(":")
    qualifier = parts[_ARN_QUALIFIER_INDEX] if len(parts) > _ARN_QUALIFIER_INDEX else ""
    return parts[_ARN_NAME_INDEX], qualifier or None
