"""For the user's own tests: what their handlers would print, as records."""

from __future__ import annotations

from chainlight import output
from chainlight.record import decode

Record = dict[str, object]


class capture_records:  # noqa: N801 - reads as a verb: with capture_records() as records
    """Collect the records printed inside the with block, decoded, instead of printing them."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def __enter__(self) -> list[Record]:
        self._previous = output.capture
        output.capture = self._keep
        return self.records

    def __exit__(self, *_: object) -> None:
        output.capture = self._previous

    def _keep(self, line: str) -> None:
        self.records.append(decode(line))
