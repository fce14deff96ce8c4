"""What a page will ask of the database, known from its address alone: pure.

Pages ask by themselves and draw what they are answered; this says the same beforehand, so that the
database works while the browser still loads. A test compares the two. Left out is what depends on
an answer, and what a reader's own condition asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from chainlight_dashboard.catalog import Value
from chainlight_dashboard.views.condition import condition
from chainlight_dashboard.views.window import Window, window

Asked = Mapping[str, list[str]]

CHAINS_MAX = 1_000
"""So many chains are listed at once."""
SHAPE_CHAINS_MAX = 500
"""Of so many of its newest chains a shape's steps are told."""


@dataclass(frozen=True, slots=True)
class Question:
    """A query by name, and its parameters."""

    name: str
    parameters: dict[str, Value] = field(default_factory=dict)


def questions(page: str, asked: Asked, now_us: int) -> list[Question]:
    """Return what `page` asks under an address with these parameters, the first needed first."""
    of_page = PAGES.get(page)
    return of_page(asked, window(_one(asked, "range"), now_us)) if of_page else []


def chain_scope(span: Window, shape_id: str | None, text: str | None) -> dict[str, Value]:
    """Return what every query over the list of chains is asked for."""
    return {**span.bounds, "shape_id": shape_id, "text": text, "chain_ids": None}


def _overview(_: Asked, span: Window) -> list[Question]:
    ranged = ("overview_buckets", "shapes", "chain_dots")
    return [
        Question("overview_totals", dict(span.bounds)),
        Question("overview_totals", dict(span.before)),
        *(Question(name, dict(span.bounds)) for name in ranged),
    ]


def _chains(asked: Asked, span: Window) -> list[Question]:
    text = _one(asked, "find") or None
    if condition(text) is not None:
        return []
    scope = chain_scope(span, _one(asked, "shape"), text)
    listed = {**scope, "tags": asked.get("mark", []), "rows_max": CHAINS_MAX}
    return [Question("chain_counts", scope), Question("chain_list", listed)]


def _functions(asked: Asked, span: Window) -> list[Question]:
    return [Question("functions_table", {**span.bounds, "text": _one(asked, "function") or None})]


def _waiting(asked: Asked, span: Window) -> list[Question]:
    is_all = _one(asked, "all") == "true"
    text = _one(asked, "call") or None
    wanted: dict[str, Value] = {**span.bounds, "text": text, "is_waiting_only": not is_all}
    return [Question("waiting_edges", wanted)]


def _dlq(asked: Asked, _: Window) -> list[Question]:
    found = [Question("dead_letter_queues"), Question("unprotected_functions")]
    if "queue" in asked:  # by its name, and the messages are asked for by its ARN
        return found
    return [*found, Question("dead_letter_messages", {"queue_arn": None})]


def _chain(asked: Asked, _: Window) -> list[Question]:
    names = ("chain_header", "chain_rows", "chain_segments", "chain_dead_letters", "typical_rows",
             "chain_attempts", "chain_calls", "chain_logs")  # fmt: skip
    return [Question(name, {"chain_id": _one(asked, "id") or ""}) for name in names]


def _shape(asked: Asked, span: Window) -> list[Question]:
    own: dict[str, Value] = {"shape_id": _one(asked, "id") or ""}
    scope = {**span.bounds, **own}
    newest = {**scope, "chains_max": SHAPE_CHAINS_MAX}
    return [
        Question("shape_header", scope),
        Question("shape_edges", newest),
        Question("shape_weeks", own),
        Question("shape_funnel", newest),
        Question("shape_walls", scope),
        Question("shape_examples", scope),
    ]


def _sql(_: Asked, __: Window) -> list[Question]:
    return [Question("schema_columns")]


def _one(asked: Asked, name: str) -> str | None:
    found = asked.get(name)
    return found[-1] if found else None


PAGES: dict[str, Callable[[Asked, Window], list[Question]]] = {
    "": _overview,
    "chains": _chains,
    "functions": _functions,
    "waiting": _waiting,
    "dlq": _dlq,
    "sql": _sql,
    "chain": _chain,
    "shape": _shape,
}
