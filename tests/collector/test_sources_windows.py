from __future__ import annotations

from chainlight_collector.sources import windows
from chainlight_collector.sources.checkpoints import Checkpoint
from chainlight_collector.sources.windows import LOGS, OVERLAP_US, RESCAN, RESCAN_EVERY_US

HOUR_US = 3600 * 1_000_000
NOW_US = 1_763_762_400 * 1_000_000
SINCE_US = NOW_US - HOUR_US


def _pulled(window: windows.Window, token: str | None = None, now_us: int = NOW_US) -> dict:
    return {point.source: point for point in windows.after(window, token, now_us)}


def test_group_never_read_begins_at_since() -> None:
    [window] = windows.due(["g"], {}, {}, NOW_US, SINCE_US)

    assert (window.from_ms, window.to_ms) == (SINCE_US // 1000, NOW_US // 1000)


def test_next_window_overlaps_the_one_before_by_15_minutes() -> None:
    [first] = windows.due(["g"], {}, {}, NOW_US, SINCE_US)
    later_us = NOW_US + HOUR_US

    [second] = windows.due(["g"], {"g": _pulled(first)[LOGS]}, {}, later_us, later_us - HOUR_US)

    assert second.from_ms == (NOW_US - OVERLAP_US) // 1000
    assert second.to_ms == later_us // 1000


def test_window_that_was_not_read_to_its_end_is_continued_by_its_token() -> None:
    [first] = windows.due(["g"], {}, {}, NOW_US, SINCE_US)
    stopped = _pulled(first, "page 7")[LOGS]

    [second] = windows.due(["g"], {"g": stopped}, {}, NOW_US + 60_000_000, SINCE_US)

    assert (second.token, second.to_ms) == ("page 7", first.to_ms)
    assert stopped.position_us is None


def test_token_older_than_an_hour_costs_a_new_reading_of_its_window() -> None:
    [first] = windows.due(["g"], {}, {}, NOW_US, SINCE_US)
    stopped = _pulled(first, "page 7")[LOGS]

    [second] = windows.due(["g"], {"g": stopped}, {}, NOW_US + 2 * HOUR_US, NOW_US + HOUR_US)

    assert second.token is None
    assert second.from_ms == first.from_ms


def test_since_further_back_than_ever_reads_that_stretch() -> None:
    [first] = windows.due(["g"], {}, {}, NOW_US, SINCE_US)
    known = {"g": _pulled(first)[LOGS]}

    [second] = windows.due(["g"], known, {}, NOW_US, NOW_US - 24 * HOUR_US)
    [third] = windows.due(["g"], {"g": _pulled(second)[LOGS]}, {}, NOW_US, NOW_US - 24 * HOUR_US)

    assert second.from_ms == (NOW_US - 24 * HOUR_US) // 1000
    assert third.from_ms == (NOW_US - OVERLAP_US) // 1000


def test_watermark_never_goes_back() -> None:
    known = Checkpoint(LOGS, "g", NOW_US, {"since_us": SINCE_US})
    [window] = windows.due(["g"], {"g": known}, {}, NOW_US - 60_000_000, SINCE_US)

    assert _pulled(window)[LOGS].position_us == NOW_US


def test_group_that_waited_longest_comes_first() -> None:
    known = {
        name: Checkpoint(LOGS, name, NOW_US - age_us, {"since_us": 0})
        for name, age_us in (("young", 1), ("old", 3), ("middle", 2))
    }

    due = windows.due(known, known, {}, NOW_US, SINCE_US)

    assert [window.group for window in due] == ["old", "middle", "young"]


def test_day_is_read_again_after_24_hours_and_not_before() -> None:
    [first] = windows.due(["g"], {}, {}, NOW_US, SINCE_US)
    points = _pulled(first)
    logs, rescans = {"g": points[LOGS]}, {"g": points[RESCAN]}
    tomorrow_us = NOW_US + RESCAN_EVERY_US

    early = windows.due(["g"], logs, rescans, tomorrow_us - 1, SINCE_US)
    due = windows.due(["g"], logs, rescans, tomorrow_us, SINCE_US)

    assert [window.source for window in early] == [LOGS]
    assert [window.source for window in due] == [LOGS, RESCAN]
    assert due[1].from_ms == (NOW_US - OVERLAP_US) // 1000
    assert _pulled(due[1])[RESCAN].position_us == tomorrow_us
