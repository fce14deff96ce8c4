"""One attempt: an environment is found or started, the event runs, its log and segment are written.

An init that fails is repeated inside the invocation, as on AWS; both failures leave INIT_REPORT.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from chainlight_demo.local_aws import clock, tracing
from chainlight_demo.local_aws.attempt_log import AttemptLog
from chainlight_demo.local_aws.log_writer import LogWriter
from chainlight_demo.local_aws.outcome import Outcome
from chainlight_demo.local_aws.pool import Pool
from chainlight_demo.local_aws.registry import FunctionSettings
from chainlight_demo.local_aws.reports import Report, TraceMark
from chainlight_demo.local_aws.sandbox import Delivery, Ending, Phase, Reply, Sandbox

RESPONSE_BYTES_MAX = 6_291_556
_US_PER_S = 1_000_000
_US_PER_MS = 1_000
_STATUS = {Outcome.TIMEOUT: "timeout", Outcome.CRASH: "error", Outcome.INIT_ERROR: "error"}
_RUNTIME_DONE = {Outcome.SUCCESS: "success", Outcome.TIMEOUT: "timeout"}
_XRAY_FLAG = {
    Outcome.HANDLER_ERROR: "error",
    Outcome.TIMEOUT: "fault",
    Outcome.CRASH: "fault",
    Outcome.INIT_ERROR: "fault",
}


@dataclass(frozen=True, slots=True)
class Invocation:
    """One event accepted for one function."""

    settings: FunctionSettings
    request_id: str
    payload: bytes
    invoked_arn: str
    trace: tracing.Trace
    client_context: str | None = None
    """JSON, as the Runtime API hands it over."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one execution."""

    outcome: Outcome
    payload: bytes
    started_us: int
    ended_us: int
    log_text: str
    error_type: str | None = None

    @property
    def xray_flag(self) -> str | None:
        """Return how X-Ray marks this attempt: `error`, `fault` or not at all."""
        return _XRAY_FLAG.get(self.outcome)


@dataclass(frozen=True, slots=True)
class _Verdict:
    outcome: Outcome
    payload: bytes
    error_type: str | None = None
    status: str | None = None


class AttemptRunner:
    """Runs attempts in the sandboxes of one pool."""

    def __init__(
        self, pool: Pool, writer: LogWriter, put_segment: Callable[[tracing.Segment], None]
    ) -> None:
        self._pool = pool
        self._writer = writer
        self._put_segment = put_segment

    async def run(self, invocation: Invocation, parent_segment_id: str) -> Attempt:
        """Run an event once; its function segment hangs below `parent_segment_id`."""
        log = AttemptLog(invocation.settings)
        sandbox = self._pool.take_warm(invocation.settings)
        init = None
        if sandbox is None:
            sandbox, init = await self._start_cold(invocation.settings, log)
        span_id = tracing.new_id()
        mark = _mark(invocation, span_id)
        log.start(invocation.request_id, mark, started_us := clock.now_us())
        phase, verdict = await self._process(invocation, sandbox, span_id)
        phase = replace(phase, started_us=started_us)
        log.add(sandbox.take_output())
        if verdict.outcome is Outcome.INIT_ERROR:
            log.init_report(phase, "invoke", verdict.error_type)
        good_init = init if init and init.ending is Ending.DONE else None
        report = _report(invocation, phase, verdict, init=good_init, mark=mark)
        done = _RUNTIME_DONE.get(verdict.outcome, "error")
        log.end(report, phase.ended_us, done=done, produced_bytes=len(verdict.payload))
        self._writer.write(invocation.settings.logs.group, sandbox.log_stream, log.events)
        self._trace(invocation, parent_segment_id, _span(span_id, phase, good_init, verdict))
        self._pool.give_back(sandbox)
        return Attempt(
            outcome=verdict.outcome,
            payload=verdict.payload,
            started_us=started_us,
            ended_us=phase.ended_us,
            log_text=log.text,
            error_type=verdict.error_type,
        )

    async def _start_cold(
        self, settings: FunctionSettings, log: AttemptLog
    ) -> tuple[Sandbox, Phase]:
        sandbox = self._pool.new(settings)
        init = await sandbox.start()
        log.init_start(init.started_us)
        log.add(sandbox.take_output())
        if init.ending is not Ending.DONE:
            log.init_report(init, "init", _init_verdict(init, "").error_type)
            self._pool.give_back(sandbox)
            sandbox = self._pool.new(settings, sandbox.log_stream)
        return sandbox, init

    async def _process(
        self, invocation: Invocation, sandbox: Sandbox, span_id: str
    ) -> tuple[Phase, _Verdict]:
        limit_s = float(invocation.settings.timeout_s)
        if not sandbox.is_alive:
            init = await sandbox.start(limit_s)
            if init.ending is not Ending.DONE:
                return init, _init_verdict(init, invocation.request_id)
            limit_s -= (init.ended_us - init.started_us) / _US_PER_S
        phase = await sandbox.run(_delivery(invocation, span_id, limit_s), limit_s)
        return phase, _verdict(phase, invocation)

    def _trace(self, invocation: Invocation, parent_id: str, span: tracing.Span) -> None:
        if invocation.trace.is_sampled:
            segment = tracing.function_segment(
                invocation.trace, invocation.settings, parent_id=parent_id, span=span
            )
            self._put_segment(segment)


