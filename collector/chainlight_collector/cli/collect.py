"""`chainlight collect`: read every source into the database, once or for as long as it runs."""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path

import click
from rich.console import Console
from rich.status import Status

from chainlight_collector.aws import Aws
from chainlight_collector.cli.database import database_option, file_to_write
from chainlight_collector.collect import Summary, Surroundings, collect
from chainlight_collector.sources.run import DEFAULT_PREFIX, Options, Progress

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Span(click.ParamType[int]):
    """A length of time such as 90s, 15m, 1h or 30d, as microseconds."""

    name = "span"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Return microseconds."""
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", str(value))
        if found is None:
            self.fail(f"{value!r} is no span of time: write 90s, 15m, 1h or 30d.", param, ctx)
        return int(float(found[1]) * _UNITS_S[found[2] or "s"] * 1_000_000)


@click.command("collect")
@database_option
@click.option(
    "--since",
    type=Span(),
    default="1h",
    show_default=True,
    help="How far back to read; further than ever before reads that stretch again.",
)
@click.option(
    "--log-group-prefix",
    "prefixes",
    multiple=True,
    default=(DEFAULT_PREFIX,),
    show_default=True,
    help="Read the log groups that start so; may be given several times.",
)
@click.option("--log-group", "names", multiple=True, help="Read this log group as well.")
@click.option(
    "--settle",
    type=Span(),
    default="60s",
    show_default=True,
    help="Leave out the newest events: CloudWatch shows them late. 0 for a local AWS.",
)
@click.option("--follow", is_flag=True, help="Go on until interrupted.")
@click.option(
    "--every",
    type=Span(),
    default="10s",
    show_default=True,
    help="The pause between two runs of --follow.",
)
@click.option(
    "--logs-calls-per-s",
    type=click.FloatRange(min=0.1),
    default=5.0,
    show_default=True,
    help="The account's FilterLogEvents rate.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON summary a run.")
def command(  # noqa: PLR0913  one parameter an option
    *,
    db: str,
    since: int,
    prefixes: tuple[str, ...],
    names: tuple[str, ...],
    settle: int,
    every: int,
    logs_calls_per_s: float,
    follow: bool,
    as_json: bool,
) -> None:
    """Read logs, functions and dead letters from AWS into the database.

    Exit code 0: everything was read. 3: something could not be read (named on stderr). 1: nothing
    could.
    """
    options = Options(prefixes, names, since_us=since, settle_us=settle)
    aws = Aws(calls_per_s={"logs:FilterLogEvents": logs_calls_per_s})
    database = file_to_write(db)
    summary = _run(database, options, aws, as_json=as_json)
    while follow:
        time.sleep(every / 1_000_000)
        summary = _run(database, options, aws, as_json=as_json)
    sys.exit({"ok": 0, "partial": 3}.get(summary.outcome, 1))


def _run(database: Path, options: Options, aws: Aws, *, as_json: bool) -> Summary:
    console = Console(stderr=True)
    with console.status("collecting") as status:
        around = Surroundings(aws=aws, report=lambda progress: _show(status, progress))
        summary = collect(database, options, around)
    for problem in summary.problems:
        click.echo(f"chainlight: {problem}", err=True)
    if as_json:
        click.echo(json.dumps(summary.as_json()))
    else:
        click.echo(_sentence(summary), err=True)
    return summary


def _show(status: Status, progress: Progress) -> None:
    status.update(
        f"{progress.source}: {progress.done_count} of {progress.total_count}, "
        f"{progress.kept_count} new rows, {progress.api_calls_count} AWS calls"
    )


def _sentence(summary: Summary) -> str:
    counts = summary.counts
    took_s = (summary.ended_us - summary.started_us) / 1_000_000
    return (
        f"{summary.outcome}: {counts.kept} new, {counts.known} known, {counts.rejected} rejected, "
        f"{summary.api_calls_count} AWS calls, {took_s:.1f} s"
    )
