"""Opens pages without a browser, and reads what they show."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import chainlight_dashboard
from chainlight_dashboard import data, source

Open = Callable[..., AppTest]

ROOT = Path(chainlight_dashboard.__file__).parent
PAGES = (
    "overview", "chains", "chain", "shape", "compare", "functions", "waiting", "dlq", "sql",
)  # fmt: skip


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return what opens a page of a database, with parameters of its address."""

    def open_page(page: str, database: Path, **parameters: str) -> AppTest:
        monkeypatch.setenv(source.DATABASE_VARIABLE, str(database))
        test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        test._page_hash = calc_hash("" if page == "overview" else page)
        for key, value in parameters.items():
            test.query_params[key] = value
        return test.run()

    return open_page


def words_of(test: AppTest) -> str:
    """Return the words of a page, without what escapes them."""
    parts = [*test.markdown, *test.caption, *test.code, *test.text]
    words = [str(part.value) for part in parts]
    return "\n".join([*words, *_copied(test)]).replace("\\", "")


def _copied(test: AppTest) -> list[str]:
    protos = [part.proto for part in test.get("bidi_component")]
    return [json.loads(one.json)["text"] for one in protos if one.css_source_path == "copied.css"]


def table(test: AppTest, key: str) -> dict[str, Any]:
    """Return what the browser paints the table of a key from."""
    protos = [part.proto for part in test.get("bidi_component")]
    sent = [json.loads(proto.json) for proto in protos if proto.css_source_path == "table.css"]
    return next(payload for payload in sent if payload["key"] == key)


def column_of(test: AppTest, key: str, heading: str) -> list[str]:
    """Return the words of one column of a table."""
    found = [column for column in table(test, key)["columns"] if column["heading"] == heading]
    return list(found[0]["texts"])


def deep_link(database: Path, page: str) -> dict[str, str]:
    """Return what the address of a page names, where it is about one thing."""
    with duckdb.connect(str(database), read_only=True, config=dict(data.SETTINGS)) as connection:
        found = connection.execute(
            "SELECT chain_id, shape_id FROM chains ORDER BY attempts_count DESC, chain_id LIMIT 1"
        ).fetchone()
    chain_id, shape_id = (str(one) for one in found or ("", ""))
    links = {"chain": {"id": chain_id}, "shape": {"id": shape_id}, "compare": {"a": chain_id}}
    return links.get(page, {})
