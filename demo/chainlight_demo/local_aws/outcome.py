"""What came of an invocation, for the one who asked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus


class Outcome(Enum):
    """The ways in which an invocation or one of its attempts ends."""

    SUCCESS = "success"
    """The handler returned."""
    HANDLER_ERROR = "handler_error"
    """The handler raised; the runtime lives on."""
    TIMEOUT = "timeout"
    """Killed at the function's timeout."""
    CRASH = "crash"
    """The process ended while it had an event."""
    INIT_ERROR = "init_error"
    """The runtime never came up, not even in its second try."""
    QUEUED = "queued"
    """Accepted as an event; what comes of it nobody is told."""
    DRY_RUN = "dry_run"
    """Checked only."""
    NOT_FOUND = "not_found"
    """There is no such function."""
    THROTTLED = "throttled"
    """The account's or the function's concurrency is used up."""
    REFUSED = "refused"
    """The request itself is no good."""


@dataclass(frozen=True, slots=True)
class InvokeResult:
    """The answer of one Invoke call; `status_code` is that of HTTP."""

    status_code: int
    payload: bytes
    function_error: str | None
    request_id: str
    log_tail: str | None
    executed_version: str | None
    outcome: Outcome
    error_code: str | None = None
    """AWS's exception name when the call was not accepted."""
    trace_header: str | None = None


def refused(
    outcome: Outcome, status: HTTPStatus, code: str, document: dict[str, str], request_id: str
) -> InvokeResult:
    """Return the answer of a call that ran nothing."""
    return InvokeResult(
        status_code=status.value,
        payload=json.dumps(document).encode(),
        function_error=None,
        request_id=request_id,
        log_tail=None,
        executed_version=None,
        outcome=outcome,
        error_code=code,
    )
