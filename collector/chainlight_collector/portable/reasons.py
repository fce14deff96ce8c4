"""What does not go to another engine, and why; the rest goes."""

from __future__ import annotations

_PIECES = "a bar is cut by unnesting a list of structs; its rows are chain_bars and waits"
_SPARK_LISTS = "it gathers lists in an order, which Spark's lists do not keep"
_JSON = "it opens a JSON object of unknown keys, which each engine does in its own way"

REASONS: dict[str, dict[str, str]] = {
    "chain_segments": dict.fromkeys(("spark", "trino", "athena"), _PIECES),
    "other_waits": dict.fromkeys(("spark", "trino", "athena"), _JSON),
    "execution_states": {"spark": _SPARK_LISTS},
}
MACROS = {
    "chain(id)": "macros do not travel: ask chain_timeline WHERE chain_id = …",
    "price_of(…)": "macros do not travel: ask the view rates",
}