def _delivery(invocation: Invocation, span_id: str, limit_s: float) -> Delivery:
    deadline_ms = clock.now_us() // _US_PER_MS + int(limit_s * 1_000)
    headers = {
        "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
        "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
        "Lambda-Runtime-Invoked-Function-Arn": invocation.invoked_arn,
        "Lambda-Runtime-Trace-Id": invocation.trace.header(span_id),
    }
    if invocation.client_context:
        headers["Lambda-Runtime-Client-Context"] = invocation.client_context
    return Delivery(invocation.request_id, invocation.payload, headers)


def _verdict(phase: Phase, invocation: Invocation) -> _Verdict:
    if phase.ending is Ending.TIMEOUT:
        return _timed_out(invocation)
    if phase.reply is not None:
        return _answered(phase.reply)
    reason = phase.exit.reason if phase.exit else "Runtime asked for an event without an answer"
    return _failed(Outcome.CRASH, "Runtime.ExitError", reason, invocation.request_id)


def _answered(reply: Reply) -> _Verdict:
    if reply.error_type is not None:
        return _Verdict(Outcome.HANDLER_ERROR, reply.body, reply.error_type)
    if len(reply.body) > RESPONSE_BYTES_MAX:
        error_type = "Function.ResponseSizeTooLarge"
        message = (
            "Response payload size exceeded maximum allowed payload size "
            f"({RESPONSE_BYTES_MAX} bytes)."
        )
        document = {"errorType": error_type, "errorMessage": message}
        return _Verdict(Outcome.HANDLER_ERROR, _json(document), error_type, status="error")
    return _Verdict(Outcome.SUCCESS, reply.body)


def _init_verdict(init: Phase, request_id: str) -> _Verdict:
    if init.ending is Ending.TIMEOUT:
        message = "Init timed out"
        return _failed(Outcome.INIT_ERROR, "Sandbox.Timedout", message, request_id)
    if init.reply is not None:
        error_type = init.reply.error_type
        return _Verdict(Outcome.INIT_ERROR, init.reply.body, error_type, status="error")
    reason = init.exit.reason if init.exit else "Runtime exited without providing a reason"
    return _failed(Outcome.INIT_ERROR, "Runtime.ExitError", reason, request_id)


def _timed_out(invocation: Invocation) -> _Verdict:
    message = f"Task timed out after {invocation.settings.timeout_s:.2f} seconds"
    failed = _failed(Outcome.TIMEOUT, "Sandbox.Timedout", message, invocation.request_id)
    return replace(failed, error_type=None)


def _failed(outcome: Outcome, error_type: str, message: str, request_id: str) -> _Verdict:
    document = {
        "errorType": error_type,
        "errorMessage": f"RequestId: {request_id} Error: {message}",
    }
    return _Verdict(outcome, _json(document), error_type, _STATUS[outcome])


def _report(
    invocation: Invocation,
    phase: Phase,
    verdict: _Verdict,
    *,
    init: Phase | None,
    mark: TraceMark | None,
) -> Report:
    settings = invocation.settings
    duration_us = phase.ended_us - phase.started_us
    if verdict.outcome is Outcome.TIMEOUT:
        duration_us = settings.timeout_s * _US_PER_S
    return Report(
        request_id=invocation.request_id,
        duration_us=duration_us,
        memory_mb=settings.memory_mb,
        max_memory_mb=min(phase.max_memory_mb, settings.memory_mb),
        init_us=init.ended_us - init.started_us if init else None,
        status=verdict.status,
        error_type=verdict.error_type if verdict.status else None,
        trace=mark,
    )


def _span(span_id: str, phase: Phase, init: Phase | None, verdict: _Verdict) -> tracing.Span:
    return tracing.Span(
        segment_id=span_id,
        started_us=phase.started_us,
        ended_us=phase.ended_us,
        init_started_us=init.started_us if init else None,
        init_ended_us=init.ended_us if init else None,
        fault=_XRAY_FLAG.get(verdict.outcome),
        cause=_cause(phase.reply),
    )


def _cause(reply: Reply | None) -> Mapping[str, object] | None:
    cause: object = None
    if reply and reply.xray_cause:
        with suppress(ValueError):
            cause = json.loads(reply.xray_cause)
    return cause if isinstance(cause, dict) else None


def _mark(invocation: Invocation, span_id: str) -> TraceMark | None:
    trace = invocation.trace
    if not trace.is_sampled:
        return None
    return TraceMark(trace.root, span_id, trace.header(span_id))


def _json(document: Mapping[str, str]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
