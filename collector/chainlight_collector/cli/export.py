"""``chainlight export ID``: one chain as a file that other tools open."""

from __future__ import annotations

from pathlib import Path

import click

from chainlight_collector import export
from chainlight_collector.cli.chain import whole_id
from chainlight_collector.cli.database import database_option, opened_to_read


@click.command("export")
@click.argument("chain_id")
@database_option
@click.option(
    "--format",
    "style",
    type=click.Choice(list(export.FORMATS)),
    default="json",
    show_default=True,
    help="otlp opens in Jaeger and any OpenTelemetry backend, perfetto in ui.perfetto.dev.",
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file to write.")
def command(*, chain_id: str, db: str, style: str, output: Path | None) -> None:
    """Print the chain CHAIN_ID (the first characters of it are enough) as a file."""
    with opened_to_read(db) as store:
        chain = export.read(store.cursor(), whole_id(store, chain_id))
    text = export.render(chain, style)
    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
    else:
        output.write_text(text, "utf-8")
        click.echo(f"chainlight: wrote {output}", err=True)
