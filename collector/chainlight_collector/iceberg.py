"""A lake's tables registered in an Iceberg catalog: for Athena, Trino, Snowflake, Spark.

The Parquet files stay where they are and are not copied: DuckLake numbers columns in its files as
Iceberg does, as long as no column is a list. A table with such a column is written anew. Iceberg
then refers to files of the lake, whose upkeep deletes a file a day after it was replaced: so export
after each merge, at least once a day, and let no engine pin an older snapshot.

What Iceberg cannot take is changed in the lake first, without changing a row: rows that are still
in the catalog are written out, and files with deleted rows are rewritten, because the two formats
note deleted rows in different ways.
"""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.expressions import AlwaysTrue
from pyiceberg.io import load_file_io
from pyiceberg.io.pyarrow import (
    PyArrowFileIO,
    compute_statistics_plan,
    data_file_statistics_from_parquet_metadata,
    parquet_path_to_id_mapping,
    pyarrow_to_schema,
)
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC, PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform

from chainlight_collector.lake_store import LAKE
from chainlight_collector.literals import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa
    from pyiceberg.catalog import Catalog
    from pyiceberg.io import FileIO
    from pyiceberg.table import Table

    from chainlight_collector.lake_store import LakeStore

PARTITION = "day"
FIRST_PARTITION_ID = 1000
INTERNAL = "_ducklake_internal_"
"""Columns that number rows and their versions: DuckLake adds them to files that it rewrote."""
FILES_PROPERTY = "chainlight.files"
"""In the summary of a copied table's snapshot: which files of the lake it was copied from."""
_TIDY = (
    f"FROM ducklake_flush_inlined_data('{LAKE}')",
    f"FROM ducklake_rewrite_data_files('{LAKE}', delete_threshold => 0)",
)
_TABLES = "SELECT table_name FROM duckdb_tables() WHERE database_name = $lake"
_OWN_AFFAIRS = {"checkpoints", "derive_backlog", "schema_versions", "write_lease"}


@dataclass(frozen=True, slots=True)
class Exported:
    """What one table's export did: files Iceberg refers to now, new ones, and those it dropped."""

    table: str
    files_count: int
    added_count: int
    dropped_count: int
    is_copied: bool = False


def export(store: LakeStore, catalog: Catalog, namespace: str) -> Iterator[Exported]:
    """Bring an Iceberg namespace up to what the lake holds now, one snapshot a table.

    Also tables that never had a row are there, because views read them. A table whose files did
    not change is left alone.
    """
    tidy(store)
    catalog.create_namespace_if_not_exists(namespace)
    for name in sorted(set(tables_of(store)) - _OWN_AFFAIRS):
        files = files_of(store, name)
        schema = _schema_of(catalog, files[-1]) if files else _schema_without_rows(store, name)
        table = _table(catalog, f"{namespace}.{name}", schema)
        yield _registered(table, name, files, schema)


def tidy(store: LakeStore) -> None:
    """Bring all rows of the newest version, and nothing but them, into the files that it lists."""
    for statement in _TIDY:
        store.call(statement)


def tables_of(store: LakeStore) -> list[str]:
    """Return the names of the lake's tables."""
    with store.cursor() as cursor:
        return [name for (name,) in cursor.execute(_TABLES, {"lake": LAKE}).fetchall()]


def files_of(store: LakeStore, name: str) -> list[str]:
    """Return the Parquet files of a table's newest version."""
    sql = f"SELECT data_file FROM ducklake_list_files('{LAKE}', {literal(name)})"  # noqa: S608
    with store.cursor() as cursor:
        return sorted(file for (file,) in cursor.execute(sql).fetchall())


def _registered(table: Table, name: str, files: Sequence[str], schema: Schema) -> Exported:
    if files and not _has_same_ids(schema, table.schema()):
        return _copy(table, name, files)
    known = {task.file.file_path: task.file for task in table.scan().plan_files()}
    added = [file for file in files if file not in known]
    dropped = [known[file] for file in known.keys() - set(files)]
    if added or dropped:
        with table.transaction() as change, change.update_snapshot().overwrite() as snapshot:
            for file in dropped:
                snapshot.delete_data_file(file)
            for path in added:
                snapshot.append_data_file(_data_file(table, path))
    return Exported(name, len(files), len(added), len(dropped))


