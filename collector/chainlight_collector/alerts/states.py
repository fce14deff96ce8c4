"""What each rule says of the database: raised, settled or unknown, and since when.

A state is one row of `alert_states`, renewed by every run and replaced by a new row when it
changes. A measure that is unknown (no chain in the window) changes nothing: silence is no recovery.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

    from chainlight_collector.alerts.rules import Rule, Rules

_NEWEST = """
SELECT since_us, is_raised, is_due FROM alert_states
WHERE measure = $measure ORDER BY since_us DESC LIMIT 1
"""
_RENEW = """
UPDATE alert_states
SET observed_us = $observed_us, value = $value, words = $words, threshold = $threshold,
    direction = $direction
WHERE measure = $measure AND since_us = $since_us
"""
_ADD = """
INSERT INTO alert_states VALUES (
    $measure, $since_us, $observed_us, $value, $threshold, $direction, $is_raised, $words,
    $is_due, NULL, make_timestamp($since_us)::DATE
)
"""
_FORGET = "DELETE FROM alert_states WHERE NOT list_contains($measures, measure)"
_DUE = """
SELECT measure, since_us, value, threshold, direction, is_raised, words FROM alert_states
WHERE is_due AND published_us IS NULL
QUALIFY row_number() OVER (PARTITION BY measure ORDER BY since_us DESC) = 1
ORDER BY measure
"""
_PUBLISHED = """
UPDATE alert_states SET published_us = $published_us
WHERE measure = $measure AND since_us <= $since_us AND published_us IS NULL
"""


@dataclass(frozen=True, slots=True)
class State:
    """A state that somebody should be told of."""

    measure: str
    since_us: int
    value: float
    threshold: float
    direction: str
    is_raised: bool
    words: str


def evaluate(connection: duckdb.DuckDBPyConnection, rules: Rules, now_us: int) -> None:
    """Measure every rule and bring `alert_states` up to date, inside the caller's transaction."""
    connection.execute(_FORGET, {"measures": [rule.measure for rule in rules.rules]})
    for rule in rules.rules:
        _evaluate(connection, rule, (now_us - rules.window_us, now_us))


def due(connection: duckdb.DuckDBPyConnection) -> list[State]:
    """Return the newest states that changed and were not published yet."""
    return [State(*row) for row in connection.execute(_DUE).fetchall()]


def note_published(connection: duckdb.DuckDBPyConnection, state: State, published_us: int) -> None:
    """Note that a state was told, and with it every older one of its measure."""
    connection.execute(
        _PUBLISHED,
        {"published_us": published_us, "measure": state.measure, "since_us": state.since_us},
    )


def _evaluate(connection: duckdb.DuckDBPyConnection, rule: Rule, window: tuple[int, int]) -> None:
    value, words = _measured(connection, rule.measure, window)
    newest = connection.execute(_NEWEST, {"measure": rule.measure}).fetchone()
    if value is None:
        return
    is_raised = rule.is_broken_by(value)
    facts = {
        "measure": rule.measure, "observed_us": window[1], "value": value, "words": words,
        "threshold": rule.threshold, "direction": rule.direction,
    }  # fmt: skip
    if newest is not None and newest[1] == is_raised:
        connection.execute(_RENEW, {**facts, "since_us": newest[0]})
        return
    is_due = is_raised or newest is not None
    since_us = window[1] if newest is None else max(window[1], newest[0] + 1)
    connection.execute(
        _ADD, {**facts, "since_us": since_us, "is_raised": is_raised, "is_due": is_due}
    )


def _measured(
    connection: duckdb.DuckDBPyConnection, measure: str, window: tuple[int, int]
) -> tuple[float | None, str]:
    given = {"from_us": window[0], "to_us": window[1]}
    [statement] = connection.extract_statements(_text(measure))
    wanted = {name: given[name] for name in statement.named_parameters}
    row = connection.execute(statement, wanted or None).fetchone()
    return (None, "") if row is None else (row[0], row[1] or "")


@cache
def _text(measure: str) -> str:
    return (resources.files(__package__) / "measures" / f"{measure}.sql").read_text("utf-8")
