"""What is asked, of chainlight's views and of the same rows in the peers' own SQL."""

from __future__ import annotations

from dataclasses import dataclass

CHAIN = "{chain_id}"
_EDGE = "caller_function, callee_function, kind, mode"

# What a user asks of chainlight; the limit is in milliseconds over ten million attempts.
OWN: dict[str, tuple[str, float]] = {
    "findings": ("SELECT * FROM findings", 1000),
    "edges": ("SELECT * FROM edges", 1000),
    "chains, newest 50": ("SELECT * FROM chains ORDER BY started_us DESC, chain_id LIMIT 50", 1000),
    "chains, all added up": (
        "SELECT status, count(*), sum(cost_usd), sum(paid_idle_usd) FROM chains GROUP BY status",
        1000,
    ),
    "one chain's timeline": (
        f"SELECT * FROM chain_timeline WHERE chain_id = '{CHAIN}' ORDER BY row",
        20,
    ),
    "one chain's bars": (f"SELECT * FROM chain_segments WHERE chain_id = '{CHAIN}'", 200),
}


@dataclass(frozen=True, slots=True)
class Question:
    """One question in three dialects over the same rows; its answer must be the same in all."""

    duckdb: str
    clickhouse: str
    sqlite: str


def _quantiles(template: str) -> str:
    return ", ".join(template.format(q=q) for q in (0.5, 0.95, 0.99))


# SQLite has no quantiles: the value below the wanted place, and its part of the way to the next.
_SQLITE_QUANTILE = (
    "CAST(0.5 + max(CASE WHEN n = 1 + CAST((total - 1) * {q} AS INTEGER) THEN wait_us END) "
    "+ ((max(total) - 1) * {q} - CAST((max(total) - 1) * {q} AS INTEGER)) "
    "* (max(CASE WHEN n = min(total, 2 + CAST((total - 1) * {q} AS INTEGER)) THEN wait_us END) "
    "- max(CASE WHEN n = 1 + CAST((total - 1) * {q} AS INTEGER) THEN wait_us END)) AS INTEGER)"
)
_SUMS = (
    f"SELECT {_EDGE}, count(*), sum(paid_idle_us), sum(wait_us), sum(callee_duration_us) "
    f"FROM edge_rows GROUP BY {_EDGE} ORDER BY {_EDGE}"
)
_CHAINS = (
    "SELECT entry_status, count(*), round(sum(billed_gb_s), 2), sum(paid_idle_us) FROM chain_rows "
    "GROUP BY entry_status ORDER BY entry_status"
)
_TIMELINE = (
    "SELECT row, function_name, started_us, ended_us FROM timeline_rows "
    f"WHERE chain_id = '{CHAIN}' ORDER BY row"
)
SAME: dict[str, Question] = {
    "edges with exact p50, p95, p99": Question(
        f"SELECT {_EDGE}, count(*), {_quantiles('floor(quantile_cont(wait_us, {q}) + 0.5)')} "
        f"FROM edge_rows GROUP BY {_EDGE} ORDER BY {_EDGE}",
        f"SELECT {_EDGE}, count(), {_quantiles('quantileExactInclusive({q})(wait_us)')} "
        f"FROM edge_rows GROUP BY {_EDGE} ORDER BY {_EDGE}",
        f"WITH ranked AS (SELECT {_EDGE}, wait_us, "
        f"row_number() OVER (PARTITION BY {_EDGE} ORDER BY wait_us) AS n, "
        f"count(*) OVER (PARTITION BY {_EDGE}) AS total FROM edge_rows) "
        f"SELECT {_EDGE}, max(total), {_quantiles(_SQLITE_QUANTILE)} "
        f"FROM ranked GROUP BY {_EDGE} ORDER BY {_EDGE}",
    ),
    "sums of each edge": Question(_SUMS, _SUMS, _SUMS),
    "chains added up": Question(_CHAINS, _CHAINS, _CHAINS),
    "one chain's rows": Question(_TIMELINE, _TIMELINE, _TIMELINE),
}
COLUMNS = {
    "edge_rows": (*_EDGE.split(", "), "paid_idle_us", "wait_us", "callee_duration_us"),
    "chain_rows": ("chain_id", "entry_status", "billed_gb_s", "paid_idle_us", "started_us"),
    "timeline_rows": ("chain_id", "row", "function_name", "started_us", "ended_us"),
}
"""What the peers are given of each table."""
