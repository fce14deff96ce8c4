"""Numbers as text: unknown is "unknown" and never 0, every number carries its unit."""

from __future__ import annotations

import math
from datetime import UTC, datetime, tzinfo

import pandas as pd

UNKNOWN = "unknown"
MONTH_DAYS = 30
SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US

Number = int | float | None


def is_unknown(value: object) -> bool:
    """Return whether `value`, a scalar, is NULL as frames say it: None, NaN, NaT or NA."""
    return bool(pd.isna(value))


def money(usd: Number) -> str:
    """Return US dollars: whole above 100, cents above 1 cent, else two significant digits."""
    if usd is None or is_unknown(usd):
        return UNKNOWN
    if usd == 0:
        return "$0"
    sign, size = ("-" if usd < 0 else ""), abs(usd)
    if size >= 100:  # noqa: PLR2004
        return f"{sign}${size:,.0f}"
    if size >= 0.01:  # noqa: PLR2004
        return f"{sign}${size:,.2f}"
    digits = 1 - math.floor(math.log10(size))
    return f"{sign}${size:.{digits}f}"


def duration(length_us: Number) -> str:
    """Return a length from microseconds to days in at most two units: "6.0 s", "3 min 06 s"."""
    if length_us is None or is_unknown(length_us):
        return UNKNOWN
    if length_us < 0:
        return f"-{duration(-length_us)}"
    if length_us < MINUTE_US:
        return _below_a_minute(length_us)
    total_s = round(length_us / SECOND_US)
    if total_s < 3600:  # noqa: PLR2004
        return f"{total_s // 60} min {total_s % 60:02d} s"
    if total_s < 48 * 3600:
        return f"{total_s // 3600} h {total_s % 3600 // 60:02d} min"
    return f"{total_s // 86400} d {total_s % 86400 // 3600} h"


def _below_a_minute(length_us: float) -> str:
    if length_us == 0:
        return "0 s"
    if length_us < 1_000:  # noqa: PLR2004
        return f"{length_us:.0f} µs"
    if length_us < SECOND_US:
        return f"{length_us / 1_000:.0f} ms"
    seconds = length_us / SECOND_US
    return f"{seconds:.2f} s" if seconds < 2 else f"{seconds:.1f} s"  # noqa: PLR2004


def share(part: Number) -> str:
    """Return a share of 0..1 in percent; a share that is small but not nothing says so."""
    if part is None or is_unknown(part):
        return UNKNOWN
    percent = part * 100
    if 0 < percent < 0.1:  # noqa: PLR2004
        return "< 0.1 %"
    if 99.9 < percent < 100:  # noqa: PLR2004
        return "99.9 %"
    return f"{percent:.0f} %" if percent == 0 or percent >= 10 else f"{percent:.1f} %"  # noqa: PLR2004


def count(number: Number) -> str:
    """Return a whole number with thousands separated."""
    if number is None or is_unknown(number):
        return UNKNOWN
    return f"{int(number):,}"


def counted(number: Number, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun: "1 message", "3 messages", "unknown messages"."""
    many = plural or f"{noun}s"
    return f"{count(number)} {noun if number == 1 else many}"


def instant(at_us: Number, zone: tzinfo = UTC) -> str:
    """Return an instant to the second, without its year: "21 Nov 21:40:05"."""
    if at_us is None or is_unknown(at_us):
        return UNKNOWN
    return f"{moment(at_us, zone):%d %b %H:%M:%S}".lstrip("0")


def moment(at_us: float, zone: tzinfo = UTC) -> datetime:
    """Return epoch microseconds as a datetime of `zone`."""
    return datetime.fromtimestamp(at_us / SECOND_US, tz=zone)
