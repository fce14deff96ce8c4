"""Fold what the eye need not read: quiet time on the axis, identical siblings in the tree.

The folded axis maps real milliseconds to shown milliseconds. It is piecewise linear, strictly
increasing, hence invertible; time in which an attempt runs keeps its scale exactly. A folded gap
is a piece that is shorter shown than real: the browser recognises it by that and paints it with a
constant width. Nothing here knows of pages, colours or pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Milliseconds: TypeAlias = NDArray[np.float64]
    Positions: TypeAlias = NDArray[np.int64]

QUIET_MIN_MS: Final = 2_000.0
"""A gap shorter than this is never folded: a reader can wait two seconds."""

QUIET_MIN_SHARE: Final = 0.05
"""A gap below this share of the active time costs too little width to be worth a fold."""

BAND_SHARE: Final = 1 / 25
"""What a folded gap is shown as, in shares of all time that is not folded: about 36 of 900 px."""

SIBLINGS_MIN: Final = 5
"""How many identical siblings in a row become one roll-up (Sentry's number)."""


@dataclass(frozen=True, slots=True)
class Fold:
    """Breakpoints of the axis: `real` and `disp` have equal length, both strictly increasing."""

    real: tuple[float, ...]
    """Milliseconds since the chain's start; the first is 0, the last the chain's end."""

    disp: tuple[float, ...]
    """Where each of them is shown, in milliseconds of shown time."""


def linear(end_ms: float) -> Fold:
    """Return the axis that folds nothing, from 0 to `end_ms` (at least 1 ms long)."""
    end = max(float(end_ms), 1.0)
    return Fold((0.0, end), (0.0, end))


def fold_quiet(starts_ms: Milliseconds, ends_ms: Milliseconds, end_ms: float) -> Fold:
    """Return the axis on which long gaps between the given activities are folded.

    Activities may overlap, touch, repeat and come in any order; an activity without length keeps
    the gaps on its two sides apart. A gap is folded if it lasts at least `QUIET_MIN_MS` and
    `QUIET_MIN_SHARE` of the active time and if its band is narrower than the gap itself.
    Times outside 0 … `end_ms` are cut off.
    """
    end = max(float(end_ms), 1.0)
    busy_from, busy_to = merged(np.clip(starts_ms, 0.0, end), np.clip(ends_ms, 0.0, end))
    if not busy_from.size:
        return linear(end)
    gap_from = np.concatenate([[0.0], busy_to])
    gap_to = np.concatenate([busy_from, [end]])
    active_ms = float(np.sum(busy_to - busy_from))
    is_long = gap_to - gap_from >= max(QUIET_MIN_MS, QUIET_MIN_SHARE * active_ms)
    folded, band_ms = _worth_folding(gap_to - gap_from, is_long, end)
    return _axis(gap_from[folded], gap_to[folded], band_ms, end)


def to_disp(fold: Fold, real_ms: float) -> float:
    """Return where a moment between 0 and the chain's end is shown."""
    return float(np.interp(real_ms, fold.real, fold.disp))


def to_real(fold: Fold, disp_ms: float) -> float:
    """Return the moment that is shown there: the inverse of `to_disp`."""
    return float(np.interp(disp_ms, fold.disp, fold.real))


def merged(starts: Milliseconds, ends: Milliseconds) -> tuple[Milliseconds, Milliseconds]:
    """Return the union of intervals as disjoint intervals in order; touching ones become one."""
    if not starts.size:
        return starts, ends
    order = np.argsort(starts, kind="stable")
    begin, reach = starts[order], np.maximum.accumulate(np.maximum(ends, starts)[order])
    opens = np.concatenate([[True], begin[1:] > reach[:-1]])
    closes = np.concatenate([opens[1:], [True]])
    return begin[opens], reach[closes]


def covered_by_row(
    rows: Positions, starts: Milliseconds, ends: Milliseconds, rows_count: int
) -> Milliseconds:
    """Return per row the length of the union of its intervals; 0 for a row without any.

    All times are at least 0.
    """
    total = np.zeros(rows_count)
    if not rows.size:
        return total
    stride = float(np.max(ends)) + 1.0
    shift = rows * stride
    begin, close = merged(starts + shift, np.maximum(starts, ends) + shift)
    np.add.at(total, (begin // stride).astype(np.int64), close - begin)
    return total


def sibling_runs(parents: Sequence[int], labels: Sequence[object]) -> list[list[int]]:
    """Return runs of at least `SIBLINGS_MIN` neighbours under one parent with one label.

    `parents` holds positions of a depth-first order (-1 for a root), `labels` what makes two
    siblings identical. Each run lists its positions in order; roots are never rolled up.
    """
    latest: dict[int, list[int]] = {}
    runs: list[list[int]] = []
    for position, parent in enumerate(parents):
        if parent < 0:
            continue
        run = latest.get(parent)
        if run is None or labels[run[0]] != labels[position]:
            run = latest[parent] = []
            runs.append(run)
        run.append(position)
    return [run for run in runs if len(run) >= SIBLINGS_MIN]


def _worth_folding(
    gap_ms: Milliseconds, is_long: NDArray[np.bool_], end_ms: float
) -> tuple[Positions, float]:
    """Drop the shortest gap until every band is narrower than what it stands for."""
    by_length = np.flatnonzero(is_long)[np.argsort(gap_ms[is_long], kind="stable")]
    shown_ms = end_ms - float(np.sum(gap_ms[by_length]))
    for first, position in enumerate(by_length):
        band_ms = max(shown_ms * BAND_SHARE, 1.0)
        if gap_ms[position] > band_ms:
            return np.sort(by_length[first:]), band_ms
        shown_ms += float(gap_ms[position])
    return by_length[:0], 0.0


def _axis(gap_from: Milliseconds, gap_to: Milliseconds, band_ms: float, end_ms: float) -> Fold:
    edges = np.concatenate([[0.0], np.column_stack([gap_from, gap_to]).ravel(), [end_ms]])
    lengths = np.diff(edges)
    lengths[1::2] = band_ms
    shown = np.concatenate([[0.0], np.cumsum(lengths)])
    keeps = np.concatenate([[True], np.diff(edges) > 0])
    return Fold(tuple(edges[keeps].tolist()), tuple(shown[keeps].tolist()))
