"""The database as one S3 object: read whole, replaced whole, never written by two at once.

A fetched version lies under a local name of its own, made from its ETag, so that a file that is
open is never replaced. A run works on a copy that it owns; publishing is one conditional put
(If-Match, or If-None-Match the first time), so a reader sees the old database or the new one, and
of two writers the second is told that it lost and does its run again on the winner's.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

from chainlight_collector.aws import AbsentError, Aws, AwsError, Client
from chainlight_collector.errors import SourceError, StoreMissingError, UsageError
from chainlight_collector.sources.operations import GET_OBJECT, PUT_OBJECT

ROUNDS_MAX = 5
_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK_BYTES = 1 << 20
_QUOTE = '"'
_KEPT_COUNT = 2
_WORK = "work-"
_LEFTOVER_S = 3600
_NOT_MODIFIED = "304"
_LOST_CODES = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})

ResultT = TypeVar("ResultT")


class LostRaceError(SourceError):
    """Another writer published first; the run has to be done again on its version."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the database on this machine. `etag` is None where S3 has none yet."""

    path: Path
    etag: str | None


class DatabaseObject:
    """The database at s3://bucket/key, with its versions kept in a local folder."""

    def __init__(self, aws: Aws, bucket: str, key: str, folder: Path) -> None:
        self._aws = aws
        self._bucket = bucket
        self._key = key
        self._folder = folder / hashlib.sha256(f"{bucket}/{key}".encode()).hexdigest()[:16]
        self._folder.mkdir(parents=True, exist_ok=True)
        self._drop_leftovers()

    def fetch(self) -> Version:
        """Return the newest version, downloading it only where its ETag is new here.

        The file is shared: open it read-only. Without an object yet, the path does not exist.
        """
        local = self._newest_local()
        condition = {"IfNoneMatch": local.etag} if local else {}
        try:
            answer = self._aws.call(GET_OBJECT, Bucket=self._bucket, Key=self._key, **condition)
        except AbsentError:
            return Version(self._folder / "none.duckdb", None)
        except AwsError as error:
            if error.code == _NOT_MODIFIED and local is not None:
                return local
            raise
        return self._keep(answer["ETag"], cast("BinaryIO", answer["Body"]))

    def update(self, change: Callable[[Path], ResultT]) -> ResultT:
        """Apply `change` to a private copy of the newest version and publish it.

        `change` opens and closes the database at the path that it is given. After a lost race it
        is called again on the winner's version, so it must find out by itself what is still to do.

        Raises:
            LostRaceError: others were faster five times in a row.

        """
        for _ in range(ROUNDS_MAX):
            version = self.fetch()
            with tempfile.TemporaryDirectory(prefix=_WORK, dir=self._folder) as work:
                path = Path(work, "chainlight.duckdb")
                if version.etag is not None:
                    shutil.copyfile(version.path, path)
                result = change(path)
                if self._publish(path, version.etag):
                    return result
        raise LostRaceError(
            f"s3://{self._bucket}/{self._key} was changed by another writer {ROUNDS_MAX} times in "
            "a row. Let one collector write to it: reserved concurrency 1."
        )

    def _publish(self, path: Path, etag: str | None) -> bool:
        condition = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag}
        packed = path.with_suffix(".gz") if self._key.endswith(".gz") else path
        if packed != path:
            _pack(path, packed)
        try:
            with packed.open("rb") as body:
                answer = self._aws.call(
                    PUT_OBJECT, Bucket=self._bucket, Key=self._key, Body=body, **condition
                )
        except AwsError as error:
            if error.code in _LOST_CODES or isinstance(error, AbsentError):
                return False
            raise
        self._adopt(path, answer["ETag"])
        return True

    def _keep(self, etag: str, body: BinaryIO) -> Version:
        with tempfile.TemporaryDirectory(prefix=_WORK, dir=self._folder) as work:
            packed, plain = Path(work, "packed"), Path(work, "plain")
            with packed.open("wb") as file:
                shutil.copyfileobj(body, file, _CHUNK_BYTES)
            with packed.open("rb") as source, plain.open("wb") as file:
                shutil.copyfileobj(_unpacked(source), file, _CHUNK_BYTES)
            return self._adopt(plain, etag)

    def _adopt(self, path: Path, etag: str) -> Version:
        """Move a file to the name of its version and drop the versions before the one before it.

        A reader that still has one of those open keeps it: the kernel frees it when it is closed.
        """
        target = self._folder / f"{etag.strip(_QUOTE)}.duckdb"
        path.replace(target)
        target.touch()
        for older in self._local()[:-_KEPT_COUNT]:
            older.unlink(missing_ok=True)
        return Version(target, etag)

    def _drop_leftovers(self) -> None:
        """Remove the working folders of runs that were killed: a Lambda has 512 MB of disk."""
        for work in self._folder.glob(f"{_WORK}*"):
            if time.time() - work.stat().st_mtime > _LEFTOVER_S:
                shutil.rmtree(work, ignore_errors=True)

    def _newest_local(self) -> Version | None:
        files = self._local()
        return Version(files[-1], f"{_QUOTE}{files[-1].stem}{_QUOTE}") if files else None

    def _local(self) -> list[Path]:
        """Return the versions in the folder, the newest last."""
        return sorted(self._folder.glob("*.duckdb"), key=lambda file: file.stat().st_mtime_ns)


def fetch(uri: str, folder: Path | None = None, *, client: object = None) -> Path:
    """Return a local, read-only copy of the database at `s3://bucket/key`, under a name of its own.

    Downloads only where the object changed. `client` is a boto3 S3 client, made from the
    environment where none is given.

    Raises:
        UsageError: `uri` is not of the form s3://bucket/key.
        StoreMissingError: there is no such object yet.
        AwsError: it cannot be read.

    """
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not bucket or not key:
        raise UsageError(f"{uri!r} is no address of an object: write s3://bucket/key.")
    aws = Aws() if client is None else Aws(_OneClient(cast("Client", client)))
    cache = folder or Path(tempfile.gettempdir(), "chainlight")
    version = DatabaseObject(aws, bucket, key, cache).fetch()
    if version.etag is None:
        raise StoreMissingError(
            f"there is no database at {uri} yet. The collector makes it on its first run."
        )
    return version.path


@dataclass(frozen=True, slots=True)
class _OneClient:
    """A session that hands out the one client that the caller already has."""

    given: Client

    def client(self, service_name: str, *, config: object) -> Client:  # noqa: ARG002  Session's
        return self.given


def _pack(path: Path, packed: Path) -> None:
    """Compress at the lowest level; a plain object, the default, is one that any DuckDB opens."""
    with path.open("rb") as source, gzip.GzipFile(packed, "wb", compresslevel=1, mtime=0) as target:
        shutil.copyfileobj(source, target, _CHUNK_BYTES)


def _unpacked(stream: BinaryIO) -> BinaryIO:
    """Return a stream of the plain database; one put there by hand may be plain already."""
    magic = stream.read(len(_GZIP_MAGIC))
    stream.seek(0)
    return cast("BinaryIO", gzip.open(stream)) if magic == _GZIP_MAGIC else stream
