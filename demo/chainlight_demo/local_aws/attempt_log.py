"""The log of one attempt: the application's events and the platform's, filtered by their levels.

Levels filter in the JSON format only. A line on stdout has the level its JSON names, and INFO
where it names none (AWS: "Lambda assigns it the log level INFO").
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from chainlight_demo.local_aws.registry import FunctionSettings
from chainlight_demo.local_aws.reports import JsonLines, Report, TextLines, TraceMark
from chainlight_demo.local_aws.sandbox import Ending, Phase
from chainlight_demo.local_aws.telemetry_pipe import LogLine

_RANKS = {"TRACE": 0, "DEBUG": 1, "INFO": 2, "WARN": 3, "WARNING": 3, "ERROR": 4, "FATAL": 5}
_RANKS["CRITICAL"] = _RANKS["FATAL"]
_INFO = _RANKS["INFO"]


class AttemptLog:
    """Collects (microseconds, message); `events` are in the order they were added."""

    def __init__(self, settings: FunctionSettings) -> None:
        self.events: list[tuple[int, str]] = []
        self._settings = settings
        self._lines = JsonLines() if settings.logs.is_json else TextLines()
        self._hides_platform = (
            settings.logs.is_json and _rank(settings.logs.system_level, _INFO) > _INFO
        )

    @property
    def text(self) -> str:
        """Return everything in the order of time, as LogType=Tail shows it."""
        return "".join(
            message if message.endswith("\n") else message + "\n"
            for _, message in sorted(self.events, key=lambda event: event[0])
        )

    def add(self, lines: Iterable[LogLine]) -> None:
        """Add what the application said and its level lets through."""
        self.events += [(line.timestamp_us, line.message) for line in lines if self._passes(line)]

    def init_start(self, moment_us: int) -> None:
        """Add the start of a new environment."""
        self._add_platform(moment_us, self._lines.init_start(self._settings, moment_us))

    def init_report(self, init: Phase, phase: str, error_type: str | None) -> None:
        """Add the end of an init that failed."""
        status = "timeout" if init.ending is Ending.TIMEOUT else "error"
        line = self._lines.init_report(
            init.ended_us - init.started_us,
            phase,
            status,
            None if status == "timeout" else error_type,
            init.ended_us,
        )
        self._add_platform(init.ended_us, line)

    def start(self, request_id: str, trace: TraceMark | None, moment_us: int) -> None:
        """Add the start of the invocation."""
        line = self._lines.start(request_id, self._settings.version, trace, moment_us)
        self._add_platform(moment_us, line)

    def end(self, report: Report, moment_us: int, *, done: str, produced_bytes: int) -> None:
        """Add the end of the invocation and its figures; `done` is how the runtime ended it."""
        if isinstance(self._lines, JsonLines) and self._settings.logs.system_level == "DEBUG":
            line = self._lines.runtime_done(
                report, status=done, produced_bytes=produced_bytes, moment_us=moment_us
            )
            self._add_platform(moment_us, line)
        for line in self._lines.end(report, moment_us):
            self._add_platform(moment_us, line)

    def _add_platform(self, moment_us: int, line: str) -> None:
        if not self._hides_platform:
            self.events.append((moment_us, line))

    def _passes(self, line: LogLine) -> bool:
        level = self._settings.logs.application_level
        if level is None:
            return True
        spoken = line.level or _level_of_json(line.message)
        return _rank(spoken, _INFO) >= _rank(level, _INFO)


def _rank(level: str | None, unknown: int) -> int:
    return _RANKS.get((level or "").upper(), unknown)


def _level_of_json(message: str) -> str | None:
    if not message.startswith("{"):
        return None
    try:
        level = json.loads(message).get("level")
    except ValueError:
        return None
    return level if isinstance(level, str) else None
