"""``chainlight sql``: one query over the views; the result and nothing else on stdout."""

from __future__ import annotations

import csv
import json
import math
import sys
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

import click
import duckdb

from chainlight_collector.cli.database import database_option, opened_to_read
from chainlight_collector.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BATCH_ROWS = 1000
Row = tuple[object, ...]


@click.command("sql")
@click.argument("query")
@database_option
@click.option(
    "--format",
    "style",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="How to print the result.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
def command(*, query: str, db: str, style: str, as_json: bool) -> None:
    """Run QUERY read-only and print its result.

    json: an array of objects, unknown is null. csv: with a header, unknown is empty. Times are
    ISO 8601 in UTC.
    """
    with opened_to_read(db) as store:
        try:
            cursor = store.query(query)
            names = _distinct([column[0] for column in cursor.description or ()])
            _PRINTERS["json" if as_json else style](names, _rows(cursor))
        except duckdb.Error as error:
            raise QueryError(str(error)) from error


def _rows(cursor: duckdb.DuckDBPyConnection) -> Iterator[Row]:
    while rows := cursor.fetchmany(_BATCH_ROWS):
        yield from rows


def _distinct(names: Sequence[str]) -> list[str]:
    """Tell columns of one name apart by a number, so that no value of an object hides another."""
    distinct: list[str] = []
    for name in names:
        count, candidate = 1, name
        while candidate in distinct:
            count += 1
            candidate = f"{name}_{count}"
        distinct.append(candidate)
    return distinct


def _print_json(names: Sequence[str], rows: Iterator[Row]) -> None:
    separator = "[\n"
    for row in rows:
        values = dict(zip(names, map(_plain, row), strict=True))
        sys.stdout.write(separator + json.dumps(values, ensure_ascii=False))
        separator = ",\n"
    sys.stdout.write("[]\n" if separator == "[\n" else "\n]\n")


def _print_csv(names: Sequence[str], rows: Iterator[Row]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_text(value) for value in row])


def _print_table(names: Sequence[str], rows: Iterator[Row]) -> None:
    lines = [[_shown(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(names, *lines, strict=True)]
    for line in [names, ["-" * width for width in widths], *lines]:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        sys.stdout.write("  ".join(cells).rstrip() + "\n")


_PRINTERS = {"json": _print_json, "csv": _print_csv, "table": _print_table}


def _plain(value: object) -> object:
    """Return a value of DuckDB's as one that JSON has; what JSON has no word for becomes text."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    return _time_or_text(value)


def _time_or_text(value: object) -> str:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)


def _text(value: object) -> str:
    plain = _plain(value)
    if plain is None:
        return ""
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def _shown(value: object) -> str:
    """Return a cell of the table: NULL by its name, and nothing that would break the line."""
    return "NULL" if value is None else " ".join(_text(value).splitlines())
