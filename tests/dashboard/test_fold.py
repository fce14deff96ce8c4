"""The folded axis: monotone, invertible, active time keeps its scale, gaps shrink."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from chainlight_dashboard.fold import Fold, Milliseconds

from chainlight_dashboard.fold import (
    QUIET_MIN_MS,
    QUIET_MIN_SHARE,
    SIBLINGS_MIN,
    covered_by_row,
    fold_quiet,
    linear,
    merged,
    sibling_runs,
    to_disp,
    to_real,
)

Activities: TypeAlias = list[tuple[float, float]]

MOMENTS = st.floats(min_value=0, max_value=1e8, allow_nan=False)
ACTIVITIES = st.lists(
    st.tuples(MOMENTS, st.floats(min_value=0, max_value=1e5)), min_size=0, max_size=30
)


def _fold(
    activities: Activities, extra_ms: float = 0.0
) -> tuple[Fold, Milliseconds, Milliseconds, float]:
    starts = np.array([start for start, _ in activities], float)
    ends = np.array([start + length for start, length in activities], float)
    end_ms = max([0.0, *ends]) + extra_ms
    return fold_quiet(starts, ends, end_ms), starts, ends, end_ms


@given(ACTIVITIES, st.floats(min_value=0, max_value=1e7))
def test_the_axis_is_strictly_increasing_and_spans_the_chain(
    activities: Activities, extra_ms: float
) -> None:
    """Both breakpoint lists rise, the real ones from 0 to the end."""
    fold, _, _, end_ms = _fold(activities, extra_ms)
    assert fold.real[0] == fold.disp[0] == 0
    assert fold.real[-1] == max(end_ms, 1.0)
    assert len(fold.real) == len(fold.disp)
    assert np.all(np.diff(fold.real) > 0)
    assert np.all(np.diff(fold.disp) > 0)


@given(ACTIVITIES, st.floats(min_value=0, max_value=1e7), st.floats(min_value=0, max_value=1))
def test_showing_and_reading_a_moment_are_inverse(
    activities: Activities, extra_ms: float, share: float
) -> None:
    """Where a moment is shown, that moment is read."""
    fold, _, _, _ = _fold(activities, extra_ms)
    moment = share * fold.real[-1]
    assert to_real(fold, to_disp(fold, moment)) == pytest.approx(moment, rel=1e-6, abs=1e-3)


@given(ACTIVITIES, st.floats(min_value=0, max_value=1e7))
def test_active_time_keeps_its_scale(activities: Activities, extra_ms: float) -> None:
    """An attempt is shown exactly as long as it lasted."""
    fold, starts, ends, _ = _fold(activities, extra_ms)
    for start, end in zip(starts, ends, strict=True):
        shown = to_disp(fold, end) - to_disp(fold, start)
        assert shown == pytest.approx(end - start, rel=1e-6, abs=1e-3)


@given(ACTIVITIES, st.floats(min_value=0, max_value=1e7))
def test_only_long_gaps_fold_and_folding_always_shrinks(
    activities: Activities, extra_ms: float
) -> None:
    """Each fold is a gap of the demanded length, shown shorter than it was."""
    fold, starts, ends, _ = _fold(activities, extra_ms)
    busy_from, busy_to = merged(starts, ends)
    active_ms = float(np.sum(busy_to - busy_from))
    for real, shown in zip(np.diff(fold.real), np.diff(fold.disp), strict=True):
        assert shown <= real * (1 + 1e-9) + 1e-6
        if shown < real * 0.999:
            assert real >= max(QUIET_MIN_MS, QUIET_MIN_SHARE * active_ms) * (1 - 1e-9)


def test_quiet_time_between_two_attempts_is_folded() -> None:
    """Six seconds of work, 25 s of backoff, one second of work."""
    fold = fold_quiet(np.array([0.0, 31_000]), np.array([6_000.0, 32_000]), 32_000)
    assert fold.real == (0.0, 6_000.0, 31_000.0, 32_000.0)
    assert np.diff(fold.disp) == pytest.approx([6_000, 280, 1_000])


def test_a_gap_below_two_seconds_or_five_percent_stays() -> None:
    """1.9 s are never folded, and 4 s are not worth it in a chain that works for 100 s."""
    short = fold_quiet(np.array([0.0, 2_900]), np.array([1_000.0, 3_000]), 3_000)
    small = fold_quiet(np.array([0.0, 54_000]), np.array([50_000.0, 104_000]), 104_000)
    assert len(short.real) == len(small.real) == 2 or np.allclose(
        np.diff(small.real), np.diff(small.disp)
    )
    assert short.disp[-1] == 3_000
    assert small.disp[-1] == pytest.approx(104_000)


def test_waiting_at_both_ends_is_folded() -> None:
    """A message that lay in a queue before the first attempt, and silence after the last."""
    fold = fold_quiet(np.array([60_000.0]), np.array([61_000.0]), 121_000)
    assert fold.real == (0.0, 60_000.0, 61_000.0, 121_000.0)


def test_a_moment_keeps_the_gaps_beside_it_apart() -> None:
    """A dead letter between two waits stands between two bands, not within one."""
    fold = fold_quiet(np.array([0.0, 30_000]), np.array([1_000.0, 30_000]), 90_000)
    assert fold.real == (0.0, 1_000.0, 30_000.0, 90_000.0)


def test_many_small_gaps_do_not_make_a_fold_that_is_wider_than_its_gap() -> None:
    """900 pauses of 1.9 s, one of 2.1 s: folding only this one would stretch it."""
    lengths = np.full(901, 1_900.0)
    lengths[450] = 2_100
    starts = np.cumsum(lengths)
    fold = fold_quiet(starts, starts + 1, float(starts[-1]) + 1)
    assert np.all(np.diff(fold.disp) == pytest.approx(np.diff(fold.real)))


def test_nothing_to_paint_gives_an_axis_all_the_same() -> None:
    """No activity and no length: one millisecond."""
    assert fold_quiet(np.array([]), np.array([]), 0.0) == linear(0.0)
    assert linear(0.0).real == (0.0, 1.0)


def test_covered_time_counts_overlaps_once_and_rows_apart() -> None:
    """Two overlapping intervals in row 0, one in row 2."""
    rows, starts = np.array([0, 0, 2]), np.array([0.0, 5, 0])
    assert covered_by_row(rows, starts, np.array([10.0, 20, 7]), 3).tolist() == [20, 0, 7]


def test_runs_of_five_identical_neighbours_under_one_parent_are_found() -> None:
    """Neither four, nor interrupted ones, nor roots, nor those of two callers."""
    parents = [-1, *[0] * 5, *[1] * 4, -1, -1, -1, -1, -1]
    labels = ["root", *["a"] * 5, *["b"] * 4, *["root"] * 5]
    assert sibling_runs(parents, labels) == [[1, 2, 3, 4, 5]]
    assert sibling_runs([-1, *[0] * 7], ["r", "a", "a", "a", "x", "a", "a", "a"]) == []
    assert SIBLINGS_MIN == 5
