"""What all HTTP libraries share: which requests are calls, what they carry, how they are named.

A request is a call when its host is one of AWS's front doors or its answer bears AWS's request id;
any other is counted among the waits on ``http``. The trace headers go to AWS's front doors and to
hosts that CHAINLIGHT_HTTP_HOSTS names, because a trace id is nobody else's business; never into a
request that somebody signed, and never beside trace headers that are there already.

The wait ends with the head of the answer. The target is host and path without its query, which can
hold secrets, and with ids folded to ``*``.
"""

from __future__ import annotations

from time import perf_counter_ns

from chainlight.context import trace_header
from chainlight.hooks import attribute, context_of, keep, others_cpu_ns, under_way
from chainlight.invocation import Call, running
from chainlight.settings import settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chainlight.context import Context
    from chainlight.invocation import Invocation

SERVICE = "http"
_DOORS = (".execute-api.", ".elb.", ".appsync-api.", ".lambda-url.")
_AWS_ENDINGS = (".amazonaws.com", ".amazonaws.com.cn")
_KEY_HEADERS = ("apigw-requestid", "x-amzn-requestid")
_TRACE_HEADERS = ("traceparent", "tracestate", "x-amzn-trace-id")
_SEGMENTS_MAX = 4
_ID_CHARS_MIN = 8
_SEGMENT_CHARS_MAX = 40
_USUAL_PORTS = (None, 80, 443)


class Door:
    """Where a request goes: host in small letters, port, path with its query."""

    __slots__ = ("host", "path", "port", "query")

    def __init__(self, host: str, port: int | None, path: str) -> None:
        self.host = host.lower().rstrip(".")
        self.port = port
        self.path, _, self.query = path.partition("#")[0].partition("?")

    def is_aws(self) -> bool:
        """Tell whether API Gateway, a function URL, a load balancer or AppSync answers here."""
        if self.host.endswith(".on.aws"):
            return True
        return self.host.endswith(_AWS_ENDINGS) and any(door in self.host for door in _DOORS)

    def is_told(self) -> bool:
        """Tell whether the trace headers may go there."""
        names = settings().http_hosts
        return self.is_aws() or "*" in names or any(map(self._is_in, names))

    def _is_in(self, name: str) -> bool:
        bare = name.lstrip("*").lstrip(".")
        return bool(bare) and (self.host == bare or self.host.endswith("." + bare))

    def target(self) -> str:
        """Return host and first path segments, ids folded: one name for what is one endpoint."""
        port = "" if self.port in _USUAL_PORTS else f":{self.port}"
        segments = [_folded(segment) for segment in self.path.split("/") if segment]
        return "/".join([f"{self.host}{port}", *segments[:_SEGMENTS_MAX]])


def _folded(segment: str) -> str:
    """Return ``*`` for what looks like an id: v2 and orders stay, 17, UUIDs and tokens do not."""
    has_digit = any(map(str.isdigit, segment))
    is_id = has_digit and (len(segment) >= _ID_CHARS_MIN or segment.isdigit())
    is_odd = not segment.isascii() or not segment.replace("-", "").replace("_", "").isalnum()
    return "*" if is_id or is_odd or len(segment) > _SEGMENT_CHARS_MAX else segment


class Request:
    """One HTTP request under way: its clock, and the call it becomes if it is one."""

    __slots__ = ("call", "cpu_ns", "door", "invocation", "is_call", "opened_ns")

    def __init__(self, invocation: Invocation, method: str, door: Door) -> None:
        self.invocation = invocation
        self.door = door
        self.is_call = False
        self.call = call = Call()
        call.kind = SERVICE
        call.operation = method
        call.target = door.target()
        attribute(call)  # now, as headers are written before it is known whether this is a call
        self.cpu_ns = others_cpu_ns()
        self.opened_ns = perf_counter_ns()
        call.offset_us = (self.opened_ns - invocation.started_ns) // 1000

    def become_call(self) -> None:
        """Put the call into the record."""
        if not self.is_call:
            self.is_call = True
            keep(self.invocation, self.call)


def begin(method: str, door: Door) -> Request | None:
    """Start a request of the running invocation, unless it is one that an AWS client sends."""
    invocation = running()
    if invocation is None or under_way() is not None:
        return None
    if SERVICE in settings().ignored_services:
        return None
    request = Request(invocation, method, door)
    if door.is_aws():
        request.become_call()
    return request


def headers_for(request: Request, given: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the headers to add to those that are given (names in small letters), or none."""
    length = given.get("content-length", "")
    if length.isdecimal():
        request.call.payload_bytes = int(length)
    if any(name in given for name in _TRACE_HEADERS) or _is_signed(request.door, given):
        return []
    if not request.door.is_told():
        return []
    context = context_of(request.invocation, request.call)
    return [("traceparent", _traceparent(context)), ("X-Amzn-Trace-Id", trace_header(context))]


def _is_signed(door: Door, given: Mapping[str, str]) -> bool:
    is_in_headers = given.get("authorization", "").startswith("AWS") or "x-amz-date" in given
    return is_in_headers or "X-Amz-Signature" in door.query


def _traceparent(context: Context) -> str:
    """Return the W3C form of the chain. Sampled, as receivers do without one: 00 silences them."""
    epoch, unique = context.chain_id[2:10], context.chain_id[11:]
    return f"00-{epoch}{unique}-{context.call_id}-01"


def end(request: Request, status_code: int, header: Callable[[str], str | None]) -> None:
    """End the request with its answer; the answer may show that it was a call."""
    ended_ns = perf_counter_ns()
    call = request.call
    keys = [header(name) for name in _KEY_HEADERS]
    call.natural_keys = [key for key in keys if key]
    call.status_code = status_code
    length = header("content-length") or ""
    if length.isdecimal():
        call.response_bytes = int(length)
    if call.natural_keys or header("x-amzn-trace-id"):
        request.become_call()
    _close(request, ended_ns)


def fail(request: Request, error: BaseException | None) -> None:
    """End the request without an answer."""
    request.call.error_type = "ConnectionClosed" if error is None else type(error).__name__
    _close(request, perf_counter_ns())


def _close(request: Request, ended_ns: int) -> None:
    call, invocation = request.call, request.invocation
    wait_us = (ended_ns - request.opened_ns) // 1000
    if not request.is_call:
        invocation.add_wait(SERVICE, wait_us)
        return
    if request.cpu_ns is not None:
        call.cpu_us = max(0, (others_cpu_ns() or 0) - request.cpu_ns) // 1000
    call.wait_us = wait_us
    if settings().emits_otel_spans:
        from chainlight.bridges import tell_call  # noqa: PLC0415 - by opt-in only

        tell_call(invocation, call)
