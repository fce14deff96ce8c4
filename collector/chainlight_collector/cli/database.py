"""Where the database is: ``--db``, said once for every subcommand."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from chainlight_collector import snapshots
from chainlight_collector.errors import StoreLockedError, StoreMissingError, UsageError
from chainlight_collector.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    CommandT = TypeVar("CommandT", bound=Callable[..., object])

S3_PREFIX = "s3://"


def database_option(command: CommandT) -> CommandT:
    """Add ``--db`` (a file or s3://bucket/key; default from CHAINLIGHT_DB) as parameter ``db``."""
    return click.option(
        "--db",
        metavar="FILE",
        envvar="CHAINLIGHT_DB",
        default="chainlight.duckdb",
        show_default=True,
        show_envvar=True,
        help="The database file, or s3://bucket/key to read one.",
    )(command)


@contextmanager
def opened_to_read(db: str) -> Iterator[Store]:
    """Open a database read-only: the file, the object's newest version, or the newest snapshot.

    A file that a collector has open is not waited for: its newest snapshot is read, and stderr
    says so.
    """
    if db.startswith(S3_PREFIX):
        from chainlight_collector import objects  # noqa: PLC0415  boto3 only where it is needed

        path = objects.fetch(db)
    else:
        path = Path(db)
    try:
        store = Store.open(path, read_only=True)
    except StoreLockedError as locked:
        store = Store.open(_snapshot(path, locked), read_only=True)
    with store:
        yield store


def file_to_write(db: str) -> Path:
    """Return the path of a database that a command may write to.

    Raises:
        UsageError: it is an object on S3, which only the collector's Lambda writes.

    """
    if db.startswith(S3_PREFIX):
        raise UsageError(f"{db} is written by the collector's Lambda only. Name a file with --db.")
    return Path(db)


def _snapshot(path: Path, locked: StoreLockedError) -> Path:
    try:
        snapshot = snapshots.newest(path)
    except StoreMissingError:
        raise locked from None
    click.echo(f"chainlight: {path} is being written; reading {snapshot.name}.", err=True)
    return snapshot
