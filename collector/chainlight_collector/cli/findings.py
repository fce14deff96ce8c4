"""``chainlight findings``: what to change at each edge, or why to leave it alone."""

from __future__ import annotations

import click
from rich.console import Console

from chainlight_collector.cli.answers import (
    Row,
    currency_of,
    json_option,
    print_json,
    rows_of,
)
from chainlight_collector.cli.database import database_option, opened_to_read
from chainlight_collector.cli.units import Currency

_SQL = """
SELECT * FROM findings
ORDER BY
    verdict IN ('leave_alone', 'not_enough_calls'), saving_usd_month DESC NULLS LAST,
    rule, caller_function, callee_function, kind, mode
"""


@click.command("findings")
@database_option
@json_option
def command(*, db: str, as_json: bool) -> None:
    """List the findings, those that ask for a change first. "Leave alone" is a finding too."""
    with opened_to_read(db) as store:
        rows = rows_of(store, _SQL)
        currency = currency_of(store)
    if as_json:
        print_json(rows)
    else:
        _print(rows, currency)


def _print(rows: list[Row], currency: Currency) -> None:
    console = Console(markup=False, highlight=False)
    if not rows:
        console.print("No edge yet: run `chainlight collect` or `import`.")
    for row in rows:
        arrow = "→" if row["mode"] == "sync" else "⇢"
        edge = f"{row['caller_function'] or 'unknown'} {arrow} {row['callee_function']}"
        usd = row["saving_usd_month"]
        word = "saves" if usd and usd > 0 else "costs"
        saving = f"  {word} {currency.text(abs(usd))} a month" if usd else ""
        console.print(f"{row['rule']} {row['verdict']}: {edge} ({row['kind']}){saving}")
        console.print(f"    {row['arithmetic']}")
        console.print(f"    but: {row['counter_evidence']}", style="dim")
