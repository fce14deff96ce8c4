"""The file made small: the same rows in fewer bytes; killed, the file as it was."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from chainlight_collector import compaction
from chainlight_collector.cli.main import cli
from chainlight_collector.store import Store

KILLS_COUNT = 6
COMPACTOR = """
import sys
from pathlib import Path
from chainlight_collector import compaction
print("begins", flush=True)
while True:
    compaction.compact(Path(sys.argv[1]))
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Make a database most of which was deleted again, with a table and a view of its user's."""
    file = tmp_path / "chainlight.duckdb"
    with Store.open(file) as store:
        with store.transaction() as connection:
            connection.execute(
                "INSERT INTO reject_rows (source, raw, seen_us) "
                "SELECT 'g', sha256(i::VARCHAR), i FROM range(200000) AS t(i)"
            )
            connection.execute("CREATE TABLE mine (x INTEGER)")
            connection.execute("INSERT INTO mine VALUES (7)")
            connection.execute("CREATE VIEW my_view AS SELECT x + 1 AS y FROM mine")
            connection.execute("INSERT INTO price_overrides (item, price_usd) VALUES ('x', 1)")
        with store.transaction() as connection:
            connection.execute("DELETE FROM reject_rows WHERE seen_us >= 1000")
        store.checkpoint()
    return file


def _content(path: Path) -> list[Any]:
    queries = (
        "SELECT count(*), sum(seen_us) FROM reject_rows",
        "SELECT y FROM my_view",
        "SELECT item FROM price_overrides",
    )
    with Store.open(path, read_only=True) as store:
        return [store.query(query).fetchall() for query in queries]


def test_rows_stay_and_space_goes(path: Path) -> None:
    before = _content(path)
    with Store.open(path) as store:
        was_due = compaction.is_due(store) or path.stat().st_size < compaction.FREE_BYTES_MIN * 4

    done = CliRunner().invoke(cli, ["compact", "--db", str(path)])

    assert done.exit_code == 0, done.output
    assert was_due
    assert "MB before" in done.stdout
    assert _content(path) == before == [[(1000, 499500)], [(8,)], [("x",)]]
    with Store.open(path) as store:
        assert not compaction.is_due(store)


def test_file_that_is_full_of_rows_is_not_due(path: Path) -> None:
    compaction.compact(path)

    with Store.open(path) as store:
        assert not compaction.is_due(store)


def test_killed_compaction_leaves_the_rows_and_the_next_one_tidies_up(path: Path) -> None:
    chance = random.Random(20261125)  # noqa: S311  moments, no secrets
    before = _content(path)
    for _ in range(KILLS_COUNT):
        with subprocess.Popen(
            [sys.executable, "-c", COMPACTOR, str(path)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0, 0.8))
            process.send_signal(signal.SIGKILL)
        assert _content(path) == before

    compaction.compact(path)

    assert _content(path) == before
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name]


def test_database_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["compact", "--db", str(tmp_path / "none")])

    assert done.exit_code == 1
    assert "there is no database" in done.stderr
