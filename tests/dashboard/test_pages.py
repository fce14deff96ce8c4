"""Every page in every state, without a browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

import chainlight_dashboard
from chainlight_dashboard import data, source

if TYPE_CHECKING:
    from collections.abc import Callable

    Open = Callable[..., AppTest]

ROOT = Path(chainlight_dashboard.__file__).parent
PAGES = (
    "overview", "chains", "chain", "shape", "compare", "functions", "waiting", "dlq", "sql",
)  # fmt: skip
LINES_MAX = 80


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Open:
    def open_page(page: str, database: Path, **parameters: str) -> AppTest:
        monkeypatch.setenv(source.DATABASE_VARIABLE, str(database))
        test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        test._page_hash = calc_hash("" if page == "overview" else page)
        for key, value in parameters.items():
            test.query_params[key] = value
        return test.run()

    return open_page


def _text(test: AppTest) -> str:
    parts = [*test.markdown, *test.caption, *test.code, *test.text]
    return "\n".join(str(part.value) for part in parts).replace("\\", "")


def _table(test: AppTest, key: str) -> dict[str, Any]:
    """Return what the browser paints the table of a key from."""
    protos = [part.proto for part in test.get("bidi_component")]
    sent = [json.loads(proto.json) for proto in protos if proto.css_source_path == "table.css"]
    return next(payload for payload in sent if payload["key"] == key)


def _texts(test: AppTest, key: str, heading: str) -> list[str]:
    """Return the words of one column of a table."""
    found = [column for column in _table(test, key)["columns"] if column["heading"] == heading]
    return list(found[0]["texts"])


def _chain_id(database: Path, status: str) -> str:
    with duckdb.connect(str(database), read_only=True, config=dict(data.SETTINGS)) as connection:
        found = connection.execute(
            "SELECT chain_id FROM chains WHERE status = $status LIMIT 1", {"status": status}
        ).fetchone()
    assert found is not None
    return str(found[0])


def _deep_link(database: Path, page: str) -> dict[str, str]:
    """Return what the URL of a page names, where it is about one thing."""
    with duckdb.connect(str(database), read_only=True, config=dict(data.SETTINGS)) as connection:
        found = connection.execute(
            "SELECT chain_id, shape_id FROM chains ORDER BY attempts_count DESC, chain_id LIMIT 1"
        ).fetchone()
    chain_id, shape_id = (str(one) for one in found or ("", ""))
    links = {"chain": {"id": chain_id}, "shape": {"id": shape_id}, "compare": {"a": chain_id}}
    return links.get(page, {})


def test_overview_answers_the_five_questions(opened: Open, filled: Path) -> None:
    test = opened("overview", filled)
    assert not test.exception
    assert [metric.label for metric in test.metric] == [
        "Chains", "Failed", "End to end, p95", "Paid idle a month", "Dead letters",
    ]  # fmt: skip
    assert test.metric[0].value == "60"
    assert "failed 12 %" in _text(test)
    assert "Call **render-pdf** from **nightly-report** without waiting" in _text(test)


@pytest.mark.parametrize("page", PAGES)
def test_no_page_fails_without_rows(opened: Open, empty: Path, page: str) -> None:
    assert not opened(page, empty).exception


@pytest.mark.parametrize("page", PAGES)
def test_no_page_fails_on_hostile_names(opened: Open, hostile: Path, page: str) -> None:
    test = opened(page, hostile, **_deep_link(hostile, page))
    assert not test.exception
    assert not any(part.proto.allow_html for part in test.markdown)
    shown = "\n".join(str(part.value) for part in [*test.markdown, *test.caption])
    assert "<img" not in shown.replace("\\<img", "")


def test_an_empty_overview_says_what_to_do_next(opened: Open, empty: Path) -> None:
    assert "chainlight collect --since 1h" in _text(opened("overview", empty))


def test_an_empty_window_names_the_newest_chain(opened: Open, filled: Path) -> None:
    with duckdb.connect(str(filled), read_only=True, config=dict(data.SETTINGS)) as connection:
        newest = connection.execute("SELECT max(started_at) < now() - INTERVAL 1 HOUR FROM chains")
        is_old = newest.fetchone()
    test = opened("overview", filled, range="1 h")
    expected = "choose a longer time range" if is_old == (True,) else "Shapes"
    assert expected in _text(test)


def test_chains_are_filtered_by_the_pills_in_the_url(opened: Open, filled: Path) -> None:
    test = opened("chains", filled, mark="dlq")
    assert not test.exception
    assert set(_texts(test, "chains", "Status")) == {"✉ dead letter"}


def test_chains_that_match_nothing_say_how_to_widen(opened: Open, filled: Path) -> None:
    assert "No chain matches" in _text(opened("chains", filled, find="no such function"))


def test_chain_opens_with_its_verdict(opened: Open, filled: Path) -> None:
    test = opened("chain", filled, id=_chain_id(filled, "dead_lettered"))
    assert not test.exception
    text = _text(test).replace("*", "")
    assert "emit-receipt failed 3 times, its message is in receipts-dlq." in text
    assert "of the cost ($" in text


@pytest.mark.parametrize("chain_id", ["1-unknown", "", "<script>'\"; DROP TABLE chains"])
def test_an_unknown_chain_leads_to_the_list(opened: Open, filled: Path, chain_id: str) -> None:
    test = opened("chain", filled, id=chain_id)
    assert not test.exception
    assert "Choose one from the list." in _text(test)


def test_dlq_shows_messages_commands_and_functions_without_a_queue(
    opened: Open, filled: Path
) -> None:
    test = opened("dlq", filled)
    assert not test.exception
    assert "aws lambda invoke" in _text(test)
    assert _texts(test, "unprotected", "Function") == ["send-email", "nightly-report"]


def test_sql_runs_the_query_of_its_link(opened: Open, filled: Path) -> None:
    test = opened("sql", filled, q="SELECT count(*) AS n FROM chains")
    assert not test.exception
    assert test.dataframe[0].value["n"][0] == 60


def test_sql_shows_why_a_statement_was_not_run(opened: Open, filled: Path) -> None:
    test = opened("sql", filled, q="DROP TABLE chains")
    assert not test.exception
    assert "DROP is not run here" in _text(test)


def test_an_example_fills_the_editor(opened: Open, filled: Path) -> None:
    test = opened("sql", filled)
    test.pills(key="example").set_value("cost by function").run()
    assert not test.exception
    assert "function_name" in test.dataframe[0].value


def test_a_missing_database_is_a_message_and_not_a_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(source.DATABASE_VARIABLE, str(tmp_path / "none.duckdb"))
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert not test.exception
    assert "No data yet" in _text(test)


def test_behind_a_login_no_page_shows_anything(
    opened: Open, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAINLIGHT_LOGIN", "1")
    test = opened("overview", filled)
    assert [button.label for button in test.button] == ["Log in"]
    assert (len(test.metric), len(test.dataframe)) == (0, 0)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_layout_only(page: str) -> None:
    text = (ROOT / "screens" / f"{page}.py").read_text("utf-8")
    assert text.count("\n") <= LINES_MAX
    assert not any(word in text for word in ("SELECT ", "duckdb", "unsafe_allow_html"))


def test_only_data_and_the_child_know_duckdb() -> None:
    users = {path.name for path in ROOT.rglob("*.py") if "import duckdb" in path.read_text("utf-8")}
    assert users == {"data.py", "child.py"}
