"""How fast one operation may be called: below the account's quota, and slower once AWS objects.

The quota is shared with everybody else in the account, so what we may send is found out: the rate
is halved when AWS throttles, and grows back by a hundredth of the quota with each good answer.
"""

from __future__ import annotations

import threading
import time

SLOWEST_SHARE = 0.1
"""Of the quota: a collector that is starved by others still moves on."""
_RECOVERY_SHARE = 0.01
_BURST_S = 0.5
"""Half a second's calls may leave at once: AWS's bucket holds a second's, and clocks differ."""
_SLOWED_ONCE_S = 1.0
"""Answers to requests that left together are one objection."""


class Pace:
    """The next instant at which a request of one operation may leave, shared by all threads."""

    def __init__(self, calls_per_s: float) -> None:
        self._quota_per_s = calls_per_s
        self._rate_per_s = calls_per_s
        self._next_s = 0.0
        self._slowed_s = 0.0
        self._lock = threading.Lock()

    @property
    def rate_per_s(self) -> float:
        """The rate that is kept to now."""
        return self._rate_per_s

    def reserve(self) -> float:
        """Take the next free slot and return the seconds until it comes."""
        with self._lock:
            now_s = time.monotonic()
            slot_s = max(self._next_s, now_s - _BURST_S)
            self._next_s = slot_s + 1.0 / self._rate_per_s
            return max(0.0, slot_s - now_s)

    def pause(self, seconds: float) -> None:
        """Let nobody send for this long: what failed is the service, not the thread."""
        with self._lock:
            self._next_s = max(self._next_s, time.monotonic() + seconds)

    def slow_down(self) -> None:
        """Halve the rate: AWS throttles."""
        with self._lock:
            now_s = time.monotonic()
            if now_s - self._slowed_s >= _SLOWED_ONCE_S:
                self._slowed_s = now_s
                floor_per_s = self._quota_per_s * SLOWEST_SHARE
                self._rate_per_s = max(floor_per_s, self._rate_per_s / 2)

    def speed_up(self) -> None:
        """Come a step nearer to the quota: AWS answered."""
        with self._lock:
            grown_per_s = self._rate_per_s + self._quota_per_s * _RECOVERY_SHARE
            self._rate_per_s = min(self._quota_per_s, grown_per_s)
