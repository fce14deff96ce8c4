"""One dashboard of the storage bench: opens the newest version again and again, and counts.

`python reader.py ADDRESS FOLDER NAME UNTIL_S`: prints JSON: reads, what was seen wrong (fewer
rows than before, a row twice, half of a batch) and failures to open or to read.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import batches

from chainlight_collector import addresses, places
from chainlight_collector.errors import ChainlightError, StoreMissingError

COUNTS = "SELECT count(*), count(DISTINCT (function_name, request_id)) FROM invocation_reports"


def main(address_text: str, folder_name: str, name: str, until_s: str) -> None:
    """Read until the time is over."""
    address, seen_count = addresses.parse(address_text), 0
    reads_count, wrong, failures, took_ms = 0, [], [], []
    while time.time() < float(until_s) and not Path(folder_name, "stop").exists():
        started_s = time.perf_counter()
        try:
            with places.reading(address, Path(folder_name, f"{name}-versions")) as store:
                ((count, distinct_count),) = store.query(COUNTS).fetchall()
        except StoreMissingError:
            time.sleep(0.1)
            continue
        except ChainlightError as error:
            failures.append(str(error)[:300])
            continue
        took_ms.append(1000 * (time.perf_counter() - started_s))
        reads_count += 1
        if count != distinct_count or count < seen_count or count % batches.INVOCATIONS:
            wrong.append([seen_count, count, distinct_count])
        seen_count = max(seen_count, count)
        time.sleep(0.2)
    print(json.dumps({"reads": reads_count, "wrong": wrong, "failures": failures, "ms": took_ms}))


if __name__ == "__main__":
    main(*sys.argv[1:])
