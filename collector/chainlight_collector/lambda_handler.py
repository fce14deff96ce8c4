"""The collector as a Lambda function: on a schedule it pulls, from a log subscription it takes.

Both change the database object through one conditional put; a warm environment keeps the version
that it fetched. Settings come from the environment (`Settings`), and the answer is a JSON summary
that also goes to the function's own log.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, Self

from chainlight_collector import addresses
from chainlight_collector.addresses import Address, ObjectAddress
from chainlight_collector.alerts import rules
from chainlight_collector.aws import AbsentError, Aws, AwsError, Deadline
from chainlight_collector.collect import Surroundings, collect_into, take_subscription
from chainlight_collector.errors import UsageError
from chainlight_collector.retention import DAY_US
from chainlight_collector.sources.run import DEFAULT_PREFIX, Options

DEFAULT_KEY = "chainlight.duckdb"
PUBLISHING_S = 20.0
"""Kept back for checkpoint, compression and upload; a tenth of the time where that is less."""


class Context(Protocol):
    """What we use of the Lambda context."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda kills this invocation."""
        ...


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of the collector function."""

    address: Address
    folder: Path
    options: Options
    logs_calls_per_s: float
    alerts_problem: dict[str, object] = field(default_factory=dict)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read CHAINLIGHT_DB or _BUCKET and _KEY, _FOLDER, _LOGS_CALLS_PER_S and the options.

        Raises:
            UsageError: neither CHAINLIGHT_DB nor CHAINLIGHT_BUCKET is there.

        """
        return cls(
            address=_address(environment),
            folder=Path(environment.get("CHAINLIGHT_FOLDER", tempfile.gettempdir()), "chainlight"),
            options=options_from(environment),
            logs_calls_per_s=float(environment.get("CHAINLIGHT_LOGS_CALLS_PER_S", "5")),
        )

    def with_alerts(self, environment: Mapping[str, str], aws: Aws) -> Self:
        """Read the thresholds that CHAINLIGHT_ALERTS names, for the topic CHAINLIGHT_ALERTS_TOPIC.

        A file that is not there asks for nothing. One that cannot be read must not stop the
        collector: it is named in the answer.
        """
        where = environment.get("CHAINLIGHT_ALERTS", "")
        if not where:
            return self
        try:
            found = rules.load(where, aws)
        except AbsentError:
            return self
        except (UsageError, AwsError) as error:
            return replace(self, alerts_problem={"alerts_problem": str(error)})
        topic = found.topic_arn or environment.get("CHAINLIGHT_ALERTS_TOPIC") or None
        chosen = replace(found, topic_arn=topic)
        return replace(self, options=replace(self.options, alerts=chosen))


def options_from(environment: Mapping[str, str]) -> Options:
    """Read what to collect; groups by name or tag replace the default prefix.

    CHAINLIGHT_LOG_GROUP_PREFIX and CHAINLIGHT_LOG_GROUPS are lists with commas or blanks,
    CHAINLIGHT_LOG_GROUP_TAG is `key=value`, CHAINLIGHT_SINCE_S and CHAINLIGHT_SETTLE_S are seconds;
    CHAINLIGHT_KEEP_DAYS 0 keeps everything.
    """
    tag_key, _, tag_value = environment.get("CHAINLIGHT_LOG_GROUP_TAG", "").partition("=")
    names = _words(environment.get("CHAINLIGHT_LOG_GROUPS", ""))
    prefixes = environment.get("CHAINLIGHT_LOG_GROUP_PREFIX")
    chosen = _words(prefixes) if prefixes is not None else (DEFAULT_PREFIX,)
    return Options(
        group_prefixes=() if prefixes is None and (names or tag_key) else chosen,
        group_names=names,
        group_tag=(tag_key, tag_value) if tag_key else None,
        since_us=int(float(environment.get("CHAINLIGHT_SINCE_S", "3600")) * 1_000_000),
        settle_us=int(float(environment.get("CHAINLIGHT_SETTLE_S", "60")) * 1_000_000),
        keep_us=int(float(environment.get("CHAINLIGHT_KEEP_DAYS", "0")) * DAY_US) or None,
    )


def handler(event: Mapping[str, Any], context: Context) -> dict[str, object]:
    """Collect once (schedule) or take the events that a log subscription delivers.

    Raises:
        ChainlightError: nothing was changed; Lambda's retry does it again.

    """
    settings = Settings.from_environment()
    aws = Aws(calls_per_s={"logs:FilterLogEvents": settings.logs_calls_per_s})
    left_s = context.get_remaining_time_in_millis() / 1000
    deadline = Deadline.after_s(left_s - min(PUBLISHING_S, left_s / 10))
    if "awslogs" in event:
        document = decode_subscription(event)
        summary = take_subscription(settings.address, [document], settings.folder)
    else:
        settings = settings.with_alerts(os.environ, aws)
        around = Surroundings(aws=aws, deadline=deadline, folder=settings.folder)
        summary = collect_into(settings.address, settings.options, around)
    answer = summary.as_json() | settings.alerts_problem
    print(json.dumps({"chainlight_collector": answer}))  # noqa: T201  stdout is the function's log
    return answer


def decode_subscription(event: Mapping[str, Any]) -> bytes:
    """Return the JSON document inside a subscription event, as CloudWatch compressed it."""
    return gzip.decompress(base64.b64decode(event["awslogs"]["data"]))


def _address(environment: Mapping[str, str]) -> Address:
    named = environment.get("CHAINLIGHT_DB", "")
    if named:
        return addresses.parse(named)
    bucket = environment.get("CHAINLIGHT_BUCKET", "")
    if not bucket:
        raise UsageError(
            "CHAINLIGHT_BUCKET is not set. It names the bucket of the database; CHAINLIGHT_DB "
            "names a database of any mode."
        )
    return ObjectAddress(bucket, environment.get("CHAINLIGHT_KEY", DEFAULT_KEY))


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.replace(",", " ").split() if word)
