"""``chainlight doctor``: what can be read and what cannot, and what to do about it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click
from rich.console import Console

from chainlight_collector.aws import Aws
from chainlight_collector.cli.database import database_option, opened_to_read
from chainlight_collector.doctor import kept, live
from chainlight_collector.doctor.findings import Finding, State, exit_code
from chainlight_collector.errors import StoreError, StoreMissingError
from chainlight_collector.sources.run import DEFAULT_PREFIX

if TYPE_CHECKING:
    from collections.abc import Sequence

_PIPE_WIDTH = 10_000
_MARKS = {State.OK: "✓", State.NOTE: "·", State.MISSING: "!", State.FAILED: "✗"}
_STYLES = {State.OK: "green", State.NOTE: "dim", State.MISSING: "yellow", State.FAILED: "red"}


@click.command("doctor")
@database_option
@click.option(
    "--log-group-prefix",
    "prefix",
    default=DEFAULT_PREFIX,
    show_default=True,
    help="Look at the log groups that start so.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(*, db: str, prefix: str, as_json: bool) -> None:
    """Try every permission harmlessly, list what is not seen, and check clock, versions, coverage.

    Exit code 0: nothing is missing. 3: something is, and the text says what. 1: AWS or the database
    did not answer.
    """
    findings = examine(db, prefix)
    if as_json:
        click.echo(json.dumps({"findings": [finding.as_json() for finding in findings]}))
    else:
        _print(findings)
    sys.exit(exit_code(findings))


def examine(db: str, prefix: str) -> list[Finding]:
    """Return what every check found, the database's behind those of AWS."""
    places, behind = _examine_database(db)
    aws = Aws()
    account = live.read(aws, prefix)
    return [kept.versions(), *live.check(aws, account, places), *behind]


def _examine_database(db: str) -> tuple[tuple[str, ...], list[Finding]]:
    try:
        with opened_to_read(db) as store:
            return kept.places(store), list(kept.check(store))
    except StoreMissingError:
        text = f"there is none at {db} yet: run `chainlight collect`"
        return (), [Finding("database", State.NOTE, text)]
    except StoreError as error:
        return (), [Finding("database", State.FAILED, str(error))]


def _print(findings: Sequence[Finding]) -> None:
    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    width = max(len(finding.check) for finding in findings)
    for finding in findings:
        line = f"{_MARKS[finding.state]} {finding.check:{width}}  {finding.text}"
        console.print(line, style=_STYLES[finding.state])
        shown = finding.details[: live.NAMED_MAX] if finding.state is not State.OK else ()
        for detail in shown:
            console.print(f"    {detail}", style="dim")
        if len(finding.details) > len(shown) > 0:
            console.print(f"    and {len(finding.details) - len(shown)} more", style="dim")
