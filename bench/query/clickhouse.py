"""ClickHouse's part, run by the interpreter of an environment that holds chdb and nothing of ours.

    python clickhouse.py FOLDER   questions as JSON on standard input, answers as JSON on output

Tables are MergeTree, ordered as somebody who knows these questions would: edges by edge, the rest
by chain.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from chdb.session import Session

ORDERS = {
    "edge_rows": "caller_function, callee_function, kind, mode",
    "chain_rows": "chain_id",
    "timeline_rows": "chain_id, row",
}
ROUNDS = 5


def main() -> None:
    """Load the Parquet files and answer each question a few times."""
    folder = Path(sys.argv[1])
    session = Session(str(folder / "clickhouse"))
    for table, order in ORDERS.items():
        session.query(
            f"CREATE TABLE {table} ENGINE = MergeTree ORDER BY ({order}) "
            f"SETTINGS allow_nullable_key = 1 AS SELECT * FROM file('{folder}/{table}.parquet')"
        )
    questions = json.load(sys.stdin)
    print(json.dumps({name: _ask(session, sql) for name, sql in questions.items()}))


def _ask(session: Session, sql: str) -> dict[str, object]:
    took_s = []
    for _ in range(ROUNDS):
        started_s = time.perf_counter()
        answer = session.query(sql, "JSONCompact")
        took_s.append(time.perf_counter() - started_s)
    return {"ms": 1000 * min(took_s), "rows": json.loads(str(answer))["data"]}


if __name__ == "__main__":
    main()
