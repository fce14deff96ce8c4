"""Reading JSON of the user's own: what is not of the type it should be reads as nothing."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from chainlight.sources import Cause

    Json = dict[str, object]

_DAYS_TO_1970 = 719_468
_SECOND_CHARS = 19
_DIGITS_MAX = 16
_MS_END = 10**14


def dict_of(value: object) -> Json:
    """Return the value if it is a dict, else an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[object]:
    """Return the value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def at(value: object, *path: str) -> object:
    """Return what lies under a path of names, or None where it ends early."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def whole(value: object) -> int | None:
    """Return a number from 0 to ten thousand million million, also one written as digits."""
    if isinstance(value, str) and value.isdecimal() and len(value) <= _DIGITS_MAX:
        return int(value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 <= value < 10**_DIGITS_MAX else None  # type: ignore[operator,return-value]


def us_of_ms(value: object) -> int | None:
    """Return the microseconds of an instant in milliseconds; None past the year 5138."""
    number = whole(value)
    return None if number is None or number >= _MS_END else number * 1000


def instant_us(text: object) -> int | None:
    """Return microseconds since the epoch of ``2019-01-02T12:45:07.123Z``, None for other texts.

    By hand, because an import of datetime costs a millisecond; days counted as in Howard
    Hinnant's "chrono-compatible low-level date algorithms".
    """
    if not isinstance(text, str) or text[10:11] != "T" or not text.endswith("Z"):
        return None
    fraction = text[_SECOND_CHARS + 1 : -1]
    pieces = (text[:4], text[5:7], text[8:10], text[11:13], text[14:16], text[17:19])
    if not all(piece.isdecimal() for piece in pieces) or not (fraction or "0").isdecimal():
        return None
    year, month, day, hour, minute, second = map(int, pieces)
    year -= month <= 2  # noqa: PLR2004 - a year that begins in March ends with the leap day
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    days = year * 365 + year // 4 - year // 100 + year // 400 + of_year - _DAYS_TO_1970
    seconds = (days * 24 + hour) * 3600 + minute * 60 + second
    return seconds * 1_000_000 + int(fraction[:6].ljust(6, "0"))


def take_headers(cause: Cause, *sets: object) -> None:
    """Take the chain from HTTP headers or message attributes, in any case, one value or several.

    ``traceparent`` is asked first: it names the very call.
    """
    found: dict[str, object] = {}
    for headers in sets:
        for name, value in dict_of(headers).items():
            if len(name) in _LENGTHS and name.lower() in _NAMES:
                found.setdefault(name.lower(), _one(value))
    cause.take_traceparent(found.get("traceparent"))
    cause.take_trace_header(found.get("x-amzn-trace-id"))


_NAMES = frozenset(("traceparent", "x-amzn-trace-id"))
_LENGTHS = frozenset(map(len, _NAMES))


def _one(value: object) -> object:
    """Return the value of a header, of a list of its values, or of a message attribute."""
    if isinstance(value, list):
        return value[0] if value else None
    if isinstance(value, dict):
        return value.get("stringValue") or value.get("Value")
    return value
