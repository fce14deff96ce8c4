"""What engines name, count or take otherwise than DuckDB: one small function for each such thing.

Each takes a node of a query's tree and returns what stands there in the other engine. What is not
here sqlglot does by itself (NULLS LAST, EXCLUDE, QUALIFY, anti joins, integer division, md5).
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Callable

    Mapping = dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]]

APPROXIMATE = ("APPROX_PERCENTILE(",)
"""What an engine says for a percentile that it does not count exactly."""


def apply(tree: exp.Expr, dialect: str) -> exp.Expr:
    """Return the query with all that differs in that engine replaced."""
    mapping = MAPPINGS[dialect]
    for node in list(tree.walk(bfs=False))[::-1]:  # children first
        change = mapping.get(type(node))
        if change is None:
            continue
        new = change(node)
        if new is not node:
            node.replace(new)
    return tree


def _double(node: exp.Expr) -> exp.Expr:
    """DuckDB divides decimals as doubles; others keep decimals, and round each step."""
    text = node.name
    is_decimal = not node.is_string and "." in text and "e" not in text.lower()
    return exp.Literal.number(f"{text}E0") if is_decimal else node


def _last_known(node: exp.Expr) -> exp.Expr:
    """DuckDB's MAX_BY passes over rows whose value is NULL; others may return that NULL."""
    known = exp.Is(this=node.this.copy(), expression=exp.Null()).not_()
    return exp.Filter(this=node.copy(), expression=exp.Where(this=known))


def _any(node: exp.Expr) -> exp.Expr:
    """Take a group's one value by MAX: others' ANY_VALUE may be a NULL beside it."""
    inner = node.this
    return exp.Max(this=inner.this.copy()) if isinstance(inner, exp.AnyValue) else node


def _like(node: exp.Expr) -> exp.Expr:
    """GLOB of * and ? alone, which is what patterns of function names have."""
    pattern = node.expression.copy()
    for old, new in (("\\", "\\\\"), ("_", "\\_"), ("%", "\\%"), ("*", "%"), ("?", "_")):
        pattern = exp.func("REPLACE", pattern, exp.Literal.string(old), exp.Literal.string(new))
    return exp.Escape(
        this=exp.Like(this=node.this.copy(), expression=pattern),
        expression=exp.Literal.string("\\"),
    )


def _known_all(name: str) -> Callable[[exp.Expr], exp.Expr]:
    """DuckDB's printf gives NULL where one of its values is; others print the word null."""

    def change(node: exp.Expr) -> exp.Expr:
        words, *values = (value.copy() for value in node.expressions)
        known = [
            exp.Is(this=value.copy(), expression=exp.Null()).not_()
            for value in values
            if not value.is_string
        ]
        text = exp.Anonymous(this=name, expressions=[words, *values])
        return exp.Case().when(exp.and_(*known), text) if known else text

    return change


def _pairwise(node: exp.Expr) -> exp.Expr:
    """DuckDB's GREATEST and LEAST pass over NULLs; Trino's return NULL for one."""
    kind = type(node)

    def two(a: exp.Expr, b: exp.Expr) -> exp.Expr:
        both = kind(this=a.copy(), expressions=[b.copy()])
        return exp.Coalesce(this=both, expressions=[a.copy(), b.copy()])

    given: list[exp.Expr] = [node.this, *node.expressions]
    return reduce(two, given)


def _renamed(name: str) -> Callable[[exp.Expr], exp.Expr]:
    """Give the same two arguments to a function of another name."""

    def change(node: exp.Expr) -> exp.Expr:
        return exp.Anonymous(this=name, expressions=[node.this.copy(), node.expression.copy()])

    return change


def _whole(node: exp.Expr) -> exp.Expr:
    """Spark interpolates in another order of steps, and 0.49999999999 is no half any more."""
    if node.args.get("decimals"):
        return node
    near = exp.Round(this=node.this.copy(), decimals=exp.Literal.number(3))
    return exp.Round(this=near)


def _discrete(node: exp.Expr) -> exp.Expr:
    """Spark wants the order said."""
    return exp.WithinGroup(
        this=exp.Anonymous(this="PERCENTILE_DISC", expressions=[node.expression.copy()]),
        expression=exp.Order(expressions=[exp.Ordered(this=node.this.copy())]),
    )


