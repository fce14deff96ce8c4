"""The Lambda data plane: Invoke in all its modes, callable from any thread.

Refusals (unknown function, throttling, a payload that is no JSON) are results, not exceptions, with
AWS's status, error code and document.
"""

from __future__ import annotations

import asyncio
import base64
import json
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

from chainlight_demo.local_aws import clock, tracing
from chainlight_demo.local_aws.async_queue import AsyncQueue, Hands, Settled, refreshed
from chainlight_demo.local_aws.attempts import Attempt, AttemptRunner, Invocation
from chainlight_demo.local_aws.environment import Site
from chainlight_demo.local_aws.log_writer import LogHook, LogWriter
from chainlight_demo.local_aws.outcome import InvokeResult, Outcome, refused
from chainlight_demo.local_aws.pool import Concurrency, Pool
from chainlight_demo.local_aws.registry import (
    ACCOUNT_ID,
    REGION,
    FunctionSettings,
    read_function,
)

InvokeMode = Literal["sync", "async"]
SYNC_PAYLOAD_BYTES_MAX = 6_291_556
ASYNC_PAYLOAD_BYTES_MAX = 1_048_576
LOG_TAIL_BYTES = 4_096
CLIENT_CONTEXT_BYTES_MAX = 3_583


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the data plane needs of the local AWS around it."""

    loop: asyncio.AbstractEventLoop
    site: Site
    time_scale: float
    account_concurrency: int
    put_segment: Callable[[tracing.Segment], None]
    runs_twice: Callable[[], bool]
    """Draw whether the async queue delivers an event a second time."""


class DataPlane:
    """Runs functions; `open` it on its event loop before the first call."""

    def __init__(self, around: Surroundings, settle: Callable[[Settled], None]) -> None:
        self._around = around
        self._writer = LogWriter()
        self._pool = Pool(around.site)
        self._concurrency = Concurrency(around.account_concurrency)
        self._runner = AttemptRunner(self._pool, self._writer, around.put_segment)
        self._activities: list[Callable[[], bool]] = []
        hands = Hands(
            refresh=_refresh,
            refusal=lambda invocation: self._concurrency.refusal(invocation.settings),
            run=self._run,
            settle=settle,
            put_segment=around.put_segment,
        )
        self._queue = AsyncQueue(around.loop, hands, time_scale=around.time_scale)

    @property
    def on_log_batch(self) -> list[LogHook]:
        """Return the hooks called with (log group, log stream, events) after each batch."""
        return self._writer.on_batch

    @property
    def is_busy(self) -> bool:
        """Say whether anything runs, waits in the queue or is being delivered."""
        return (
            self._concurrency.running_count > 0
            or self._queue.pending_count > 0
            or self._writer.is_delivering
            or any(is_busy() for is_busy in self._activities)
        )

    def register_activity(self, is_busy: Callable[[], bool]) -> None:
        """Let `wait_until_quiet` wait for something outside the data plane too."""
        self._activities.append(is_busy)

    def invoke(  # noqa: PLR0913 the parameters of AWS's own Invoke
        self,
        function_name: str,
        payload: bytes,
        *,
        mode: InvokeMode,
        client_context: str | None = None,
        trace_header: str | None = None,
        qualifier: str | None = None,
        log_tail: bool = False,
        request_id: str | None = None,
    ) -> InvokeResult:
        """Run a function now (`sync`) or queue the event (`async`).

        `function_name` may be a name, a partial or a full ARN; `client_context` is base64 and
        reaches the function on synchronous calls only. Must not be called on the event loop.
        """
        request_id = request_id or str(uuid.uuid4())
        settings = read_function(function_name, qualifier)
        if settings is None:
            return _not_found(function_name, qualifier, request_id)
        if refusal := _check_payload(payload, mode, request_id):
            return refusal
        invocation = Invocation(
            settings=settings,
            request_id=request_id,
            payload=payload or b"{}",
            invoked_arn=_invoked_arn(settings, function_name, qualifier),
            trace=tracing.begin(trace_header, settings),
            client_context=_decode_context(client_context) if mode == "sync" else None,
        )
        if mode == "async":
            return self._enqueue(invocation)
        return self._submit(invocation, log_tail=log_tail).result()

    async def close(self) -> None:
        """Drop the queue and kill all sandboxes."""
        await self._queue.close()
        await self._pool.close()
        self._writer.close()

    def _enqueue(self, invocation: Invocation) -> InvokeResult:
        self._queue.put(invocation)
        if self._around.runs_twice():
            self._queue.put(invocation)
        return InvokeResult(
            status_code=HTTPStatus.ACCEPTED.value,
            payload=b"",
            function_error=None,
            request_id=invocation.request_id,
            log_tail=None,
            executed_version=None,
            outcome=Outcome.QUEUED,
            trace_header=invocation.trace.header(invocation.trace.lambda_segment_id),
        )

    def _submit(self, invocation: Invocation, *, log_tail: bool) -> Future[InvokeResult]:
        work = self._invoke_now(invocation, log_tail=log_tail)
        return asyncio.run_coroutine_threadsafe(work, self._around.loop)

    async def _invoke_now(self, invocation: Invocation, *, log_tail: bool) -> InvokeResult:
        accepted_us = clock.now_us()
        if reason := self._concurrency.refusal(invocation.settings):
            return _throttled(reason, invocation.request_id)
        trace = invocation.trace
        attempt = await self._run(invocation, trace.lambda_segment_id)
        if trace.is_sampled:
            span = tracing.Span(
                trace.lambda_segment_id, accepted_us, clock.now_us(), fault=attempt.xray_flag
            )
            self._around.put_segment(
                tracing.lambda_segment(
                    trace, invocation.settings, request_id=invocation.request_id, span=span
                )
            )
        return _answer(invocation, attempt, log_tail=log_tail)

    async def _run(self, invocation: Invocation, parent_segment_id: str) -> Attempt:
        name = invocation.settings.name
        self._concurrency.enter(name)
        try:
            return await self._runner.run(invocation, parent_segment_id)
        finally:
            self._concurrency.leave(name)


def _refresh(invocation: Invocation) -> Invocation | None:
    settings = read_function(invocation.invoked_arn)
    return refreshed(invocation, settings) if settings else None


def _answer(invocation: Invocation, attempt: Attempt, *, log_tail: bool) -> InvokeResult:
    is_success = attempt.outcome is Outcome.SUCCESS
    return InvokeResult(
        status_code=HTTPStatus.OK.value,
        payload=attempt.payload,
        function_error=None if is_success else "Unhandled",
        request_id=invocation.request_id,
        log_tail=_tail(attempt.log_text) if log_tail else None,
        executed_version=invocation.settings.version,
        outcome=attempt.outcome,
        trace_header=invocation.trace.header(invocation.trace.lambda_segment_id),
    )


def _tail(log_text: str) -> str:
    return log_text.encode()[-LOG_TAIL_BYTES:].decode("utf-8", "replace")


def _check_payload(payload: bytes, mode: InvokeMode, request_id: str) -> InvokeResult | None:
    bytes_max = SYNC_PAYLOAD_BYTES_MAX if mode == "sync" else ASYNC_PAYLOAD_BYTES_MAX
    if len(payload) > bytes_max:
        message = f"Request must be smaller than {bytes_max} bytes for the InvokeFunction operation"
        status, code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "RequestTooLargeException"
        return refused(Outcome.REFUSED, status, code, _user_error(message), request_id)
    try:
        json.loads(payload or b"{}")
    except ValueError as error:
        message = f"Could not parse request body into json: {error}"
        status, code = HTTPStatus.BAD_REQUEST, "InvalidRequestContentException"
        return refused(Outcome.REFUSED, status, code, _user_error(message), request_id)
    return None


def _not_found(name: str, qualifier: str | None, request_id: str) -> InvokeResult:
    is_arn = name.startswith("arn:")
    arn = name if is_arn else f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{name}"
    arn += f":{qualifier}" if qualifier else ""
    document = _user_error(f"Function not found: {arn}")
    status, code = HTTPStatus.NOT_FOUND, "ResourceNotFoundException"
    return refused(Outcome.NOT_FOUND, status, code, document, request_id)


def _throttled(reason: str, request_id: str) -> InvokeResult:
    document = {"Reason": reason, "Type": "User", "message": "Rate Exceeded."}
    status, code = HTTPStatus.TOO_MANY_REQUESTS, "TooManyRequestsException"
    return refused(Outcome.THROTTLED, status, code, document, request_id)


def _user_error(message: str) -> dict[str, str]:
    return {"Type": "User", "Message": message}


def _invoked_arn(settings: FunctionSettings, name: str, qualifier: str | None) -> str:
    named = name.rpartition(":function:")[2].partition(":")[2]
    used = qualifier or named
    return f"{settings.arn}:{used}" if used else settings.arn


def _decode_context(client_context: str | None) -> str | None:
    """Return the context as one line of ASCII JSON; None if there is none that can be read."""
    if not client_context or len(client_context) > CLIENT_CONTEXT_BYTES_MAX:
        return None
    try:
        return json.dumps(json.loads(base64.b64decode(client_context)))
    except ValueError:
        return None
