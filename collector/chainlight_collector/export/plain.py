"""The chain as JSON (every row of every view) and as CSV (one line an attempt)."""

from __future__ import annotations

import csv
import io
import json
import math
from datetime import date, datetime
from typing import TYPE_CHECKING

from chainlight_collector.export.rows import PARTS

if TYPE_CHECKING:
    from chainlight_collector.export.rows import Chain

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would run; such a text gets an apostrophe before it (OWASP's rule)."""


def as_json(chain: Chain) -> str:
    """Return one object: `chain`, and a list per view. Times are ISO 8601, unknown is null."""
    whole = {"chain": chain.chain, **{name: getattr(chain, name) for name in PARTS}}
    return json.dumps(_finite(whole), indent=1, ensure_ascii=False, default=_text)


def as_csv(chain: Chain) -> str:
    """Return a header and one line per attempt; unknown is empty."""
    columns = list(chain.attempts[0]) if chain.attempts else []
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(columns)
    for attempt in chain.attempts:
        writer.writerow([_cell(attempt[column]) for column in columns])
    return sink.getvalue()


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value.isoformat() if isinstance(value, datetime | date) else value


def _finite(value: object) -> object:
    """Return the value without NaN and infinity, for which JSON has no word."""
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)
