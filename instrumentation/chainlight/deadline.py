"""The watch over the deadline: a timed-out invocation still prints its record, as far as it got.

One daemon thread for the process, started at the first call. It sleeps until shortly before the
deadline of the running invocation. Later invocations need not wake it: their deadlines lie later,
and it reads the deadline anew when it wakes. No signal, so handlers off the main thread and
handlers with their own alarms are safe.

The record says outcome "timeout" and marks calls that still wait as open. A handler that makes it
after all prints its final record as well: same function, request and start, any other outcome;
readers keep that one.
"""

from __future__ import annotations

import threading
from time import sleep

from chainlight import output
from chainlight.errors import guard
from chainlight.invocation import Invocation, all_running
from chainlight.settings import settings

_IDLE_S = 1.0


def watch() -> None:
    """Start the thread; the caller sees to it that a process has one."""
    threading.Thread(
        target=guard, args=("E07", _watch), name="chainlight-deadline", daemon=True
    ).start()


def _watch() -> None:
    longest_s = _IDLE_S
    while True:
        due = [invocation for invocation in all_running() if not invocation.is_warned]
        left_s = min((_left_s(invocation) for invocation in due), default=longest_s)
        if left_s > 0:
            longest_s = max(longest_s, left_s)
            sleep(left_s)
            continue
        for invocation in due:
            if _left_s(invocation) <= 0:
                invocation.is_warned = True
                guard("E07", _print_timeout, invocation)


def _left_s(invocation: Invocation) -> float:
    """Return the seconds until the record must be out; a day for contexts without a deadline."""
    remaining = getattr(invocation.context, "get_remaining_time_in_millis", None)
    if remaining is None:
        return 86_400.0
    return (float(remaining()) - settings().margin_ms) / 1000


def _print_timeout(invocation: Invocation) -> None:
    if not invocation.is_finished:
        output.emit(invocation.record("timeout", None))
