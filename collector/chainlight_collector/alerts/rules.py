"""The thresholds of a file: which measure, above or below what, over which window, to which topic.

    window = "1h"
    topic_arn = "arn:aws:sns:eu-west-1:123456789012:chainlight"

    [failed_share]
    above = 0.05
    [dead_letters_count]
    above = 0
    [paid_idle_usd_day]
    above = 5.0
    [coverage_share]
    below = 0.9

A table that is not there is not watched. Nothing else may stand in the file: a misspelt threshold
would watch nothing.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from chainlight_collector.errors import UsageError

if TYPE_CHECKING:
    from chainlight_collector.aws import Aws

Direction = Literal["above", "below"]
MEASURES = ("failed_share", "dead_letters_count", "paid_idle_usd_day", "coverage_share")
DIRECTIONS: tuple[Direction, ...] = ("above", "below")
DEFAULT_WINDOW = "1h"
S3_PREFIX = "s3://"
_UNITS_US = {"m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}


@dataclass(frozen=True, slots=True)
class Rule:
    """One measure that is raised while it is above or below its threshold."""

    measure: str
    direction: Direction
    threshold: float

    def is_broken_by(self, value: float) -> bool:
        """Return whether the value is on the wrong side; the threshold itself is not."""
        return value > self.threshold if self.direction == "above" else value < self.threshold


@dataclass(frozen=True, slots=True)
class Rules:
    """What a file asks for. `topic_arn` is None where nobody is told."""

    rules: tuple[Rule, ...]
    window_us: int
    topic_arn: str | None = None


def parse(text: str, where: str) -> Rules:
    """Read the text of a thresholds file; `where` names it in messages.

    Raises:
        UsageError: it is no TOML, or says something that is not known.

    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{where} is no TOML: {error}. docs/guide.md shows one.") from error
    window = _window(tables.pop("window", DEFAULT_WINDOW), where)
    topic = tables.pop("topic_arn", None)
    unknown = sorted(set(tables) - set(MEASURES))
    if unknown or not isinstance(topic, str | None):
        raise UsageError(
            f"{where} says {', '.join(unknown) or 'topic_arn'}, which is not known. "
            f"Known are window, topic_arn and the tables {', '.join(MEASURES)}."
        )
    return Rules(tuple(_rule(name, tables[name], where) for name in tables), window, topic)


def load(where: str, aws: Aws) -> Rules:
    """Read a thresholds file on this machine, or s3://bucket/key.

    Raises:
        UsageError: as `parse`, or there is no such file.

    """
    if where.startswith(S3_PREFIX):
        # Here, because the operations import nothing that a plain file needs.
        from chainlight_collector.sources.operations import GET_OBJECT  # noqa: PLC0415

        bucket, _, key = where.removeprefix(S3_PREFIX).partition("/")
        body = aws.call(GET_OBJECT, Bucket=bucket, Key=key)["Body"].read()
        return parse(body.decode(), where)
    try:
        return parse(Path(where).read_text("utf-8"), where)
    except OSError as error:
        raise UsageError(f"{where} cannot be read: {error}. Name a file with --alerts.") from error


def _rule(measure: str, table: object, where: str) -> Rule:
    if isinstance(table, dict) and len(table) == 1:
        [(word, threshold)] = table.items()
        is_number = isinstance(threshold, int | float) and not isinstance(threshold, bool)
        for direction in DIRECTIONS:
            if word == direction and is_number:
                return Rule(measure, direction, float(threshold))
    raise UsageError(
        f"{where}: [{measure}] needs exactly one line, `above = NUMBER` or `below = NUMBER`."
    )


def _window(text: object, where: str) -> int:
    found = re.fullmatch(r"(\d+)([mhd])", str(text))
    if found is None or int(found[1]) == 0:
        raise UsageError(f"{where}: window is {text!r}; write 30m, 1h or 7d.")
    return int(found[1]) * _UNITS_US[found[2]]
