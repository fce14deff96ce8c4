"""What the environment says of this process, read once at cold start.

| variable | meaning | default |
|---|---|---|
| CHAINLIGHT_OFF | 1 switches everything off: no hook, no line | 0 |
| CHAINLIGHT_SAMPLE | share of chains that print, 0..1; errors and retries always print | 1 |

A value that is not understood names itself once on standard error (E08) and falls back.
"""

from __future__ import annotations

import os

from chainlight.errors import complain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_ARCHES = {"aarch64": "arm64", "arm64": "arm64"}
_settings: Settings | None = None


class Settings:
    """The settings of a process and the facts about its sandbox that every record repeats."""

    __slots__ = ("function_name", "is_off", "level", "sample_rate", "sandbox")

    def __init__(self, environment: Mapping[str, str]) -> None:
        get = environment.get
        self.is_off = get("CHAINLIGHT_OFF", "0") not in ("", "0")
        self.sample_rate = _share(get("CHAINLIGHT_SAMPLE", ""))
        self.function_name = get("AWS_LAMBDA_FUNCTION_NAME")
        self.level = _level(environment)
        facts = {
            "level": self.level,
            "function_version": get("AWS_LAMBDA_FUNCTION_VERSION"),
            "memory_mb": _whole(get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")),
            "arch": _ARCHES.get(os.uname().machine, "x86_64"),
            "init_type": get("AWS_LAMBDA_INITIALIZATION_TYPE"),
        }
        self.sandbox = {name: value for name, value in facts.items() if value is not None}


def settings() -> Settings:
    """Return the settings of this process; the environment is read at the first call."""
    global _settings  # noqa: PLW0603 - once at cold start is the point
    if _settings is None:
        _settings = Settings(os.environ)
    return _settings


def forget() -> None:
    """Read the environment again at the next call: for tests, which share a process."""
    global _settings  # noqa: PLW0603
    _settings = None


def _share(text: str) -> float:
    if not text:
        return 1.0
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if 0.0 <= share <= 1.0:
        return share
    complain("E08", f"CHAINLIGHT_SAMPLE={text[:20]!r} is not a number from 0 to 1")
    return 1.0


def _level(environment: Mapping[str, str]) -> str | None:
    """Return the level that just passes the function's own filter; text logs have none."""
    if environment.get("AWS_LAMBDA_LOG_FORMAT", "").upper() != "JSON":
        return None
    return environment.get("AWS_LAMBDA_LOG_LEVEL", "").upper() or "INFO"


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() else None
