"""The views in the SQL of other engines: what can go, and why the rest cannot.

What is translated is the schema's own files, so that there is one text of each view. Macros are put
where they are called, stars are spelled out, and what engines name or count in their own way is
replaced (``mappings``). A view that reads one that cannot go cannot go either.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.optimizer.qualify import qualify

from chainlight_collector.portable import sources
from chainlight_collector.portable.mappings import APPROXIMATE, MAPPINGS, apply
from chainlight_collector.portable.reasons import MACROS, REASONS

if TYPE_CHECKING:
    from chainlight_collector.portable.sources import Schema, View

DIALECTS = tuple(MAPPINGS)


@dataclass(frozen=True, slots=True)
class Statement:
    """One view in another engine's SQL. `is_approximate`: its percentiles are guesses."""

    view: str
    sql: str
    is_approximate: bool


@dataclass(frozen=True, slots=True)
class Exported:
    """What goes, in an order in which it can be run, and the reason of each view that does not."""

    dialect: str
    statements: list[Statement] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)


def export(dialect: str, *, is_temporary: bool = False) -> Exported:
    """Translate all views; `is_temporary` makes them a session's own, where the engine has that."""
    schema, done = sources.read(), Exported(dialect, [], dict(MACROS))
    for view in schema.views:
        reason = _reason(view, done)
        if reason:
            done.named[view.name] = reason
        else:
            done.statements.append(_translated(view, schema, dialect, is_temporary=is_temporary))
    return done


def _reason(view: View, done: Exported) -> str | None:
    own = REASONS.get(view.name, {}).get(done.dialect)
    read = (name for name in sorted(view.reads) if name in done.named)
    return own or next((f"it reads {name}" for name in read), None)


def _translated(view: View, schema: Schema, dialect: str, *, is_temporary: bool) -> Statement:
    tree = qualify(
        view.query.copy(),
        dialect="duckdb",
        schema=schema.known,
        identify=False,
        quote_identifiers=False,
        validate_qualify_columns=False,
    )
    tree = apply(tree, dialect)
    tree = exp.Create(
        this=exp.to_table(view.name),
        kind="VIEW",
        replace=True,
        expression=tree,
        properties=exp.Properties(expressions=[exp.TemporaryProperty()]) if is_temporary else None,
    )
    sql = tree.sql(dialect=dialect, pretty=True, comments=False)
    return Statement(view.name, sql, any(word in sql for word in APPROXIMATE))
