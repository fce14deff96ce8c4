"""The same chain in every cell: Pythons, log formats, layer and wheel give equal records.

CI runs this project's own Python; `make layer-matrix` runs all Pythons that can be found.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .matrix_cells import OWN_PYTHON, Cell

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]

IS_FULL = os.environ.get("CHAINLIGHT_MATRIX") == "full"
REFERENCE = Cell(OWN_PYTHON, "Text", "layer")
PYTHONS = ("python3.11", "python3.12", "python3.13", "python3.14")
FEW = (Cell(OWN_PYTHON, "JSON", "layer"), Cell(OWN_PYTHON, "Text", "wheel"))
ALL = tuple(
    cell
    for python in PYTHONS
    for log_format in ("Text", "JSON")
    for way_in in ("layer", "wheel")
    if (cell := Cell(python, log_format, way_in)) != REFERENCE
)
OTHERS = ALL if IS_FULL else FEW
MASKED = {"started_us", "duration_us", "overhead_us", "request_id", "chain_id"}
MASKED |= {"offset_us", "wait_us", "cpu_us", "call_id", "caller_request_id", "sent_us"}
MASKED |= {"natural_keys", "trace_root"}
MASKED |= {"response_bytes"}  # answers name moments, whose trailing zeros are not printed

TASK = "task"
"""Its cause is in the execution's history, which the collector reads; the event names none."""

Records = dict[str, list[dict[str, Any]]]
Runner = Callable[[Cell], Records]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """Return what gives the records of a cell; all cells run in one process of their own."""
    result = tmp_path_factory.mktemp("matrix") / "records.json"
    program = Path(__file__).with_name("matrix_cells.py")
    names = [str(cell) for cell in (REFERENCE, *OTHERS)]
    subprocess.run([sys.executable, str(program), str(result), *names], check=True)
    runs = json.loads(result.read_text())

    def records_of(cell: Cell) -> Records:
        records: Records | None = runs[str(cell)]
        if records is None:
            pytest.skip(f"no {cell.python} on this machine, and uv found none")
        return records

    return records_of


def masked(record: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Return a record with ids and times as mere presence, and names without the cell's prefix.

    The level is for Lambda, not for readers, and stands on lines of the JSON format only.
    """
    shown = {name: value for name, value in record.items() if name != "level"}
    return {name: _masked(name, value, prefix) for name, value in shown.items()}


def _masked(name: str, value: Any, prefix: str) -> Any:
    if name in MASKED:
        return len(value) if isinstance(value, list) else value is not None
    if isinstance(value, str):
        return value.replace(prefix, "cell")
    if isinstance(value, list):
        return [masked(entry, prefix) for entry in value]
    return value


def equalised(records: Records) -> dict[str, Any]:
    """Return each masked value under its path; a queue's records as one: a batch may be split."""
    prefix = records["start"][0]["function_arn"].rpartition(":")[2].removesuffix("-start")
    plain = {name: [masked(one, prefix) for one in own] for name, own in records.items()}
    whole, *more = plain["queue"]
    for piece in more:
        whole["causes"] += piece["causes"]
    return dict(_paths({**plain, "queue": [whole]}))


def _paths(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for key, one in inner:
            yield from _paths(one, f"{path}.{key}")
    else:
        yield path, value


@pytest.mark.parametrize("cell", OTHERS, ids=str)
def test_records_are_those_of_the_text_format_under_the_layer(ran: Runner, cell: Cell) -> None:
    reference, records = ran(REFERENCE), ran(cell)
    assert equalised(records) == equalised(reference)


@pytest.mark.parametrize("cell", [REFERENCE, *OTHERS], ids=str)
def test_every_edge_is_linked_by_keys_of_both_sides(ran: Runner, cell: Cell) -> None:
    records = ran(cell)
    [start] = records["start"]
    sent = {key: call["kind"] for call in start["calls"] for key in call["natural_keys"]}
    linked = {
        name: {sent[key] for one in own for key in _keys(one) if key in sent}
        for name, own in records.items()
        if name not in ("start", TASK)
    }
    assert linked == {
        "double": {"lambda"},
        "flaky": {"lambda"},
        "queue": {"sqs"},
        "topic": {"sns"},
        "bus": {"eventbridge"},
        "bucket": {"s3"},
    }
    chains = {one["chain_id"] for name, own in records.items() if name != TASK for one in own}
    assert chains == {start["chain_id"]}


def _keys(record: dict[str, Any]) -> list[str]:
    """Return what an invocation knows of its cause: its own id, or the ids of its records."""
    keys = [key for cause in record["causes"] for key in cause["natural_keys"]]
    return [record["request_id"], *keys]


@pytest.mark.parametrize("cell", [REFERENCE, *OTHERS], ids=str)
def test_only_lines_of_the_json_format_carry_a_level(ran: Runner, cell: Cell) -> None:
    levels = {one["level"] for own in ran(cell).values() for one in own}
    assert levels == ({"INFO"} if cell.log_format == "JSON" else {None})
    outcomes = [one["outcome"] for one in ran(cell)["flaky"]]
    assert outcomes == ["error", "error"]  # the event and its only retry
