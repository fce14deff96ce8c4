"""A table as a file: CSV for spreadsheets, Parquet for tools, JSON for programs.

Unknown is an empty field in CSV and null in the others; instants stay microseconds.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    import pandas as pd


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Return the rows as CSV with a header.

    A text that a spreadsheet would run as a formula gets an apostrophe before it (OWASP's rule).
    """
    safe = frame.copy()
    for column in safe.select_dtypes(include=["object", "str"]):
        safe[column] = [_harmless(value) for value in safe[column]]
    text: str = safe.to_csv(index=False)
    return text.encode()


def json_bytes(frame: pd.DataFrame) -> bytes:
    """Return the rows as a JSON array of objects; money keeps fifteen digits."""
    text: str = frame.to_json(orient="records", date_format="iso", double_precision=15, indent=1)
    return text.encode()


def parquet_bytes(frame: pd.DataFrame) -> bytes:
    """Return the rows as one Parquet file."""
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), sink)
    return sink.getvalue()


def _harmless(value: object) -> object:
    is_formula = isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}
    return f"'{value}" if is_formula else value


FORMATS: Mapping[str, tuple[Callable[[pd.DataFrame], bytes], str]] = {
    "CSV": (csv_bytes, "text/csv"),
    "Parquet": (parquet_bytes, "application/vnd.apache.parquet"),
    "JSON": (json_bytes, "application/json"),
}
"""Name of a format: what makes its bytes, and its media type."""
