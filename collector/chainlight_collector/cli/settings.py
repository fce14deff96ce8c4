"""``chainlight settings``: thresholds, owners, objectives and currency, in your words."""

from __future__ import annotations

from pathlib import Path

import click

from chainlight_collector.cli.answers import Column, json_option, show
from chainlight_collector.cli.database import database_option, updated
from chainlight_collector.settings import set_settings
from chainlight_collector.store import Store

_SQL = """
SELECT 'thresholds' AS section, name, CAST(value AS VARCHAR) AS value, meaning FROM thresholds
UNION ALL
SELECT 'owners', function_pattern, owner, 'your word for whose function this is'
FROM owner_overrides
UNION ALL
SELECT
    'coordination', owner_a || ' + ' || owner_b,
    CASE WHEN is_expensive THEN 'expensive' ELSE 'cheap' END, 'to agree on a change'
FROM coordination_costs
UNION ALL
SELECT 'graphql_roots', function_pattern, '', 'resolves GraphQL: its calls are left alone'
FROM graphql_roots
UNION ALL
SELECT
    'objectives_ms', entry_function, CAST(answered_p95_us / 1000.0 AS VARCHAR), 'p95 of the answer'
FROM latency_objectives
UNION ALL
SELECT 'currency', label, CAST(per_usd AS VARCHAR), 'what one US dollar is in it'
FROM currency_label
ORDER BY ALL
"""
_COLUMNS = (
    Column("section", "section"),
    Column("name", "name"),
    Column("value", "value"),
    Column("meaning", "meaning"),
)


@click.command("settings")
@database_option
@click.option(
    "--set",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Take settings from a JSON file; sections it does not name stay as they are.",
)
@json_option
def command(*, db: str, file: Path | None, as_json: bool) -> None:
    """List what the findings judge by: thresholds, owners, who agrees cheaply with whom."""
    if file is not None:
        updated(db, lambda store: _set(store, file))
    show(db, _SQL, _COLUMNS, as_json=as_json, nothing="There are no settings.")


def _set(store: Store, file: Path) -> None:
    with store.transaction() as connection:
        set_settings(connection, file)
