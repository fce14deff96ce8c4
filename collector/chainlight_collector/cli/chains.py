"""``chainlight chains``: the newest chains, with how they ended and what they cost."""

from __future__ import annotations

import click

from chainlight_collector.cli.answers import Column, json_option, money, show
from chainlight_collector.cli.database import database_option
from chainlight_collector.cli.units import length_text

_SQL = """
SELECT * FROM chains
WHERE NOT $failed_only OR status IN ('failed', 'partial', 'dead_lettered')
ORDER BY started_us DESC, chain_id
LIMIT $limit
"""
_COLUMNS = (
    Column("chain", "chain_id", is_whole=True),
    Column("status", "status"),
    Column("started", "started_at", lambda at: at.strftime("%m-%d %H:%M:%S") if at else "unknown"),
    Column("wall", "wall_us", length_text, is_number=True),
    Column("tries", "attempts_count", is_number=True),
    Column("waiting", "paid_idle_us", length_text, is_number=True),
    money("cost", "cost_usd"),
    Column("shape", "shape"),
)


@click.command("chains")
@database_option
@click.option("--failed", is_flag=True, help="Only chains that failed, in part or whole.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@json_option
def command(*, db: str, failed: bool, limit: int, as_json: bool) -> None:
    """List the newest chains. Costs are at list price; `tries` counts executions."""
    nothing = "No chain yet: run `chainlight collect` or `import`."
    show(db, _SQL, _COLUMNS, as_json=as_json, nothing=nothing, failed_only=failed, limit=limit)
