"""The pieces of the Compare page: which two, the verdict, the totals, the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from chainlight_dashboard import tables
from chainlight_dashboard.views import columns, compare

if TYPE_CHECKING:
    from chainlight_dashboard.views.compare import Side

TYPICAL = "typical"
ROWS_HEIGHT = 420


def chosen() -> tuple[str, str]:
    """Draw the two ids, in the URL as `a` and `b`; an empty right one is the typical run."""
    left, right = st.columns(2, gap="medium")
    one = left.text_input("Left: chain id", key="a", bind="query-params")
    two = right.text_input(
        "Right: chain id",
        key="b",
        bind="query-params",
        placeholder="empty: the typical run of the left one's shape",
    )
    return (one or "").strip(), (two or "").strip()


def totals(left: Side, right: Side) -> None:
    """Draw both sides' totals and their difference."""
    names = {"measure": "Measure", "left": "Left",
             "right": right.name.removeprefix("the ").capitalize(),
             "difference": "Left minus right"}  # fmt: skip
    tables.table(
        compare.totals(left, right),
        {name: columns.words(title) for name, title in names.items()},
        key="totals",
        label="Totals of both chains and their difference",
        is_sortable=False,
    )


def rows(left: Side, right: Side) -> None:
    """Draw the rows of both, largest difference in time first."""
    names = {"step": "Step", "by": "by", "left": "Left took", "right": "Right took",
             "time": "Time", "cost": "Cost", "idle": "Paid idle", "path": "Path"}  # fmt: skip
    tables.table(
        compare.difference_table(compare.aligned(left, right)),
        {name: columns.words(title) for name, title in names.items()},
        key="rows",
        label="Rows of both chains, largest difference first",
        height_max=ROWS_HEIGHT,
        is_sortable=False,
    )


def verdict(left: Side, right: Side) -> None:
    """Draw what differs, in a paragraph."""
    st.markdown(compare.verdict(left, right, compare.aligned(left, right)))
