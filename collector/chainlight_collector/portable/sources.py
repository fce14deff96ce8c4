"""The schema's files as trees: each view with its macros in place, and all columns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.schema import MappingSchema

from chainlight_collector import ddl
from chainlight_collector.portable.findings import as_one_pass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FINDINGS = "findings"
_COLUMNS = """
SELECT table_name, column_name, data_type FROM duckdb_columns()
WHERE NOT internal ORDER BY table_name, column_index
"""


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro of a value (a tree of an expression) or of a table (a query)."""

    parameters: tuple[str, ...]
    body: exp.Expr


@dataclass(frozen=True, slots=True)
class View:
    """A view as DuckDB has it, macros in place; `reads` are the tables and views in it."""

    name: str
    query: exp.Expr
    reads: frozenset[str]


@dataclass(frozen=True, slots=True)
class Schema:
    """All views in their order, and the columns of tables and views with DuckDB's types.

    `known` is the same for sqlglot, made once: making it takes as long as translating a view.
    """

    views: tuple[View, ...]
    columns: Mapping[str, Mapping[str, str]]
    tables: tuple[str, ...]
    known: MappingSchema


@cache
def read() -> Schema:
    """Read the schema of this version."""
    views: list[View] = []
    macros: dict[str, Macro] = {}
    tables: list[str] = []
    for folder, created in _created():
        name = created.this.find(exp.Table).name
        if created.kind == "MACRO":
            parameters = tuple(each.name for each in created.this.expressions)
            macros[name] = Macro(parameters, created.expression)
        elif created.kind == "TABLE":
            tables.append(name)
        elif folder != "derived":  # what derive alone reads
            views.append(_view(name, created.expression, macros))
    columns = _columns()
    known = MappingSchema(dict(columns), dialect="duckdb")
    return Schema(tuple(views), columns, tuple(tables), known)


def _created() -> Iterator[tuple[str, exp.Create]]:
    for file, text in ddl.schema_files():
        for tree in sqlglot.parse(text, read="duckdb"):
            if isinstance(tree, exp.Create):
                yield file.partition("/")[0], tree


def _view(name: str, query: exp.Expr, macros: Mapping[str, Macro]) -> View:
    if name == FINDINGS:
        bodies = {key: each.body for key, each in macros.items() if key.startswith("finding_")}
        query = as_one_pass(bodies)
    tree = _inlined(query, macros)
    inner = {cte.alias for cte in tree.find_all(exp.CTE)}
    reads = frozenset(table.name for table in tree.find_all(exp.Table)) - inner
    return View(name, tree, reads)


def _inlined(tree: exp.Expr, macros: Mapping[str, Macro]) -> exp.Expr:
    """Put each macro's body where it is called; bodies call macros that came before them."""
    while True:
        calls = [call for call in tree.find_all(exp.Anonymous) if call.name in macros]
        if not calls:
            return tree
        call = calls[-1]  # the innermost: arguments have none any more
        macro = macros[call.name]
        given = dict(zip(macro.parameters, call.expressions, strict=True))
        body = macro.body.copy().transform(lambda node, given=given: _argument(node, given))
        if isinstance(call.parent, exp.Table):
            name = exp.TableAlias(this=exp.to_identifier(call.parent.alias or call.name))
            query = exp.Subquery(this=body, alias=name)
            tree = _replaced(tree, call.parent, query)
        else:
            tree = _replaced(tree, call, exp.paren(body) if _is_loose(body) else body)


def _replaced(tree: exp.Expr, old: exp.Expr, new: exp.Expr) -> exp.Expr:
    if old is tree:
        return new
    old.replace(new)
    return tree


def _is_loose(body: exp.Expr) -> bool:
    return isinstance(body, exp.Binary)


def _argument(node: exp.Expr, given: Mapping[str, exp.Expr]) -> exp.Expr:
    if isinstance(node, exp.Column) and not node.table and node.name in given:
        return given[node.name].copy()
    return node


def _columns() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    with duckdb.connect() as fresh:
        for _, text in ddl.schema_files():
            fresh.execute(text)
        for table, column, kind in fresh.execute(_COLUMNS).fetchall():
            found.setdefault(table, {})[column] = kind
    return found
