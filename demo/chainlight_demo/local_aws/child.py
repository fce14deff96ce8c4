"""A child process in a group of its own: its output, its memory and its end, seen by the loop."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from chainlight_demo.local_aws.environment import Launch
from chainlight_demo.local_aws.telemetry_pipe import (
    FrameSplitter,
    LineSplitter,
    LogLine,
    OutputPipe,
)

_KIB_PER_MIB = 1024


@dataclass(frozen=True, slots=True)
class Exit:
    """How a process ended: `status` is its exit status, negative for a signal."""

    status: int

    @property
    def reason(self) -> str:
        """Say it as Lambda does."""
        if self.status < 0:
            name = signal.strsignal(-self.status) or str(-self.status)
            return f"Runtime exited with error: signal: {name.lower()}"
        if self.status > 0:
            return f"Runtime exited with error: exit status {self.status}"
        return "Runtime exited without providing a reason"


class Pipes:
    """Both ways in which a sandbox talks."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.stdout = OutputPipe(loop, LineSplitter())
        self.telemetry = OutputPipe(loop, FrameSplitter())

    def take(self) -> list[LogLine]:
        """Return everything said so far, in the order of its timestamps."""
        lines = [*self.stdout.take(), *self.telemetry.take()]
        return sorted(lines, key=lambda line: line.timestamp_us)

    def close_write_ends(self) -> None:
        """Leave the write ends to the child."""
        self.stdout.close_write_end()
        self.telemetry.close_write_end()

    def close(self) -> None:
        """Stop reading."""
        self.stdout.close()
        self.telemetry.close()


class Child:
    """Owns one process group; `exited` resolves when the process has ended and was reaped."""

    def __init__(self, loop: asyncio.AbstractEventLoop, launch: Launch, pipes: Pipes) -> None:
        self._loop = loop
        self._seen_memory_mb = 1
        self.exited: asyncio.Future[Exit] = loop.create_future()
        output_fd = pipes.stdout.write_fd
        self._process = subprocess.Popen(
            launch.command,
            env=dict(launch.environment),
            cwd=launch.working_dir,
            stdin=subprocess.DEVNULL,
            stdout=output_fd,
            stderr=output_fd,
            pass_fds=(pipes.telemetry.write_fd,),
            start_new_session=True,
        )
        self._pid_fd = os.pidfd_open(self._process.pid)
        loop.add_reader(self._pid_fd, self._reap)

    @property
    def pid(self) -> int:
        """Return the process id, which is its group's id too."""
        return self._process.pid

    def max_memory_mb(self) -> int:
        """Return the highest resident memory in whole MB, as last seen while the process lived.

        rusage cannot be used: its maximum starts at our own memory at the time of the fork.
        """
        with suppress(OSError):
            for line in Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8").splitlines():
                if line.startswith("VmHWM:"):
                    self._seen_memory_mb = -(-int(line.split()[1]) // _KIB_PER_MIB)
        return self._seen_memory_mb

    def kill(self) -> None:
        """Kill the whole group, also what the process has left behind."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def _reap(self) -> None:
        self._loop.remove_reader(self._pid_fd)
        os.close(self._pid_fd)
        _, wait_status = os.waitpid(self.pid, 0)
        status = os.waitstatus_to_exitcode(wait_status)
        self._process.returncode = status
        self.kill()
        if not self.exited.done():
            self.exited.set_result(Exit(status))
