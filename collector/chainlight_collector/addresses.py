"""Where a database is, as one word of a user: a file, an object on S3, or a lake.

===========================================  =================================================
``chainlight.duckdb``                        a file
``s3://bucket/chainlight.duckdb``            that file as one object
``s3://bucket/chainlight.ducklake``          a lake whose catalog is one object, data beside it
``ducklake:postgres://host/db?data=s3://…``  a lake whose catalog is in PostgreSQL
``ducklake:secretsmanager:ID?data=s3://…``   the same, its URL kept as a secret (catalog_secrets)
``ducklake:catalog.ducklake?data=folder``    the same in files
===========================================  =================================================
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from chainlight_collector.errors import UsageError

S3_PREFIX = "s3://"
LAKE_PREFIX = "ducklake:"
_CATALOG_ENDS = (".ducklake", ".ducklake.gz")
POSTGRES = ("postgres://", "postgresql://")
SECRET_PREFIX = "secretsmanager:"  # noqa: S105  names a service
_PASSWORD = re.compile(r"(://[^:/@]*):[^@]*@")
_PASSWORD_FIELD = re.compile(r"(password=)[^&\s'\"]+")


@dataclass(frozen=True, slots=True)
class FileAddress:
    """A DuckDB file on this machine."""

    path: Path

    @property
    def name(self) -> str:
        """How messages name it."""
        return str(self.path)


@dataclass(frozen=True, slots=True)
class ObjectAddress:
    """One object on S3: a DuckDB file, or a lake's catalog where its name ends in .ducklake."""

    bucket: str
    key: str

    @property
    def name(self) -> str:
        """How messages name it."""
        return f"{S3_PREFIX}{self.bucket}/{self.key}"

    @property
    def is_catalog(self) -> bool:
        """Whether rows are in Parquet beside it, and not in it."""
        return self.key.endswith(_CATALOG_ENDS)

    def lake(self, path: Path) -> LakeAddress:
        """Return the lake whose catalog was fetched to `path`."""
        return LakeAddress(str(path), f"{self.name}.data/")


@dataclass(frozen=True, slots=True)
class LakeAddress:
    """A DuckLake: its catalog (a PostgreSQL URL or a file), and where its Parquet is."""

    catalog: str
    data: str

    @property
    def name(self) -> str:
        """How messages name it: without its password."""
        catalog = masked(self.catalog)
        return f"{LAKE_PREFIX}{catalog}{'&' if '?' in catalog else '?'}data={self.data}"

    @property
    def is_shared(self) -> bool:
        """Whether others may write to the catalog meanwhile."""
        return self.catalog.startswith((*POSTGRES, SECRET_PREFIX))

    @property
    def is_on_s3(self) -> bool:
        """Whether the Parquet is on S3."""
        return self.data.startswith(S3_PREFIX)


def masked(text: str) -> str:
    """Return a text without the password of any URL in it; what DuckDB says repeats whole URLs."""
    return _PASSWORD_FIELD.sub(r"\1…", _PASSWORD.sub(r"\1:…@", text))


Address = FileAddress | ObjectAddress | LakeAddress


def parse(text: str) -> Address:
    """Read what ``--db`` names.

    Raises:
        UsageError: it is none of the forms above.

    """
    if text.startswith(LAKE_PREFIX):
        return _lake(text)
    if text.startswith(S3_PREFIX):
        bucket, _, key = text.removeprefix(S3_PREFIX).partition("/")
        if not bucket or not key:
            raise UsageError(f"{text!r} is no address of an object: write s3://bucket/key.")
        return ObjectAddress(bucket, key)
    if "://" in text:
        raise UsageError(
            f"{text!r} is no address of a database: write FILE, s3://bucket/key or "
            "ducklake:postgres://user@host/database?data=s3://bucket/prefix."
        )
    return FileAddress(Path(text))


def _lake(text: str) -> LakeAddress:
    catalog, mark, data = text.removeprefix(LAKE_PREFIX).rpartition("data=")
    if not mark or not catalog[:-1] or catalog[-1] not in "?&" or not data:
        raise UsageError(
            f"{text!r} names no data: write "
            "ducklake:postgres://user@host/database?data=s3://bucket/prefix."
        )
    return LakeAddress(catalog[:-1], data if data.endswith("/") else f"{data}/")
