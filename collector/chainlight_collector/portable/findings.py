"""The view of findings without structs: rules times edges, each column a choice by the rule.

In DuckDB a rule is a macro that gives a struct or NULL, and a list of ten of them is unnested.
Other engines have other structs, but all of them have CASE: ``CASE rule WHEN 'T1' THEN … END`` for
each field, over the edges joined with the ten names, reads the edges once too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Mapping

FIELDS = ("verdict", "saving_usd_month", "arithmetic", "counter_evidence", "is_last")
_QUERY = """
SELECT
    r.rule, {verdict} AS verdict, e.caller_function, e.callee_function, e.kind, e.mode,
    e.calls_count, e.window_days, CAST({saving_usd_month} AS DOUBLE) AS saving_usd_month,
    {arithmetic} AS arithmetic, {counter_evidence} AS counter_evidence, {is_last} AS is_last,
    e.caller_owner, e.callee_owner
FROM finding_changes AS e
CROSS JOIN (SELECT rule FROM (VALUES {rules}) AS names (rule)) AS r
WHERE {fires}
"""


def as_one_pass(macros: Mapping[str, exp.Expr]) -> exp.Expr:
    """Return the view's query, made of the bodies of its macros, whose parameter is `e`."""
    rules = {_fields(body)["rule"].name: body for _, body in sorted(macros.items())}
    texts = {field: _choice(rules, field) for field in FIELDS}
    fires = {rule: body.args["ifs"][0].this for rule, body in rules.items()}
    names = ", ".join(f"('{rule}')" for rule in rules)
    text = _QUERY.format(rules=names, fires=_case(fires), **texts)
    return sqlglot.parse_one(text, read="duckdb")


def _choice(rules: Mapping[str, exp.Expr], field: str) -> str:
    return _case({rule: _fields(body)[field] for rule, body in rules.items()})


def _case(by_rule: Mapping[str, exp.Expr]) -> str:
    whens = " ".join(
        f"WHEN '{rule}' THEN {tree.sql(dialect='duckdb', comments=False)}"
        for rule, tree in by_rule.items()
    )
    return f"CASE r.rule {whens} END"


def _fields(body: exp.Expr) -> dict[str, exp.Expr]:
    struct = body.args["ifs"][0].args["true"]
    return {pair.this.name: pair.expression for pair in struct.expressions}
