"""The command ``chainlight``: a table of subcommands, each imported only when it is called.

Exit codes: 0 all done; 1 it could not be done (the reason on stderr); 2 wrong usage, or SQL that
does not run; 3 done in part (what is missing on stderr). Results go to stdout, everything else to
stderr; ``--json`` gives machines what people are shown.
"""

from __future__ import annotations

import sys
from importlib import import_module, metadata
from types import ModuleType
from typing import NoReturn, cast

import click

from chainlight_collector.errors import ChainlightError, QueryError, UsageError

COMMANDS = {
    "collect": ("collect", "Read logs, functions and dead letters from AWS into the database."),
    "import": ("import_", "Read files into the database, recognised by their shape."),
    "doctor": ("doctor", "Say what can be read and what cannot."),
    "compact": ("compact", "Give the space of deleted rows back to the disk."),
    "migrate": ("migrate", "Copy the database to another storage mode."),
    "export-iceberg": ("export_iceberg", "Register a lake's tables in an Iceberg catalog."),
    "export-views": ("export_views", "Write the views in the SQL of Spark, Trino or Athena."),
    "replay-rejects": ("replay_rejects", "Read again what an older version could not."),
    "chains": ("chains", "List chains."),
    "chain": ("chain", "Show one chain as a waterfall."),
    "export": ("export", "Write one chain as JSON, CSV, OTLP or a Perfetto trace."),
    "edges": ("edges", "List who calls whom, how long it waits and what that costs."),
    "findings": ("findings", "List what to change, with the arithmetic."),
    "dlq": ("dlq", "List dead letters."),
    "prices": ("prices", "List the dated prices that every dollar comes from; ask what if."),
    "settings": ("settings", "List and set thresholds, owners, objectives and the currency."),
    "sql": ("sql", "Run one query over the views."),
    "dashboard": ("dashboard", "Open the dashboard."),
}
"""Name of a subcommand: its module in this package (whose ``command`` it is), and its one line."""


class _Failure(click.ClickException):
    """One of our errors, as click shows it: a sentence on stderr and exit code 1."""

    def show(self, file: object = None) -> None:
        del file
        click.echo(f"chainlight: {self.format_message()}", err=True)


class _Usage(_Failure):
    """The same with exit code 2: what was asked for cannot be right."""

    exit_code = 2


class _Commands(click.Group):
    """The table of subcommands as click wants it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the table's order."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a subcommand."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"chainlight_collector.cli.{COMMANDS[cmd_name][0]}")
        return cast("click.Command", module.command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table without importing what it names."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        """Run a subcommand; our own errors end it with their message and code."""
        try:
            return super().invoke(ctx)
        except ChainlightError as error:
            failure = _Usage if isinstance(error, QueryError | UsageError) else _Failure
            raise failure(str(error)) from error


@click.command(cls=_Commands, epilog="Exit codes: 0 done, 1 failed, 2 usage or SQL, 3 in part.")
@click.version_option(metadata.version("chainlight-collector"), prog_name="chainlight")
def cli() -> None:
    """Every invocation prints one line; every line is a row; every answer is a SQL query."""


def _hide_pandas() -> None:
    """Keep DuckDB from importing pandas.

    At each query parameter DuckDB asks whether the value is one of pandas', and imports it where it
    is installed: 0.5 to 1.7 s of a command that needs none of it. The dashboard is a process of
    its own.
    """
    sys.modules.setdefault("pandas", cast("ModuleType", None))


def main() -> NoReturn:
    """Run the command line of this process."""
    _hide_pandas()
    cli()
    raise SystemExit(0)
