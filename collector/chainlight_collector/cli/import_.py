"""``chainlight import FILE…``: what a file holds is told by its shape; twice adds nothing."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chainlight_collector import derive, ingest
from chainlight_collector.cli.database import database_option, updated
from chainlight_collector.errors import ImportFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chainlight_collector.ingest import Counts
    from chainlight_collector.memory import Memory
    from chainlight_collector.store import Store


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@database_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(*, files: Sequence[Path], db: str, as_json: bool) -> None:
    """Read FILES into the database: log exports, REPORT texts, dead letters, subscriptions.

    Plain or gzip. Prints of how many lines or documents each file made new rows (kept), was there
    already (known), is no business of ours (skipped), or was rejected; rejects keep their text
    and reason in the view rejects.
    """
    _check(files)
    counted = updated(db, lambda store: _import_all(store, files))
    if as_json:
        rows = [{"file": file, **asdict(counts)} for file, counts in counted.items()]
        click.echo(json.dumps({"files": rows}))
    else:
        _print(counted)


def _check(files: Sequence[Path]) -> None:
    """Refuse the whole command before its first row where a file is missing."""
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise ImportFileError(f"no such file: {', '.join(missing)}. Nothing was imported.")


def _import_all(store: Store, files: Sequence[Path]) -> dict[str, Counts]:
    with store.memory.spared() as memory:
        counted = {str(file): _import(store, file, memory) for file in files}
    store.catch_up()
    return counted


def _import(store: Store, file: Path, memory: Memory) -> Counts:
    """Bring one file into the database; begun again, what is there from before counts as new."""
    passes: list[Counts] = []

    def keep_all() -> None:
        passes.append(ingest.Counts())
        for counts in _parts_kept(store, file):
            passes[-1] += counts

    memory.again(keep_all)
    *broken_off, whole = passes
    for each in broken_off:
        new = each.kept + each.rejected
        whole += ingest.Counts(kept=each.kept, rejected=each.rejected, known=-new)
    return whole


def _parts_kept(store: Store, file: Path) -> Iterator[Counts]:
    """Keep a file part by part, a transaction each; what follows from them is for later."""
    for step in ingest.steps(file, store.cursor):
        with store.transaction(step.connection) as connection:
            counts = step(connection, time.time_ns() // 1000)
            derive.postpone_touched(connection, counts.touched_since_us)
        yield counts


def _print(counted: Mapping[str, Counts]) -> None:
    width = max(len(file) for file in counted)
    for file, counts in counted.items():
        click.echo(
            f"{file:{width}}  {counts.kept} kept, {counts.known} known, "
            f"{counts.skipped} skipped, {counts.rejected} rejected"
        )
