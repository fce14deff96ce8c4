"""``chainlight dashboard``: starts the dashboard in a process of its own; never imports it."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import click

from chainlight_collector.cli.database import database_option
from chainlight_collector.errors import UsageError

MODULE = "chainlight_dashboard"


@click.command("dashboard", context_settings={"ignore_unknown_options": True})
@database_option
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def command(*, db: str, options: tuple[str, ...]) -> None:
    """Serve the dashboard on this machine; OPTIONS such as --port are the dashboard's own."""
    if find_spec(MODULE) is None:
        raise UsageError(
            "the dashboard is not installed in this environment: install chainlight-dashboard "
            "beside chainlight-collector, or use `chainlight sql`, `chains` and `chain`."
        )
    finished = subprocess.run([sys.executable, "-m", MODULE, "--db", db, *options], check=False)
    raise SystemExit(finished.returncode)
