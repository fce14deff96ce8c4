"""One chain as a file that other tools open: JSON, CSV, OTLP JSON, a Perfetto trace.

`read` takes the chain's rows from the public views; the formats are pure functions of those rows.
Nothing is left out silently: what a format has no word for becomes an attribute or an argument.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlight_collector.export.otlp import otlp
from chainlight_collector.export.perfetto import perfetto
from chainlight_collector.export.plain import as_csv, as_json
from chainlight_collector.export.rows import Chain, read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["FORMATS", "Chain", "file_name", "read", "render"]

FORMATS: Mapping[str, tuple[Callable[[Chain], str], str]] = {
    "json": (as_json, "json"),
    "csv": (as_csv, "csv"),
    "otlp": (otlp, "otlp.json"),
    "perfetto": (perfetto, "perfetto.json"),
}
"""Name of a format: what writes it, and how its files end."""


def render(chain: Chain, style: str) -> str:
    """Return the chain in one of `FORMATS`."""
    return FORMATS[style][0](chain)


def file_name(chain_id: str, style: str) -> str:
    """Return a name for the file, with nothing in it that a shell or a file system minds."""
    safe = "".join(sign if sign.isalnum() or sign == "-" else "_" for sign in chain_id[:80])
    return f"chain-{safe}.{FORMATS[style][1]}"
