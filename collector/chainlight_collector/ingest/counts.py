"""What became of the lines of an input: every line is counted once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of input lines, messages or documents; two of them add up with ``+``.

    ``kept`` made a new fact row, ``known`` was there already, ``skipped`` is no business of ours
    (ordinary application lines), ``rejected`` is new in ``reject_rows``. The four add up to the
    number of lines read. ``touched_since_us`` is the earliest instant of a new row: None where
    nothing is new, 0 where a new row has no time (then everything has to be derived anew).
    """

    kept: int = 0
    known: int = 0
    skipped: int = 0
    rejected: int = 0
    touched_since_us: int | None = None

    def __add__(self, other: Counts) -> Counts:
        """Return the counts of both together."""
        touched = [us for us in (self.touched_since_us, other.touched_since_us) if us is not None]
        return Counts(
            kept=self.kept + other.kept,
            known=self.known + other.known,
            skipped=self.skipped + other.skipped,
            rejected=self.rejected + other.rejected,
            touched_since_us=min(touched, default=None),
        )
