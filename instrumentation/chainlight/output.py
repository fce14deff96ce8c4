"""From a record to standard output: one write and one flush for each line, long ones in parts.

One write, because Lambda makes an event of what a write brought (awslambdaric flushes after each)
and because other threads print as well.
"""

from __future__ import annotations

import sys

from chainlight.record import LINE_BYTES_MAX, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_PARTS_MAX = 4096
_ONCE = ("other_waits", "annotations", "dropped")
"""Said in the first part only, so that a reader may add up what the parts say."""

capture: Callable[[str], None] | None = None
"""Where lines go instead of standard output: set by `chainlight.testing`, else None."""


def emit(record: dict[str, object]) -> None:
    """Print the record, in as many lines as its size needs."""
    for line in lines(record):
        _write(line)


def lines(record: dict[str, object]) -> list[str]:
    """Return the record's line, or its parts when it is longer than `LINE_BYTES_MAX`.

    Every part repeats the head (chain, invocation, function, start) and holds the next stretch of
    the causes and of the calls; a ``cause_index`` counts over all parts.
    """
    line = encode(record)
    parts_count = 1
    parts = [line]
    while max(map(len, parts)) > LINE_BYTES_MAX and parts_count < _PARTS_MAX:
        parts_count = max(parts_count * 2, len(line) // LINE_BYTES_MAX + 1)
        parts = [encode(_part(record, n, parts_count)) for n in range(1, parts_count + 1)]
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


def _write(line: str) -> None:
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
