"""The picture of one chain: two flat Arrow tables and a folded axis, every meaning decided.

`chain_view` is pure: frames in the shape of `chain_timeline` and `chain_segments` go in, what the
browser paints comes out. Names come from strangers: control characters become visible escapes and
long texts end in an ellipsis. Unknown numbers are NaN, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from chainlight_dashboard import alignment, rollup
from chainlight_dashboard.fold import Fold, covered_by_row, fold_quiet, linear

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

KINDS: Final = (
    "queued",
    "cold",
    "run",
    "idle",
    "error",
    "timeout",
    "throttle",
    "backoff",
    "dlq",
    "many",
    "orphan",
    "missing",
    "service",
)
"""What a segment can be; the payload's `kind` is a position in this list."""

STATUSES: Final = frozenset(
    {"ok", "error", "timeout", "throttle", "dlq", "running", "missing", "unknown"}
)
"""'missing': called, but no log of it; 'unknown': it ran, but nothing says how it ended."""

STATUS_OF_WORD: Final = {
    "crash": "error",
    "failed": "error",
    "throttled": "throttle",
    "dead_lettered": "dlq",
    "partial": "ok",
    "": "unknown",
}
"""Words the views use for the same thing."""

TROUBLE: Final = ("error", "timeout", "throttle", "dlq", "orphan")
BUSY: Final = ("cold", "run", "idle", "error", "timeout", "throttle", "dlq", "orphan")
BILLED: Final = ("cold", "run", "idle", "error", "timeout", "orphan")
TEXT_CHARS_MAX: Final = 300


@dataclass(frozen=True, slots=True)
class ChainView:
    """One chain, ready to be painted.

    `rows` (a `pyarrow.Table`) holds the tree depth-first, roll-ups included: parent (a position
    in this table, -1 for a root), depth, name, edge, status, sent, start, end, idle (milliseconds
    since the chain's start; NaN is unknown), idle_share, attempts, cold, cost, note, critical,
    problem, many (members of a roll-up, else 0), row (number in `chain_timeline`, -1 for a
    roll-up), usual_start, usual_end (when a typical chain of this shape has the row; NaN where
    none does), ident (the same for the same invocation in every version of the chain).
    `segments` is sorted by row: row (a position in `rows`), kind (a position in `KINDS`), t0, t1,
    attempt.
    """

    chain_id: str
    version: str
    """Changes when and only when something that is painted changes."""

    rows: Any
    segments: Any
    fold: Fold
    start_us: int
    """Epoch of the chain's start: what all milliseconds here count from."""

    selected: int | None = None
    """The row of `chain_timeline` to show as selected, until the reader chooses another."""


def chain_view(
    rows: pd.DataFrame,
    segments: pd.DataFrame,
    *,
    chain_id: str,
    selected: int | None = None,
    is_folded: bool = True,
    typical: pd.DataFrame | None = None,
) -> ChainView:
    """Return the picture of one chain from its rows of `chain_timeline` and `chain_segments`.

    Rows carry the view's columns and, if they are known, `cost_usd`, `paid_idle_us`, `is_cold`
    and `note`. Any order is accepted; no row at all gives an empty picture. `typical`, rows of the
    query `typical_rows`, adds when each row runs in a typical chain of the same shape.

    Raises:
        ValueError: a status or a segment kind that the contract does not know.

    """
    ordered = rows.sort_values("row", kind="stable").reset_index(drop=True)
    start_us = _start_us(ordered, segments)
    tree = _tree(ordered, start_us)
    marks = _marks(segments, tree, start_us)
    _judge(tree, ordered, marks)
    _add_usual(tree, ordered, typical)
    fold = _axis(tree, marks, is_folded=is_folded)
    tree, marks = rollup.roll_up(tree, marks)
    row_table, segment_table = _row_table(tree), _segment_table(marks)
    version = _digest(fold, row_table, segment_table)
    view = ChainView(chain_id, version, row_table, segment_table, fold, start_us)
    return replace(view, selected=selected)


def _start_us(rows: pd.DataFrame, segments: pd.DataFrame) -> int:
    known = [_floats(rows, "sent_us"), _floats(rows, "started_us")]
    moments = np.concatenate([*known, _floats(segments, "started_us")])
    moments = moments[~np.isnan(moments)]
    return int(moments.min()) if moments.size else 0


