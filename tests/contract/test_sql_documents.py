"""The SQL reference is what the schema's files say, and every recipe runs and finds something."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from chainlight_collector import ddl
from chainlight_collector.derive import derive

PROJECT = Path(__file__).resolve().parents[2]
RECIPES = sorted((PROJECT / "docs" / "recipes").glob("*.sql"))
FINDS_NOTHING = {"18-what-moved"}
"""Needs two weeks of data; shapes have a test of their own."""


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(config={"autoinstall_known_extensions": False})
    connection.execute("SET TimeZone = 'UTC'")
    ddl.apply(connection, PROJECT)
    connection.execute((Path(__file__).parent / "recipe_facts.sql").read_text(encoding="utf-8"))
    derive(connection, None)
    yield connection
    connection.close()


def test_there_are_twenty_recipes_and_the_index_names_them_all() -> None:
    index = (PROJECT / "docs" / "recipes" / "README.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| (.*\?) \| \[(.*)\]", index, re.MULTILINE)
    asked = [path.read_text(encoding="utf-8").splitlines()[0][3:] for path in RECIPES]
    assert told == list(zip(asked, [path.name for path in RECIPES], strict=True))
    assert len(told) == 20


@pytest.mark.parametrize("recipe", RECIPES, ids=[path.stem for path in RECIPES])
def test_a_recipe_runs_and_finds_what_it_asks_for(
    database: duckdb.DuckDBPyConnection, recipe: Path
) -> None:
    rows = database.execute(recipe.read_text(encoding="utf-8")).fetchall()
    assert bool(rows) == (recipe.stem not in FINDS_NOTHING)


def _tool(name: str) -> Any:
    specification = importlib.util.spec_from_file_location(name, PROJECT / "tools" / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_the_sql_reference_is_what_the_schema_says() -> None:
    page = (PROJECT / "docs" / "sql-reference.md").read_text(encoding="utf-8")
    expected = _tool("sql_reference").reference()
    assert page == expected, "run .venv/bin/python tools/sql_reference.py"


def test_the_list_of_engines_views_is_what_goes_and_what_does_not() -> None:
    page = (PROJECT / "docs" / "engines.md").read_text(encoding="utf-8")
    assert page == _tool("engine_views").page(), "run .venv/bin/python tools/engine_views.py"
