"""From a record to standard output: at the end of an invocation, or shortly before its deadline.

One write and one flush for each line, because Lambda makes an event of what a write brought
(awslambdaric flushes after each) and because other threads print as well. Long lines go in parts.

A timed-out invocation still prints its record, as far as it got. One daemon thread for the process,
started at the first call, sleeps until shortly before the deadline of the running invocation. Later
invocations need not wake it: their deadlines lie later, and it reads the deadline anew when it
wakes. No signal, so handlers off the main thread and handlers with their own alarms are safe.

The record then says outcome "timeout" and marks calls that still wait as open. A handler that makes
it after all prints its final record as well: same function, request and start, any other outcome;
readers keep that one.
"""

from __future__ import annotations

import sys
from time import perf_counter_ns, sleep

from chainlight.errors import guard
from chainlight.invocation import Invocation, all_running
from chainlight.record import LINE_BYTES_MAX, encode
from chainlight.settings import settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_IDLE_S = 1.0
_PARTS_MAX = 4096
_ONCE = ("other_waits", "annotations", "dropped")
"""Said in the first part only, so that a reader may add up what the parts say."""

capture: Callable[[str], None] | None = None
"""Where lines go instead of standard output: set by `chainlight.testing`, else None."""


def emit(record: dict[str, object]) -> None:
    """Print the record, in as many lines as its size needs."""
    for line in lines(record):
        write(line)


def lines(record: dict[str, object]) -> list[str]:
    """Return the record's line, or its parts when it is longer than `LINE_BYTES_MAX`.

    Every part repeats the head (chain, invocation, function, start) and holds the next stretch of
    the causes and of the calls; a ``cause_index`` counts over all parts.
    """
    line = encode(record, settings().sandbox_members)
    if len(line) <= LINE_BYTES_MAX:
        return [line]
    parts_count = 1
    parts = [line]
    while max(map(len, parts)) > LINE_BYTES_MAX and parts_count < _PARTS_MAX:
        parts_count = max(parts_count * 2, len(line) // LINE_BYTES_MAX + 1)
        members = settings().sandbox_members
        parts = [encode(_part(record, n, parts_count), members) for n in range(1, parts_count + 1)]
    return parts


def _part(record: dict[str, object], number: int, parts_count: int) -> dict[str, object]:
    part = dict(record, part=[number, parts_count])
    for name in ("causes", "calls"):
        part[name] = _stretch(record.get(name), number, parts_count)
    if number > 1:
        for name in _ONCE:
            part.pop(name, None)
    return part


def _stretch(entries: object, number: int, parts_count: int) -> list[object]:
    if not isinstance(entries, list | tuple):
        return []
    start = len(entries) * (number - 1) // parts_count
    end = len(entries) * number // parts_count
    return list(entries[start:end])


def write(line: str) -> None:
    """Print one line, to standard output or to whoever captures."""
    if capture is not None:
        capture(line)
        return
    try:
        _write_to(sys.stdout, line)
    except Exception:  # noqa: BLE001 - whatever the user put there
        # Closed or replaced; the sandbox's own is still there.
        _write_to(sys.__stdout__, line)


def _write_to(stream: object, line: str) -> None:
    stream.write(line + "\n")  # type: ignore[attr-defined]
    stream.flush()  # type: ignore[attr-defined]


def watch() -> None:
    """Start the thread that watches deadlines; the caller sees to it that a process has one."""
    import threading  # noqa: PLC0415 - only where there is a call

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
        emit(invocation.record("timeout", None, perf_counter_ns()))
