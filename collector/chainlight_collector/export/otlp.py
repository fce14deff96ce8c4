"""The chain as OTLP JSON, which Jaeger's file upload and every OpenTelemetry collector read.

One resource per function (`faas.*`, `cloud.*`), one span per attempt, one span per call below the
attempt that made it. An attempt's parent is the call that caused it; further causes (a batch, a
fan-in) are span links. Ids are the protocol's: the trace id is the chain id where that has X-Ray's
form, and a hash of it otherwise; span ids are hashes of natural keys, so that two exports of one
chain agree. Encoding: OTLP 1.x JSON (ids as hex, 64-bit numbers as text).
"""

from __future__ import annotations

import json
import math
import re
from hashlib import blake2b
from importlib import metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chainlight_collector.export.rows import Chain, Row

SERVER, CLIENT, PRODUCER, CONSUMER = 2, 3, 4, 5
"""OTLP's SpanKind."""
OK, ERROR = 1, 2
"""OTLP's StatusCode; 0, unset, is what is unknown."""

ANSWERED = frozenset({"sync", "http", "apigw", "apigw_v2", "alb", "function_url", "websocket"})
"""Ways of being called in which somebody waits for the answer."""

_XRAY = re.compile(r"1-([0-9a-f]{8})-([0-9a-f]{24})")
Span = dict[str, Any]
AttemptKey = tuple[str, str, int]


def otlp(chain: Chain) -> str:
    """Return the chain as one ExportTraceServiceRequest in JSON."""
    return json.dumps({"resourceSpans": _resources(chain)}, indent=1, ensure_ascii=False)


def trace_id(chain_id: str) -> str:
    """Return 32 hex digits: the X-Ray id without its dashes, else a hash."""
    found = _XRAY.fullmatch(chain_id)
    return found[1] + found[2] if found else _hash(16, chain_id)


def attempt_span_id(function_name: str, request_id: str, attempt_number: int) -> str:
    """Return the 16 hex digits of an attempt's span, the same in every export."""
    return _hash(8, "attempt", function_name, request_id, str(attempt_number))


def call_span_id(call_id: str) -> str:
    """Return the 16 hex digits of a call's span."""
    return _hash(8, "call", call_id)


def _resources(chain: Chain) -> list[dict[str, Any]]:
    spans: dict[str, list[Span]] = {}
    resources: dict[str, Row] = {}
    causes = _causes(chain)
    edges = {(row["function_name"], row["request_id"]): row["edge_kind"] for row in chain.timeline}
    last = _last_attempts(chain)
    for attempt in chain.attempts:
        if attempt["started_us"] is None:
            continue
        name = str(attempt["function_name"])
        resources.setdefault(name, attempt)
        key = (name, str(attempt["request_id"]))
        span = _attempt_span(chain, attempt, edges.get(key), causes.get(key, []))
        if last[key] == attempt["attempt_number"]:
            span["events"] = _letter_events(chain, attempt)
        spans.setdefault(name, []).append(span)
    for call in chain.calls:
        if call["started_us"] is not None and call["caller_function"] in spans:
            spans[str(call["caller_function"])].append(_call_span(chain, call))
    return [
        {"resource": _resource(resources[name]), "scopeSpans": [_scope(own)]}
        for name, own in spans.items()
    ]


def _scope(spans: list[Span]) -> dict[str, Any]:
    version = metadata.version("chainlight-collector")
    return {"scope": {"name": "chainlight", "version": version}, "spans": spans}


def _resource(attempt: Row) -> dict[str, Any]:
    return {
        "attributes": _attributes(
            {
                "service.name": attempt["function_name"],
                "cloud.provider": "aws",
                "cloud.platform": "aws_lambda",
                "cloud.region": attempt["region"],
                "cloud.account.id": attempt["account_id"],
                "cloud.resource_id": attempt["function_arn"],
                "faas.name": attempt["function_name"],
                "faas.version": attempt["function_version"],
                "host.arch": attempt["arch"],
            }
        )
    }


def _attempt_span(chain: Chain, attempt: Row, edge: object, causes: list[str]) -> Span:
    started_us = int(attempt["started_us"])
    ended_us = max(started_us, int(attempt["ended_us"] or started_us))
    key = (attempt["function_name"], attempt["request_id"], attempt["attempt_number"])
    return {
        "traceId": trace_id(chain.chain_id),
        "spanId": attempt_span_id(*key),
        **({"parentSpanId": causes[0]} if causes else {}),
        "name": str(attempt["function_name"]),
        "kind": SERVER if edge in ANSWERED else CONSUMER,
        "startTimeUnixNano": str(started_us * 1000),
        "endTimeUnixNano": str(ended_us * 1000),
        "attributes": _attributes(_attempt_facts(attempt, edge)),
        "links": [{"traceId": trace_id(chain.chain_id), "spanId": span} for span in causes[1:]],
        "status": _status(attempt["outcome"], attempt["error_type"]),
    }


