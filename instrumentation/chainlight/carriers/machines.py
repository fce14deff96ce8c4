"""Step Functions StartExecution and StartSyncExecution: recorded with the execution's ARN.

The parameter ``traceHeader`` is X-Ray's own slot, at most 256 characters, set where the user did
not set it. Step Functions prefers the request's X-Amzn-Trace-Id header, which botocore sends in
Lambda; the parameter speaks where there is none (Managed Instances).
"""

from __future__ import annotations

from chainlight.carriers import Carrier, bytes_of, text_of, texts_of
from chainlight.context import trace_header

TYPE_CHECKING = False
if TYPE_CHECKING:
    from chainlight.context import Context
    from chainlight.invocation import Call

    Params = dict[str, object]

HEADER_CHARS_MAX = 256


def _describe(call: Call, params: Params) -> None:
    call.kind = "stepfunctions"
    call.target = text_of(params.get("stateMachineArn"))
    call.payload_bytes = bytes_of(params.get("input"))


def _describe_start(call: Call, params: Params) -> None:
    _describe(call, params)
    call.is_async = 1


def _settle(call: Call, answer: Params) -> None:
    call.natural_keys = texts_of([answer], "executionArn")
    if answer.get("status") in ("FAILED", "TIMED_OUT"):
        call.error_type = text_of(answer.get("error")) or text_of(answer.get("status"))


def _inject(context: Context, params: Params) -> Params:
    header = trace_header(context)
    if "traceHeader" in params or len(header) > HEADER_CHARS_MAX:
        return params
    return {**params, "traceHeader": header}


CARRIERS = {
    "StartExecution": Carrier(_describe_start, _settle, _inject),
    "StartSyncExecution": Carrier(_describe, _settle, _inject),
}
