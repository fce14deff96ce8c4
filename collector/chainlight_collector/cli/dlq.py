"""``chainlight dlq``: dead letters, each with the chain that produced it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from chainlight_collector.cli.answers import Column, json_option, show
from chainlight_collector.cli.database import database_option, opened_to_read

if TYPE_CHECKING:
    from chainlight_collector import redrive

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
    Column("message", "message_id", is_whole=True),
    Column("chain", "chain_id", is_whole=True),
)


@click.command("dlq")
@database_option
@json_option
@click.option(
    "--redrive",
    "message_id",
    metavar="MESSAGE",
    help="Print the command that sets this message on its way again, in its chain.",
)
@click.option("--yes", "is_meant", is_flag=True, help="With --redrive: do it.")
def command(*, db: str, as_json: bool, message_id: str | None, is_meant: bool) -> None:
    """List dead letters, newest first; `gone`: the last look did not find it.

    --redrive looks into the queue once more, with your own permissions, prints what it would do and
    does it only with --yes.
    """
    if message_id is None:
        nothing = "No dead letter has been seen."
        show(db, _SQL, _COLUMNS, as_json=as_json, nothing=nothing)
        return
    text, line = _redrive(db, message_id, is_meant=is_meant)
    if as_json:
        click.echo(json.dumps({"text": text, "command": line, "is_done": is_meant}))
    else:
        click.echo(f"{'done' if is_meant else 'would do'}: {text}", err=True)
        click.echo(line)


def _redrive(db: str, message_id: str, *, is_meant: bool) -> tuple[str, str]:
    """Plan the redrive, carry it out where it is meant, and return it in words and as a command."""
    from chainlight_collector import redrive  # noqa: PLC0415  boto3 only where it is needed
    from chainlight_collector.aws import Aws, Deadline  # noqa: PLC0415
    from chainlight_collector.sources.run import Options, Run  # noqa: PLC0415

    with opened_to_read(db) as store:
        plan = redrive.plan(Run(Aws(), store, Options(), Deadline.never()), message_id)
        _carry_out(plan, is_meant=is_meant)
    return plan.text, plan.command


def _carry_out(plan: redrive.Plan, *, is_meant: bool) -> None:
    if not is_meant:
        plan.give_up()
        return
    try:
        plan.act()
    except BaseException:
        plan.give_up()
        raise
