"""What you set yourself: prices, thresholds, owners and the like, from a file into the database.

A file that is not understood changes nothing: everything is read before the first row is written,
in the caller's transaction. What a file does not name stays as it was.
"""

from __future__ import annotations

import csv
import json
from datetime import date
from typing import TYPE_CHECKING, TypedDict

from chainlight_collector.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import duckdb

    Table = tuple[str, Sequence[tuple[object, ...]]]

ANY = "*"
_FIRST_DAY, _LAST_DAY = "2014-01-01", "9999-12-31"


class PriceRow(TypedDict, total=False):
    """One row of a price file: item and price_usd are required, the rest has the defaults said."""

    item: str
    region: str  # default '*'
    arch: str  # default '*'
    tier_from: float  # default 0
    unit: str  # default ''
    price_usd: float
    valid_from: str  # default 2014-01-01
    valid_to: str  # exclusive; default 9999-12-31


def read_prices(file: Path) -> list[PriceRow]:
    """Read a price file: JSON (an array of objects, or an object with ``prices``) or CSV.

    Raises:
        UsageError: the file is neither, or a row lacks item or price_usd.

    """
    text = file.read_text("utf-8-sig")
    if text.lstrip()[:1] in ("[", "{"):
        wire = _parsed(file, text)
        rows = wire.get("prices", []) if isinstance(wire, dict) else wire
    else:
        rows = list(csv.DictReader(text.splitlines()))
    if not isinstance(rows, list) or not rows:
        raise UsageError(f"{file}: expected price rows, found none.")
    for number, row in enumerate(rows, 1):
        _price_values(file, number, row)
    return rows


def set_prices(connection: duckdb.DuckDBPyConnection, rows: Sequence[PriceRow]) -> None:
    """Put these rows in the place of all earlier overrides, inside the caller's transaction."""
    values = [_price_values(None, number, row) for number, row in enumerate(rows, 1)]
    _replace(connection, ("price_overrides", values))


def set_settings(connection: duckdb.DuckDBPyConnection, file: Path) -> list[str]:
    """Read a settings file (JSON) and replace what each of its sections sets; return their names.

    Raises:
        UsageError: it is no JSON object, or holds a section that is not known or not well formed.

    """
    wire = _parsed(file, file.read_text("utf-8-sig"))
    if not isinstance(wire, dict) or not wire:
        raise UsageError(f"{file}: expected a JSON object of {', '.join(SECTIONS)}.")
    tables = [_section(file, name, value) for name, value in wire.items()]
    for table in tables:
        _replace(connection, table)
    return list(wire)


def _section(file: Path, name: str, value: object) -> Table:
    if name not in SECTIONS:
        raise UsageError(f"{file}: {name} is no setting. Known are {', '.join(SECTIONS)}.")
    table, read = SECTIONS[name]
    try:
        return table, read(value)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"{file}: {name} is not well formed ({error}). See docs/guide.md, Settings."
        ) from error


def _prices(value: object) -> list[tuple[object, ...]]:
    if not isinstance(value, list):
        raise TypeError("expected an array")
    return [_price_values(None, number, row) for number, row in enumerate(value, 1)]


def _thresholds(value: Mapping[str, float]) -> list[tuple[object, ...]]:
    return [(name, float(number)) for name, number in value.items()]


def _pairs(value: Mapping[str, str]) -> list[tuple[object, ...]]:
    return [(str(pattern), str(owner)) for pattern, owner in value.items()]


def _coordination(value: Sequence[Mapping[str, object]]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for pair in value:
        owners = pair["owners"]
        if not isinstance(owners, list) or len(owners) != len(("one", "other")):
            raise ValueError("owners are two names")
        rows.append((*owners, {"expensive": True, "cheap": False}[str(pair["cost"])]))
    return rows


def _patterns(value: Sequence[str]) -> list[tuple[object, ...]]:
    return [(str(pattern),) for pattern in value]


def _objectives(value: Mapping[str, float]) -> list[tuple[object, ...]]:
    return [(entry, round(float(ms) * 1000)) for entry, ms in value.items()]


def _currency(value: Mapping[str, object]) -> list[tuple[object, ...]]:
    return [(str(value["label"]), float(str(value["per_usd"])))]


SECTIONS: dict[str, tuple[str, Callable[..., list[tuple[object, ...]]]]] = {
    "prices": ("price_overrides", _prices),
    "thresholds": ("threshold_overrides", _thresholds),
    "owners": ("owner_overrides", _pairs),
    "coordination": ("coordination_costs", _coordination),
    "graphql_roots": ("graphql_roots", _patterns),
    "objectives_ms": ("latency_objectives", _objectives),
    "currency": ("currency_label", _currency),
}
"""Section of a settings file: the table it fills, and how its value becomes rows."""


def _price_values(file: Path | None, number: int, row: object) -> tuple[object, ...]:
    fields = row if isinstance(row, dict) else {}
    try:
        return (
            str(fields["item"]),
            fields.get("region") or ANY,
            fields.get("arch") or ANY,
            float(fields.get("tier_from") or 0),
            fields.get("unit") or "",
            float(fields["price_usd"]),
            date.fromisoformat(fields.get("valid_from") or _FIRST_DAY),
            date.fromisoformat(fields.get("valid_to") or _LAST_DAY),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"{file or 'prices'}: row {number} is no price ({error!r}): expected item, price_usd "
            "and, if you like, region, arch, tier_from, unit, valid_from, valid_to."
        ) from error


def _parsed(file: Path, text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise UsageError(f"{file}: not JSON ({error}).") from error


def _replace(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    name, rows = table
    connection.execute(f"DELETE FROM {name}")  # noqa: S608  our own table names
    for row in rows:  # a handful: nobody sets thousands
        holes = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO {name} VALUES ({holes})", list(row))  # noqa: S608  as above
