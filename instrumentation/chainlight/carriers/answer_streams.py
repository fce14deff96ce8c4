"""Answers that arrive as a stream of events: the wait goes on while the handler waits for them.

`follow` steps between botocore's event stream and the events it reads: the object that the user
has stays botocore's own. Added to the wait is the time spent waiting for events, not what the
handler does with them. A stream that nobody reads ends the wait with the answer's head.
"""

from __future__ import annotations

from time import perf_counter_ns

from chainlight.errors import guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlight.invocation import Call

_LAST = "InvokeComplete"


def follow(call: Call, stream: object) -> None:
    """Let the call know what its event stream brings, and when."""
    events = getattr(stream, "_event_generator", None)
    if events is not None:
        call.result_was_read = 0
        stream._event_generator = _timed(call, events)  # type: ignore[attr-defined]  # noqa: SLF001


def _timed(call: Call, events: Iterator[object]) -> Iterator[object]:
    while True:
        asked_ns = perf_counter_ns()
        try:
            event = next(events)
        except StopIteration:
            return
        finally:
            guard("E04", _add_wait, call, perf_counter_ns() - asked_ns)
        guard("E04", _notice, call, event)
        yield event


def _add_wait(call: Call, waited_ns: int) -> None:
    if not call.result_was_read:
        call.result_was_read, call.response_bytes = 1, 0  # counted anew, without the framing
    call.wait_us = (call.wait_us or 0) + waited_ns // 1000


def _notice(call: Call, event: object) -> None:
    payload: bytes = getattr(event, "payload", b"")
    if getattr(event, "headers", {}).get(":event-type") != _LAST:
        call.response_bytes = (call.response_bytes or 0) + len(payload)
        return
    from json import loads  # noqa: PLC0415 - once a stream

    error_type = loads(payload or b"{}").get("ErrorCode")
    if isinstance(error_type, str):
        call.error_type = error_type
