"""A reader's query can read, and nothing else, within its limits."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import duckdb
import pytest

from chainlight_dashboard import data, sandbox
from chainlight_dashboard.errors import QueryRefusedError, QueryStoppedError
from chainlight_dashboard.views.examples import EXAMPLES

if TYPE_CHECKING:
    from pathlib import Path

TIGHT = sandbox.Limits(deadline_s=6.0, cpu_s=2, answer_bytes_max=4_000_000)


def test_rows_come_back_with_their_types(filled: Path) -> None:
    answer = sandbox.run(str(filled), "SELECT 1 AS a, 'x' AS b, [1, 2] AS c, NULL AS d")
    assert list(answer.rows.columns) == ["a", "b", "c", "d"]
    assert (answer.rows.a[0], answer.rows.b[0], answer.is_cut) == (1, "x", False)


def test_an_answer_is_cut_at_the_row_cap_and_says_so(filled: Path) -> None:
    answer = sandbox.run(str(filled), "FROM range(20_000)")
    assert (len(answer.rows), answer.is_cut) == (10_000, True)


@pytest.mark.parametrize("sql", ["DESCRIBE chains", "SUMMARIZE chains", "EXPLAIN FROM chains"])
def test_what_only_reads_is_run(filled: Path, sql: str) -> None:
    assert len(sandbox.run(str(filled), sql).rows)


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example_of_the_page_runs(filled: Path, name: str) -> None:
    assert len(sandbox.run(str(filled), EXAMPLES[name]).rows.columns)


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE x (a INT)",
        "CREATE TEMP TABLE x (a INT)",
        "INSERT INTO chains SELECT * FROM chains",
        "UPDATE chains SET status = 'ok'",
        "DELETE FROM chains",
        "DROP TABLE chains",
        "COPY chains TO '/tmp/chains.csv'",
        "EXPORT DATABASE '/tmp/all'",
        "ATTACH '/tmp/other.db'",
        "ATTACH ':memory:' AS m",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET threads = 8",
        "SET enable_external_access = true",
        "PRAGMA enable_profiling",
        "CHECKPOINT",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_blob('/proc/self/environ')",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM duckdb_secrets()",
        "EXPLAIN ANALYZE COPY chains TO '/tmp/chains.csv'",
        "SELECT 1; DROP TABLE chains",
        "ALTER TABLE chain_rows ADD COLUMN x INT",
        "CREATE OR REPLACE VIEW chains AS SELECT 1",
        "CREATE MACRO f() AS 1",
        "CREATE SECRET s (TYPE s3)",
        "DETACH shop",
        "USE memory",
        "VACUUM",
        "ANALYZE",
        "BEGIN TRANSACTION",
        "PREPARE q AS SELECT 1",
        "CALL pragma_version()",
        "COPY (SELECT 1) TO '/dev/stdout'",
        "IMPORT DATABASE '/tmp/all'",
        "RESET lock_configuration",
        "SET VARIABLE x = 1",
        "PRAGMA database_size",
        "SELECT * FROM read_json('/etc/hostname')",
        "SELECT * FROM read_parquet('s3://bucket/key')",
        "SELECT * FROM 'https://example.com/x.csv'",
        "SELECT * FROM parquet_scan('/tmp/*.parquet')",
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT * FROM read_text('../../../etc/passwd')",
        "SELECT nothing FROM nowhere",
        "not sql",
        "-- only a comment",
    ],
)
def test_what_does_more_than_read_is_refused(filled: Path, sql: str) -> None:
    with pytest.raises(QueryRefusedError):
        sandbox.run(str(filled), sql, TIGHT)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT list(range) FROM range(10_000_000_000)",
        "SELECT count(*) FROM range(1_000_000) a, range(1_000_000) b",
        "WITH RECURSIVE t(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM t) SELECT count(*) FROM t",
        "SELECT repeat('x', 1_000_000_000)",
        "SELECT repeat('x', 9_000) FROM range(10_000)",
    ],
)
def test_a_bomb_is_stopped_within_its_limits(filled: Path, sql: str) -> None:
    started_s = time.monotonic()
    with pytest.raises(QueryStoppedError):
        sandbox.run(str(filled), sql, TIGHT)
    assert time.monotonic() - started_s < TIGHT.deadline_s + 2


def test_the_deadline_stops_what_uses_no_processor_time(filled: Path) -> None:
    limits = sandbox.Limits(deadline_s=0.5, cpu_s=60)
    with pytest.raises(QueryStoppedError, match=r"Stopped after|processor"):
        sandbox.run(
            str(filled), "SELECT count(*) FROM range(1_000_000) a, range(1_000_000) b", limits
        )


def test_the_child_inherits_no_environment(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with pytest.raises(QueryRefusedError):
        sandbox.run(str(filled), "SELECT getenv('AWS_SECRET_ACCESS_KEY')")


def test_a_page_with_the_file_open_does_not_stop_a_query(filled: Path) -> None:
    with duckdb.connect(str(filled), read_only=True, config=dict(data.SETTINGS)):
        assert len(sandbox.run(str(filled), "FROM chains").rows) == 60
