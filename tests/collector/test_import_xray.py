"""X-Ray documents: every shape is read, versions and orders do not matter, ServiBench agrees."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chainlight_collector import ingest
from chainlight_collector.derive import derive
from chainlight_collector.ingest import recognise

from .derive_facts import open_database, rows_of

SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples" / "xray"
needs_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason=f"the recorded samples are not at {SAMPLES}"
)
EXAMPLES = int(os.environ.get("CHAINLIGHT_EXAMPLES", "12")) // 6
SEEN_US = 1_790_000_000_000_000
TRACE = "1-6ab1f2c0-0123456789abcdef01234567"
T0 = 1_790_046_912.0
ARN = "arn:aws:lambda:eu-west-1:111122223333:function:cart"
SERVICE = {
    "id": "aaaaaaaaaaaaaaa1",
    "trace_id": TRACE,
    "name": "cart",
    "start_time": T0,
    "end_time": T0 + 0.5,
    "origin": "AWS::Lambda",
    "resource_arn": ARN,
    "aws": {"request_id": "r1"},
    "http": {"response": {"status": 200}},
}
FUNCTION = {
    "id": "aaaaaaaaaaaaaaa2",
    "trace_id": TRACE,
    "parent_id": "aaaaaaaaaaaaaaa1",
    "name": "cart",
    "start_time": T0 + 0.1,
    "end_time": T0 + 0.4,
    "origin": "AWS::Lambda::Function",
    "aws": {"function_arn": ARN},
}


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = open_database()
    yield connection
    connection.close()


@pytest.fixture
def empty_database(database: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    for (table,) in database.execute(
        "SELECT table_name FROM duckdb_tables() "
        "WHERE table_name LIKE '%_rows' OR table_name = 'xray_segments'"
    ).fetchall():
        database.execute(f"DELETE FROM {table}")  # noqa: S608  our own names
    return database


def take(database: duckdb.DuckDBPyConnection, *segments: dict[str, Any]) -> ingest.Counts:
    """Keep segments and derive what follows from them."""
    counts = ingest.xray_documents(database, segments, SEEN_US)
    if counts.touched_since_us is not None:
        derive(database, counts.touched_since_us)
    return counts


def found_in(tmp_path: Path, document: object) -> list[dict[str, Any]]:
    file = tmp_path / "document"
    file.write_text(json.dumps(document))
    return recognise.documents_in(file).segments


def _nodes(database: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return rows_of(
        database,
        "SELECT node_id, service, request_id, attempt_number, started_us, ended_us "
        "FROM xray_node_rows ORDER BY node_id",
    )


@pytest.mark.parametrize(
    "document",
    [
        SERVICE,
        {"Traces": [{"Id": TRACE, "Segments": [{"Id": "x", "Document": json.dumps(SERVICE)}]}]},
        {"Id": TRACE, "Duration": 0.5, "Segments": [{"Id": "x", "Document": SERVICE}]},
        {"Traces": [{"Id": TRACE, "Spans": [{"Id": "x", "Document": json.dumps(SERVICE)}]}]},
        [SERVICE],
    ],
)
def test_a_segment_is_found_in_every_shape(tmp_path: Path, document: object) -> None:
    assert found_in(tmp_path, document) == [SERVICE]


SPAN = {
    "traceId": TRACE[2:].replace("-", ""),
    "spanId": "bbbbbbbbbbbbbbb1",
    "parentSpanId": "aaaaaaaaaaaaaaa2",
    "name": "SQS.SendMessage",
    "kind": "CLIENT",
    "startTimeUnixNano": "1790046912200000000",
    "endTimeUnixNano": 1790046912300000000,
    "attributes": {
        "rpc.system": "aws-api",
        "rpc.service": "SQS",
        "rpc.method": "SendMessage",
        "messaging.message.id": "m1",
        "aws.queue_url": "https://sqs/orders",
        "http.response.status_code": 429,
    },
    "status": {"code": "ERROR"},
}
_PAIRS = [
    {"key": key, "value": {"intValue" if isinstance(value, int) else "stringValue": value}}
    for key, value in SPAN["attributes"].items()  # type: ignore[attr-defined]
]


@pytest.mark.parametrize(
    "document",
    [
        SPAN,
        {"message": json.dumps(SPAN), "timestamp": 1, "logGroup": "aws/spans"},
        {"events": [{"message": json.dumps(SPAN), "timestamp": 1}]},
        {"Traces": [{"Id": TRACE, "Spans": [{"Id": "x", "Document": json.dumps(SPAN)}]}]},
        {"resourceSpans": [{"scopeSpans": [{"spans": [{**SPAN, "attributes": _PAIRS}]}]}]},
    ],
)
def test_a_span_becomes_the_segment_that_x_ray_would_show(
    empty_database: duckdb.DuckDBPyConnection, tmp_path: Path, document: object
) -> None:
    assert take(empty_database, *found_in(tmp_path, document)).kept == 1

    assert rows_of(
        empty_database,
        "SELECT trace_id, node_id, parent_id, name, namespace, operation, target, natural_keys, "
        "started_us, ended_us, is_error, is_fault, is_throttle, status_code FROM xray_node_rows",
    ) == [
        (
            TRACE,
            "bbbbbbbbbbbbbbb1",
            "aaaaaaaaaaaaaaa2",
            "SQS",
            "aws",
            "SendMessage",
            "https://sqs/orders",
            ["m1"],
            1790046912200000,
            1790046912300000,
            True,
            False,
            True,
            429,
        )
    ]


def test_a_function_s_segment_has_the_request_of_the_service_above_it(
    empty_database: duckdb.DuckDBPyConnection,
) -> None:
    take(empty_database, FUNCTION)
    alone = _nodes(empty_database)
    take(empty_database, SERVICE)

    assert [row[2] for row in alone] == [None]
    assert [row[:4] for row in _nodes(empty_database)] == [
        ("aaaaaaaaaaaaaaa1", "lambda", "r1", None),
        ("aaaaaaaaaaaaaaa2", "function", "r1", 1),
    ]


def test_a_complete_segment_takes_the_place_of_the_one_in_progress_in_either_order(
    empty_database: duckdb.DuckDBPyConnection,
) -> None:
    early = {**SERVICE, "in_progress": True}
    del early["end_time"]
    for first, second in ((early, SERVICE), (SERVICE, early)):
        empty_database.execute("DELETE FROM xray_segments")
        take(empty_database, first)
        take(empty_database, second)

        assert [row[5] for row in _nodes(empty_database)] == [round((T0 + 0.5) * 1e6)]


def test_what_is_no_segment_is_rejected_with_its_reason(
    empty_database: duckdb.DuckDBPyConnection,
) -> None:
    broken = [
        {**SERVICE, "trace_id": "x"},
        {**SERVICE, "id": ""},
        {**SERVICE, "start_time": "soon"},
        {**SERVICE, "name": float("nan")},
        {**SERVICE, "name": "\ud800"},
    ]

    counts = take(empty_database, *broken, SERVICE)

    assert (counts.kept, counts.rejected) == (1, 5)
    reasons = {reason for (reason,) in rows_of(empty_database, "SELECT reason FROM reject_rows")}
    assert len(reasons) == 5


# The figures of ServiBench's own tool, in ms: total, cold starts, errors, throttles, faults,
# trigger, container init, runtime init, compute, queue, overhead, external (PROVENANCE.md).
ORACLE = {
    "event_processing_app": (2, 125, 0, 0, 0, 0, 25.523, 11, 0, 0, 1.807, 32, 0.67, 54),
    "image_processing_app_error": (2, 1143, 0, 4, 0, 1, 106.497, 0, 0, 0, 4.818, 0, 0.685, 1031),
    "matrix_app": (9, 12067, 5, 0, 0, 0, 399, 0, 2359, 1243, 8066, 0, 0, 0),
    "realworld_app": (1, 35, 0, 0, 0, 0, 12.043, 0, 0, 0, 3.645, 0, 0.312, 19),
    "thumbnail_app": (2, 14963, 2, 0, 0, 0, 86, 1099, 771, 4142, 5501, 59, 0, 3305),
    "todo_app": (1, 41, 0, 0, 0, 0, 31, 0, 0, 0, 1.579, 0, 0, 8.421),
}
BREAKDOWN = """
SELECT
    functions_count, total_us / 1000, cold_starts_count, errors_count, throttles_count,
    faults_count, orchestration_us / 1000, trigger_us / 1000, container_init_us / 1000,
    runtime_init_us / 1000, compute_us / 1000, queue_us / 1000, overhead_us / 1000,
    external_us / 1000
