"""Step Functions StartExecution and StartSyncExecution: recorded with the execution's ARN."""

from __future__ import annotations

from chainlight.carriers import Carrier, bytes_of, text_of, texts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from chainlight.calls import Call

    Params = dict[str, object]


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


CARRIERS = {
    "StartExecution": Carrier(_describe_start, _settle),
    "StartSyncExecution": Carrier(_describe, _settle),
}
