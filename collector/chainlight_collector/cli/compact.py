"""``chainlight compact``: the space of deleted rows back to the disk."""

from __future__ import annotations

import json

import click

from chainlight_collector import compaction, snapshots
from chainlight_collector.cli.database import database_option, file_to_write
from chainlight_collector.errors import StoreMissingError
from chainlight_collector.run_lock import run_lock
from chainlight_collector.store import Store, told


@click.command("compact")
@database_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(*, db: str, as_json: bool) -> None:
    """Copy the database into a new file without holes, which then takes its place.

    `collect --keep` does so by itself once a quarter of the file is free.
    """
    database = file_to_write(db)
    if not database.exists():
        raise StoreMissingError(f"there is no database at {database}. Name one with --db.")
    with run_lock(database), told(database):
        before_bytes, after_bytes = compaction.compact(database)
        with Store.open(database) as store:
            snapshots.publish(store)
    if as_json:
        click.echo(json.dumps({"before_bytes": before_bytes, "after_bytes": after_bytes}))
    else:
        click.echo(f"{before_bytes / 1e6:.1f} MB before, {after_bytes / 1e6:.1f} MB after")
