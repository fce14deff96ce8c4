"""Snapshots: whole, never changed, never waited for."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from chainlight_collector import snapshots
from chainlight_collector.errors import StoreMissingError
from chainlight_collector.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "chainlight.duckdb")


def _add(store: Store, source: str) -> None:
    with store.transaction() as connection:
        connection.execute("INSERT INTO checkpoints (source) VALUES ($source)", {"source": source})


def _sources(path: Path) -> list[str]:
    with Store.open(path, read_only=True) as reader:
        rows = reader.query("SELECT source FROM checkpoints ORDER BY source").fetchall()
    return [source for (source,) in rows]


def test_a_snapshot_holds_what_was_committed(store: Store) -> None:
    _add(store, "a")

    published = snapshots.publish(store)

    assert snapshots.newest(store.path) == published
    assert _sources(published) == ["a"]


def test_an_open_snapshot_does_not_change_while_newer_ones_come(store: Store) -> None:
    _add(store, "a")
    with Store.open(snapshots.publish(store), read_only=True) as reader:
        for source in "bcdef":
            _add(store, source)
            snapshots.publish(store)

        assert reader.query("SELECT source FROM checkpoints").fetchall() == [("a",)]
    assert _sources(snapshots.newest(store.path)) == list("abcdef")


def test_three_versions_are_kept(store: Store) -> None:
    published = [snapshots.publish(store) for _ in range(5)]

    left = sorted(snapshots.folder_of(store.path).glob("*.duckdb"))
    assert left == sorted(published[-3:])


def test_before_the_first_snapshot_the_error_says_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(StoreMissingError, match="chainlight collect"):
        snapshots.newest(tmp_path / "none.duckdb")


def test_a_copy_that_was_killed_is_never_pointed_to(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = snapshots.publish(store)

    def kill(_: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(snapshots, "_to_disk", kill)
        with pytest.raises(KeyboardInterrupt):
            snapshots.publish(store)

    assert snapshots.newest(store.path) == first
    again = snapshots.publish(store)
    names = {file.name for file in snapshots.folder_of(store.path).iterdir()}
    assert names == {first.name, again.name, snapshots.POINTER}


def test_a_snapshot_needs_no_write_ahead_log(store: Store) -> None:
    _add(store, "a")
    published = snapshots.publish(store)

    with duckdb.connect(str(published), read_only=True) as reader:
        assert reader.execute("SELECT count(*) FROM checkpoints").fetchone() == (1,)
