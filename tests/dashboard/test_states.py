"""Every page whose data is missing, old, partial or unreadable: it says so and goes on."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import duckdb
import pytest
from contract_shop import Shop, fill
from pages import PAGES, Open, deep_link, opened, words_of

from chainlight_dashboard import data

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["opened"]

NOTHING = {
    "overview": "No chain has been collected yet",
    "chains": "No chain has been collected yet",
    "chain": "No chain is chosen",
    "shape": "No chain has been collected yet",
    "compare": "No chain is chosen",
    "functions": "No function is known yet",
    "waiting": "No chain has been collected yet",
    "dlq": "No dead letter has been seen",
    "sql": "Write a query",
}
HOUR_US = 3_600_000_000
HOLDER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""
UNREAD = {
    "logs": {"is_complete": True, "problems": []},
    "xray": {"is_complete": False, "problems": ["no right to <b>xray:BatchGetTraces</b>", "two"]},
}


@pytest.fixture(scope="session")
def stale(tmp_path_factory: pytest.TempPathFactory, now_us: int) -> Path:
    """Return a database whose collector ran three hours ago for the last time."""
    shop = fill(Shop(now_us), 12)
    shop.rows["collector_runs"][0].update(
        started_us=now_us - 3 * HOUR_US - 1, ended_us=now_us - 3 * HOUR_US
    )
    return shop.write(tmp_path_factory.mktemp("stale") / "stale.duckdb")


@pytest.fixture(scope="session")
def partial(tmp_path_factory: pytest.TempPathFactory, now_us: int) -> Path:
    """Return a database without the layer's records and without X-Ray, which one run missed."""
    shop = fill(Shop(now_us), 12)
    shop.rows["collector_runs"][0].update(outcome="partial", detail=json.dumps(UNREAD))
    shop.rows["coverage"][0].update(with_record_share=0.25)
    unknown = {"cost_usd", "paid_idle_usd", "paid_idle_us", "answered_us", "wait_us", "memory_mb"}
    for row in (row for table in shop.rows.values() for row in table):
        row.update(dict.fromkeys(unknown & row.keys()))
    return shop.write(tmp_path_factory.mktemp("partial") / "partial.duckdb")


@pytest.fixture
def locked(empty: Path, tmp_path: Path) -> Iterator[Path]:
    """Return a database that another process holds for writing, without a snapshot."""
    path = tmp_path / "held.duckdb"
    path.write_bytes(empty.read_bytes())
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as holder:  # fmt: skip
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield path
        holder.kill()


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_database_says_so_and_what_to_do(opened: Open, empty: Path, page: str) -> None:
    test = opened(page, empty)
    assert not test.exception
    assert NOTHING[page] in words_of(test)


@pytest.mark.parametrize("page", PAGES)
def test_a_stale_database_is_shown_with_its_age(opened: Open, stale: Path, page: str) -> None:
    test = opened(page, stale, **deep_link(stale, page))
    assert not test.exception
    assert "No newer data: collected 3 h ago." in words_of(test)


@pytest.mark.parametrize("page", PAGES)
def test_partial_data_names_what_is_missing_and_makes_nothing_up(
    opened: Open, partial: Path, page: str
) -> None:
    test = opened(page, partial, **deep_link(partial, page))
    assert not test.exception
    shown = words_of(test)
    assert "Not all is known: 25 % recorded" in shown
    assert (
        "run was not complete: xray (no right to <b>xray:⁠BatchGetTraces</b> and 1 more)." in shown
    )
    assert [metric.value for metric in test.metric if metric.value.startswith("$")] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_database_that_is_being_written_is_waited_for(
    opened: Open, locked: Path, page: str
) -> None:
    test = opened(page, locked)
    assert not test.exception
    assert "The first snapshot is being written" in words_of(test)


@pytest.mark.parametrize("page", PAGES)
def test_a_missing_database_says_how_to_make_one(opened: Open, tmp_path: Path, page: str) -> None:
    test = opened(page, tmp_path / "none.duckdb")
    assert not test.exception
    assert "No data yet" in words_of(test)
    assert "chainlight collect --db" in words_of(test)


def _broken(whole: bytes) -> dict[str, bytes]:
    """Return what may become of a file: none, another kind, cut, spoiled at its head or inside."""
    middle = len(whole) // 2
    return {
        "no bytes": b"",
        "words": b"these are words" * 999,
        "another library's": b"SQLite format 3\0" + bytes(8_192),
        "cut": whole[:middle],
        "spoiled head": whole[:4_096] + bytes(len(whole) - 4_096),
        "spoiled inside": whole[:middle] + b"\xff" * 262_144 * 8 + whole[middle + 262_144 * 8 :],
    }


@pytest.mark.parametrize("page", PAGES)
def test_a_broken_file_is_a_message_that_names_it(
    opened: Open, filled: Path, tmp_path: Path, page: str
) -> None:
    for number, (kind, content) in enumerate(_broken(filled.read_bytes()).items()):
        path = tmp_path / f"{number}.duckdb"
        path.write_bytes(content)
        test = opened(page, path, **deep_link(filled, page))
        assert not test.exception, kind
        assert "This file cannot be read" in words_of(test) or kind == "spoiled inside", kind


def test_a_file_of_another_kind_asks_no_other_machine(opened: Open, tmp_path: Path) -> None:
    """DuckDB would fetch the extension that reads it."""
    path = tmp_path / "other.duckdb"
    path.write_bytes(b"SQLite format 3\0" + bytes(8_192))
    assert "extension" not in words_of(opened("overview", path))
    with duckdb.connect(config=dict(data.SETTINGS)) as connection:
        kept = connection.execute("SELECT current_setting('autoinstall_known_extensions')")
        assert kept.fetchone() == (False,)