def _tree(rows: pd.DataFrame, start_us: int) -> pd.DataFrame:
    """Return one line per row of the timeline with what does not depend on its segments."""
    parents = pd.Index(rows["row"]).get_indexer(pd.Index(_floats(rows, "parent_row")))
    return pd.DataFrame(
        {
            "parent": parents.astype(np.int32),
            "depth": _floats(rows, "depth", 0).astype(np.int32),
            "name": _texts(rows, "function_name"),
            "edge": _texts(rows, "edge_kind"),
            "status": _statuses(rows),
            "sent": (_floats(rows, "sent_us") - start_us) / 1000,
            "start": (_floats(rows, "started_us") - start_us) / 1000,
            "end": (_floats(rows, "ended_us") - start_us) / 1000,
            "attempts": _floats(rows, "attempts_count", 0).astype(np.int32),
            "cost": _floats(rows, "cost_usd"),
            "note": _texts(rows, "note"),
            "critical": _floats(rows, "is_on_critical_path", 0).astype(np.uint8),
            "many": np.zeros(len(rows), np.int32),
            "row": rows["row"].to_numpy(np.int32),
            "ident": _idents(rows),
        }
    )


def _marks(segments: pd.DataFrame, tree: pd.DataFrame, start_us: int) -> pd.DataFrame:
    """Return the segments by position in the tree; an open end reaches to the chain's end."""
    t0 = (_floats(segments, "started_us") - start_us) / 1000
    t1 = (_floats(segments, "ended_us") - start_us) / 1000
    position = pd.Index(tree["row"]).get_indexer(pd.Index(segments["row"]))
    sent = tree["sent"].fillna(0.0).to_numpy()
    t0 = np.where(np.isnan(t0) & (position >= 0), sent[position] if len(tree) else 0.0, t0)
    known = np.concatenate([t0, t1, tree["start"], tree["end"]])
    end = float(np.nanmax(known)) if np.any(~np.isnan(known)) else 0.0
    marks = pd.DataFrame(
        {
            "row": position.astype(np.int32),
            "kind": _kinds(segments),
            "t0": t0,
            "t1": np.maximum(np.where(np.isnan(t1), end, t1), t0),
            "attempt": _floats(segments, "attempt_number", 0).astype(np.int32),
        }
    )
    return marks[position >= 0].sort_values(["row", "t0"], kind="stable", ignore_index=True)


def _judge(tree: pd.DataFrame, rows: pd.DataFrame, marks: pd.DataFrame) -> None:
    """Add to the tree what segments say of their row: idle time and share, cold, problem."""
    count = len(tree)
    idle = marks[marks["kind"] == KINDS.index("idle")]
    painted = np.bincount(idle["row"], weights=idle["t1"] - idle["t0"], minlength=count)
    known = _floats(rows, "paid_idle_us") / 1000
    tree["idle"] = np.where(np.isnan(known), painted, known)
    billed = marks[_is_kind(marks, BILLED)]
    spans = billed["row"].to_numpy(np.int64), billed["t0"].to_numpy(), billed["t1"].to_numpy()
    ran = covered_by_row(*spans, count)
    tree["idle_share"] = np.clip(tree["idle"] / np.where(ran > 0, ran, np.nan), 0.0, 1.0)
    tree["cold"] = _floats(rows, "is_cold", 0).astype(np.uint8) | _has(marks, ("cold",), count)
    tree.loc[_has(marks, ("dlq",), count) > 0, "status"] = "dlq"
    tree["problem"] = tree["status"].isin(TROUBLE).to_numpy(np.uint8) | _has(marks, TROUBLE, count)


def _add_usual(tree: pd.DataFrame, rows: pd.DataFrame, typical: pd.DataFrame | None) -> None:
    """Add when each row runs in a typical chain, milliseconds on this chain's axis, else NaN."""
    tree["usual_start"] = tree["usual_end"] = np.nan
    if typical is None or typical.empty or rows.empty:
        return
    usual = alignment.usual_times(rows, typical) / 1000
    first_ms = tree["start"].min()
    tree["usual_start"] = (usual["started_us"] + first_ms).to_numpy()
    tree["usual_end"] = (usual["ended_us"] + first_ms).to_numpy()


