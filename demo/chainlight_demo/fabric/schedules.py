"""A clock for scheduled rules: a rate of one hour passes in an hour times `time_scale`.

It is off until somebody starts it, because most runs want to say themselves when a rule fires.
Cron expressions fire once per `CRON_PERIOD_S` of scaled time: their times of day mean nothing on
a shortened clock.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable

from moto.events.models import events_backends

from chainlight_demo.fabric.patches import MotoObject

CRON_PERIOD_S = 86_400.0
_TICK_S = 0.05
_RATE = re.compile(r"^rate\((?P<count>\d+)\s+(?P<unit>minute|hour|day)s?\)$")
_UNIT_S = {"minute": 60.0, "hour": 3_600.0, "day": 86_400.0}


class ScheduleClock:
    """Fires scheduled rules while it runs."""

    def __init__(self, fire: Callable[[MotoObject], None], time_scale: float) -> None:
        self._fire = fire
        self._time_scale = time_scale
        self._due_s: dict[str, float] = {}
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the clock; a second start changes nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="fabric-schedules", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop the clock."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stopping.wait(_TICK_S):
            for rule in _scheduled_rules():
                self._fire_if_due(rule)

    def _fire_if_due(self, rule: MotoObject) -> None:
        now_s = time.monotonic()
        due_s = self._due_s.setdefault(rule.arn, now_s + self._wait_s(rule))
        if now_s >= due_s:
            self._due_s[rule.arn] = now_s + self._wait_s(rule)
            self._fire(rule)

    def _wait_s(self, rule: MotoObject) -> float:
        return period_s(rule.scheduled_expression) * self._time_scale


def period_s(expression: str) -> float:
    """Return the seconds between two firings of a rate or cron expression."""
    match = _RATE.match(expression)
    return int(match["count"]) * _UNIT_S[match["unit"]] if match else CRON_PERIOD_S


def _scheduled_rules() -> list[MotoObject]:
    return [
        rule
        for account in list(events_backends.values())
        for backend in list(account.values())
        for bus in list(backend.event_buses.values())
        for rule in list(bus.rules.values())
        if rule.scheduled_expression and rule.state != "DISABLED"
    ]
