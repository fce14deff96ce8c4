"""Roll identical siblings up: one row stands for five or more calls of one function by one caller.

A roll-up is inserted before its members and becomes their parent, so the order stays depth-first
and the members can be opened. It is no invocation: it has the row number -1 and cannot be selected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from chainlight_dashboard.fold import sibling_runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORST_FIRST: Final = ("error", "timeout", "throttle", "dlq", "missing", "unknown", "running", "ok")
KIND_MANY: Final = 9
KIND_ERROR: Final = 4


def roll_up(tree: pd.DataFrame, marks: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return tree and segments with a roll-up row above each run of identical siblings.

    Siblings are identical if they are neighbours with the same function and the same kind of
    call. The roll-up sums attempts, idle time and cost, spans its members and has one tick each.
    """
    labels = list(zip(tree["name"], tree["edge"], strict=True))
    runs = sibling_runs(tree["parent"].tolist(), labels)
    if not runs:
        return tree, marks
    runs.sort(key=lambda run: run[0])
    heads = np.array([run[0] for run in runs])
    moved = np.arange(len(tree)) + np.searchsorted(heads, np.arange(len(tree)), side="right")
    summaries = [_summary(tree.iloc[run]) for run in runs]
    return (
        _with_rows(tree, summaries, runs, moved),
        _with_ticks(tree, marks, runs, moved),
    )


def _with_rows(
    tree: pd.DataFrame, summaries: list[dict[str, Any]], runs: list[list[int]], moved: NDArray[Any]
) -> pd.DataFrame:
    places = moved[[run[0] for run in runs]] - 1
    parents = np.where(tree["parent"] >= 0, moved[tree["parent"]], -1)
    head_parents = parents[[run[0] for run in runs]]
    for place, run in zip(places, runs, strict=True):
        parents[run] = place
    old = tree.assign(parent=parents).set_axis(moved)
    new = pd.DataFrame(summaries, index=places)[list(tree.columns)].assign(parent=head_parents)
    whole = pd.concat([old, new.astype(tree.dtypes.to_dict())]).sort_index()
    return whole.assign(parent=whole["parent"].astype(np.int32), depth=_depths(whole["parent"]))


def _summary(members: pd.DataFrame) -> dict[str, Any]:
    first = members.iloc[0]
    idle, cost = members["idle"].sum(min_count=1), members["cost"].sum(min_count=1)
    failed = int(members["problem"].sum())
    return {
        **first.to_dict(),
        "status": min(members["status"], key=WORST_FIRST.index),
        "sent": members["sent"].min(),
        "start": members["start"].min(),
        "end": members["end"].max(),
        "attempts": int(members["attempts"].sum()),
        "idle": idle,
        "idle_share": members["idle_share"].mean(),
        "cost": cost,
        "cold": int(members["cold"].max()),
        "critical": int(members["critical"].max()),
        "problem": int(failed > 0),
        "note": f"{failed} of {len(members)} had trouble" if failed else "",
        "many": len(members),
        "row": -1,
        "usual_start": members["usual_start"].min(),
        "usual_end": members["usual_end"].max(),
        "ident": first["ident"] + 0.5,
    }


def _with_ticks(
    tree: pd.DataFrame, marks: pd.DataFrame, runs: list[list[int]], moved: NDArray[Any]
) -> pd.DataFrame:
    ticks = [_ticks(tree.iloc[run], int(moved[run[0]]) - 1) for run in runs]
    placed = marks.assign(row=moved[marks["row"]].astype(np.int32))
    whole = pd.concat([placed, *ticks]).astype(marks.dtypes.to_dict())
    return whole.sort_values(["row", "t0"], kind="stable", ignore_index=True)


def _ticks(members: pd.DataFrame, place: int) -> pd.DataFrame:
    begun = members[members["start"].notna()]
    return pd.DataFrame(
        {
            "row": place,
            "kind": np.where(begun["problem"] > 0, KIND_ERROR, KIND_MANY),
            "t0": begun["start"],
            "t1": begun["end"].fillna(begun["start"]),
            "attempt": 0,
        }
    )


def _depths(parents: pd.Series) -> NDArray[np.int32]:
    depths: list[int] = []
    for parent in parents:
        depths.append(depths[parent] + 1 if parent >= 0 else 0)
    return np.array(depths, np.int32)
