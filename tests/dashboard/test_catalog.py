"""Every query runs against the contract and against the collector's own schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from chainlight_collector.store import Store
from chainlight_dashboard import catalog, data

if TYPE_CHECKING:
    from pathlib import Path

    from chainlight_dashboard.catalog import Value

PARAMETERS: dict[str, Value] = {
    "from_us": 0,
    "to_us": 32_503_680_000_000_000,
    "tags": ["failed"],
    "shape_id": "it's",
    "text": None,
    "rows_max": 10,
    "chain_id": "1-00000000-000000000000000000000000",
    "queue_arn": None,
    "chains_max": 10,
    "chain_ids": ["1-0", "it's"],
    "caller": "a",
    "callee": "b",
    "kind": "lambda",
    "is_waiting_only": True,
}


@pytest.fixture(scope="module", params=["contract", "collector"])
def database(
    request: pytest.FixtureRequest, empty: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    if request.param == "contract":
        return empty
    path = tmp_path_factory.mktemp("real") / "real.duckdb"
    Store.open(path).close()
    return path


@pytest.mark.parametrize("name", catalog.names())
def test_query_explains_and_returns_its_declared_columns(name: str, database: Path) -> None:
    query = catalog.query(name)
    chosen = {key: PARAMETERS[key] for key in query.parameters}
    with duckdb.connect(str(database), read_only=True, config=dict(data.SETTINGS)) as connection:
        connection.execute(f"EXPLAIN {query.text}", chosen)
        found = connection.execute(query.text, chosen).description
    assert tuple(column[0] for column in found) == query.columns


@pytest.mark.parametrize("name", catalog.names())
def test_query_with_literals_is_the_same_query(name: str, filled: Path) -> None:
    query = catalog.query(name)
    chosen = {key: PARAMETERS[key] for key in query.parameters}
    with duckdb.connect(str(filled), read_only=True, config=dict(data.SETTINGS)) as connection:
        bound = connection.execute(query.text, chosen).fetchall()
        assert connection.execute(query.with_literals(chosen)).fetchall() == bound


@pytest.mark.parametrize("name", catalog.names())
def test_query_opens_with_the_question_it_answers(name: str) -> None:
    first, *_ = catalog.query(name).text.splitlines()
    assert first.startswith("-- ")
    assert "?" in first


def test_a_quote_in_a_literal_is_doubled() -> None:
    assert catalog.literal(["it's", "b"]) == "['it''s', 'b']::VARCHAR[]"