def _table(catalog: Catalog, identifier: str, schema: Schema) -> Table:
    """Return the table of that name, made or given the columns that it lacks."""
    try:
        table = catalog.load_table(identifier)
    except NoSuchTableError:
        return catalog.create_table(identifier, schema, partition_spec=_by_day(schema))
    with table.update_schema() as change:
        change.union_by_name(schema)
    return table


def _schema_of(catalog: Catalog, file: str) -> Schema:
    return _schema(load_file_io(catalog.properties, file), file)


def _schema_without_rows(store: LakeStore, name: str) -> Schema:
    """Return the columns of a table that has no file, by way of one without rows."""
    with tempfile.TemporaryDirectory() as folder, store.cursor() as cursor:
        file = str(Path(folder, "none.parquet"))
        written = f"{literal(file)} (FORMAT parquet, FIELD_IDS 'auto')"
        cursor.execute(f'COPY (FROM "{name}" LIMIT 0) TO {written}')
        return _schema(PyArrowFileIO(), file)


def _schema(io: FileIO, file: str) -> Schema:
    """Return a file's columns as Iceberg sees them, with the ids that they have in the file."""
    with io.new_input(file).open() as opened:
        whole = pyarrow_to_schema(pq.read_schema(opened))
    return Schema(*(field for field in whole.fields if not field.name.startswith(INTERNAL)))


def _data_file(table: Table, path: str) -> DataFile:
    """Describe a file as PyIceberg's `add_files` does, which refuses those with such columns."""
    file = table.io.new_input(path)
    with file.open() as opened:
        metadata = pq.read_metadata(opened)
    whole = pyarrow_to_schema(metadata.schema.to_arrow_schema())
    found = data_file_statistics_from_parquet_metadata(
        metadata,
        compute_statistics_plan(whole, table.properties),
        parquet_path_to_id_mapping(whole),
    )
    internal = {field.field_id for field in whole.fields if field.name.startswith(INTERNAL)}
    statistics: dict[str, Any] = found.to_serialized_dict()
    for by_id in statistics.values():
        for gone in internal & by_id.keys() if isinstance(by_id, dict) else ():
            del by_id[gone]
    return DataFile.from_args(
        content=DataFileContent.DATA,
        file_path=path,
        file_format=FileFormat.PARQUET,
        partition=found.partition(table.spec(), table.schema()),
        file_size_in_bytes=len(file),
        spec_id=table.spec().spec_id,
        **statistics,
    )


def _by_day(schema: Schema) -> PartitionSpec:
    if PARTITION not in schema.column_names:
        return UNPARTITIONED_PARTITION_SPEC
    source_id = schema.find_field(PARTITION).field_id
    return PartitionSpec(
        PartitionField(source_id, FIRST_PARTITION_ID, IdentityTransform(), PARTITION)
    )


def _has_same_ids(file: Schema, table: Schema) -> bool:
    """Tell whether the ids in a file are those that Iceberg gave the table's columns."""
    own = {field.name: field.field_id for field in table.fields}
    return all(
        field.field_type.is_primitive and own[field.name] == field.field_id for field in file.fields
    )


def _copy(table: Table, name: str, files: Sequence[str]) -> Exported:
    """Write a table's rows anew in one commit, unless it was copied from the same files before."""
    digest = hashlib.sha256("\n".join(files).encode()).hexdigest()
    snapshot = table.current_snapshot()
    if snapshot and snapshot.summary and snapshot.summary.get(FILES_PROPERTY) == digest:
        return Exported(name, len(files), 0, 0, is_copied=True)
    with table.transaction() as change:
        if snapshot:
            change.delete(AlwaysTrue())
        for file in files:
            change.append(_rows(table, file), snapshot_properties={FILES_PROPERTY: digest})
    return Exported(name, len(files), len(files), 0, is_copied=True)


def _rows(table: Table, file: str) -> pa.Table:
    """Return a file's rows without DuckLake's ids: PyIceberg matches the columns by name then."""
    with table.io.new_input(file).open() as opened:
        rows = pq.read_table(opened)
    schema = table.schema()
    return rows.select([field.name for field in schema.fields]).cast(schema.as_arrow())
