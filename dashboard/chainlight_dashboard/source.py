"""Where the database comes from: a file's newest snapshot, the file, an object in S3, or a lake.

What is returned is safe to open read-only: a collector never writes to it while a page reads,
except for a file that has no snapshot yet.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from chainlight_collector import addresses, snapshots
from chainlight_collector.addresses import LAKE_PREFIX, S3_PREFIX, LakeAddress, ObjectAddress
from chainlight_collector.errors import StoreMissingError
from chainlight_dashboard.errors import DatabaseMissingError

if TYPE_CHECKING:
    from chainlight_collector.lake_store import LakeStore

DATABASE_VARIABLE = "CHAINLIGHT_DB"


def database_name() -> str:
    """Return what `--db` named: a path, an s3:// URL or a lake.

    Raises: DatabaseMissingError where nothing was named.
    """
    name = os.environ.get(DATABASE_VARIABLE, "")
    if not name:
        raise DatabaseMissingError(
            "No database is named. Start the dashboard with --db FILE, --db s3://bucket/key or "
            "--db ducklake:postgres://…?data=s3://…."
        )
    return name


def check() -> None:
    """Return when there is something to show, without opening or fetching it.

    Raises: DatabaseMissingError where nothing is named, or no file lies there.
    """
    name = database_name()
    if not name.startswith((S3_PREFIX, LAKE_PREFIX)):
        newest_file(Path(name))


def newest_file(path: Path) -> Path:
    """Return the newest snapshot of the database at `path`, or `path` where it has none.

    Raises: DatabaseMissingError where there is neither.
    """
    try:
        return snapshots.newest(path)
    except StoreMissingError:
        if path.is_file():
            return path
    raise DatabaseMissingError(
        f"There is no database at {path}. `chainlight collect --db {path}` and "
        f"`chainlight import FILE --db {path}` make one."
    )


def fetched_object(url: str) -> Path:
    """Return the newest version of the database at s3://bucket/key, as a file on this machine.

    Raises: DatabaseMissingError where the object does not exist.
    """
    # Here, because boto3 takes a third of a second and a plain file needs none of it.
    from chainlight_collector.aws import Aws  # noqa: PLC0415
    from chainlight_collector.objects import DatabaseObject  # noqa: PLC0415

    address = _object(url)
    version = DatabaseObject(Aws(), address.bucket, address.key, _folder(url)).fetch()
    if version.etag is None:
        raise DatabaseMissingError(f"There is no object at {url}. The collector makes it.")
    return version.path


def is_catalog(url: str) -> bool:
    """Whether the object at `url` is the catalog of a lake."""
    return _object(url).is_catalog


def lake_over(url: str, catalog: Path) -> str:
    """Return the address of the lake whose catalog was fetched from `url` to a file."""
    lake = _object(url).lake(catalog)
    return f"{LAKE_PREFIX}{lake.catalog}?data={lake.data}"


def lake_version(url: str) -> int:
    """Return the number of a lake's newest version.

    Raises: DatabaseMissingError where there is none yet.
    """
    from chainlight_collector.lake_store import newest_version  # noqa: PLC0415  a file needs none

    try:
        return newest_version(_lake(url))
    except StoreMissingError as error:
        raise DatabaseMissingError(str(error)) from error


def opened_lake(url: str) -> LakeStore:
    """Return a lake for reading, bound to its newest version.

    Raises: DatabaseMissingError where there is none yet.
    """
    from chainlight_collector.lake_store import LakeStore  # noqa: PLC0415  as above

    try:
        return LakeStore.read(_lake(url))
    except StoreMissingError as error:
        raise DatabaseMissingError(str(error)) from error


def _object(url: str) -> ObjectAddress:
    address = addresses.parse(url)
    if not isinstance(address, ObjectAddress):
        raise DatabaseMissingError(f"{url} is no object.")
    return address


def _lake(url: str) -> LakeAddress:
    address = addresses.parse(url)
    if not isinstance(address, LakeAddress):
        raise DatabaseMissingError(f"{url} is no lake.")
    return address


def _folder(url: str) -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home, "chainlight", hashlib.sha256(url.encode()).hexdigest()[:16])
