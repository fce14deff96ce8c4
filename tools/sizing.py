"""Print what chainlight itself costs a month, by invocations a day, for docs/operations.md.

Bytes and times are measured (the comment says where), prices are AWS's of 2026-11 in us-east-1.
"""

from __future__ import annotations

import sys

MONTH_DAYS = 30
PLANS = (  # invocations a day, days kept, runs a day
    (10_000, 30, 288),
    (100_000, 30, 288),
    (1_000_000, 30, 288),
    (10_000_000, 30, 288),
    (100_000_000, 3, 96),
)

LINE_BYTES = 300  # 230 without a call, 370 with one: half of each (make bench-layer)
EVENT_OVERHEAD_BYTES = 26  # what CloudWatch adds to each event when it counts
ADDED_US = 24  # 8 without a call, 40 with one: half of each (make bench-layer)
FUNCTION_GB = 0.5
EVENTS_PER_INVOCATION = 4  # START, END, REPORT, our line
COLLECT_CPU_US_PER_EVENT = 46  # of 5 million events; of one million 42 (make bench-ingest)
LOOK_US_PER_KEPT = 0.25  # each run looks for callers and messages among all executions kept,
LOOK_US_PER_DAYS = 1.0  # and for lines and sums among those of the day (1.5 million, one CPU)
COLLECTOR_GB, COLLECTOR_CPUS = 1.0, 1024 / 1769  # Lambda gives a whole processor at 1,769 MB
RUN_FLOOR_S = 4.0  # a run with nothing to do: fetch, list, publish
ROW_BYTES = 450  # of an invocation, facts and derived rows, in a file

LOGS_USD_GB, LAMBDA_USD_GB_S, S3_USD_GB_MONTH = 0.50, 0.0000166667, 0.023
S3_USD_PUT = 0.000005
FILES_A_RUN = 40  # a table and day that got rows
CATALOG_USD_MONTH = 25.0  # a small PostgreSQL on RDS with 20 GB
MODES_GB_MAX = {"file": 0.5, "object": 150.0, "lake": float("inf")}
"""A file is uploaded whole at each run, and each version is kept for a day."""
HEAD = (
    "a day", "kept", "a run", "log lines", "in functions", "collector", "storage", "sum",
    "database", "mode",
)  # fmt: skip


def main() -> int:
    """Print the table."""
    print(_line(HEAD))
    print(_line(("---",) * len(HEAD)))
    for plan in PLANS:
        print(_line(row(*plan)))
    return 0


def row(a_day: int, kept_days: int, runs_a_day: int) -> tuple[str, ...]:
    """Return one row of the table, dollars a month."""
    invocations = a_day * MONTH_DAYS
    run_s = _run_s(a_day, kept_days, runs_a_day)
    database_gb = a_day * kept_days * ROW_BYTES / 1e9
    mode = next(name for name, gb_max in MODES_GB_MAX.items() if database_gb <= gb_max)
    parts = (
        invocations * (LINE_BYTES + EVENT_OVERHEAD_BYTES) / 1e9 * LOGS_USD_GB,
        invocations * ADDED_US / 1e6 * FUNCTION_GB * LAMBDA_USD_GB_S,
        run_s * runs_a_day * MONTH_DAYS * COLLECTOR_GB * LAMBDA_USD_GB_S,
        _storage_usd(database_gb, mode, runs_a_day),
    )
    dollars = tuple(f"${part:,.2f}" for part in (*parts, sum(parts)))
    kept = f"{kept_days} days"
    return (f"{a_day:,}", kept, f"{run_s:,.0f} s", *dollars, f"{database_gb:,.1f} GB", mode)


def _run_s(a_day: int, kept_days: int, runs_a_day: int) -> float:
    """Return how long a run takes in the middle of a day."""
    events = a_day / runs_a_day * EVENTS_PER_INVOCATION
    looked_us = a_day * kept_days * LOOK_US_PER_KEPT + a_day / 2 * LOOK_US_PER_DAYS
    return (events * COLLECT_CPU_US_PER_EVENT + looked_us) / 1e6 / COLLECTOR_CPUS + RUN_FLOOR_S


def _storage_usd(database_gb: float, mode: str, runs_a_day: int) -> float:
    """Return storage and uploads: replaced versions stay for a day, merged files likewise."""
    if mode == "file":
        return database_gb * (1 + runs_a_day) * S3_USD_GB_MONTH
    uploads_usd = runs_a_day * MONTH_DAYS * FILES_A_RUN * S3_USD_PUT
    catalog_usd = CATALOG_USD_MONTH if mode == "lake" else 0.0
    return database_gb * 2 * S3_USD_GB_MONTH + uploads_usd + catalog_usd


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
