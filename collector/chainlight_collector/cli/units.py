"""Numbers as people read them; the unknown is said, never shown as 0."""

from __future__ import annotations

from dataclasses import dataclass

UNKNOWN = "unknown"
_MINUTE_US = 60_000_000
_SECOND_US = 1_000_000
_MILLISECOND_US = 1_000


def length_text(us: int | None) -> str:
    """Return a length of microseconds in the unit that suits it: 850 µs, 12.4 ms, 3 min 06 s."""
    if us is None:
        return UNKNOWN
    if us >= _MINUTE_US:
        seconds = round(us / _SECOND_US)
        return f"{seconds // 60} min {seconds % 60:02d} s"
    if us >= _SECOND_US:
        return f"{us / _SECOND_US:.1f} s"
    if us >= _MILLISECOND_US:
        return f"{us / _MILLISECOND_US:.1f} ms"
    return f"{us} µs"


def usd_text(usd: float | None) -> str:
    """Return US dollars with as many digits as a small amount needs."""
    if usd is None:
        return UNKNOWN
    return f"${usd:.2f}" if abs(usd) >= 1 or usd == 0 else f"${usd:.3g}"


@dataclass(frozen=True, slots=True)
class Currency:
    """How money reads: the label of a currency, and what one US dollar is in it."""

    label: str = "$"
    per_usd: float = 1.0

    def text(self, usd: float | None) -> str:
        """Return an amount of US dollars in this currency; list prices stay list prices."""
        if usd is None:
            return UNKNOWN
        text = usd_text(usd * self.per_usd)
        return text if self.label == "$" else f"{text.replace('$', '')} {self.label}"


def share_text(share: float | None) -> str:
    """Return a share of 0 to 1 in percent."""
    return UNKNOWN if share is None else f"{100 * share:.0f} %"


def plain_text(value: object) -> str:
    """Return any other value as it is."""
    return UNKNOWN if value is None else str(value)
