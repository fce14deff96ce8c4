"""Every page in every state, without a browser."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from pages import PAGES, ROOT, Open, column_of, deep_link, opened, words_of

from chainlight_dashboard import data, login

__all__ = ["opened"]

LINES_MAX = 80


def _chain_id(database: Path, status: str) -> str:
    with duckdb.connect(str(database), read_only=True, config=dict(data.SETTINGS)) as connection:
        found = connection.execute(
            "SELECT chain_id FROM chains WHERE status = $status LIMIT 1", {"status": status}
        ).fetchone()
    assert found is not None
    return str(found[0])


def test_overview_answers_the_five_questions(opened: Open, filled: Path) -> None:
    test = opened("overview", filled)
    assert not test.exception
    assert [metric.label for metric in test.metric] == [
        "Chains", "Failed", "End to end, p95", "Paid idle a month", "Dead letters",
    ]  # fmt: skip
    assert test.metric[0].value == "60"
    assert "failed 12 %" in words_of(test)
    assert "Call **render-pdf** from **nightly-report** without waiting" in words_of(test)


@pytest.mark.parametrize("page", PAGES)
def test_no_page_fails_on_hostile_names(opened: Open, hostile: Path, page: str) -> None:
    test = opened(page, hostile, **deep_link(hostile, page))
    assert not test.exception
    assert not any(part.proto.allow_html for part in test.markdown)
    shown = "\n".join(str(part.value) for part in [*test.markdown, *test.caption])
    assert "<img" not in shown.replace("\\<img", "")


def test_an_empty_window_names_the_newest_chain(opened: Open, filled: Path) -> None:
    with duckdb.connect(str(filled), read_only=True, config=dict(data.SETTINGS)) as connection:
        newest = connection.execute("SELECT max(started_at) < now() - INTERVAL 1 HOUR FROM chains")
        is_old = newest.fetchone()
    test = opened("overview", filled, range="1 h")
    expected = "choose a longer time range" if is_old == (True,) else "Shapes"
    assert expected in words_of(test)


def test_chains_are_filtered_by_the_pills_in_the_url(opened: Open, filled: Path) -> None:
    test = opened("chains", filled, mark="dlq")
    assert not test.exception
    assert set(column_of(test, "chains", "Status")) == {"✉ dead letter"}


def test_chains_that_match_nothing_say_how_to_widen(opened: Open, filled: Path) -> None:
    assert "No chain matches" in words_of(opened("chains", filled, find="no such function"))


def test_chain_opens_with_its_verdict(opened: Open, filled: Path) -> None:
    test = opened("chain", filled, id=_chain_id(filled, "dead_lettered"))
    assert not test.exception
    text = words_of(test).replace("*", "")
    assert "emit-receipt failed 3 times, its message is in receipts-dlq." in text
    assert "of the cost ($" in text


@pytest.mark.parametrize("chain_id", ["1-unknown", "", "<script>'\"; DROP TABLE chains"])
def test_an_unknown_chain_leads_to_the_list(opened: Open, filled: Path, chain_id: str) -> None:
    test = opened("chain", filled, id=chain_id)
    assert not test.exception
    assert "Choose one from the list." in words_of(test)


def test_dlq_shows_messages_commands_and_functions_without_a_queue(
    opened: Open, filled: Path
) -> None:
    test = opened("dlq", filled)
    assert not test.exception
    assert "aws lambda invoke" in words_of(test)
    assert column_of(test, "unprotected", "Function") == ["send-email", "nightly-report"]


def test_sql_runs_the_query_of_its_link(opened: Open, filled: Path) -> None:
    test = opened("sql", filled, q="SELECT count(*) AS n FROM chains")
    assert not test.exception
    assert test.dataframe[0].value["n"][0] == 60


def test_sql_shows_why_a_statement_was_not_run(opened: Open, filled: Path) -> None:
    test = opened("sql", filled, q="DROP TABLE chains")
    assert not test.exception
    assert "DROP is not run here" in words_of(test)


def test_an_example_fills_the_editor(opened: Open, filled: Path) -> None:
    test = opened("sql", filled)
    test.pills(key="example").set_value("cost by function").run()
    assert not test.exception
    assert "function_name" in test.dataframe[0].value


def test_behind_a_login_no_page_shows_anything(
    opened: Open, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAINLIGHT_LOGIN", "1")
    test = opened("overview", filled)
    assert [button.label for button in test.button] == ["Log in"]
    assert (len(test.metric), len(test.dataframe)) == (0, 0)


def test_the_database_need_not_be_there_to_log_out(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[str] = []
    monkeypatch.setenv("CHAINLIGHT_LOGIN", "1")
    monkeypatch.setattr(login, "is_admitted", lambda: True)
    monkeypatch.setattr(login, "leave", lambda: left.append("left"))
    test = opened(login.LEAVE, tmp_path / "none.duckdb")
    assert not test.exception
    assert (left, words_of(test)) == (["left"], "")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_layout_only(page: str) -> None:
    text = (ROOT / "screens" / f"{page}.py").read_text("utf-8")
    assert text.count("\n") <= LINES_MAX
    assert not any(word in text for word in ("SELECT ", "duckdb", "unsafe_allow_html"))


def test_only_what_opens_a_database_knows_duckdb() -> None:
    users = {path.name for path in ROOT.rglob("*.py") if "import duckdb" in path.read_text("utf-8")}
    assert users == {"data.py", "shadows.py", "child.py"}
