"""UTC or the reader's own clock: every instant on a page is shown in one zone, which it names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

UTC_LABEL = "UTC"
LOCAL_LABEL = "local"
CHOICES = (UTC_LABEL, LOCAL_LABEL)


@dataclass(frozen=True, slots=True)
class Zone:
    """A clock: `label` stands beside instants, `name` is what the browser's tables understand."""

    label: str
    name: str
    clock: tzinfo


UTC_ZONE = Zone(UTC_LABEL, "UTC", UTC)


def zone(choice: str | None, browser_zone: str | None) -> Zone:
    """Return the chosen clock; a browser that names no known zone gets UTC, and is told so."""
    if choice != LOCAL_LABEL or not browser_zone:
        return UTC_ZONE
    try:
        return Zone(browser_zone, browser_zone, ZoneInfo(browser_zone))
    except (ZoneInfoNotFoundError, ValueError):
        return UTC_ZONE


def wall_clock(instants_us: Iterable[float], shown: Zone) -> pd.Series:
    """Return instants so that a chart drawn in UTC shows the wall clock of `shown`."""
    at = pd.to_datetime(pd.Series(instants_us), unit="us", utc=True)
    return at.dt.tz_convert(shown.name).dt.tz_localize(None).dt.tz_localize("UTC")
