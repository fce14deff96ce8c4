from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from chainlight_collector.cli import chain, chains, dlq, edges, findings, prices
from chainlight_collector.cli.units import length_text, usd_text
from chainlight_collector.derive import derive
from chainlight_collector.store import Store

from .derive_facts import MS, T0_US, Call, Cause, Execution, chain_of, insert, insert_all


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("cli") / "chains.duckdb"
    caller = Execution(
        "order",
        "A",
        0,
        300 * MS,
        chain=chain_of(1),
        source="apigw",
        calls=[
            Call("c1", "charge", 10 * MS, 200 * MS, keys=("B",)),
            Call("c2", "mail", 220 * MS, 2 * MS, is_async=True, keys=("C",)),
        ],
    )
    callee = Execution("charge", "B", 20 * MS, 180 * MS, causes=[Cause(call_id="c1", caller="A")])
    tries = [
        Execution("mail", "C", at * MS, 40 * MS, outcome="error", stream=f"{at}")
        for at in (250, 60_000, 180_000)
    ]
    letter = {
        "queue_arn": "arn:aws:sqs:eu-west-1:1:mail-dlq",
        "message_id": "M",
        "source": "lambda_dlq",
        "request_id": "C",
        "function_name": "mail",
        "sent_us": T0_US + 180_100 * MS,
        "seen_us": T0_US + 200_000 * MS,
    }
    with Store.open(path) as store, store.transaction() as connection:
        fine = Execution("fine", "F", 900_000 * MS, 5 * MS, chain=chain_of(2), source="schedule")
        insert_all(connection, [caller, callee, *tries, fine])
        insert(connection, [("dead_letter_messages", letter)])
        derive(connection, None)
    return str(path)


def _run(command: Any, *arguments: str, db: str) -> Result:
    return CliRunner().invoke(command.command, [*arguments, "--db", db], env={"COLUMNS": "120"})


def test_a_chain_is_drawn_with_its_idle_time_its_tries_and_its_dead_letter(db: str) -> None:
    result = _run(chain, chain_of(1), db=db)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[1] == (
        "Answered in 300.0 ms, last work 3 min 00 s later. mail failed after 3 tries. "
        "Its message is in mail-dlq. 30 % of the cost was waiting."
    )
    assert [line.split()[0] for line in lines[3:5]] == ["order", "→"]
    assert "░" in lines[3]
    assert lines[5].count("✕") == 3
    assert lines[5].endswith("✉ 3 min 00 s · 3 tries · error")


def test_a_chain_is_found_by_the_beginning_of_its_id(db: str) -> None:
    assert _run(chain, chain_of(1)[:-1] + "1", "--json", db=db).exit_code == 0
    result = _run(chain, "1-", db=db)
    assert "several chains begin" in str(result.exception)
    assert "no chain begins" in str(_run(chain, "2-", db=db).exception)


def test_chains_are_listed_newest_first_and_filtered(db: str) -> None:
    everything = json.loads(_run(chains, "--json", db=db).output)
    assert [(row["chain_id"], row["status"]) for row in everything] == [
        (chain_of(2), "ok"),
        (chain_of(1), "dead_lettered"),
    ]
    failed = json.loads(_run(chains, "--failed", "--json", db=db).output)
    assert [row["chain_id"] for row in failed] == [chain_of(1)]
    assert len(json.loads(_run(chains, "--limit", "1", "--json", db=db).output)) == 1


@pytest.mark.parametrize("command", [chains, edges, findings, dlq, prices])
def test_every_list_has_a_table_and_json(db: str, command: Any) -> None:
    assert _run(command, db=db).output.strip()
    assert json.loads(_run(command, "--json", db=db).output)


def test_lengths_and_dollars_read_as_people_read_them() -> None:
    assert [length_text(us) for us in (None, 0, 999, 12_400, 6_000_000, 186_000_000)] == [
        "unknown",
        "0 µs",
        "999 µs",
        "12.4 ms",
        "6.0 s",
        "3 min 06 s",
    ]
    assert [usd_text(usd) for usd in (None, 0, 0.00000123, 12.345)] == [
        "unknown",
        "$0.00",
        "$1.23e-06",
        "$12.35",
    ]
