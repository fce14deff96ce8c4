"""Which row of one chain stands where a row of another does: the key that both are known by.

The key is the calling function, the function, the kind of call, and how many rows alike came
before: "the second SQS delivery to reserve-stock that place-order set off". It is the same in every
chain of one shape, whatever order things ended in.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

KEY: Final = ["caller_function", "function_name", "edge_kind", "ordinal"]
ENTRY: Final = ""
"""What stands for the caller of a row that nobody called."""


def keyed(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the key of each row of `chain_rows`, in the order of `rows`."""
    names = rows["function_name"].to_numpy(object)
    parents = rows["parent_row"].astype("Float64").to_numpy(np.float64, na_value=np.nan)
    above = pd.Index(rows["row"]).get_indexer(pd.Index(parents))
    keys = pd.DataFrame(
        {
            "caller_function": np.where(above >= 0, names[above], ENTRY) if len(rows) else names,
            "function_name": names,
            "edge_kind": rows["edge_kind"].fillna("").to_numpy(object),
        }
    )
    return keys.assign(ordinal=keys.groupby(KEY[:3], sort=False).cumcount().to_numpy() + 1)


def usual_times(rows: pd.DataFrame, typical: pd.DataFrame) -> pd.DataFrame:
    """Return per row of `chain_rows` when it runs in a typical chain: started_us, ended_us.

    Both count from the chain's start and are NaN where the typical chain has no such row;
    `typical` holds rows of the query `typical_rows`.
    """
    known = typical.assign(
        caller_function=typical["caller_function"].fillna(ENTRY),
        edge_kind=typical["edge_kind"].fillna(""),
    )
    found = keyed(rows).merge(known[[*KEY, "started_us", "ended_us"]], on=KEY, how="left")
    return found[["started_us", "ended_us"]].astype("Float64").astype(np.float64)
