"""Numbers as text."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from chainlight_dashboard.views import units


@pytest.mark.parametrize("unknown", [None, float("nan"), pd.NA, pd.NaT])
def test_unknown_is_said_and_never_zero(unknown: Any) -> None:
    texts = {
        units.money(unknown), units.duration(unknown), units.share(unknown),
        units.count(unknown), units.instant(unknown),
    }  # fmt: skip
    assert texts == {"unknown"}


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        (0, "$0"),
        (1234.5, "$1,234"),
        (12.345, "$12.35"),
        (0.0386, "$0.04"),
        (0.0000098, "$0.0000098"),
        (0.00000070, "$0.00000070"),
        (-3.5, "-$3.50"),
    ],
)
def test_money_keeps_two_significant_digits_however_small(usd: float, text: str) -> None:
    assert units.money(usd) == text


@pytest.mark.parametrize(
    ("length_us", "text"),
    [
        (0, "0 s"),
        (820, "820 µs"),
        (12_400, "12 ms"),
        (1_540_000, "1.54 s"),
        (6_000_000, "6.0 s"),
        (186_000_000, "3 min 06 s"),
        (3 * 3_600_000_000 + 720_000_000, "3 h 12 min"),
        (75 * 3_600_000_000, "3 d 3 h"),
        (-2_000_000, "-2.0 s"),
    ],
)
def test_a_length_carries_its_units(length_us: int, text: str) -> None:
    assert units.duration(length_us) == text


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (0, "0 %"),
        (0.0004, "< 0.1 %"),
        (0.018, "1.8 %"),
        (0.54, "54 %"),
        (0.9996, "99.9 %"),
        (1, "100 %"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_to_everything(part: float, text: str) -> None:
    assert units.share(part) == text


def test_a_noun_follows_its_number() -> None:
    counted = [units.counted(1, "retry", "retries"), units.counted(2, "retry", "retries")]
    assert counted == ["1 retry", "2 retries"]


def test_an_instant_is_shown_in_its_zone() -> None:
    assert units.instant(1_795_291_205_000_000) == "21 Nov 20:00:05"
