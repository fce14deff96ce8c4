"""What the environment says of this process, read once at cold start.

`VARIABLES` is the only list of what can be set; the guide's table says what each means, and a
test compares the two. Values that are not understood name themselves on standard error, all in
one line (E08), and their defaults are used.
"""

from __future__ import annotations

import os

from chainlight.errors import complain
from chainlight.record import encode_members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ON = ("1", "true", "yes", "on")
_OFF = ("", "0", "false", "no", "off")
_OWNER_CHARS_MAX = 64
_MARGIN_MS_MAX = 60_000
_ARCHES = {"aarch64": "arm64", "arm64": "arm64"}
_settings: Settings | None = None


class Settings:
    """The settings of a process and the facts about its sandbox that every record repeats."""

    is_off: bool
    sample_rate: float
    owner: str
    ignored_services: frozenset[str]
    http_hosts: frozenset[str]
    may_use_payload: bool
    may_use_s3_metadata: bool
    emits_otel_spans: bool
    margin_ms: int
    sandbox_members: str
    """The facts, encoded as they stand in each record."""

    __slots__ = (
        "emits_otel_spans",
        "function_name",
        "http_hosts",
        "ignored_services",
        "is_off",
        "level",
        "margin_ms",
        "may_use_payload",
        "may_use_s3_metadata",
        "owner",
        "sample_rate",
        "sandbox_members",
    )

    def __init__(self, environment: Mapping[str, str]) -> None:
        get = environment.get
        self._read(environment)
        self.function_name = get("AWS_LAMBDA_FUNCTION_NAME")
        self.level = _level(environment)
        memory = get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
        facts = {
            "function_version": get("AWS_LAMBDA_FUNCTION_VERSION"),
            "memory_mb": int(memory) if memory.isdecimal() else None,
            "arch": _ARCHES.get(os.uname().machine, "x86_64"),
            "init_type": get("AWS_LAMBDA_INITIALIZATION_TYPE"),
            "owner": self.owner or None,
        }
        self.sandbox_members = encode_members(facts)

    def _read(self, environment: Mapping[str, str]) -> None:
        problems = []
        for name, (attribute, read, default) in VARIABLES.items():
            text = environment.get(name, default)
            try:
                value = read(text)
            except ValueError as error:
                problems.append(f"{name}={text[:20]!r} is {error}")
                value = read(default)
            setattr(self, attribute, value)
        if problems:
            complain("E08", ", ".join(problems))


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


def _switch(text: str) -> bool:
    word = text.strip().lower()
    if word not in _ON and word not in _OFF:
        raise ValueError("neither 0 nor 1")
    return word in _ON


def _share(text: str) -> float:
    refusal = ValueError("not a number from 0 to 1")
    try:
        share = float(text or "1")
    except ValueError:
        raise refusal from None
    if not 0.0 <= share <= 1.0:
        raise refusal
    return share


def _owner(text: str) -> str:
    owner = text.strip()
    if len(owner) > _OWNER_CHARS_MAX or not owner.isprintable():
        raise ValueError(f"not a name of at most {_OWNER_CHARS_MAX} characters")
    return owner


def _names(text: str) -> frozenset[str]:
    """Read names between commas, without regard to case; an empty list is an empty set."""
    return frozenset(filter(None, (name.strip() for name in text.lower().split(","))))


def _margin(text: str) -> int:
    digits = text.strip()
    if not digits.isdecimal() or not 0 < int(digits) <= _MARGIN_MS_MAX:
        raise ValueError(f"not a number of milliseconds from 1 to {_MARGIN_MS_MAX}")
    return int(digits)


def _level(environment: Mapping[str, str]) -> str | None:
    """Return the level that just passes the function's own filter; text logs have none."""
    if environment.get("AWS_LAMBDA_LOG_FORMAT", "").upper() != "JSON":
        return None
    return environment.get("AWS_LAMBDA_LOG_LEVEL", "").upper() or "INFO"


VARIABLES: dict[str, tuple[str, Callable[[str], object], str]] = {
    "CHAINLIGHT_OFF": ("is_off", _switch, "0"),
    "CHAINLIGHT_SAMPLE": ("sample_rate", _share, "1"),
    "CHAINLIGHT_OWNER": ("owner", _owner, ""),
    "CHAINLIGHT_IGNORE": ("ignored_services", _names, ""),
    "CHAINLIGHT_HTTP_HOSTS": ("http_hosts", _names, ""),
    "CHAINLIGHT_PAYLOAD": ("may_use_payload", _switch, "0"),
    "CHAINLIGHT_S3_METADATA": ("may_use_s3_metadata", _switch, "0"),
    "CHAINLIGHT_OTEL_SPANS": ("emits_otel_spans", _switch, "0"),
    "CHAINLIGHT_DEADLINE_MS": ("margin_ms", _margin, "100"),
}
"""What can be set: the attribute it becomes, how its text is read, what is read where it is not."""
