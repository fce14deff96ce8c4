"""What stands beside the SQL editor: the schema as text, and how much of an answer is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlight_dashboard.views import units
from chainlight_dashboard.views.plain import clipped, escaped

if TYPE_CHECKING:
    import pandas as pd


def schema_groups(columns: pd.DataFrame) -> list[tuple[str, str]]:
    """Return (relation, its columns as lines of "name TYPE"), in the order given."""
    groups = []
    for relation in dict.fromkeys(columns["relation"]):
        own = columns[columns["relation"] == relation]
        width = int(own["column_name"].str.len().max())
        lines = (
            f"{clipped(name):<{width}}  {kind.lower()}"
            for name, kind in zip(own["column_name"], own["data_type"], strict=True)
        )
        groups.append((escaped(relation), "\n".join(lines)))
    return groups


def capped(rows_count: int, *, is_cut: bool) -> str:
    """Return how many rows are shown, and that there are more where the cap cut them."""
    rows = units.counted(rows_count, "row")
    return f"The first {rows}; there are more" if is_cut else rows
