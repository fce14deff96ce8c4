"""Spark's part, in an environment of its own: reads files and statements, prints answers as JSON.

Its tables are the lake's files as the catalog lists them; nothing of chainlight is imported.
"""

from __future__ import annotations

import json
import sys
import time
from decimal import Decimal
from typing import Any

from pyspark.sql import SparkSession

SETTINGS = {
    "spark.driver.memory": "4g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "8",
    "spark.log.level": "ERROR",
}


def main() -> None:
    """Make the tables and views of standard input, and answer its questions one by one."""
    asked = json.load(sys.stdin)
    builder = SparkSession.builder.master("local[2]").appName("bench-engine")
    for key, value in (SETTINGS | {"spark.local.dir": asked["folder"]}).items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    for name, table in asked["tables"].items():
        read = spark.read.schema(table["columns"])
        rows = read.parquet(*table["files"]) if table["files"] else _empty(spark, table)
        rows.createOrReplaceTempView(name)
    for statement in asked["statements"]:
        spark.sql(statement)
    print(json.dumps({"ready": spark.version}), flush=True)
    for name, question in asked["questions"].items():
        print(json.dumps({"view": name} | _answer(spark, question), default=_plain), flush=True)
    spark.stop()


def _empty(spark: Any, table: dict[str, Any]) -> Any:
    return spark.createDataFrame([], table["columns"])


def _answer(spark: Any, question: str) -> dict[str, Any]:
    started_s = time.perf_counter()
    try:
        rows = [tuple(row) for row in spark.sql(question).collect()]
    except Exception as error:  # noqa: BLE001  it is told beside the other engine's answer
        return {"error": str(error)[:600], "s": time.perf_counter() - started_s}
    return {"rows": rows, "s": time.perf_counter() - started_s}


def _plain(value: object) -> object:
    return int(value) if isinstance(value, Decimal) else str(value)


if __name__ == "__main__":
    main()
