"""``chainlight export-views``: the views in the SQL of Spark, Trino or Athena."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from chainlight_collector.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from chainlight_collector.portable import Exported


@click.command("export-views")
@click.option("--dialect", required=True, type=click.Choice(["spark", "trino", "athena"]))
@click.option(
    "--temporary",
    is_flag=True,
    help="Spark: views of the session, over tables that are the session's too.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(*, dialect: str, temporary: bool, as_json: bool) -> None:
    """Write the views as SQL of another engine, over the tables of export-iceberg.

    Run the statements in their order, in the namespace of the tables. Views that cannot go are
    named on stderr, with the reason.
    """
    if temporary and dialect != "spark":
        raise UsageError(f"{dialect} has no temporary views. Leave out --temporary.")
    done = _export()(dialect, is_temporary=temporary)
    if as_json:
        click.echo(json.dumps(asdict(done)))
        return
    for each in done.statements:
        click.echo(f"{each.sql};\n")
    for name, reason in done.named.items():
        click.echo(f"{name} does not go: {reason}", err=True)


def _export() -> Callable[..., Exported]:
    try:
        from chainlight_collector.portable import export  # noqa: PLC0415  an extra
    except ImportError as error:
        raise UsageError(
            f"sqlglot is not installed: install chainlight-collector[engines]. {error}"
        ) from error
    return export
