"""``chainlight dlq``: dead letters, each with the chain that produced it."""

from __future__ import annotations

import click

from chainlight_collector.cli.answers import Column, json_option, show
from chainlight_collector.cli.database import database_option

_SQL = """
SELECT *, split_part(queue_arn, ':', -1) AS queue_name FROM dead_letters
ORDER BY sent_us DESC NULLS LAST, queue_arn, message_id
"""
_COLUMNS = (
    Column("queue", "queue_name"),
    Column("source", "source"),
    Column("function", "function_name"),
    Column("sent", "sent_at", lambda at: at.strftime("%m-%d %H:%M:%S") if at else "unknown"),
    Column("error", "error_message", lambda text: (text or "unknown").splitlines()[0][:60]),
    Column("gone", "is_gone", lambda gone: {True: "yes", False: "no"}.get(gone, "unknown")),
    Column("chain", "chain_id", is_whole=True),
)


@click.command("dlq")
@database_option
@json_option
def command(*, db: str, as_json: bool) -> None:
    """List dead letters, newest first; `gone`: the last look did not find it."""
    nothing = "No dead letter has been seen."
    show(db, _SQL, _COLUMNS, as_json=as_json, nothing=nothing)
