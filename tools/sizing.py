"""Print what chainlight itself costs a month, by invocations a day, for docs/operations.md.

Bytes and times are measured (the comment says where), prices are AWS's of 2026-11 in us-east-1.
"""

from __future__ import annotations

import sys

DAYS = 30
INVOCATIONS_A_DAY = (10_000, 100_000, 1_000_000, 10_000_000, 100_000_000)

LINE_BYTES = 300  # 230 without a call, 370 with one: half of each (make bench-layer)
EVENT_OVERHEAD_BYTES = 26  # what CloudWatch adds to each event when it counts
ADDED_US = 24  # 8 without a call, 40 with one: half of each (make bench-layer)
FUNCTION_GB = 0.5
EVENTS_PER_INVOCATION = 4  # START, END, REPORT, our line
COLLECT_CPU_US_PER_EVENT = 58  # of 5 million events; of one million 28 (make bench-ingest)
COLLECTOR_GB, COLLECTOR_CPUS = 1.0, 1024 / 1769  # Lambda gives a whole processor at 1,769 MB
RUNS_A_DAY, RUN_FLOOR_S = 288, 4.0  # a run with nothing to do: fetch, list, publish
ROW_BYTES = 450  # of an invocation, facts and derived rows, in a file

LOGS_USD_GB, LAMBDA_USD_GB_S, S3_USD_GB_MONTH = 0.50, 0.0000166667, 0.023
S3_USD_PUT = 0.000005
FILES_A_RUN = 40  # a table and day that got rows
CATALOG_USD_MONTH = 25.0  # a small PostgreSQL on RDS with 20 GB
MODES_GB_MAX = {"file": 0.5, "object": 150.0, "lake": float("inf")}
"""A file is uploaded whole at each run, and each version is kept for a day."""
HEAD = ("a day", "log lines", "in functions", "collector", "storage", "sum", "database", "mode")


def main() -> int:
    """Print the table."""
    print(_line(HEAD))
    print(_line(("---",) * len(HEAD)))
    for invocations in INVOCATIONS_A_DAY:
        print(_line(row(invocations)))
    return 0


def row(invocations_a_day: int) -> tuple[str, ...]:
    """Return one row of the table, dollars a month."""
    invocations = invocations_a_day * DAYS
    database_gb = invocations * ROW_BYTES / 1e9
    mode = next(name for name, gb_max in MODES_GB_MAX.items() if database_gb <= gb_max)
    parts = (
        invocations * (LINE_BYTES + EVENT_OVERHEAD_BYTES) / 1e9 * LOGS_USD_GB,
        invocations * ADDED_US / 1e6 * FUNCTION_GB * LAMBDA_USD_GB_S,
        _collector_s(invocations) * COLLECTOR_GB * LAMBDA_USD_GB_S,
        _storage_usd(database_gb, mode),
    )
    dollars = tuple(f"${part:,.2f}" for part in (*parts, sum(parts)))
    return (f"{invocations_a_day:,}", *dollars, f"{database_gb:,.1f} GB", mode)


def _collector_s(invocations: int) -> float:
    working_s = invocations * EVENTS_PER_INVOCATION * COLLECT_CPU_US_PER_EVENT / 1e6
    return working_s / COLLECTOR_CPUS + RUNS_A_DAY * DAYS * RUN_FLOOR_S


def _storage_usd(database_gb: float, mode: str) -> float:
    """Return storage and uploads: replaced versions stay for a day, merged files likewise."""
    if mode == "file":
        return database_gb * (1 + RUNS_A_DAY) * S3_USD_GB_MONTH
    uploads_usd = RUNS_A_DAY * DAYS * FILES_A_RUN * S3_USD_PUT
    catalog_usd = CATALOG_USD_MONTH if mode == "lake" else 0.0
    return database_gb * 2 * S3_USD_GB_MONTH + uploads_usd + catalog_usd


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
