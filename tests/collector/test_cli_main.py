"""The command line: what it prints, where, and with which exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chainlight_collector.cli import dashboard
from chainlight_collector.cli.main import COMMANDS, cli

from .derive_facts import new_file

EVERYTHING = """
SELECT 9007199254740993 AS large, NULL AS unknown, TIMESTAMPTZ '2026-09-21 00:00:00+00' AS moment,
    [1, NULL] AS numbers, {'a': 'x'} AS pair, DATE '2026-09-21' AS day, 'nan'::DOUBLE AS nothing,
    1.5::DECIMAL(4, 2) AS price, 'two words' AS words, true AS yes, 1 AS same, 2 AS same
"""


@pytest.fixture
def db(tmp_path: Path) -> str:
    return str(new_file(tmp_path / "chainlight.duckdb"))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def test_json_has_null_and_whole_numbers_and_utc_times(db: str) -> None:
    result = run("sql", EVERYTHING, "--db", db, "--format", "json")

    assert result.exit_code == 0
    assert json.loads(result.stdout) == [
        {
            "large": 9007199254740993,
            "unknown": None,
            "moment": "2026-09-21T00:00:00+00:00",
            "numbers": [1, None],
            "pair": {"a": "x"},
            "day": "2026-09-21",
            "nothing": None,
            "price": 1.5,
            "words": "two words",
            "yes": True,
            "same": 1,
            "same_2": 2,
        }
    ]


def test_csv_has_a_header_and_nothing_for_unknown(db: str) -> None:
    result = run("sql", "SELECT 1 AS a, NULL AS b, [1, 2] AS c, 'x,y' AS d", "--db", db,
                 "--format", "csv")  # fmt: skip

    assert result.stdout == 'a,b,c,d\n1,,"[1, 2]","x,y"\n'


def test_a_table_is_aligned_and_says_null(db: str) -> None:
    result = run("sql", "SELECT 'abc' AS a, NULL AS b UNION ALL SELECT 'x', 2", "--db", db)

    assert result.stdout.splitlines() == ["a    b", "---  ----", "abc  NULL", "x    2"]


@pytest.mark.parametrize(
    ("style", "expected"), [("json", "[]\n"), ("csv", "a\n"), ("table", "a\n-\n")]
)
def test_no_rows_are_a_result_too(db: str, style: str, expected: str) -> None:
    assert run("sql", "SELECT 1 AS a WHERE false", "--db", db, "--format", style).stdout == expected


@pytest.mark.parametrize("query", ["SELEC", "SELECT * FROM nowhere", "DELETE FROM checkpoints"])
def test_sql_that_does_not_run_is_exit_code_2_on_stderr(db: str, query: str) -> None:
    result = run("sql", query, "--db", db)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("chainlight: ")


def test_a_database_that_is_not_there_is_exit_code_1(tmp_path: Path) -> None:
    result = run("sql", "SELECT 1", "--db", str(tmp_path / "none.duckdb"))

    assert (result.exit_code, result.stdout) == (1, "")
    assert "there is no database at" in result.stderr


def test_the_database_comes_from_the_environment(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAINLIGHT_DB", db)

    assert run("sql", "SELECT 1 AS a", "--format", "csv").stdout == "a\n1\n"


def test_an_object_is_not_compacted() -> None:
    result = run("compact", "--db", "s3://bucket/key")

    assert result.exit_code == 2
    assert "s3://bucket/key is no file" in result.stderr


def test_the_dashboard_that_is_not_installed_is_named(
    db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboard, "MODULE", "chainlight_dashboard_that_is_absent")
    result = run("dashboard", "--db", db)

    assert result.exit_code == 2
    assert "the dashboard is not installed" in result.stderr


def test_the_dashboard_is_given_its_own_options(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []

    def note(command: list[str], *, check: bool) -> subprocess.CompletedProcess[bytes]:
        assert not check
        started.append(command[1:])
        return subprocess.CompletedProcess(command, 5)

    monkeypatch.setattr(subprocess, "run", note)
    monkeypatch.setattr(dashboard, "MODULE", "json")
    result = run("dashboard", "--db", db, "--port", "0")

    assert result.exit_code == 5
    assert started == [["-m", "json", "--db", db, "--port", "0"]]


def test_help_lists_every_command_and_imports_none_of_them() -> None:
    code = (
        "import sys\n"
        "from chainlight_collector.cli.main import cli\n"
        "cli(['--help'], standalone_mode=False)\n"
        "print([name for name in ('duckdb', 'boto3', 'rich') if name in sys.modules])\n"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout

    assert printed.endswith("[]\n")
    assert all(f"  {name} " in printed for name in COMMANDS)


def test_a_query_with_parameters_does_not_wait_for_pandas(db: str) -> None:
    code = (
        "import sys, chainlight_collector.cli.main as main\n"
        "sys.argv = ['chainlight', 'chain', 'none', '--db', sys.argv[1]]\n"
        "try: main.main()\n"
        "except SystemExit: print(sys.modules['pandas'], 'numpy' in sys.modules)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, db], check=False, capture_output=True, text=True
    )

    assert done.stdout.split() == ["None", "False"]


def test_an_unknown_command_is_wrong_usage() -> None:
    assert run("nonsense").exit_code == 2


def test_the_module_is_the_command() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "chainlight_collector", "--version"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip

    assert printed.startswith("chainlight, version ")
