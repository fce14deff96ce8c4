"""`chainlight collect`: read every source into the database, once or for as long as it runs."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, field

import click
from rich.console import Console
from rich.status import Status

from chainlight_collector import addresses
from chainlight_collector.addresses import Address
from chainlight_collector.alerts import rules
from chainlight_collector.aws import Aws, Deadline
from chainlight_collector.cli.database import database_option
from chainlight_collector.cli.interrupt import gentle
from chainlight_collector.cli.spans import Span
from chainlight_collector.collect import Summary, Surroundings, collect_into
from chainlight_collector.errors import UsageError
from chainlight_collector.sources.run import DEFAULT_PREFIX, Options, Progress


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
@click.option("--log-group-tag", "tag", metavar="KEY=VALUE", help="Read the groups tagged so, too.")
@click.option(
    "--settle",
    type=Span(),
    default="60s",
    show_default=True,
    help="Leave out the newest events: CloudWatch shows them late. 0 for a local AWS.",
)
@click.option(
    "--keep",
    type=Span(),
    default=None,
    help="Delete what is older, such as 30d, by whole UTC days; by default nothing.",
)
@click.option("--follow", is_flag=True, help="Go on until Ctrl-C, which ends it cleanly.")
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
@click.option(
    "--alerts",
    "alerts_file",
    metavar="FILE",
    envvar="CHAINLIGHT_ALERTS",
    show_envvar=True,
    help="Thresholds to judge after each run (TOML; a file or s3://bucket/key).",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON summary a run.")
def command(  # noqa: PLR0913  one parameter an option
    *,
    db: str,
    since: int,
    prefixes: tuple[str, ...],
    names: tuple[str, ...],
    tag: str | None,
    settle: int,
    keep: int | None,
    every: int,
    logs_calls_per_s: float,
    follow: bool,
    alerts_file: str | None,
    as_json: bool,
) -> None:
    """Read logs, functions, dead letters and metrics from AWS into the database.

    Exit code 0: everything was read, or Ctrl-C ended it. 3: something could not be read (named on
    stderr). 1: nothing could.
    """
    aws = Aws(calls_per_s={"logs:FilterLogEvents": logs_calls_per_s})
    options = Options(
        prefixes,
        names,
        _tag(tag),
        since_us=since,
        settle_us=settle,
        keep_us=keep,
        alerts=None if alerts_file is None else rules.load(alerts_file, aws),
    )
    round_ = Round(addresses.parse(db), options, aws, Deadline.never(), as_json=as_json)
    with gentle(round_.deadline):
        summary = round_.run()
        while follow and not round_.deadline.has_passed:
            round_.wait(every / 1_000_000, summary)
            if not round_.deadline.has_passed:
                summary = round_.run()
    is_ended = round_.deadline.has_passed and not summary.problems
    sys.exit(0 if is_ended else {"ok": 0, "partial": 3}.get(summary.outcome, 1))


@dataclass(frozen=True, slots=True)
class Round:
    """What every round of --follow has in common, and the line that says how far it is."""

    address: Address
    options: Options
    aws: Aws
    deadline: Deadline
    as_json: bool
    console: Console = field(default_factory=lambda: Console(stderr=True))

    def run(self) -> Summary:
        """Collect once and say what came of it."""
        with self.console.status("collecting") as status:
            around = Surroundings(
                aws=self.aws,
                deadline=self.deadline,
                report=lambda progress: _show(status, progress),
            )
            summary = collect_into(self.address, self.options, around)
        for problem in summary.problems:
            click.echo(f"chainlight: {problem}", err=True)
        if self.as_json:
            click.echo(json.dumps(summary.as_json()))
        else:
            click.echo(_sentence(summary), err=True)
        return summary

    def wait(self, seconds: float, summary: Summary) -> None:
        """Wait for the next round; a terminal shows the seconds that are left."""
        wakes_s = time.monotonic() + seconds
        with self.console.status("waiting") as status:
            while (left_s := wakes_s - time.monotonic()) > 0 and not self.deadline.has_passed:
                status.update(f"next in {left_s:.0f} s; the last round: {_sentence(summary)}")
                self.deadline.sleep(min(1.0, left_s))


def _tag(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    key, is_pair, value = text.partition("=")
    if not is_pair or not key:
        raise UsageError(f"{text!r} is no tag: write --log-group-tag key=value.")
    return key, value


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
        f"{summary.api_calls_count} AWS calls{_busiest(summary)}, {took_s:.1f} s"
    )


def _busiest(summary: Summary) -> str:
    """Name the operation that was called most, and how often AWS found it too often."""
    if not summary.api_calls:
        return ""
    action, count = next(iter(summary.api_calls.items()))
    throttled_count = sum(summary.throttled.values())
    refusals = f", {throttled_count} throttled" if throttled_count else ""
    return f" ({count} {action}{refusals})"
