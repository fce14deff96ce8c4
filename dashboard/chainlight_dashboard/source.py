"""Where the database comes from: a file's newest snapshot, the file itself, or an object in S3.

What is returned is safe to open read-only: a collector never writes to it while a page reads,
except for a file that has no snapshot yet.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from chainlight_collector import snapshots
from chainlight_collector.errors import StoreMissingError
from chainlight_dashboard.errors import DatabaseMissingError

DATABASE_VARIABLE = "CHAINLIGHT_DB"
S3_PREFIX = "s3://"


def database_name() -> str:
    """Return what `--db` named: a path or an s3:// URL.

    Raises: DatabaseMissingError where nothing was named.
    """
    name = os.environ.get(DATABASE_VARIABLE, "")
    if not name:
        raise DatabaseMissingError(
            "No database is named. Start the dashboard with --db FILE or --db s3://bucket/key."
        )
    return name


def check() -> None:
    """Return when there is something to show, without opening or fetching it.

    Raises: DatabaseMissingError where nothing is named, or no file lies there.
    """
    name = database_name()
    if not name.startswith(S3_PREFIX):
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

    bucket, _, key = url.removeprefix(S3_PREFIX).partition("/")
    version = DatabaseObject(Aws(), bucket, key, _folder(url)).fetch()
    if version.etag is None:
        raise DatabaseMissingError(f"There is no object at {url}. The collector makes it.")
    return version.path


def _folder(url: str) -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home, "chainlight", hashlib.sha256(url.encode()).hexdigest()[:16])
