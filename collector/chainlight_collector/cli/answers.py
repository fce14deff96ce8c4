"""What the listing commands share: rows of one query, printed as a table or as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from chainlight_collector.cli.database import opened_to_read
from chainlight_collector.cli.units import Currency, plain_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chainlight_collector.store import Store

Row = dict[str, Any]

_PIPE_WIDTH = 10_000
_DOLLARS = Currency()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a printed table: its heading, its key in the row, and how a value reads.

    An id `is_whole`: it is never broken over lines, so that it can be copied. What `is_money` is US
    dollars in the row and printed in the currency of the settings.
    """

    heading: str
    key: str
    to_text: Callable[[Any], str] = plain_text
    is_number: bool = False
    is_whole: bool = False
    is_money: bool = False


def money(heading: str, key: str) -> Column:
    """Return a column of money."""
    return Column(heading, key, is_number=True, is_money=True)


def json_option(command: Callable[..., None]) -> Callable[..., None]:
    """Add ``--json`` as parameter ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def rows_of(store: Store, sql: str, parameters: Mapping[str, object] | None = None) -> list[Row]:
    """Return the rows of a query as dictionaries by column name."""
    cursor = store.query(sql, parameters)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def show(
    db: str,
    sql: str,
    columns: Sequence[Column],
    *,
    as_json: bool,
    nothing: str,
    **parameters: object,
) -> None:
    """Print what a query finds: a table for people, JSON for machines.

    Raises:
        ChainlightError: the database cannot be read.

    """
    with opened_to_read(db) as store:
        rows = rows_of(store, sql, parameters or None)
        currency = currency_of(store)
    if as_json:
        print_json(rows)
    else:
        print_rows(rows, columns, nothing=nothing, currency=currency)


def currency_of(store: Store) -> Currency:
    """Return the currency of the settings, or US dollars."""
    row = store.query("SELECT label, per_usd FROM currency_label").fetchone()
    return Currency() if row is None else Currency(*row)


def print_json(value: object) -> None:
    """Print a value as JSON; times are ISO 8601, unknown is null."""
    click.echo(json.dumps(value, indent=1, ensure_ascii=False, default=_time_text))


def print_rows(
    rows: Sequence[Row],
    columns: Sequence[Column],
    *,
    nothing: str,
    currency: Currency = _DOLLARS,
) -> None:
    """Print a table of the given columns, or the sentence ``nothing`` where there is no row."""
    if not rows:
        click.echo(nothing)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(
            column.heading,
            justify="right" if column.is_number else "left",
            overflow="fold" if column.is_whole else "ellipsis",
            no_wrap=True,
        )
    for row in rows:
        table.add_row(*(_text(row[column.key], column, currency) for column in columns))
    _console().print(table)


def _text(value: Any, column: Column, currency: Currency) -> str:  # noqa: ANN401  a cell
    return currency.text(value) if column.is_money else column.to_text(value)


def _console() -> Console:
    """Return a console that cuts long cells to a terminal's width, and nothing in a pipe."""
    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    return console


def _time_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)
