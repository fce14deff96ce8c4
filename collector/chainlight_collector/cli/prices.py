"""``chainlight prices``: the price book that every dollar comes from, and what if."""

from __future__ import annotations

from pathlib import Path

import click

from chainlight_collector.cli.answers import Column, json_option, money, show
from chainlight_collector.cli.database import database_option, updated
from chainlight_collector.cli.units import length_text, share_text
from chainlight_collector.errors import UsageError
from chainlight_collector.settings import PriceRow, read_prices, set_prices
from chainlight_collector.store import Store

_SQL = "SELECT * FROM prices ORDER BY item, region, arch, tier_from, valid_from"
_COLUMNS = (
    Column("item", "item"),
    Column("region", "region"),
    Column("arch", "arch"),
    Column("from", "tier_from", lambda units: f"{units:g}", is_number=True),
    Column("US dollars", "price_usd", lambda usd: f"{usd:.10f}", is_number=True),
    Column("per", "unit"),
    Column("valid from", "valid_from"),
    Column("origin", "origin"),
    Column("checked", "is_checked", lambda is_checked: "yes" if is_checked else "no, verify it"),
)
_BY_FUNCTION = """
SELECT *, {column} AS then_usd, {column} - cost_usd AS more_usd FROM function_what_ifs
ORDER BY abs({column} - cost_usd) DESC NULLS LAST, function_name
"""
_BY_EDGE = """
SELECT *, {column} AS saving_usd FROM edge_what_ifs
ORDER BY {column} DESC NULLS LAST, caller_function, callee_function, kind
"""
FUNCTION_WHAT_IFS = {"2020": "cost_2020_usd", "arm64": "arm64_usd"}
"""What may be asked of functions: the question, and its column of ``function_what_ifs``."""
EDGE_WHAT_IFS = {
    "merged": "merged_saving_usd_month",
    "async": "async_saving_usd_month",
    "durable": "durable_saving_usd_month",
    "stepfunctions": "stepfunctions_saving_usd_month",
}
"""What may be asked of sync edges: the question, and its column of ``edge_what_ifs``."""


@click.command("prices")
@database_option
@click.option(
    "--set",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Take your own prices from a CSV or JSON file, in the place of earlier ones.",
)
@click.option(
    "--what-if",
    type=click.Choice([*FUNCTION_WHAT_IFS, *EDGE_WHAT_IFS]),
    help="What the observed time would cost otherwise.",
)
@json_option
def command(*, db: str, file: Path | None, what_if: str | None, as_json: bool) -> None:
    """List the prices in use: list prices by date, and your own overrides.

    A file for --set has the columns item, region, arch, price_usd and, if you like, tier_from,
    unit, valid_from, valid_to. 2020 and arm64 compare the window's cost of each function; merged,
    async, durable and stepfunctions say what each sync edge would save in a month of 30 days.
    """
    if file is not None:
        if what_if:
            raise UsageError("--set and --what-if are two questions: ask one after the other.")
        rows = read_prices(file)
        updated(db, lambda store: _set(store, rows))
    if what_if is None:
        show(db, _SQL, _COLUMNS, as_json=as_json, nothing="The price book is empty.")
    elif what_if in FUNCTION_WHAT_IFS:
        _show_functions(db, what_if, as_json=as_json)
    else:
        _show_edges(db, what_if, as_json=as_json)


def _show_functions(db: str, what_if: str, *, as_json: bool) -> None:
    columns = (
        Column("function", "function_name"),
        Column("invocations", "invocations_count", is_number=True),
        money("now", "cost_usd"),
        money(what_if, "then_usd"),
        money("difference", "more_usd"),
    )
    sql = _BY_FUNCTION.format(column=FUNCTION_WHAT_IFS[what_if])
    show(db, sql, columns, as_json=as_json, nothing="No execution yet.")


def _show_edges(db: str, what_if: str, *, as_json: bool) -> None:
    columns = (
        Column("caller", "caller_function"),
        Column("callee", "callee_function"),
        Column("calls", "calls_count", is_number=True),
        Column("read", "result_read_share", share_text, is_number=True),
        Column("window", "window_days", lambda days: length_text(round(days * 86_400_000_000))),
        money("now a month", "now_usd_month"),
        money(f"{what_if} saves", "saving_usd"),
    )
    sql = _BY_EDGE.format(column=EDGE_WHAT_IFS[what_if])
    show(db, sql, columns, as_json=as_json, nothing="No sync edge yet.")


def _set(store: Store, rows: list[PriceRow]) -> None:
    with store.transaction() as connection:
        set_prices(connection, rows)