def _attempt_facts(attempt: Row, edge: object) -> dict[str, object]:
    kept = (
        "attempt_number", "billed_ms", "memory_mb", "max_memory_used_mb", "init_us",
        "paid_idle_us", "cost_usd", "paid_idle_usd", "share", "outcome", "source_kind",
    )  # fmt: skip
    return {
        "faas.invocation_id": attempt["request_id"],
        "faas.coldstart": attempt["is_cold"],
        "error.type": attempt["error_type"],
        "aws.log.group.names": attempt["log_group"],
        "aws.log.stream.names": attempt["log_stream"],
        "chainlight.edge_kind": edge,
        **{f"chainlight.{name}": attempt[name] for name in kept},
    }


def _call_span(chain: Chain, call: Row) -> Span:
    started_us = int(call["started_us"])
    ended_us = started_us + int(call["wait_us"] or 0)
    caller = (
        call["caller_function"],
        call["caller_request_id"],
        call["caller_attempt_number"] or 1,
    )
    kept = ("kind", "mode", "tries_count", "wait_us", "cpu_us", "paid_idle_us", "payload_bytes",
            "response_bytes", "result_was_read", "natural_key")  # fmt: skip
    return {
        "traceId": trace_id(chain.chain_id),
        "spanId": call_span_id(str(call["call_id"])),
        "parentSpanId": attempt_span_id(*caller),
        "name": f"{call['operation'] or 'call'} {call['target']}",
        "kind": CLIENT if call["mode"] == "sync" else PRODUCER,
        "startTimeUnixNano": str(started_us * 1000),
        "endTimeUnixNano": str(ended_us * 1000),
        "attributes": _attributes(
            {
                "rpc.system": "aws-api",
                "rpc.service": call["kind"],
                "rpc.method": call["operation"],
                "peer.service": call["target"],
                "error.type": call["error_type"],
                **{f"chainlight.{name}": call[name] for name in kept},
            }
        ),
        "status": _status(call["outcome"], call["error_type"]),
    }


def _causes(chain: Chain) -> dict[tuple[str, str], list[str]]:
    """Return per invocation the spans that caused it, the tree's own parent first."""
    calls = {str(call["call_id"]) for call in chain.calls if call["started_us"] is not None}
    parents = {(row["function_name"], row["request_id"]): row["call_id"] for row in chain.timeline}
    found: dict[tuple[str, str], list[str]] = {}
    for link in chain.links:
        key = (str(link["callee_function"]), str(link["callee_request_id"]))
        own = found.setdefault(key, [])
        span = _cause_span(link, calls)
        if span is None or span in own:
            continue
        own.insert(0 if link["call_id"] == parents.get(key) else len(own), span)
    return found


def _cause_span(link: Row, calls: set[str]) -> str | None:
    if str(link["call_id"]) in calls:
        return call_span_id(str(link["call_id"]))
    if link["caller_function"] is None or link["caller_request_id"] is None:
        return None
    number = link.get("caller_attempt_number") or 1
    return attempt_span_id(str(link["caller_function"]), str(link["caller_request_id"]), number)


def _last_attempts(chain: Chain) -> dict[tuple[str, str], int]:
    last: dict[tuple[str, str], int] = {}
    for attempt in chain.attempts:
        if attempt["started_us"] is not None:
            key = (str(attempt["function_name"]), str(attempt["request_id"]))
            last[key] = max(last.get(key, 0), attempt["attempt_number"])
    return last


def _letter_events(chain: Chain, attempt: Row) -> list[dict[str, Any]]:
    """Return the dead letters of an invocation as events of its last attempt."""
    own = [
        letter
        for letter in chain.dead_letters
        if letter["request_id"] == attempt["request_id"]
        and letter["function_name"] == attempt["function_name"]
    ]
    at_us = int(attempt["ended_us"] or attempt["started_us"])
    return [
        {
            "name": "dead letter",
            "timeUnixNano": str(int(letter.get("sent_us") or at_us) * 1000),
            "attributes": _attributes(
                {
                    "chainlight.queue_arn": letter["queue_arn"],
                    "messaging.message.id": letter["message_id"],
                    "exception.message": letter["error_message"],
                    "chainlight.condition": letter["condition"],
                }
            ),
        }
        for letter in own
    ]


def _status(outcome: object, error_type: object) -> dict[str, Any]:
    if outcome == "ok":
        return {"code": OK}
    if outcome in (None, "unknown"):
        return {}
    return {"code": ERROR, "message": str(error_type or outcome)}


def _attributes(facts: Mapping[str, object]) -> list[dict[str, Any]]:
    return list(_known(facts.items()))


def _known(facts: Iterable[tuple[str, object]]) -> Iterable[dict[str, Any]]:
    for key, value in facts:
        if value is not None and not (isinstance(value, float) and math.isnan(value)):
            yield {"key": key, "value": _value(value)}


def _value(value: object) -> dict[str, object]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    return {"stringValue": str(value)}


def _hash(size_bytes: int, *parts: str) -> str:
    return blake2b("\0".join(parts).encode(), digest_size=size_bytes).hexdigest()
