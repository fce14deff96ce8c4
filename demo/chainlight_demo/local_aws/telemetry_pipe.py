"""What a sandbox says: stdout line by line, and log frames with the timestamps of their writer.

A frame is 4 bytes type, 4 bytes length, 8 bytes microseconds, then the message (awslambdaric's
`FramedTelemetryLogSink`). A frame is one log event however many lines it has, so a traceback stays
whole; a line on stdout or stderr is stamped when it is read.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import Protocol

from chainlight_demo.local_aws import clock

_HEADER_BYTES = 16
_READ_BYTES = 65_536
_DRAIN_READS_MAX = 256
_LEVEL_MASK = 0x1C
_LEVELS = {0x08: "DEBUG", 0x0C: "INFO", 0x10: "WARN", 0x14: "ERROR", 0x18: "FATAL"}


@dataclass(frozen=True, slots=True)
class LogLine:
    """One log event of the application; `level` is None where only its text can tell."""

    timestamp_us: int
    message: str
    level: str | None = None


class Splitter(Protocol):
    """Cuts the bytes of one pipe into log events."""

    def feed(self, data: bytes) -> list[LogLine]:
        """Return the events that `data` completes."""

    def rest(self) -> list[LogLine]:
        """Return what is left without its end, as an event if it is one."""


class FrameSplitter:
    """Cuts the telemetry pipe into frames."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[LogLine]:
        """Return the frames that `data` completes."""
        self._buffer += data
        lines = []
        while len(self._buffer) >= _HEADER_BYTES:
            end = _HEADER_BYTES + int.from_bytes(self._buffer[4:8], "big")
            if len(self._buffer) < end:
                break
            lines.append(_read_frame(self._buffer[:end]))
            self._buffer = self._buffer[end:]
        return lines

    def rest(self) -> list[LogLine]:
        """Return nothing: half a frame is no event."""
        return []


class LineSplitter:
    """Cuts stdout and stderr into lines."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[LogLine]:
        """Return the lines that `data` completes, with their line ends."""
        moment_us = clock.now_us()
        *whole, self._buffer = (self._buffer + data).split(b"\n")
        return [LogLine(moment_us, _decode(line) + "\n") for line in whole]

    def rest(self) -> list[LogLine]:
        """Return the last line, which nobody ended."""
        line, self._buffer = self._buffer, b""
        return [LogLine(clock.now_us(), _decode(line))] if line else []


class OutputPipe:
    """One readable pipe of a sandbox, read on the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, splitter: Splitter) -> None:
        self._loop = loop
        self._splitter = splitter
        self._lines: list[LogLine] = []
        self._read_fd, self.write_fd = os.pipe()
        os.set_blocking(self._read_fd, False)
        loop.add_reader(self._read_fd, self._read_once)

    def close_write_end(self) -> None:
        """Leave the write end to the child alone."""
        os.close(self.write_fd)

    def take(self) -> list[LogLine]:
        """Return everything said so far, once; also a line without an end."""
        self._drain()
        lines = [*self._lines, *self._splitter.rest()]
        self._lines = []
        return lines

    def close(self) -> None:
        """Stop reading; what was not taken is lost."""
        if self._read_fd >= 0:
            self._loop.remove_reader(self._read_fd)
            os.close(self._read_fd)
            self._read_fd = -1

    def _drain(self) -> None:
        for _ in range(_DRAIN_READS_MAX):
            if self._read_fd < 0 or not self._read_once():
                return

    def _read_once(self) -> bool:
        try:
            data = os.read(self._read_fd, _READ_BYTES)
        except BlockingIOError:
            return False
        if not data:
            self.close()
            return False
        self._lines += self._splitter.feed(data)
        return True


def _read_frame(frame: bytes) -> LogLine:
    level = _LEVELS.get(frame[3] & _LEVEL_MASK)
    return LogLine(int.from_bytes(frame[8:16], "big"), _decode(frame[_HEADER_BYTES:]), level)


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "replace")
