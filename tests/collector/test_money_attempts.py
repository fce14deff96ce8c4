from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from chainlight_collector.derive import derive

from .derive_facts import (
    MS,
    Execution,
    chain_of,
    config_of,
    empty,
    insert,
    insert_all,
    open_database,
    rows_of,
)


@pytest.fixture(scope="module")
def shared() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = open_database()
    yield connection
    connection.close()


@pytest.fixture
def database(shared: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    empty(shared)
    shared.execute("DELETE FROM price_overrides")
    return shared


@pytest.mark.parametrize(("arch", "gb_s_usd"), [("x86_64", 0.0000166667), ("arm64", 0.0000133334)])
def test_an_attempt_costs_its_billed_time_and_one_request(
    database: duckdb.DuckDBPyConnection, arch: str, gb_s_usd: float
) -> None:
    insert_all(database, [Execution("f", "R", 0, 1_234_500, memory_mb=512, arch=arch)])
    derive(database, None)
    ((compute, request, cost),) = rows_of(
        database, "SELECT compute_usd, request_usd, cost_usd FROM attempts"
    )
    assert compute == pytest.approx(1.235 * 0.5 * gb_s_usd)
    assert (request, cost) == pytest.approx((0.0000002, compute + 0.0000002))


def test_what_is_not_known_has_no_price(database: duckdb.DuckDBPyConnection) -> None:
    insert_all(
        database,
        [
            Execution("a", "A", 0, 10 * MS, lines="start record", chain=chain_of(1)),
            Execution("b", "B", 0, 10 * MS, lines="start report"),
        ],
    )
    derive(database, None)
    assert rows_of(
        database, "SELECT cost_usd, paid_idle_usd FROM attempts ORDER BY function_name"
    ) == [
        (None, 0.0),
        (None, None),
    ]


def test_a_function_without_the_layer_is_priced_by_its_configuration(
    database: duckdb.DuckDBPyConnection,
) -> None:
    insert_all(database, [Execution("b", "B", 0, 10 * MS, lines="start report")])
    insert(database, [config_of("b", arch="arm64")])
    derive(database, None)
    assert rows_of(database, "SELECT compute_usd FROM attempts") == [
        (pytest.approx(0.01 * 0.0000133334),)
    ]


def test_an_override_for_a_region_stands_before_the_list_price(
    database: duckdb.DuckDBPyConnection,
) -> None:
    insert_all(database, [Execution("f", "R", 0, 1_000 * MS)])
    database.execute(
        "INSERT INTO price_overrides VALUES ('lambda_gb_s', 'eu-west-1', 'x86_64', 0, 'GB-s', 2.0, "
        "DATE '2020-01-01', DATE '9999-12-31')"
    )
    derive(database, None)
    assert rows_of(database, "SELECT compute_usd FROM attempts") == [(pytest.approx(2.0),)]
    assert rows_of(
        database, "SELECT price_of(1000, 1024, 'x86_64', 'eu-west-1', DATE '2026-01-01')"
    ) == [(pytest.approx(2.0),)]


def test_price_of_uses_the_price_of_the_day(database: duckdb.DuckDBPyConnection) -> None:
    assert rows_of(
        database,
        "SELECT price_of(1000, 1024, 'arm64', 'x', DATE '2026-01-01'), "
        "price_of(1000, 1024, 'arm64', 'x', DATE '2020-01-01')",
    ) == [(pytest.approx(0.0000133334), None)]
