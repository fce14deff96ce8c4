"""The views in other engines' SQL: nothing is left out in silence, and what goes answers the same.

No other engine is installed with the tests (Spark itself answers in `make bench-engine`). Here the
translated text is read as that engine would read it and run back in DuckDB, where each view must
give what the original gives over the evening of the recipes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from click.testing import CliRunner
from sqlglot import exp

from chainlight_collector import ddl, portable
from chainlight_collector.cli.main import cli
from chainlight_collector.derive import derive
from chainlight_collector.portable import sources
from chainlight_collector.portable.reasons import MACROS

PROJECT = Path(__file__).resolve().parents[2]
MAIN = {
    "attempts",
    "calls",
    "links",
    "chains",
    "edges",
    "edges_daily",
    "waits",
    "functions",
    "invocations",
    "dead_letters",
    "chain_timeline",
    "findings",
}
BACK = {
    "GET": "list_get_from_0",
    "ELEMENT_AT": "list_extract",
    "TIMESTAMP_MICROS": "make_timestamptz",
    "FROM_UNIXTIME_NANOS": "instant_of",
    "TO_UTF8": "itself",
    "PERCENTILE": "quantile_cont",
    "APPROX_PERCENTILE": "quantile_cont",
}
"""What DuckDB calls, or a macro of it below does, what the engines' functions do."""
MACROS_BACK = """
CREATE MACRO list_get_from_0(list, i) AS list[i + 1];
CREATE MACRO instant_of(ns) AS make_timestamptz(ns // 1000);
CREATE MACRO itself(x) AS x;
"""


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(config={"autoinstall_known_extensions": False})
    connection.execute("SET TimeZone = 'UTC'")
    ddl.apply(connection, PROJECT)
    facts = PROJECT / "tests" / "contract" / "recipe_facts.sql"
    connection.execute(facts.read_text(encoding="utf-8"))
    derive(connection, None)
    connection.execute("DROP TABLE temp.runs")  # the evening's own, which hides the view
    connection.execute(MACROS_BACK)
    yield connection
    connection.close()


@pytest.mark.parametrize("dialect", portable.DIALECTS)
def test_every_view_goes_or_is_named_with_its_reason(dialect: str) -> None:
    done = _exported(dialect)
    gone = [each.view for each in done.statements]
    public = [view.name for view in sources.read().views]
    assert sorted([*gone, *done.named]) == sorted([*public, *MACROS])
    assert set(gone) >= MAIN
    assert all(done.named.values())


@pytest.mark.parametrize("dialect", ["spark", "trino"])
def test_what_goes_answers_as_the_original_when_it_is_read_back(
    database: duckdb.DuckDBPyConnection, dialect: str
) -> None:
    different = {
        each.view: found
        for each in _exported(dialect).statements
        if (found := _differs(database, each.view, _back(each.sql, dialect)))
    }
    assert different == {}


def test_athena_reads_what_trino_reads_but_for_instants() -> None:
    athena, trino = (_exported(dialect) for dialect in ("athena", "trino"))
    ours = [each.sql for each in athena.statements]
    assert ours == [
        each.sql.replace("TIMESTAMP(6) WITH TIME ZONE", "TIMESTAMP") for each in trino.statements
    ]
    assert athena.named == trino.named


def test_command_prints_statements_and_names_the_rest_on_stderr() -> None:
    plain = CliRunner().invoke(cli, ["export-views", "--dialect", "spark", "--temporary"])
    assert plain.exit_code == 0, plain.output
    assert plain.stdout.count("CREATE OR REPLACE TEMPORARY VIEW") == len(
        _exported("spark").statements
    )
    assert "chain_segments does not go: " in plain.stderr

    told = CliRunner().invoke(cli, ["export-views", "--dialect", "athena", "--json"])
    assert json.loads(told.stdout)["named"] == _exported("athena").named

    refused = CliRunner().invoke(cli, ["export-views", "--dialect", "trino", "--temporary"])
    assert (refused.exit_code, "no temporary views" in refused.stderr) == (2, True)


@cache
def _exported(dialect: str) -> portable.Exported:
    return portable.export(dialect)


def _back(sql: str, dialect: str) -> str:
    tree = sqlglot.parse_one(sql, read=dialect).expression
    for node in [*tree.walk()][::-1]:
        if isinstance(node, exp.Quantile | exp.ApproxQuantile):
            quantile = node.args["quantile"].copy()
            node.replace(exp.Anonymous(this="quantile_cont", expressions=[node.this, quantile]))
        elif isinstance(node, exp.Format):
            words = [node.this, *node.expressions]
            node.replace(exp.Anonymous(this="printf", expressions=words))
        elif isinstance(node, exp.Anonymous) and node.name.upper() in BACK:
            node.set("this", BACK[node.name.upper()])
    return tree.sql(dialect="duckdb")


def _differs(database: duckdb.DuckDBPyConnection, view: str, query: str) -> str:
    """Return why the answer is another than the view's own, or nothing."""
    try:
        found = database.execute(f"SELECT * FROM ({query}) AS q ORDER BY ALL")  # noqa: S608  ours
    except duckdb.Error as error:
        return f"{error}\n{query}"
    names = [column[0].lower() for column in found.description or []]
    rows = found.fetchall()
    own = database.execute(f"SELECT * FROM {view} ORDER BY ALL")  # noqa: S608  of our schema
    if names != [column[0].lower() for column in own.description or []]:
        return f"columns {names}"
    wanted = own.fetchall()
    if len(rows) != len(wanted):
        return f"{len(rows)} rows instead of {len(wanted)}"
    pairs = [(a, b) for x, y in zip(rows, wanted, strict=True) for a, b in zip(x, y, strict=True)]
    return next((f"{a!r} instead of {b!r}" for a, b in pairs if not _is_same(a, b)), "")


def _is_same(found: Any, wanted: Any) -> bool:
    if isinstance(found, float) and isinstance(wanted, float):
        return math.isclose(found, wanted, rel_tol=1e-9)
    return bool(found == wanted)