def _axis(tree: pd.DataFrame, marks: pd.DataFrame, *, is_folded: bool) -> Fold:
    moments = np.concatenate([marks["t1"], tree["end"], tree["start"], tree["sent"], [0.0]])
    end_ms = float(np.nanmax(moments))
    if not is_folded:
        return linear(end_ms)
    busy = marks[_is_kind(marks, BUSY)]
    is_letter, is_refusal = (busy["kind"] == KINDS.index(kind) for kind in ("dlq", "throttle"))
    starts = busy["t0"].mask(is_letter, busy["t1"])
    return fold_quiet(starts.to_numpy(), busy["t1"].mask(is_refusal, starts).to_numpy(), end_ms)


def _is_kind(marks: pd.DataFrame, kinds: tuple[str, ...]) -> pd.Series:
    return marks["kind"].isin([KINDS.index(kind) for kind in kinds])


def _has(marks: pd.DataFrame, kinds: tuple[str, ...], count: int) -> NDArray[np.uint8]:
    found: NDArray[np.uint8] = np.zeros(count, np.uint8)
    found[marks.loc[_is_kind(marks, kinds), "row"].to_numpy()] = 1
    return found


def _statuses(rows: pd.DataFrame) -> pd.Series:
    words = rows["status"].astype(object).where(rows["status"].notna(), "")
    statuses = words.replace(STATUS_OF_WORD)
    unknown = set(statuses) - STATUSES
    if unknown:
        raise ValueError(
            f"chain_timeline.status holds {sorted(unknown)}, expected one of {sorted(STATUSES)}"
        )
    return statuses


def _kinds(segments: pd.DataFrame) -> NDArray[np.int8]:
    codes = pd.Index(KINDS).get_indexer(pd.Index(segments["kind"], dtype=object))
    if (codes < 0).any():
        unknown = sorted({str(kind) for kind in segments["kind"][codes < 0]})
        raise ValueError(f"chain_segments.kind holds {unknown}, expected one of {KINDS}")
    return np.asarray(codes, np.int8)


def _idents(rows: pd.DataFrame) -> Floats:
    """Return 53 bits that name an invocation in every version of its chain."""
    names = _texts(rows, "function_name") + "\0" + _texts(rows, "request_id")
    hashes = pd.util.hash_array(names.to_numpy(object), categorize=False) >> np.uint64(12)
    repeats = pd.Series(hashes).groupby(hashes).cumcount().to_numpy(np.uint64)
    return np.asarray(hashes + repeats, np.float64)


def _floats(frame: pd.DataFrame, column: str, unknown: float = np.nan) -> Floats:
    if column not in frame:
        return np.full(len(frame), unknown)
    values = pd.to_numeric(frame[column]).astype("Float64")
    return np.asarray(values.to_numpy(np.float64, na_value=unknown))


def _texts(frame: pd.DataFrame, column: str) -> pd.Series:
    if column not in frame:
        return pd.Series([""] * len(frame), dtype=object)
    return frame[column].astype(object).where(frame[column].notna(), "").map(str).astype(object)


def printable(text: str) -> str:
    """Return text in which every control or direction character is a visible escape."""
    shown = text if len(text) <= TEXT_CHARS_MAX else text[: TEXT_CHARS_MAX - 1] + "…"
    if shown.isprintable():
        return shown
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in shown
    )


def _dictionary(texts: pd.Series) -> Any:  # noqa: ANN401 - pyarrow ships no types
    codes, words = pd.factorize(texts)
    safe = pa.array([printable(str(word)) for word in words], pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), safe)


def _row_table(tree: pd.DataFrame) -> Any:  # noqa: ANN401 - pyarrow ships no types
    texts = ("name", "edge", "status", "note")
    return pa.table(
        {
            column: _dictionary(tree[column]) if column in texts else pa.array(tree[column])
            for column in tree.columns
        }
    )


def _segment_table(marks: pd.DataFrame) -> Any:  # noqa: ANN401 - pyarrow ships no types
    return pa.table({column: pa.array(marks[column]) for column in marks.columns})


def _digest(fold: Fold, *tables: Any) -> str:  # noqa: ANN401 - pyarrow ships no types
    digest = blake2b(repr(fold).encode(), digest_size=8)
    for table in tables:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        digest.update(sink.getvalue())
    return digest.hexdigest()
