"""``chainlight chain ID``: one chain as a waterfall, and in one sentence."""

from __future__ import annotations

import click
from rich.console import Console

from chainlight_collector.cli.answers import Row, json_option, print_json, rows_of
from chainlight_collector.cli.database import database_option, opened_to_read
from chainlight_collector.cli.waterfall import Waterfall, verdict
from chainlight_collector.errors import QueryError
from chainlight_collector.store import Store

_PARTS = {
    "chain": "SELECT * FROM chains WHERE chain_id = $chain_id",
    "timeline": "SELECT * FROM chain_timeline WHERE chain_id = $chain_id ORDER BY row",
    "segments": (
        "SELECT * FROM chain_segments WHERE chain_id = $chain_id ORDER BY row, started_us, ended_us"
    ),
    "dead_letters": "SELECT * FROM dead_letters WHERE chain_id = $chain_id ORDER BY sent_us",
}


@click.command("chain")
@click.argument("chain_id")
@database_option
@json_option
def command(*, chain_id: str, db: str, as_json: bool) -> None:
    """Show the chain CHAIN_ID (the first characters of it are enough)."""
    with opened_to_read(db) as store:
        found = {"chain_id": whole_id(store, chain_id)}
        parts = {name: rows_of(store, sql, found) for name, sql in _PARTS.items()}
    if as_json:
        print_json({**parts, "chain": parts["chain"][0]})
    else:
        _print(parts)


def whole_id(store: Store, chain_id: str) -> str:
    """Return the one chain id that begins so.

    Raises:
        QueryError: none does, or several do.

    """
    matches = store.query(
        "SELECT chain_id FROM chains WHERE starts_with(chain_id, $start) ORDER BY 1 LIMIT 2",
        {"start": chain_id},
    ).fetchall()
    if len(matches) != 1:
        raise QueryError(
            f"{'several chains begin' if matches else 'no chain begins'} with {chain_id!r}. "
            "`chainlight chains` lists the newest."
        )
    return str(matches[0][0])


def _print(parts: dict[str, list[Row]]) -> None:
    console = Console(markup=False, highlight=False)
    chain = parts["chain"][0]
    console.print(
        f"{chain['chain_id']}  {chain['status']}  {chain['shape']}", style="bold", soft_wrap=True
    )
    console.print(verdict(chain, parts["timeline"], parts["dead_letters"]), soft_wrap=True)
    console.print()
    for line in Waterfall(parts["timeline"], parts["segments"]).lines(console.width):
        console.print(line, no_wrap=True, overflow="crop")
