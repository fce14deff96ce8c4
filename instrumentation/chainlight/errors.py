"""The layer's own failures: never raised, one coded line each on standard error.

Each code is printed at most once in a cold start. A line reads
``chainlight E03 KeyError at functions.py:41; <what happens instead>``. It names the
place in our code and never the message of the exception, which could quote the user's data.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    Result = TypeVar("Result")

CONSEQUENCES = {
    "E01": "the invocation could not be opened: the handler runs unrecorded",
    "E02": "the event's source could not be read: it is recorded as unknown",
    "E03": "a call could not be prepared: it is sent as it was, linked by its natural key",
    "E04": "a call's answer could not be read: the call is recorded without its keys",
    "E05": "the record could not be printed: this invocation has no line",
    "E06": "a library could not be hooked: its calls are not recorded",
    "E07": "the deadline could not be watched: a timed-out invocation will have no line",
    "E08": "a setting was not understood: its default is used",
    "E09": "a bridge to another tracer failed: that tracer does not learn the chain id",
    "E10": "one of chainlight's own functions failed: it did nothing",
}
"""Each code with what the user loses, and nothing else changes: the handler never notices."""

_printed: set[str] = set()


def guard(code: str, function: Callable[..., Result], *arguments: object) -> Result | None:
    """Return what the function returns, or None after a coded line when it raised an Exception.

    All of our code that runs beside a handler runs inside this one guard. KeyboardInterrupt and
    SystemExit pass, because they are addressed to the handler.
    """
    try:
        return function(*arguments)
    except Exception as error:  # noqa: BLE001 - this is the guard
        try:  # noqa: SIM105 - contextlib takes a millisecond to import
            complain(code, error)
        except Exception:  # noqa: BLE001, S110 - it never raises, whatever breaks
            pass
        return None


def complain(code: str, error: BaseException | str) -> None:
    """Print the line of this code, once in the life of the process; never raises."""
    if code in _printed:
        return
    _printed.add(code)
    try:
        sys.stderr.write(f"chainlight {code} {_name(error)}; {CONSEQUENCES[code]}\n")
        sys.stderr.flush()
    except Exception:  # noqa: BLE001, S110 - with standard error gone there is nobody to tell
        pass


def _name(error: BaseException | str) -> str:
    if isinstance(error, str):
        return error
    trail = error.__traceback__
    if trail is None:
        return type(error).__name__
    while trail.tb_next is not None:
        trail = trail.tb_next
    file_name = trail.tb_frame.f_code.co_filename.rpartition("/")[2]
    return f"{type(error).__name__} at {file_name}:{trail.tb_lineno}"
