"""One question a view, in both engines' words, whose answer tells whether all rows are the same.

What is counted exactly (texts, whole numbers, days, lists) is written into one text a row, whose
MD5s are added up: the order of rows does not matter, everything else does. Money is added up column
by column, because engines add in another order. A view of few rows is compared row by row.
Percentiles are interpolated, each engine in its own order of steps: they may be one unit apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ROWS_MAX = 5_000
"""A view of no more rows is fetched whole."""
MAIN = (
    "attempts",
    "invocations",
    "calls",
    "links",
    "chain_members",
    "waits",
    "chains",
    "chain_timeline",
    "chain_bars",
    "edges",
    "edges_daily",
    "functions",
    "function_totals",
    "retries",
    "sdk_retries",
    "dead_letters",
    "coverage",
    "shapes",
    "monthly_bill",
    "finding_changes",
    "findings",
)
HEX_DIGITS = 13  # 52 bits: what is added up stays exact in a DECIMAL of 38 digits


PERCENTILE = re.compile(r"_p\d\d_")


@dataclass(frozen=True, slots=True)
class Columns:
    """A view's columns by how they are compared; instants are those of `_us` columns once more."""

    exact: tuple[str, ...]
    lists: tuple[str, ...]
    doubles: tuple[str, ...]

    @classmethod
    def of(cls, types: Mapping[str, str]) -> Columns:
        """Sort a view's columns by their DuckDB types."""
        lists = tuple(name for name, kind in types.items() if kind.endswith("[]"))
        doubles = tuple(
            name for name, kind in types.items() if kind == "DOUBLE" or PERCENTILE.search(name)
        )
        instants = {name for name, kind in types.items() if kind.startswith("TIMESTAMP")}
        exact = tuple(types.keys() - set(lists) - set(doubles) - instants)
        return cls(tuple(sorted(exact)), lists, doubles)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the columns in the order of `rows`."""
        return (*self.exact, *self.lists, *self.doubles)

    def checksum(self, view: str, *, is_spark: bool) -> str:
        """Return the question whose answer is one row: count, sum of MD5s, counts and sums."""
        texts = [_text(name, is_spark=is_spark) for name in self.exact]
        texts += [_joined(name, is_spark=is_spark) for name in self.lists]
        digits = f"substr(md5(concat_ws('|', {', '.join(texts)})), 1, {HEX_DIGITS})"
        number = f"conv({digits}, 16, 10)" if is_spark else f"CAST('0x' || {digits} AS BIGINT)"
        sums = "".join(
            f", count({_quoted(name, is_spark=is_spark)}), sum({_quoted(name, is_spark=is_spark)})"
            for name in self.doubles
        )
        total = f"CAST(sum(CAST({number} AS DECIMAL(38, 0))) AS {_string(is_spark=is_spark)})"
        return f"SELECT count(*), {total}{sums} FROM {view}"

    def rows(self, view: str, *, is_spark: bool) -> str:
        """Return the question whose answer is all rows: exact texts first, then doubles."""
        texts = [_text(name, is_spark=is_spark) for name in self.exact]
        texts += [_joined(name, is_spark=is_spark) for name in self.lists]
        doubles = [_quoted(name, is_spark=is_spark) for name in self.doubles]
        return f"SELECT {', '.join(texts + doubles)} FROM {view}"


def _text(name: str, *, is_spark: bool) -> str:
    column = _quoted(name, is_spark=is_spark)
    return f"coalesce(CAST({column} AS {_string(is_spark=is_spark)}), '~')"


def _joined(name: str, *, is_spark: bool) -> str:
    column = _quoted(name, is_spark=is_spark)
    return (
        f"concat_ws(',', {column})"
        if is_spark
        else (f"coalesce(array_to_string({column}, ','), '')")
    )


def _quoted(name: str, *, is_spark: bool) -> str:
    return f"`{name}`" if is_spark else f'"{name}"'


def _string(*, is_spark: bool) -> str:
    return "STRING" if is_spark else "VARCHAR"
