"""``chainlight replay-rejects``: after an upgrade, what it understands now becomes rows."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from chainlight_collector import derive
from chainlight_collector.cli.database import database_option, updated
from chainlight_collector.ingest import Counts, replay

if TYPE_CHECKING:
    from chainlight_collector.store import Store


@click.command("replay-rejects")
@database_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(*, db: str, as_json: bool) -> None:
    """Read every reject again, with what this version knows.

    What it understands becomes rows and leaves the rejects in the same transaction; the rest stays
    with its first instant, and the reason of this version.
    """
    counts = updated(db, _replay)
    if as_json:
        click.echo(json.dumps(asdict(counts)))
    else:
        click.echo(
            f"{counts.kept} kept, {counts.known} known, {counts.skipped} skipped, "
            f"{counts.rejected} still rejected"
        )


def _replay(store: Store) -> Counts:
    total = Counts()
    with store.transaction() as connection:
        pass  # steps share the connection, not the transaction
    for step in replay.steps(connection):
        with store.transaction():
            counts = step(connection, time.time_ns() // 1000)
            derive.postpone_touched(connection, counts.touched_since_us)
        total += counts
    store.catch_up()
    return total
