from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from chainlight_collector import ddl

PROJECT = Path(__file__).resolve().parents[2]
WORKING = re.compile(r"CREATE (?:OR REPLACE )?TEMP (?:TABLE|VIEW) (\w+)")

# Columns of the public views by contract; a view may have more, behind these or between them.
VIEWS = {
    "attempts": "function_name function_arn function_version account_id region request_id "
    "attempt_number chain_id started_at started_us ended_us duration_us billed_ms memory_mb "
    "max_memory_used_mb init_us restore_us is_cold arch outcome error_type source_kind has_record "
    "has_report paid_idle_us idle_evidence compute_usd request_usd cost_usd paid_idle_usd "
    "overhead_us log_group log_stream",
    "calls": "call_id caller_function caller_request_id caller_attempt_number kind target "
    "operation mode started_us wait_us cpu_us tries_count outcome error_type payload_bytes "
    "response_bytes result_was_read natural_key",
    "links": "call_id caller_function caller_request_id callee_function callee_request_id "
    "evidence share queued_us",
    "chain_members": "chain_id function_name request_id attempt_number share depth",
    "chains": "chain_id entry_function entry_kind started_at wall_us answered_us functions_count "
    "attempts_count retries_count failed_count cold_starts_count dead_letters_count paid_idle_us "
    "paid_idle_usd cost_usd status shape_id shape",
    "chain_timeline": "chain_id row parent_row depth function_name request_id edge_kind sent_us "
    "started_us ended_us attempts_count status is_on_critical_path",
    "chain_segments": "chain_id row kind started_us ended_us attempt_number",
    "edges": "caller_function callee_function kind mode calls_count failed_count tries_count "
    "wait_p50_us wait_p95_us wait_p99_us queued_p50_us queued_p95_us cold_share "
    "payload_p99_bytes payload_limit_bytes result_read_share call_share paid_idle_us "
    "paid_idle_usd request_usd crosses_owner crosses_account crosses_region",
    "edges_daily": "caller_function callee_function kind mode day calls_count failed_count "
    "tries_count wait_p50_us wait_p95_us wait_p99_us queued_p50_us queued_p95_us cold_share "
    "payload_p99_bytes payload_limit_bytes result_read_share call_share paid_idle_us "
    "paid_idle_usd request_usd crosses_owner crosses_account crosses_region",
    "retries": "function_name invocations_count retried_count recovered_count exhausted_count "
    "attempts_count wasted_usd",
    "sdk_retries": "call_id caller_function target tries_count executions_count duplicated_usd "
    "advice",
    "dead_letters": "queue_arn source message_id request_id function_name chain_id condition "
    "error_code error_message attempts_count sent_at first_seen_at last_seen_at is_gone",
    "functions": "function_name function_arn account_id region owner runtime arch memory_mb "
    "timeout_s has_layer is_async_target dlq_arn on_failure_arn max_retry_attempts log_format "
    "tracing_mode invocations_count error_share cold_share duration_p95_us cost_usd "
    "paid_idle_usd",
    "orphans": "caller_function callee_function callee_request_id orphan_us orphan_usd",
    "joins": "chain_id caller_request_id width arrived_count first_us last_us slowest_function "
    "slowest_request_id is_joined",
    "branches": "caller_function callee_function call_share on_error_share",
    "findings": "rule verdict caller_function callee_function kind mode calls_count window_days "
    "saving_usd_month arithmetic counter_evidence",
    "coverage": "day invocations_count with_record_share with_report_share linked_share "
    "rejects_count sampled_share oldest_gap_at dropped_lines_count",
    "rejects": "source reason raw seen_at",
    "prices": "item region arch tier_from unit price_usd valid_from valid_to",
    "billing_rules": "rule value valid_from valid_to",
    "limits": "kind mode payload_limit_bytes valid_from valid_to",
    "waits": "function_name request_id attempt_number started_us ended_us wait_us cpu_us "
    "paid_idle_us paid_idle_usd",
    "metrics": "function_name metric statistic unit started_at value started_us period_us",
    "event_sources": "function_name event_source_arn state batch_size_count max_concurrency",
    "log_groups": "log_group log_class log_format functions_count is_report_hidden retention_days "
    "unread_reason read_to_at created_at",
    "executions": "execution_arn machine_name kind chain_id started_at wall_us status error_type "
    "states_count retries_count caught_count transitions_count events_count events_share unpaid_us "
    "transitions_usd",
    "execution_states": "execution_arn machine_name state_id container_id state_name state_type "
    "entered_at entered_us exited_us length_us status error_type tries_count branches_count "
    "item_index is_on_error is_unpaid resource target request_ids",
    "chain_breakdown": "trace_id started_at total_us functions_count cold_starts_count "
    "errors_count throttles_count faults_count orchestration_us trigger_us queue_us "
    "container_init_us runtime_init_us compute_us overhead_us external_us unclassified_us "
    "path_us gap",
    "trace_nodes": "trace_id node_id parent_id name service operation target request_id "
    "attempt_number started_at started_us ended_us length_us is_in_progress is_inferred is_error "
    "is_fault is_throttle status_code retries_count category critical_us",
    "runs": "started_at ended_at outcome kept_count known_count rejected_count",
}


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    ddl.apply(connection, Path(":memory:"))
    yield connection
    connection.close()


@pytest.mark.parametrize("view", VIEWS)
def test_a_public_view_keeps_its_columns_in_their_order(
    database: duckdb.DuckDBPyConnection, view: str
) -> None:
    columns = [row[0] for row in database.execute(f"DESCRIBE {view}").fetchall()]
    wanted = VIEWS[view].split()
    assert [column for column in columns if column in wanted] == wanted


def test_chain_of_an_id_is_the_timeline_of_that_chain(database: duckdb.DuckDBPyConnection) -> None:
    columns = [
        [row[0] for row in database.execute(f"DESCRIBE FROM {relation}").fetchall()]
        for relation in ("chain('1-00000000-000000000000000000000000')", "chain_timeline")
    ]
    assert columns[0] == columns[1]


def test_every_view_can_be_planned(database: duckdb.DuckDBPyConnection) -> None:
    views = database.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    for (view,) in views:
        assert database.execute(f"EXPLAIN FROM {view}").fetchall(), view


def test_every_schema_file_of_a_view_opens_with_its_question() -> None:
    for name, text in ddl.schema_files():
        first = text.split("CREATE", 1)[0]
        assert first.startswith("-- "), name
        assert "?" in first or not name.startswith("views/") or name.endswith("macros.sql"), name


def test_no_working_table_hides_a_table_or_view_of_the_schema() -> None:
    package = PROJECT / "collector" / "chainlight_collector"
    public = {path.stem for path in (package / "schema").rglob("*.sql")}
    files = [*package.glob("derive/*.sql"), *package.glob("ingest/sql/*.sql")]
    working = {name for path in files for name in WORKING.findall(path.read_text("utf-8"))}
    assert working
    assert working & public == set()
