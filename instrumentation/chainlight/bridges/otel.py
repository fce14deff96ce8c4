"""OpenTelemetry: its traces and our chains are one id, and its spans say which chain they are of.

A provider made by the SDK gets a span processor, which stamps `ATTRIBUTE`, and an id generator
around its own: a root span begun inside an invocation takes its trace id from the chain. Where
OpenTelemetry's context comes first (its wrapper around ours), the chain takes its id from the
trace; see `chainlight.life`.
"""

from __future__ import annotations

from threading import local

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.propagators.textmap import (
    CarrierT,
    Getter,
    Setter,
    TextMapPropagator,
    default_getter,
    default_setter,
)
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.id_generator import IdGenerator

from chainlight.context import mint_call_id
from chainlight.errors import guard
from chainlight.imports import wrap
from chainlight.invocation import current_chain_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from chainlight.invocation import Call, Invocation

    Method = Callable[..., object]

ATTRIBUTE = "chainlight.chain_id"
_HEX = 16
_TRACEPARENT = "traceparent"
_next = local()
"""The span id that this thread's next span is to have: the call id of the call it shows."""


def hook_sdk(module: ModuleType) -> None:
    """Join the providers that are made from here on, and the one that is set already."""
    wrap(module.TracerProvider, "__init__", _joined)
    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        join(provider)


def join(provider: TracerProvider) -> None:
    """Give a provider our span processor and id generator, once."""
    if not isinstance(provider.id_generator, ChainIds):
        provider.id_generator = ChainIds(provider.id_generator)  # type: ignore[assignment]
        provider.add_span_processor(ChainStamp())


def active_chain_id() -> str | None:
    """Return the trace that is active in this thread or task, in the form of a chain id."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    trace_id = trace.format_trace_id(context.trace_id)
    return f"1-{trace_id[:8]}-{trace_id[8:]}"


class ChainStamp(SpanProcessor):
    """Stamp each span with the chain that the code which starts it works for."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:  # noqa: ARG002
        """Set the attribute; spans begun outside of an invocation have none."""
        guard("E09", _stamp, span)

    def on_end(self, span: ReadableSpan) -> None:
        """Do nothing: we export nothing."""


class ChainIds(IdGenerator):
    """The provider's own id generator, except that a chain's root span has the chain's trace id."""

    def __init__(self, own: IdGenerator) -> None:
        self.own = own

    def generate_span_id(self) -> int:
        """Return the call id of the call that is being emitted, else a new id."""
        span_id: int | None = getattr(_next, "span_id", None)
        _next.span_id = None
        return span_id or self.own.generate_span_id()

    def generate_trace_id(self) -> int:
        """Return the running invocation's chain as a trace id, else a new id."""
        return guard("E09", _trace_id) or self.own.generate_trace_id()

    def is_trace_id_random(self) -> bool:
        """Tell what the own generator tells: chain ids have 96 random bits and samplers use 56."""
        return self.own.is_trace_id_random()


class ChainPropagator(TextMapPropagator):
    """Carry the chain where no tracer's context is: ``chainlight`` in OTEL_PROPAGATORS.

    Extracts the running invocation's chain as a remote parent where none was extracted before;
    injects ``traceparent`` where no span is active and nobody wrote one.
    """

    def extract(
        self,
        carrier: CarrierT,  # noqa: ARG002 - the invocation has read it
        context: Context | None = None,
        getter: Getter[CarrierT] = default_getter,  # noqa: ARG002
    ) -> Context:
        """Return the context with the chain in it, or the context as it was."""
        known = Context() if context is None else context
        return guard("E09", _continued, known) or known

    def inject(
        self,
        carrier: CarrierT,
        context: Context | None = None,
        setter: Setter[CarrierT] = default_setter,
    ) -> None:
        """Write the chain into the carrier, if it is not for another tracer to do."""
        guard("E09", _inject, carrier, context, setter)

    @property
    def fields(self) -> set[str]:
        """Name what `inject` may write."""
        return {_TRACEPARENT}


def emit(invocation: Invocation, call: Call) -> None:
    """Emit an ended call as a client span: its id is the call id, its parent the active span."""
    tracer = trace.get_tracer("chainlight")
    started_ns = (invocation.started_us + call.offset_us) * 1000
    _next.span_id = int(call.call_id, _HEX)
    span = tracer.start_span(
        f"{call.kind} {call.operation}",
        kind=trace.SpanKind.PRODUCER if call.is_async else trace.SpanKind.CLIENT,
        attributes=_attributes(call),
        start_time=started_ns,
    )
    _next.span_id = None
    if call.error_type is not None:
        span.set_status(trace.Status(trace.StatusCode.ERROR, call.error_type))
    span.end(started_ns + (call.wait_us or 0) * 1000)


def _attributes(call: Call) -> dict[str, str | int]:
    """Return what the span says, named as OpenTelemetry names it where it has a name."""
    known = {
        "rpc.system": "aws-api",
        "rpc.method": call.operation,
        "server.address": call.target,
        "http.response.status_code": call.status_code,
        "error.type": call.error_type,
        "chainlight.tries_count": call.tries_count,
        "chainlight.natural_key": next(iter(call.natural_keys), None),
    }
    return {name: value for name, value in known.items() if value is not None}


def _joined(original: Method) -> Method:
    def __init__(provider: TracerProvider, *arguments: object, **keywords: object) -> None:  # noqa: N807
        original(provider, *arguments, **keywords)
        guard("E09", join, provider)

    return __init__


def _stamp(span: Span) -> None:
    chain_id = current_chain_id()
    if chain_id is not None:
        span.set_attribute(ATTRIBUTE, chain_id)


def _trace_id() -> int | None:
    chain_id = current_chain_id()
    return int(chain_id[2:].replace("-", ""), _HEX) if chain_id else None


def _continued(context: Context) -> Context | None:
    trace_id = _trace_id()
    if trace_id is None or _has_span(context):
        return None
    flags = trace.TraceFlags(trace.TraceFlags.SAMPLED)
    parent_id = int(mint_call_id(), _HEX)
    remote = trace.SpanContext(trace_id, parent_id, is_remote=True, trace_flags=flags)
    return trace.set_span_in_context(trace.NonRecordingSpan(remote), context)


def _inject(carrier: CarrierT, context: Context | None, setter: Setter[CarrierT]) -> None:
    trace_id = _trace_id()
    is_written = isinstance(carrier, dict) and _TRACEPARENT in carrier
    if trace_id is not None and not is_written and not _has_span(context):
        setter.set(carrier, _TRACEPARENT, f"00-{trace_id:032x}-{mint_call_id()}-01")


def _has_span(context: Context | None) -> bool:
    return trace.get_current_span(context).get_span_context().is_valid
