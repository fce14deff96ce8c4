"""Two hues, readable on both grounds, and no request to anywhere."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

import chainlight_dashboard
from chainlight_dashboard.palette import DARK, LIGHT, Palette

CONFIG = Path(chainlight_dashboard.__file__).parent / ".streamlit" / "config.toml"
AA_TEXT = 4.5
AA_MARK = 3.0
CAPTION_ALPHA = 0.6


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    return tomllib.loads(CONFIG.read_text("utf-8"))


def _channels(colour: str) -> list[float]:
    return [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]


def _luminance(channels: list[float]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(over: list[float], ground: str) -> float:
    one, two = sorted((_luminance(over), _luminance(_channels(ground))))
    return (two + 0.05) / (one + 0.05)


@pytest.mark.parametrize("ground", ["light", "dark"])
def test_text_is_readable_on_its_ground(config: dict[str, Any], ground: str) -> None:
    theme = config["theme"][ground]
    back = theme["backgroundColor"]
    texts = [theme["textColor"], theme["grayTextColor"], theme["linkColor"],
             theme["dataframeHeaderTextColor"], theme["codeTextColor"]]  # fmt: skip
    assert min(_contrast(_channels(text), back) for text in texts) >= AA_TEXT


@pytest.mark.parametrize("ground", ["light", "dark"])
def test_a_caption_at_sixty_percent_is_readable(config: dict[str, Any], ground: str) -> None:
    theme = config["theme"][ground]
    text, back = _channels(theme["textColor"]), _channels(theme["backgroundColor"])
    mixed = [CAPTION_ALPHA * t + (1 - CAPTION_ALPHA) * b for t, b in zip(text, back, strict=True)]
    assert _contrast(mixed, theme["backgroundColor"]) >= AA_TEXT


@pytest.mark.parametrize("ground", ["light", "dark"])
@pytest.mark.parametrize("hue", ["blue", "orange", "gray"])
def test_a_badge_is_readable(config: dict[str, Any], ground: str, hue: str) -> None:
    theme = config["theme"][ground]
    text, back = theme[f"{hue}TextColor"], theme[f"{hue}BackgroundColor"]
    assert _contrast(_channels(text), back) >= AA_TEXT


@pytest.mark.parametrize(("ground", "palette"), [("light", LIGHT), ("dark", DARK)])
def test_charts_use_the_hues_of_the_theme(
    config: dict[str, Any], ground: str, palette: Palette
) -> None:
    theme = config["theme"][ground]
    assert (palette.money, palette.trouble) == (theme["blueColor"], theme["orangeColor"])
    marks = (palette.money, palette.trouble, palette.ink)
    assert min(_contrast(_channels(m), theme["backgroundColor"]) for m in marks) >= AA_MARK


def test_the_shipped_settings_keep_to_this_machine(config: dict[str, Any]) -> None:
    server = config["server"]
    assert config["browser"]["gatherUsageStats"] is False
    assert (server["enableXsrfProtection"], server["enableCORS"]) == (True, True)
    assert (server["address"], server["fileWatcherType"]) == ("127.0.0.1", "none")
    assert (config["client"]["showErrorDetails"], config["client"]["toolbarMode"]) == (
        "type",
        "minimal",
    )
