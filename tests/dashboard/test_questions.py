"""What is asked ahead is what pages ask: an answer to another question would be made in vain."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
from pages import Open, deep_link, opened

from chainlight_dashboard import ahead, data, login, source
from chainlight_dashboard.parts import header
from chainlight_dashboard.views.questions import PAGES, questions

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from starlette.types import Receive, Scope, Send

    from chainlight_dashboard.catalog import Value

__all__ = ["opened"]

NOW_US = time.time_ns() // 1_000
ADDRESSES: list[tuple[str, dict[str, str]]] = [
    *((page, {}) for page in PAGES),
    ("", {"range": "7 d"}),
    ("chains", {"find": "mail", "mark": "failed", "shape": "none", "range": "all"}),
    ("functions", {"function": "mail"}),
    ("waiting", {"call": "mail", "all": "true"}),
    ("dlq", {"queue": "receipts-dlq"}),
]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows by each question that the database is asked."""
    found: list[str] = []
    before = data._frame

    def frame(path: str, version: str, name: str, parameters: dict[str, Value]) -> pd.DataFrame:
        found.append(_said(name, parameters))
        return before(path, version, name, parameters)

    monkeypatch.setattr(data, "_frame", frame)
    monkeypatch.setattr(header, "now_us", lambda: NOW_US)
    return found


@pytest.mark.parametrize(("page", "address"), ADDRESSES)
def test_a_page_asks_what_its_address_says(
    opened: Open, filled: Path, asked: list[str], page: str, address: dict[str, str]
) -> None:
    address = {**deep_link(filled, page), **address}
    opened(page or "overview", filled, **address)
    ahead_of = questions(page, {key: [value] for key, value in address.items()}, NOW_US)
    said = [_said(one.name, one.parameters) for one in ahead_of]
    assert [one for one in said if one not in asked] == []
    assert said


def test_a_readers_condition_is_not_asked_ahead() -> None:
    assert questions("chains", {"find": ["where cost_usd > 1"]}, NOW_US) == []
    assert questions("nonsense", {}, NOW_US) == []


def test_a_question_that_fails_leaves_the_next_ones_to_be_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(source.DATABASE_VARIABLE, str(tmp_path / "none.duckdb"))
    for _ in range(2 * ahead.PAGES_AT_ONCE):
        ahead._free.acquire()
        ahead._ask(questions("shape", {}, NOW_US))


@pytest.mark.parametrize(("login_wanted", "begun"), [("0", ["chains"]), ("1", [])])
def test_nothing_is_asked_ahead_behind_a_login(
    monkeypatch: pytest.MonkeyPatch, login_wanted: str, begun: list[str]
) -> None:
    found: list[str] = []
    monkeypatch.setenv(login.LOGIN_VARIABLE, login_wanted)
    monkeypatch.setattr(ahead, "begin", lambda page, _: found.append(page))

    assert _visited("/chains", b"range=7+d") == "/chains"
    assert found == begun


@pytest.mark.parametrize(
    "query", [b"range=%00", b"range=99999999999+d", b"a&b=&range", b"\xff=\xe4"]
)
def test_an_odd_address_is_answered_as_any_other(
    monkeypatch: pytest.MonkeyPatch, query: bytes
) -> None:
    monkeypatch.setattr(ahead._threads, "submit", lambda *_: ahead._free.release())
    assert _visited("/", query) == "/"


def _visited(path: str, query: bytes) -> str:
    """Return the path that the application behind was asked for."""
    asked: list[str] = []

    async def application(scope: Scope, _: Receive, __: Send) -> None:
        asked.append(scope["path"])

    scope: Scope = {"type": "http", "method": "GET", "path": path, "query_string": query}
    asyncio.run(ahead.Ahead(application)(scope, None, None))  # type: ignore[arg-type]
    return asked[0]


def _said(name: str, parameters: dict[str, Value]) -> str:
    return f"{name} {sorted(parameters.items())}"
