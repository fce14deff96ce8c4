"""For the user's own tests: what their handlers would print, as records.

Nothing of AWS is needed. `invoke` calls a handler as Lambda would, with a context of its own;
`capture_records` collects what is printed meanwhile, in this process, by whichever thread.
"""

from __future__ import annotations

from types import SimpleNamespace

from chainlight import output
from chainlight.life import trace
from chainlight.record import decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

Record = dict[str, object]

_REQUEST_ID = "00000000-0000-4000-8000-{:012d}"
_ARN = "arn:aws:lambda:us-east-1:123456789012:function:{}"
_TIMEOUT_MS = 30_000
_given_count = 0


class capture_records:  # noqa: N801 - reads as a verb: with capture_records() as records
    """Collect the records printed inside the with block, decoded, instead of printing them.

    Fields by the long names of `chainlight.record`, defaults filled in, in the order of printing.
    Blocks nest: the innermost collects. A record too long for one line comes in its parts.
    """

    def __init__(self) -> None:
        self.records: list[Record] = []

    def __enter__(self) -> list[Record]:
        self._previous = output.capture
        output.capture = self._keep
        return self.records

    def __exit__(self, *_: object) -> None:
        output.capture = self._previous

    def _keep(self, line: str) -> None:
        self.records.append(decode(line))


def context(function_name: str = "test", **attributes: object) -> SimpleNamespace:
    """Return a Lambda context with a request id of its own; attributes are added or replaced."""
    global _given_count  # noqa: PLW0603 - ids are counted, so that tests repeat
    _given_count += 1
    usual: dict[str, object] = {
        "aws_request_id": _REQUEST_ID.format(_given_count),
        "function_name": function_name,
        "function_version": "$LATEST",
        "invoked_function_arn": _ARN.format(function_name),
        "memory_limit_in_mb": "128",
        "log_group_name": f"/aws/lambda/{function_name}",
        "log_stream_name": "test",
        "client_context": None,
        "identity": None,
        "get_remaining_time_in_millis": lambda: _TIMEOUT_MS,
    }
    return SimpleNamespace(**{**usual, **attributes})


def invoke(handler: Callable[..., object], event: object, **attributes: object) -> object:
    """Return what the handler returns for an event, traced as in Lambda, or raise what it raises.

    A handler that is decorated already is traced once. Attributes are those of `context`.
    """
    return trace(handler)(event, context(**attributes))  # type: ignore[arg-type]
