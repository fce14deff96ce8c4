"""One execution environment: a child process under AWS's runtime client, one event at a time.

Everything here runs on the event loop. An invocation is over when the runtime asks for the next
one, so that all it said before is in its log.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum
from http import HTTPStatus
from pathlib import Path
from zipfile import BadZipFile

from chainlight_demo.local_aws import clock
from chainlight_demo.local_aws.child import Child, Exit, Pipes
from chainlight_demo.local_aws.environment import Launch, Site, plan_launch
from chainlight_demo.local_aws.registry import FunctionSettings
from chainlight_demo.local_aws.runtime_api import RuntimeAnswer, RuntimeApi, RuntimeCall
from chainlight_demo.local_aws.telemetry_pipe import LogLine

INIT_S_MAX = 10.0
_ERROR_TYPE_HEADER = "lambda-runtime-function-error-type"
_XRAY_CAUSE_HEADER = "lambda-runtime-function-xray-error-cause"
_NO_SUCH_PROGRAM = 127
_ACCEPTED = RuntimeAnswer(HTTPStatus.ACCEPTED, b'{"status":"OK"}')
_UNKNOWN = RuntimeAnswer(HTTPStatus.NOT_FOUND, b"{}")


class Ending(Enum):
    """How the runtime left a phase."""

    DONE = "done"
    """It asked for the next event."""
    EXIT = "exit"
    """The process ended without an answer."""
    TIMEOUT = "timeout"
    """It was killed at its deadline."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way into the sandbox; headers are those of the Runtime API."""

    request_id: str
    payload: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the runtime posted: a result, or an error document when `error_type` is set."""

    body: bytes
    error_type: str | None = None
    xray_cause: str | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """An init or an invocation, from start to end."""

    ending: Ending
    started_us: int
    ended_us: int
    max_memory_mb: int
    reply: Reply | None = None
    exit: Exit | None = None


class Sandbox:
    """Started once, then given events until it is killed or dies."""

    def __init__(self, site: Site, settings: FunctionSettings, log_stream: str) -> None:
        self.settings = settings
        self.log_stream = log_stream
        self._site = site
        self._loop = asyncio.get_running_loop()
        self._api = RuntimeApi(self._answer)
        self._pipes = Pipes(self._loop)
        self._child: Child | None = None
        self._scratch_dir: Path | None = None
        self._reply: Reply | None = None
        self._idle: asyncio.Future[None] = self._loop.create_future()
        self._delivery: asyncio.Future[Delivery] = self._loop.create_future()

    @property
    def is_alive(self) -> bool:
        """Say whether the process can take another event."""
        return self._child is not None and not self._child.exited.done()

    async def start(self, limit_s: float | None = None) -> Phase:
        """Start the process and wait until it asks for its first event."""
        limit_s = INIT_S_MAX if limit_s is None else limit_s
        started_us = clock.now_us()
        api_address = await self._api.open()
        try:
            launch = await asyncio.to_thread(self._plan, api_address)
            self._child = Child(self._loop, launch, self._pipes)
        except (OSError, BadZipFile):
            return _not_started(started_us)
        finally:
            self._pipes.close_write_ends()
        return await self._phase(self._child, started_us, limit_s)

    async def run(self, delivery: Delivery, limit_s: float) -> Phase:
        """Hand over an event and wait for the end of its processing."""
        if self._child is None:
            raise RuntimeError(f"sandbox of {self.settings.name} was not started")
        started_us = clock.now_us()
        self._reply = None
        self._idle = self._loop.create_future()
        current, self._delivery = self._delivery, self._loop.create_future()
        current.set_result(delivery)
        return await self._phase(self._child, started_us, limit_s)

    def take_output(self) -> list[LogLine]:
        """Return what the process said since the last time."""
        return self._pipes.take()

    def close(self) -> None:
        """Kill the process group and free everything; may be called twice."""
        if self._child is not None:
            self._child.kill()
        self._api.close()
        self._pipes.close()
        if self._scratch_dir is not None:
            shutil.rmtree(self._scratch_dir, ignore_errors=True)

    async def closed(self) -> None:
        """Close, and wait until the process is reaped."""
        self.close()
        if self._child is not None:
            await self._child.exited

    def _plan(self, api_address: str) -> Launch:
        self._scratch_dir = Path(tempfile.mkdtemp(prefix="tmp-", dir=self._site.scratch_dir))
        return plan_launch(
            replace(self._site, scratch_dir=self._scratch_dir),
            self.settings,
            log_stream=self.log_stream,
            api_address=api_address,
            telemetry_fd=self._pipes.telemetry.write_fd,
        )

    async def _phase(self, child: Child, started_us: int, limit_s: float) -> Phase:
        remaining_s = limit_s - (clock.now_us() - started_us) / 1_000_000
        waiting: set[asyncio.Future[object]] = {self._idle, child.exited}  # type: ignore[arg-type]
        await asyncio.wait(
            waiting, timeout=max(0.0, remaining_s), return_when=asyncio.FIRST_COMPLETED
        )
        ended_us = clock.now_us()
        if self._idle.done():
            ending = Ending.DONE
        elif child.exited.done():
            ending = Ending.EXIT
        else:
            ending = Ending.TIMEOUT
            child.max_memory_mb()
            child.kill()
            await child.exited
        gone = child.exited.result() if child.exited.done() else None
        return Phase(ending, started_us, ended_us, child.max_memory_mb(), self._reply, gone)

    async def _answer(self, call: RuntimeCall) -> RuntimeAnswer:
        if self._child is not None:
            self._child.max_memory_mb()
        parts = call.path.strip("/").split("/")
        match (call.method, parts):
            case ("GET", ["2018-06-01", "runtime", "invocation", "next"]):
                return await self._next()
            case ("POST", ["2018-06-01", "runtime", "invocation", _, "response"]):
                self._reply = Reply(call.body)
            case ("POST", ["2018-06-01", "runtime", "invocation", _, "error"]):
                self._reply = _error_reply(call)
            case ("POST", ["2018-06-01", "runtime", "init", "error"]):
                self._reply = _error_reply(call)
            case _:
                return _UNKNOWN
        return _ACCEPTED

    async def _next(self) -> RuntimeAnswer:
        if not self._idle.done():
            self._idle.set_result(None)
        delivery = await asyncio.shield(self._delivery)
        return RuntimeAnswer(HTTPStatus.OK, delivery.payload, delivery.headers)


def _not_started(started_us: int) -> Phase:
    return Phase(Ending.EXIT, started_us, clock.now_us(), 1, exit=Exit(_NO_SUCH_PROGRAM))


def _error_reply(call: RuntimeCall) -> Reply:
    error_type = call.headers.get(_ERROR_TYPE_HEADER, "")
    if not error_type:
        with suppress(ValueError, AttributeError):
            error_type = json.loads(call.body).get("errorType", "")
    return Reply(call.body, error_type or "Runtime.Unknown", call.headers.get(_XRAY_CAUSE_HEADER))
