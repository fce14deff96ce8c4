"""What the browser is given to paint a table, and what it says without one."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs

import pandas as pd
import pytest
from pages import Open, deep_link, opened, table

from chainlight_dashboard import tables
from chainlight_dashboard.tables import Rows
from chainlight_dashboard.views import columns
from chainlight_dashboard.views.zones import UTC_ZONE

__all__ = ["opened"]

VALUES = pd.DataFrame(
    {
        "name": ["<b>a</b>", "b"],
        "runs": [1_234, None],
        "usd": [0.5, None],
        "at": [1_795_291_205_123_000, None],
        "course": [[1.0, 3.0, 2.0], []],
    }
)
COLUMNS = {
    "name": columns.words("Name", 100),
    "runs": columns.number("Runs"),
    "usd": columns.bar("Cost", 90, "$%.2f", end=2.0, hue="blue"),
    "at": columns.instant("At", 80, UTC_ZONE),
    "course": columns.course("Latest", 80, "%.1f s"),
}


def test_unknown_is_a_word_without_a_bar_and_without_a_place_in_the_order() -> None:
    painted = tables.painted(VALUES, COLUMNS, None)
    name, runs, usd, at, course = painted["columns"]  # type: ignore[misc]
    assert name["texts"] == ["<b>a</b>", "b"]
    assert (runs["texts"], runs["sorts"]) == (["1,234", "unknown"], [1234.0, None])
    assert (usd["texts"], usd["shares"]) == (["$0.50", "unknown"], [0.25, 0.0])
    assert at["texts"] == ["20:00:05.123", "unknown"]
    assert (course["texts"], course["courses"]) == (
        ["latest 2.0 s", "unknown"],
        [[0.0, 1.0, 0.5], []],
    )


def test_rows_of_one_ident_are_told_apart_and_one_may_lead_nowhere() -> None:
    painted = tables.painted(VALUES, COLUMNS, Rows("name", ["x", "x"], ["chain?id=x", None], "x"))
    assert painted["idents"] == ["x", "x 2"]
    assert painted["hrefs"] == ["chain?id=x", None]
    assert (painted["link"], painted["selected"]) == (0, "x")


def test_a_payload_is_json_without_surprises() -> None:
    """Neither NaN, which browsers do not read, nor numpy's numbers."""
    assert "NaN" not in json.dumps(tables.painted(VALUES, COLUMNS, None), allow_nan=False)


def test_links_take_the_headers_choices_along(opened: Open, filled: Path) -> None:
    test = opened("chains", filled, range="7 d", tz="local", mark="failed")
    page, _, query = table(test, "chains")["hrefs"][0].partition("?")
    chosen = parse_qs(query)
    assert (page, len(chosen.pop("id"))) == ("chain", 1)
    assert chosen == {"tz": ["local"], "range": ["7 d"]}
    assert "range=7+d" in table(opened("functions", filled, range="7 d"), "functions")["hrefs"][0]


def test_an_edge_is_chosen_by_its_address_and_a_stranger_by_none(
    opened: Open, filled: Path
) -> None:
    first, second = table(opened("waiting", filled), "edges")["idents"][:2]
    assert table(opened("waiting", filled, edge=second), "edges")["selected"] == second
    assert table(opened("waiting", filled, edge="nobody calls"), "edges")["selected"] == first


def test_a_queues_row_leads_to_its_messages(opened: Open, filled: Path) -> None:
    (name,) = parse_qs(table(opened("dlq", filled), "queues")["hrefs"][0].lstrip("?"))["queue"]
    test = opened("dlq", filled, queue=name)
    assert test.session_state["queue"] == table(test, "queues")["idents"][0]


@pytest.mark.parametrize("view", ["Logs", "Graph", "Table", "Raw rows"])
def test_each_view_of_a_chain_has_an_address(opened: Open, filled: Path, view: str) -> None:
    test = opened("chain", filled, view=view, **deep_link(filled, "chain"))
    assert not test.exception
    assert test.session_state["view"] == view


def test_a_long_table_is_a_canvas(
    monkeypatch: pytest.MonkeyPatch, opened: Open, filled: Path
) -> None:
    monkeypatch.setattr(tables, "ROWS_MAX", 3)
    test = opened("chain", filled, view="Logs", **deep_link(filled, "chain"))
    assert not test.exception
    assert "What it says" in test.dataframe[0].value
