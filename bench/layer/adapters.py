"""How each tracer is put around a handler, as its own documentation says: one function a row.

Runs inside the peer's environment; imports are inside, because they are what is measured.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

Handler = Callable[..., Any]


def bare(handler: Handler) -> Handler:
    """Return the handler."""
    return handler


def chainlight(handler: Handler) -> Handler:
    """Return the handler with our decorator."""
    from chainlight import trace

    return trace(handler)


def xray(handler: Handler) -> Handler:
    """Patch botocore and capture the handler; segments go to the daemon's address, by UDP."""
    from aws_xray_sdk.core import patch, xray_recorder

    patch(["botocore"])
    captured: Handler = xray_recorder.capture("## handler")(handler)
    return captured


def powertools(handler: Handler) -> Handler:
    """Do the same through Powertools."""
    from aws_lambda_powertools import Tracer

    captured: Handler = Tracer(patch_modules=["botocore"]).capture_lambda_handler(handler)
    return captured


def otel(handler: Handler) -> Handler:
    """Instrument Lambda and botocore; finished spans are dropped at once: its lower bound."""
    from opentelemetry.sdk.trace.export import (
        SimpleSpanProcessor,
        SpanExporter,
        SpanExportResult,
    )

    class Nowhere(SpanExporter):
        def export(self, spans: object) -> SpanExportResult:  # noqa: ARG002
            return SpanExportResult.SUCCESS

    return _instrumented(handler, SimpleSpanProcessor(Nowhere()))


def otel_otlp(handler: Handler) -> Handler:
    """Do the same as the layers do: spans leave by OTLP over HTTP before the invocation ends."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    return _instrumented(handler, BatchSpanProcessor(OTLPSpanExporter()))


def _instrumented(handler: Handler, processor: Any) -> Handler:
    from opentelemetry import trace
    from opentelemetry.instrumentation.aws_lambda import AwsLambdaInstrumentor
    from opentelemetry.instrumentation.botocore import BotocoreInstrumentor
    from opentelemetry.sdk.trace import TracerProvider

    provider = TracerProvider()
    provider.add_span_processor(processor)
    trace.set_tracer_provider(provider)
    BotocoreInstrumentor().instrument()
    AwsLambdaInstrumentor().instrument()  # patches what _HANDLER names
    patched: Handler = sys.modules[handler.__module__].handler
    return patched


def datadog(handler: Handler) -> Handler:
    """Wrap as without the extension: spans and metrics are printed for the forwarder."""
    from datadog_lambda.wrapper import datadog_lambda_wrapper

    wrapped: Handler = datadog_lambda_wrapper(handler)
    return wrapped


def lumigo(handler: Handler) -> Handler:
    """Wrap with reporting off: spans are made and thrown away, its lower bound."""
    from lumigo_tracer import lumigo_tracer

    wrapped: Handler = lumigo_tracer(token="t_01234567890123456789", should_report=False)(handler)  # noqa: S106
    return wrapped


def sentry(handler: Handler) -> Handler:
    """Open a transaction by hand; its Lambda integration patches a runtime that is not here."""
    import sentry_sdk
    from sentry_sdk.transport import Transport

    class Nowhere(Transport):
        def capture_envelope(self, envelope: Any) -> None:
            envelope.serialize()

    sentry_sdk.init(dsn="http://key@127.0.0.1/1", transport=Nowhere, traces_sample_rate=1.0)

    def wrapped(*arguments: Any, **keywords: Any) -> Any:
        incoming = {"sentry-trace": os.environ.get("SENTRY_TRACE", "")}
        transaction = sentry_sdk.continue_trace(incoming, op="function.aws", name="toy")
        with sentry_sdk.start_transaction(transaction):
            return handler(*arguments, **keywords)

    return wrapped


def elastic(handler: Handler) -> Handler:
    """Capture the handler; transactions go to the local sink by HTTP."""
    from elasticapm import capture_serverless

    captured: Handler = capture_serverless(handler)
    return captured
