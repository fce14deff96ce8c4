"""What stands beside the SQL editor: the schema as text, and how much of an answer is shown."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from chainlight_dashboard.views import units
from chainlight_dashboard.views.plain import clipped

if TYPE_CHECKING:
    import pandas as pd


OUTLINE_STYLE = """<style>
.schema summary { padding: 3px 4px; cursor: pointer; }
.schema pre { margin: 0 0 6px 18px; font-size: 0.8rem; overflow-x: auto; }
</style>"""


def schema_outline(columns: pd.DataFrame) -> str:
    """Return a page's part that opens each relation, in the order given, to its columns and types.

    One piece and not an expander each: sixty took a browser 0.4 s before anybody opened one.
    """
    groups = "".join(_group(relation, columns) for relation in dict.fromkeys(columns["relation"]))
    return f'{OUTLINE_STYLE}<div class="schema">{groups}</div>'


def _group(relation: str, columns: pd.DataFrame) -> str:
    own = columns[columns["relation"] == relation]
    width = int(own["column_name"].str.len().max())
    lines = (
        f"{clipped(name):<{width}}  {kind.lower()}"
        for name, kind in zip(own["column_name"], own["data_type"], strict=True)
    )
    words = html.escape("\n".join(lines))
    return f"<details><summary>{html.escape(relation)}</summary><pre>{words}</pre></details>"


def capped(rows_count: int, *, is_cut: bool) -> str:
    """Return how many rows are shown, and that there are more where the cap cut them."""
    rows = units.counted(rows_count, "row")
    return f"The first {rows}; there are more" if is_cut else rows
