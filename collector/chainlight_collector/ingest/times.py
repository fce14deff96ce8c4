"""Instants as AWS writes them, in epoch microseconds."""

from __future__ import annotations

from datetime import UTC, datetime

_MS_FROM = 100_000_000_000
"""Numbers from here on are milliseconds: as seconds they would be the year 5138."""
_US_MAX = 4_102_444_800_000_000


def us_of(instant: object) -> int | None:
    """Return an instant given as a datetime, ISO text, epoch seconds or epoch milliseconds.

    Text without an offset is UTC. None for anything else, and outside of 1970 to 2100.
    """
    try:
        found = _us(instant)
    except (ValueError, OverflowError):
        return None
    return found if found is not None and 0 <= found <= _US_MAX else None


def _us(instant: object) -> int | None:
    if isinstance(instant, datetime):
        return _us_of_datetime(instant)
    if isinstance(instant, bool):
        return None
    if isinstance(instant, int | float):
        return round(instant * (1_000 if instant >= _MS_FROM else 1_000_000))
    if not isinstance(instant, str):
        return None
    if instant.replace(".", "", 1).isdigit():
        return _us(float(instant))
    return _us_of_datetime(datetime.fromisoformat(instant))


def _us_of_datetime(instant: datetime) -> int:
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1_000_000)
