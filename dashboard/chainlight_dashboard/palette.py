"""The two hues and their neutrals, for what streamlit's theme does not reach: charts.

Blue is money, orange is trouble. The same values stand in `.streamlit/config.toml`; a test
compares them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one ground; `faint` is for marks that only give context."""

    money: str
    trouble: str
    ink: str
    faint: str
    quiet: str
    line: str
    ground: str


LIGHT = Palette(
    money="#2a7ab5",
    trouble="#c94f00",
    ink="#12161b",
    faint="#9aa5b1",
    quiet="#66707b",
    line="#dde2e7",
    ground="#ffffff",
)
DARK = Palette(
    money="#4f9fd8",
    trouble="#ff8a4c",
    ink="#eef2f6",
    faint="#5d6874",
    quiet="#8b96a2",
    line="#2b333c",
    ground="#101418",
)


def palette(theme: str | None) -> Palette:
    """Return the colours for streamlit's theme type, light where it is unknown."""
    return DARK if theme == "dark" else LIGHT