FROM chain_breakdown
"""


@needs_samples
@pytest.mark.parametrize("name", ORACLE)
def test_the_breakdown_of_a_trace_is_that_of_servibench(
    empty_database: duckdb.DuckDBPyConnection, name: str
) -> None:
    found = recognise.documents_in(SAMPLES / f"servibench__{name}__traces.json")
    take(empty_database, *found.segments)

    (row,) = rows_of(empty_database, BREAKDOWN)
    assert row == pytest.approx(ORACLE[name], abs=1.001)
    assert row[2:6] == ORACLE[name][2:6]
    assert rows_of(empty_database, "SELECT gap FROM chain_breakdown") == [(None,)]


@needs_samples
def test_a_trace_in_progress_loads_and_its_gap_is_named(
    empty_database: duckdb.DuckDBPyConnection,
) -> None:
    file = SAMPLES / "servibench__thumbnail_app_in_progress__traces.json"
    take(empty_database, *recognise.documents_in(file).segments)

    assert rows_of(empty_database, "SELECT total_us, queue_us, gap FROM chain_breakdown") == [
        (1_468_000, 78_000, "Dwell Time (55b8cdd122595924) is in progress")
    ]


@needs_samples
def test_every_recorded_document_is_kept(empty_database: duckdb.DuckDBPyConnection) -> None:
    for file in sorted(SAMPLES.iterdir()):
        found = recognise.documents_in(file)
        counts = ingest.xray_documents(empty_database, found.segments, SEEN_US)
        assert found.rejects == []
        assert (counts.kept, counts.rejected) == (len(found.segments), 0), file.name


def _everything(database: duckdb.DuckDBPyConnection) -> list[list[tuple[Any, ...]]]:
    tables = ("xray_segments", "xray_node_rows", "xray_path_rows", "attempt_rows", "call_rows",
              "link_rows", "member_rows", "timeline_rows", "chain_rows")  # fmt: skip
    return [sorted(rows_of(database, f"FROM {table}"), key=repr) for table in tables]


@needs_samples
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(seed=st.integers(0, 2**32))
def test_shuffled_split_and_repeated_segments_give_equal_tables(
    empty_database: duckdb.DuckDBPyConnection, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311  no secret
    name = dice.choice(sorted(ORACLE))
    segments = recognise.documents_in(SAMPLES / f"servibench__{name}__traces.json").segments
    empty_database.execute("BEGIN TRANSACTION")
    take(empty_database, *segments)
    whole = _everything(empty_database)
    empty_database.execute("ROLLBACK")

    empty_database.execute("BEGIN TRANSACTION")
    pieces = segments + dice.sample(segments, dice.randint(0, len(segments)))
    dice.shuffle(pieces)
    cut = dice.randint(0, len(pieces))
    take(empty_database, *pieces[:cut])
    take(empty_database, *pieces[cut:])
    parts = _everything(empty_database)
    empty_database.execute("ROLLBACK")

    assert parts == whole
