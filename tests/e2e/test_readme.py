"""The README's commands, executed as a newcomer would type them."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    command
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for command in block.strip().splitlines()
]
pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def summary() -> dict[str, object]:
    """Run the demo once, as the README says, to its own end."""
    assert COMMANDS[0] == "make demo"
    run = _run("make demo HEADLESS=1")
    return dict(json.loads(run.stdout[run.stdout.index("{\n") :]))


def test_the_readme_shows_these_commands_and_no_others() -> None:
    shown = [command.split('"')[0].strip() for command in COMMANDS]
    assert shown == ["make demo", "make test", ".venv/bin/chainlight sql"]


def test_make_demo_headless_prints_a_summary_and_saves_pictures(
    summary: dict[str, object],
) -> None:
    pictures = summary.pop("screenshots")
    assert isinstance(pictures, list)
    assert all((PROJECT / picture).stat().st_size > 10_000 for picture in pictures)
    unknown = {name for name, value in summary.items() if value is None}
    assert unknown == set()
    assert (summary["chains_count"], summary["dead_letters_count"]) == (46, 8)
    assert summary["rejects_count"] == 0


@pytest.mark.usefixtures("summary")
def test_the_sql_shown_gives_the_table_shown() -> None:
    run = _run(COMMANDS[2])
    _, _, table, _ = README.split(COMMANDS[2])[1].split("```", 3)
    assert _cells(run.stdout) == _cells(table)


def test_make_test_is_what_continuous_integration_runs() -> None:
    script = (PROJECT / ".ci" / "run").read_text(encoding="utf-8")
    assert script.strip().splitlines()[-1] == COMMANDS[1]


def _cells(table: str) -> list[str]:
    return re.findall(r"[\w.>-]+", table)


def _run(command: str) -> subprocess.CompletedProcess[str]:
    run = subprocess.run(
        ["bash", "-c", command],
        cwd=PROJECT,
        env={**os.environ, "COLUMNS": "120"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run
