"""OpenTelemetry spans in the words of X-Ray's segment documents.

With Transaction Search X-Ray keeps spans in the log group `aws/spans` and hands them out as OTEL.
Attribute names are those of OpenTelemetry's semantic conventions and of the X-Ray exporter in
opentelemetry-collector-contrib (`aws.*`); of several for one thing the first that is there counts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping

Document = dict[str, object]

_NS_PER_S = 1_000_000_000
_HEX_TRACE = re.compile(r"[0-9a-f]{32}")
_CLIENT_KINDS: frozenset[object] = frozenset(
    {"CLIENT", "PRODUCER", "SPAN_KIND_CLIENT", "SPAN_KIND_PRODUCER", 3, 4}
)
_FAILED: frozenset[object] = frozenset({"ERROR", "STATUS_CODE_ERROR", 2})
_CLIENT_ERRORS = range(400, 500)
_THROTTLED = 429

_ARN = ("cloud.resource_id", "aws.xray.resource_arn", "aws.lambda.invoked_arn", "faas.id")
_REQUEST = ("aws.request_id", "aws.request.id", "faas.invocation_id", "faas.execution")
_STATUS = ("http.response.status_code", "http.status_code")
_URL = ("url.full", "http.url")
_AWS_FIELDS: Mapping[str, tuple[str, ...]] = {
    "operation": ("rpc.method", "aws.operation", "aws.remote.operation"),
    "region": ("aws.region", "cloud.region"),
    "queue_url": ("aws.queue_url", "aws.queue.url", "aws.sqs.queue.url", "messaging.url"),
    "message_id": ("messaging.message.id", "messaging.message_id"),
    "topic_arn": ("aws.sns.topic.arn", "messaging.destination.name"),
    "table_name": ("aws.table_name",),
    "bucket_name": ("aws.s3.bucket", "aws.bucket_name"),
    "stream_name": ("aws.kinesis.stream.name", "aws.stream_name"),
    "function_name": ("faas.invoked_name", "aws.lambda.function.name", "aws.function_name"),
    "state_machine_arn": ("aws.stepfunctions.state_machine.arn",),
    "retries": ("aws.xray.retries", "retry.attempts"),
}


def is_span(document: Mapping[str, object]) -> bool:
    """Say whether this is one span, as `aws/spans` and OTLP write it."""
    return {"traceId", "spanId", "startTimeUnixNano"} <= document.keys()


def is_message(message: object) -> bool:
    """Say whether a log message is a span of `aws/spans`."""
    return isinstance(message, str) and message.startswith("{") and '"spanId"' in message


def of_message(message: str) -> Document | None:
    """Return the span that a log message holds, None for anything else."""
    try:
        document = json.loads(message)
    except ValueError:
        return None
    return document if isinstance(document, dict) and is_span(document) else None


def in_envelope(document: Mapping[str, object]) -> Iterator[Document]:
    """Yield the spans of an OTLP document, each with its resource beside it."""
    for resource_spans in _objects(document.get("resourceSpans")):
        resource = resource_spans.get("resource")
        for scope_spans in _objects(resource_spans.get("scopeSpans")):
            for span in _objects(scope_spans.get("spans")):
                yield {"resource": resource, **span}


def as_segment(span: Mapping[str, object]) -> Document:
    """Return a span as a segment document; what a span does not say is left out."""
    attributes = _attributes(span)
    is_call = _is_one_of(span.get("kind"), _CLIENT_KINDS)
    segment: Document = {
        "id": span.get("spanId"),
        "trace_id": _trace_id(str(span.get("traceId"))),
        "name": _name(span, attributes, is_call=is_call),
        "start_time": _seconds(span.get("startTimeUnixNano")),
        "end_time": _seconds(span.get("endTimeUnixNano")),
        "parent_id": span.get("parentSpanId") or None,
        "in_progress": attributes.get("aws.xray.inprogress"),
        "origin": None if is_call else _origin(attributes),
        "namespace": _namespace(attributes) if is_call else None,
        "resource_arn": _first(attributes, _ARN),
        "aws": _aws(attributes, is_call=is_call),
        "http": _http(attributes),
        "links": [_link(link) for link in _objects(span.get("links"))],
        **_failure(span, attributes),
    }
    return {key: value for key, value in segment.items() if value not in (None, [], {})}


def _attributes(span: Mapping[str, object]) -> Document:
    resource = span.get("resource")
    outer = resource.get("attributes") if isinstance(resource, dict) else None
    return {**_plain(outer), **_plain(span.get("attributes"))}


def _plain(attributes: object) -> Document:
    """Return attributes as a dict; OTLP has a list of `{"key", "value": {"stringValue": …}}`."""
    if isinstance(attributes, dict):
        return attributes
    return {
        str(each.get("key")): next(iter(value.values()), None)
        for each in _objects(attributes)
        if isinstance(value := each.get("value"), dict)
    }


def _objects(value: object) -> Iterable[Document]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _first(attributes: Document, names: Iterable[str]) -> object:
    return next((attributes[name] for name in names if attributes.get(name) is not None), None)


def _trace_id(trace_id: str) -> str:
    if _HEX_TRACE.fullmatch(trace_id):
        return f"1-{trace_id[:8]}-{trace_id[8:]}"
    return trace_id


def _seconds(nanoseconds: object) -> float | None:
    try:
        return int(str(nanoseconds)) / _NS_PER_S
    except (ValueError, OverflowError):
        return None


def _is_one_of(value: object, known: frozenset[object]) -> bool:
    return isinstance(value, str | int) and value in known


def _name(span: Mapping[str, object], attributes: Document, *, is_call: bool) -> object:
    if is_call:
        return _first(attributes, ("rpc.service", "aws.service")) or span.get("name")
    return _first(attributes, ("faas.name", "aws.local.service")) or span.get("name")


def _origin(attributes: Document) -> object:
    known = _first(attributes, ("aws.xray.origin", "aws.origin"))
    if known is None and attributes.get("cloud.platform") == "aws_lambda":
        return "AWS::Lambda::Function" if _first(attributes, _REQUEST) else None
    return known


def _namespace(attributes: Document) -> str | None:
    if attributes.get("rpc.system") == "aws-api" or _first(attributes, ("aws.service",)):
        return "aws"
    return "remote" if _first(attributes, _URL) else None


def _aws(attributes: Document, *, is_call: bool) -> Document:
    found = {name: _first(attributes, names) for name, names in _AWS_FIELDS.items()}
    arn = _first(attributes, _ARN)
    found["request_id"] = _first(attributes, _REQUEST)
    found["function_arn"] = None if is_call else arn
    return {key: value for key, value in found.items() if value is not None}


def _http(attributes: Document) -> Document:
    status, url = _first(attributes, _STATUS), _first(attributes, _URL)
    response = {"response": {"status": status}} if status is not None else {}
    request = {"request": {"url": url}} if url is not None else {}
    return {**request, **response}


def _link(link: Document) -> Document:
    return {"trace_id": _trace_id(str(link.get("traceId"))), "id": link.get("spanId")}


def _failure(span: Mapping[str, object], attributes: Document) -> Document:
    status = span.get("status")
    is_failed = isinstance(status, dict) and _is_one_of(status.get("code"), _FAILED)
    code = _first(attributes, _STATUS)
    is_client_error = isinstance(code, int) and code in _CLIENT_ERRORS
    return {
        "fault": True if is_failed and not is_client_error else None,
        "error": True if is_client_error else None,
        "throttle": True if code == _THROTTLED else None,
    }
