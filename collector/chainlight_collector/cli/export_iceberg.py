"""``chainlight export-iceberg``: a lake's tables in an Iceberg catalog, for other engines."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

import click

from chainlight_collector import addresses
from chainlight_collector.addresses import FileAddress, ObjectAddress
from chainlight_collector.cli.database import database_option, updated
from chainlight_collector.errors import UsageError

if TYPE_CHECKING:
    from chainlight_collector.iceberg import Exported
    from chainlight_collector.lake_store import LakeStore


@click.command("export-iceberg")
@database_option
@click.option(
    "--catalog",
    "catalog_name",
    default="default",
    show_default=True,
    help="A catalog of .pyiceberg.yaml, or of PYICEBERG_CATALOG__… in the environment.",
)
@click.option("--namespace", default="chainlight", show_default=True, help="Where the tables go.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(*, db: str, catalog_name: str, namespace: str, as_json: bool) -> None:
    """Register the lake's Parquet in an Iceberg catalog (Glue, S3 Tables, REST, SQL).

    Nothing is copied but tables with lists. Run it after each merge, at least once a day: the lake
    deletes a file a day after it was replaced.
    """
    address = addresses.parse(db)
    if isinstance(address, FileAddress) or (
        isinstance(address, ObjectAddress) and not address.is_catalog
    ):
        raise UsageError(f"{db} is no lake: its rows are in no Parquet. `chainlight migrate` one.")
    catalog, export = _iceberg(catalog_name)
    done = updated(db, lambda store: list(export(cast("LakeStore", store), catalog, namespace)))
    _tell(done, as_json=as_json)


def _iceberg(catalog_name: str) -> tuple[Any, Any]:
    """Return the catalog and the function that fills it; the libraries are an extra."""
    sys.modules.pop("pandas", None)  # hidden by `main`, and PyArrow fails on what is hidden
    try:
        from pyiceberg.catalog import load_catalog  # noqa: PLC0415  only here

        from chainlight_collector.iceberg import export  # noqa: PLC0415  likewise
    except ImportError as error:
        raise UsageError(
            f"PyIceberg is not installed: install chainlight-collector[iceberg]. {error}"
        ) from error
    try:
        return load_catalog(catalog_name), export
    except ValueError as error:
        raise UsageError(
            f"there is no Iceberg catalog {catalog_name!r} with an address: write it into "
            f".pyiceberg.yaml. {error}"
        ) from error


def _tell(done: list[Exported], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"tables": [asdict(each) for each in done]}))
        return
    for each in done:
        how = "copied" if each.is_copied else "referred to"
        click.echo(
            f"{each.table}: {each.files_count} files {how}, {each.added_count} new, "
            f"{each.dropped_count} gone"
        )
