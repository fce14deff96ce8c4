"""One DynamoDB item is written again and again: the write behind each record of the stream.

All cases lie in one database, each with an item and functions of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import pytest

from chainlight_collector.derive import derive

from .derive_facts import (
    MS,
    T0_US,
    Call,
    Cause,
    Execution,
    chain_of,
    derived,
    empty,
    insert,
    insert_all,
    open_database,
    rows_of,
)

SECOND = 1_000 * MS
HOUR = 3_600 * SECOND


@dataclass(frozen=True)
class Write:
    """One write of the item by a chain of its own; ``at_us`` and ``wait_us`` of its exchange."""

    name: str
    at_us: int
    wait_us: int = 4 * MS
    item: str = ""
    error_type: str | None = None


@dataclass(frozen=True)
class Batch:
    """One invocation of a consumer; its records as (event id, second they were written in)."""

    name: str
    at_us: int
    records: tuple[tuple[str | None, int | None], ...]
    consumer: str = "reader"
    writes: tuple[Write, ...] = ()


@dataclass(frozen=True)
class Case:
    """Writes and batches of one item, and which write each batch is to be linked to."""

    writes: tuple[Write, ...]
    batches: tuple[Batch, ...]
    links: dict[str, set[str]]

    def executions(self, name: str) -> list[Execution]:
        """Return what ran: a writer for each write, a reader for each batch."""
        return [
            *(self._writer(name, number, write) for number, write in enumerate(self.writes)),
            *(self._reader(name, batch) for batch in self.batches),
        ]

    def _writer(self, name: str, number: int, write: Write) -> Execution:
        chain = chain_of(sum(map(ord, name)) * 100 + number)
        run = Execution(f"{name} writer", f"{name} {write.name}", write.at_us - MS, 90 * MS, chain)
        run.source, run.calls = "apigw", [_call(name, write, MS)]
        return run

    def _reader(self, name: str, batch: Batch) -> Execution:
        run = Execution(f"{name} {batch.consumer}", f"{name} {batch.name}", batch.at_us, 90 * MS)
        run.source, run.stream = "dynamodb", batch.name
        run.calls = [_call(name, write, write.at_us - batch.at_us) for write in batch.writes]
        run.causes = [
            Cause(
                keys=(_item(name), *([f"{name} {event}"] if event else [])),
                sent_us=None if second is None else T0_US + second,
            )
            for event, second in batch.records
        ]
        return run


def _item(name: str) -> str:
    return f"table:{hashlib.sha256(name.encode()).hexdigest()[:24]}"


def _call(name: str, write: Write, at_us: int) -> Call:
    key = _item(write.item or name)
    call = Call(f"{name} {write.name}", "table", at_us, write.wait_us, "dynamodb", keys=(key,))
    call.error_type = write.error_type
    call.status_code = 400 if write.error_type else 200
    return call


APART = (Write("a", 0), Write("b", 60 * SECOND), Write("c", 120 * SECOND))
TOGETHER = (Write("a", 100 * MS), Write("b", 400 * MS), Write("c", 700 * MS))
THREE = (("1", 0), ("2", 0), ("3", 0))
CASES = {
    "three chains, a minute apart, read minutes later": Case(
        APART,
        tuple(Batch(f"r{n}", (600 + n) * SECOND, ((str(n), n * 60 * SECOND),)) for n in range(3)),
        {"r0": {"a"}, "r1": {"b"}, "r2": {"c"}},
    ),
    "three chains within a second, one batch": Case(
        TOGETHER, (Batch("r", 2 * SECOND, THREE),), {"r": {"a", "b", "c"}}
    ),
    "three chains within a second, three batches": Case(
        TOGETHER,
        tuple(Batch(f"r{n}", (2 + n) * SECOND, (record,)) for n, record in enumerate(THREE)),
        {"r0": {"a"}, "r1": {"b"}, "r2": {"c"}},
    ),
    "three batches that do not say which event they bring": Case(
        TOGETHER,
        tuple(Batch(f"r{n}", (2 + n) * SECOND, ((None, 0),)) for n in range(3)),
        {"r0": {"a"}, "r1": {"b"}, "r2": {"c"}},
    ),
    "a batch that is tried again brings the same writes": Case(
        TOGETHER[:2],
        (Batch("r", 2 * SECOND, THREE[:2]), Batch("again", 9 * SECOND, THREE[:2])),
        {"r": {"a", "b"}, "again": {"a", "b"}},
    ),
    "each consumer of a stream gets each record": Case(
        TOGETHER[:2],
        (
            Batch("r", 2 * SECOND, THREE[:2]),
            *(
                Batch(f"o{n}", (3 + n) * SECOND, (record,), "other")
                for n, record in enumerate(THREE[:2])
            ),
        ),
        {"r": {"a", "b"}, "o0": {"a"}, "o1": {"b"}},
    ),
    "a write that was committed in the second after": Case(
        (Write("a", 995 * MS, 12 * MS), Write("b", 1_500 * MS)),
        (Batch("r", 3 * SECOND, (("1", SECOND), ("2", SECOND))),),
        {"r": {"a", "b"}},
    ),
    "a write that was committed in the second it began in": Case(
        (Write("a", 995 * MS, 12 * MS), Write("b", 1_500 * MS)),
        (Batch("r0", 3 * SECOND, (("1", 0),)), Batch("r1", 4 * SECOND, (("2", SECOND),))),
        {"r0": {"a"}, "r1": {"b"}},
    ),
    "of two writes that were under way when a second ended, one in each": Case(
        (Write("a", 500 * MS), Write("b", 994 * MS, 9 * MS), Write("c", 996 * MS, 9 * MS)),
        (
            Batch("r0", 3 * SECOND, (("1", 0), ("2", 0))),
            Batch("r1", 4 * SECOND, (("3", SECOND),)),
        ),
        {"r0": {"a", "b"}, "r1": {"c"}},
    ),
    "a reader that writes the item it reads is not its own cause": Case(
        (Write("a", 100 * MS),),
        (
            Batch("r0", 300 * MS, (("1", 0),), writes=(Write("w", 320 * MS),)),
            Batch("r1", 600 * MS, (("2", 0),)),
        ),
        {"r0": {"a"}, "r1": {"w"}},
    ),
    "its record is the only one yet": Case(
        (Write("a", 100 * MS),),
        (Batch("r0", 300 * MS, (("1", 0),), writes=(Write("w", 320 * MS),)),),
        {"r0": {"a"}},
    ),
    "the nearest write before it wins": Case(
        (Write("a", 100 * MS), Write("b", 3_000 * MS), Write("c", 5_000 * MS)),
        (Batch("r", 6 * SECOND, (("1", 4_000 * MS),)),),
        {"r": {"b"}},
    ),
    "a clock that tells milliseconds": Case(
        TOGETHER, (Batch("r", 2 * SECOND, (("1", 401 * MS),)),), {"r": {"b"}}
    ),
    "a write that failed made no record": Case(
        (Write("a", 100 * MS), Write("b", 200 * MS, error_type="ConditionalCheckFailedException")),
        (Batch("r", 2 * SECOND, (("1", 0),)),),
        {"r": {"a"}},
    ),
    "a record without a time, within a day": Case(
        (Write("a", 0), Write("b", SECOND)),
        (Batch("r", 23 * HOUR, (("1", None),)),),
        {"r": {"b"}},
    ),
    "near miss: a record without a time, after a day": Case(
        (Write("a", 0),), (Batch("r", 24 * HOUR + SECOND, (("1", None),)),), {"r": set()}
    ),
    "near miss: a write eleven seconds before": Case(
        (Write("a", 0),), (Batch("r", 13 * SECOND, (("1", 11 * SECOND),)),), {"r": set()}
    ),
    "near miss: a write in the second after": Case(
        (Write("a", 1_100 * MS),), (Batch("r", 2 * SECOND, (("1", 0),)),), {"r": set()}
    ),
    "near miss: another item of the table": Case(
        (Write("a", 0, item="other"),), (Batch("r", 2 * SECOND, (("1", 0),)),), {"r": set()}
    ),
    "near miss: a write whose record is another one": Case(
        (Write("a", 100 * MS),),
        (Batch("r", 2 * SECOND, (("1", 0),)), Batch("x", 5 * SECOND, (("2", 3 * SECOND),))),
        {"r": {"a"}, "x": set()},
    ),
}


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = open_database()
    insert_all(connection, _everything())
    derive(connection, None)
    yield connection
    connection.close()


def _everything() -> list[Execution]:
    return [one for name, case in CASES.items() for one in case.executions(name)]


@pytest.mark.parametrize("name", CASES)
def test_a_stream_record_is_linked_to_the_write_it_tells_of(
    database: duckdb.DuckDBPyConnection, name: str
) -> None:
    found: dict[str, set[str]] = {batch.name: set() for batch in CASES[name].batches}
    for request, call, evidence, share in database.execute(
        "SELECT callee_request_id, call_id, evidence, share FROM links "
        "WHERE callee_function IN ($name || ' reader', $name || ' other')",
        {"name": name},
    ).fetchall():
        batch = request.removeprefix(f"{name} ")
        found[batch].add(call.removeprefix(f"{name} "))
        assert (evidence, share) == ("inferred", 1 / len(CASES[name].links[batch]))
    assert found == CASES[name].links


def test_a_reader_belongs_to_the_chains_of_its_writers(
    database: duckdb.DuckDBPyConnection,
) -> None:
    assert rows_of(
        database,
        "SELECT count(DISTINCT chain_id), sum(share), max(depth) FROM chain_members "
        "WHERE function_name = 'three chains within a second, one batch reader'",
    ) == [(3, pytest.approx(1), 1)]


def test_items_that_are_written_again_are_no_redelivery_but_batches_that_come_again_are(
    database: duckdb.DuckDBPyConnection,
) -> None:
    name = "a batch that is tried again brings the same writes"
    assert rows_of(
        database, "SELECT message_id, deliveries_count FROM redeliveries ORDER BY message_id"
    ) == [(f"{name} 1", 2), (f"{name} 2", 2)]


def test_writes_and_records_that_come_one_by_one_give_the_same(
    database: duckdb.DuckDBPyConnection,
) -> None:
    expected = derived(database)
    try:
        empty(database)
        parts = [_everything()[number::5] for number in range(5)]
        for part in reversed(parts):
            insert(database, [row for one in part for row in one.rows()])
            derive(database, min(one.started_us for one in part))
        assert derived(database) == expected
    finally:
        empty(database)
        insert_all(database, _everything())
        derive(database, None)
