"""Where the database is: ``--db``, said once for every subcommand."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from chainlight_collector import addresses, places
from chainlight_collector.addresses import FileAddress
from chainlight_collector.errors import UsageError
from chainlight_collector.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    ResultT = TypeVar("ResultT")
    CommandT = TypeVar("CommandT", bound=Callable[..., object])


def database_option(command: CommandT) -> CommandT:
    """Add ``--db`` (any mode of storage; default from CHAINLIGHT_DB) as parameter ``db``."""
    return click.option(
        "--db",
        metavar="FILE",
        envvar="CHAINLIGHT_DB",
        default="chainlight.duckdb",
        show_default=True,
        show_envvar=True,
        help="The database: a file, s3://bucket/key, or ducklake:postgres://…?data=s3://…",
    )(command)


@contextmanager
def opened_to_read(db: str) -> Iterator[Store]:
    """Open a database read-only: a file, its newest snapshot, an object, or a lake.

    A file that a collector has open is not waited for: its newest snapshot is read, and stderr
    says so.
    """
    address = addresses.parse(db)
    with places.reading(address) as store:
        if isinstance(address, FileAddress) and store.path != address.path:
            click.echo(f"chainlight: {db} is being written; reading {store.path.name}.", err=True)
        yield store


def updated(db: str, work: Callable[[Store], ResultT]) -> ResultT:
    """Let `work` change a database of any mode, and publish it to its readers.

    Raises:
        StoreError: it cannot be written.

    """
    return places.update(addresses.parse(db), work)


def file_to_write(db: str) -> Path:
    """Return the path of a database that only a file can be.

    Raises:
        UsageError: it is an object on S3, or a lake.

    """
    address = addresses.parse(db)
    if not isinstance(address, FileAddress):
        raise UsageError(f"{address.name} is no file. Name a file with --db.")
    return address.path
