"""What a check found: one line for a person, and the things it speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """How well something is."""

    OK = "ok"
    """As it should be."""
    NOTE = "note"
    """Worth knowing; nothing is missing."""
    MISSING = "missing"
    """Something cannot be read or seen, and the text says what to do."""
    FAILED = "failed"
    """AWS or the database did not answer at all."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    check: str
    state: State
    text: str
    details: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return it as `doctor --json` prints it."""
        return {
            "check": self.check,
            "state": self.state.value,
            "text": self.text,
            "details": list(self.details),
        }


def exit_code(findings: Sequence[Finding]) -> int:
    """Return 0 where nothing is missing, 3 where something is, 1 where nothing answered."""
    states = {finding.state for finding in findings}
    if State.FAILED in states:
        return 1
    return 3 if State.MISSING in states else 0
