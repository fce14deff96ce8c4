"""``chainlight migrate``: a database from one storage mode to another."""

from __future__ import annotations

import json

import click

from chainlight_collector import addresses, migration, scratch


@click.command("migrate")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(*, source: str, target: str, as_json: bool) -> None:
    """Copy the database FROM to a new one TO; both are written as --db is.

    All of it or nothing, compared table by table before it is kept. FROM stays as it is; what is
    collected into it meanwhile is not in the copy.
    """
    with scratch.folder() as folder:
        rows = migration.migrate(addresses.parse(source), addresses.parse(target), folder)
    if as_json:
        click.echo(json.dumps({"tables": rows}))
    else:
        click.echo(f"{sum(rows.values())} rows of {len(rows)} tables, each equal to its source")
