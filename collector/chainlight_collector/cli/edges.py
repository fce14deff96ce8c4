"""``chainlight edges``: who calls whom, how long callers wait, and what that costs."""

from __future__ import annotations

import click

from chainlight_collector.cli.answers import Column, json_option, money, show
from chainlight_collector.cli.database import database_option
from chainlight_collector.cli.units import length_text, share_text

_SQL = """
SELECT * FROM edges
ORDER BY
    paid_idle_usd DESC NULLS LAST, calls_count DESC,
    caller_function, callee_function, kind, mode
"""
_COLUMNS = (
    Column("caller", "caller_function"),
    Column("callee", "callee_function"),
    Column("kind", "kind"),
    Column("mode", "mode"),
    Column("calls", "calls_count", is_number=True),
    Column("failed", "failed_count", is_number=True),
    Column("wait p50", "wait_p50_us", length_text, is_number=True),
    Column("wait p95", "wait_p95_us", length_text, is_number=True),
    Column("read", "result_read_share", share_text, is_number=True),
    money("paid waiting", "paid_idle_usd"),
)


@click.command("edges")
@database_option
@json_option
def command(*, db: str, as_json: bool) -> None:
    """List the edges, those that burn most money waiting first. Costs are at list price."""
    nothing = "No call yet: run `chainlight collect` or `import`."
    show(db, _SQL, _COLUMNS, as_json=as_json, nothing=nothing)