def _element(name: str, first: int) -> Callable[[exp.Expr], exp.Expr]:
    """DuckDB gives NULL for what a list does not have; others stop, unless asked so."""

    def change(node: exp.Expr) -> exp.Expr:
        index = node.expressions[0]  # as sqlglot counts: from 0
        number = (
            exp.Literal.number(int(index.name) + first)
            if isinstance(index, exp.Literal)
            else exp.Add(this=exp.paren(index.copy()), expression=exp.Literal.number(first))
        )
        return exp.Anonymous(this=name, expressions=[node.this.copy(), number])

    return change


def _instant(kind: str) -> Callable[[exp.Expr], exp.Expr]:
    """Trino counts from nanoseconds; Athena's views have no time zones, so theirs are in UTC."""

    def change(node: exp.Expr) -> exp.Expr:
        us = node.expressions[0] if isinstance(node, exp.Anonymous) else node.this
        nanoseconds = exp.Mul(this=exp.paren(us.copy()), expression=exp.Literal.number(1000))
        instant = exp.Anonymous(this="FROM_UNIXTIME_NANOS", expressions=[nanoseconds])
        return exp.Cast(this=instant, to=exp.DataType.build(kind, dialect="trino"))

    return change


def _by_name(
    **functions: Callable[[exp.Expr], exp.Expr],
) -> Callable[[exp.Expr], exp.Expr]:
    """Change calls of functions that sqlglot knows by nothing but their names."""

    def change(node: exp.Expr) -> exp.Expr:
        found = functions.get(node.name.lower())
        return found(node) if found else node

    return change


def _micros(node: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="TIMESTAMP_MICROS", expressions=[node.expressions[0].copy()])


def _utf8(node: exp.Expr) -> exp.Expr:
    """Trino hashes bytes, not texts."""
    return exp.MD5(this=exp.Anonymous(this="TO_UTF8", expressions=[node.this.copy()]))


def _joined_lists(node: exp.Expr) -> exp.Expr:
    """Trino takes lists apart in FROM alone."""
    for each in node.expressions:
        if isinstance(each, exp.Alias) and isinstance(each.this, exp.Explode):
            column = exp.to_identifier(each.alias)
            alias = exp.TableAlias(this=exp.to_identifier(f"each_{each.alias}"), columns=[column])
            lists = exp.Unnest(expressions=[each.this.this.copy()], alias=alias)
            node.append("joins", exp.Join(this=lists, kind="CROSS"))
            each.replace(exp.column(column.copy(), table=alias.name))
    return node


def _pairs(node: exp.Expr) -> list[tuple[exp.Expr, exp.Expr]]:
    return [
        (exp.Literal.string(pair.this.name), pair.expression.copy())
        for pair in node.this.expressions
    ]


def _map(node: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="MAP", expressions=[part for pair in _pairs(node) for part in pair])


def _map_of_arrays(node: exp.Expr) -> exp.Expr:
    keys, values = zip(*_pairs(node), strict=True)
    arrays = [exp.Array(expressions=list(keys)), exp.Array(expressions=list(values))]
    return exp.Anonymous(this="MAP", expressions=arrays)


_EVERYWHERE: Mapping = {
    exp.Literal: _double,
    exp.ArgMax: _last_known,
    exp.ArgMin: _last_known,
    exp.IgnoreNulls: _any,
    exp.Glob: _like,
}


def _of_trino(kind: str) -> Mapping:
    return _EVERYWHERE | {
        exp.PercentileCont: _renamed("APPROX_PERCENTILE"),
        exp.PercentileDisc: _renamed("APPROX_PERCENTILE"),
        exp.Bracket: _element("ELEMENT_AT", 1),
        exp.Greatest: _pairwise,
        exp.Least: _pairwise,
        exp.MD5: _utf8,
        exp.ToMap: _map_of_arrays,
        exp.Select: _joined_lists,
        exp.UnixToTime: _instant(kind),
        exp.Anonymous: _by_name(printf=_known_all("FORMAT"), make_timestamptz=_instant(kind)),
    }


MAPPINGS: dict[str, Mapping] = {
    "spark": _EVERYWHERE
    | {
        exp.PercentileCont: _renamed("PERCENTILE"),
        exp.PercentileDisc: _discrete,
        exp.Round: _whole,
        exp.Bracket: _element("GET", 0),
        exp.ToMap: _map,
        exp.Anonymous: _by_name(printf=_known_all("FORMAT_STRING"), make_timestamptz=_micros),
    },
    "trino": _of_trino("TIMESTAMP(6) WITH TIME ZONE"),
    "athena": _of_trino("TIMESTAMP"),
}
"""What is changed, by the engine that the SQL is for."""
