"""``chainlight prices``: the price book that every dollar comes from."""

from __future__ import annotations

import click

from chainlight_collector.cli.answers import Column, json_option, show
from chainlight_collector.cli.database import database_option

_SQL = "SELECT * FROM prices ORDER BY item, region, arch, tier_from, valid_from"
_COLUMNS = (
    Column("item", "item"),
    Column("region", "region"),
    Column("arch", "arch"),
    Column("from", "tier_from", lambda units: f"{units:g}", is_number=True),
    Column("US dollars", "price_usd", lambda usd: f"{usd:.10f}", is_number=True),
    Column("per", "unit"),
    Column("valid from", "valid_from"),
    Column("origin", "origin"),
)


@click.command("prices")
@database_option
@json_option
def command(*, db: str, as_json: bool) -> None:
    """List the prices in use: list prices by date, and your own overrides."""
    nothing = "The price book is empty."
    show(db, _SQL, _COLUMNS, as_json=as_json, nothing=nothing)
