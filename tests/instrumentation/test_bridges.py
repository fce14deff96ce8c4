"""Other tracers and loggers of the same process, the real ones: one id for all, written once."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from aws_lambda_powertools import Logger
from aws_xray_sdk.core import xray_recorder
from aws_xray_sdk.core.lambda_launcher import LambdaContext
from opentelemetry import trace as otel
from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import chainlight
from chainlight.bridges.logging import (
    ChainFilter,
    add_chain_id,
    add_to_handlers,
    add_to_powertools,
)
from chainlight.bridges.otel import ATTRIBUTE, ChainPropagator
from chainlight.imports import install
from chainlight.testing import capture_records

Maker = Callable[..., Any]
CHAIN_ID = "1-65f0c0de-0123456789abcdef01234567"
OTHER = "1-65f0c0df-fedcba98765432100123abcd"
TRACE_ID = int(CHAIN_ID[2:].replace("-", ""), 16)
HEADER = f"Root={CHAIN_ID};Parent=0123456789abcdef;Sampled=1"


def _run(handler: Callable[[Any, Any], object], given: object, event: object = None) -> Any:
    """Return the record of the handler's one invocation."""
    with capture_records() as records:
        chainlight.trace(handler)(event or {}, given)
    (record,) = records
    return record


@pytest.fixture
def xray() -> Iterator[Any]:
    xray_recorder.configure(sampling=False, context_missing="IGNORE_ERROR")
    yield xray_recorder
    xray_recorder.context.clear_trace_entities()


@pytest.fixture
def spans() -> Iterator[tuple[Any, InMemorySpanExporter]]:
    install()  # as the first trace() of a process does
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield provider.get_tracer("shop"), exporter
    provider.shutdown()


def _stamps(exporter: InMemorySpanExporter) -> list[tuple[str, int, object]]:
    return [
        (span.name, span.context.trace_id, (span.attributes or {}).get(ATTRIBUTE))
        for span in exporter.get_finished_spans()
    ]


def test_open_subsegment_is_annotated_with_the_chain_id(context: Maker, xray: Any) -> None:
    xray.begin_segment("sandbox")
    subsegment = xray.begin_subsegment("work")

    record = _run(lambda _event, _context: None, context())

    assert subsegment.annotations == {"chain_id": record["chain_id"]}


def test_in_lambda_the_subsegments_right_below_its_segment_are_annotated_in_every_thread(
    context: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", HEADER)
    monkeypatch.setattr(xray_recorder, "_context", LambdaContext())
    seen: dict[str, dict[str, Any]] = {}

    def work(name: str) -> None:
        with (
            xray_recorder.in_subsegment(name) as outer,
            xray_recorder.in_subsegment("deeper") as inner,
        ):
            seen[name] = {**outer.annotations, "trace_id": outer.trace_id}
            seen[f"{name}, deeper"] = dict(inner.annotations)

    def handler(_event: object, _context: object) -> None:
        work("main")
        thread = threading.Thread(target=work, args=("thread",))
        thread.start()
        thread.join()

    record = _run(handler, context())

    annotated = {"chain_id": CHAIN_ID, "trace_id": CHAIN_ID}
    assert record["chain_id"] == CHAIN_ID
    assert seen == {
        "main": annotated,
        "main, deeper": {},
        "thread": annotated,
        "thread, deeper": {},
    }


def test_nothing_open_is_nothing_to_say(
    context: Maker, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    xray_recorder.context.clear_trace_entities()

    _run(lambda _event, _context: None, context())

    assert capsys.readouterr().err == ""
    assert caplog.text == ""


def test_spans_begun_in_a_handler_are_of_the_chains_trace_and_say_so(
    context: Maker, spans: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracer, exporter = spans
    monkeypatch.setenv("_X_AMZN_TRACE_ID", HEADER)

    def handler(_event: object, _context: object) -> None:
        with tracer.start_as_current_span("outer"), tracer.start_as_current_span("inner"):
            pass
        thread = threading.Thread(target=lambda: tracer.start_span("in a thread").end())
        thread.start()
        thread.join()

    _run(handler, context())
    tracer.start_span("outside").end()

    *inside, (name, trace_id, stamp) = _stamps(exporter)
    assert inside == [
        ("inner", TRACE_ID, CHAIN_ID),
        ("outer", TRACE_ID, CHAIN_ID),
        ("in a thread", TRACE_ID, CHAIN_ID),
    ]
    assert (name, stamp) == ("outside", None)
    assert trace_id != TRACE_ID


def test_span_around_the_handler_gives_the_chain_its_id_where_lambda_gave_none(
    context: Maker, spans: Any
) -> None:
    tracer, exporter = spans

    with tracer.start_as_current_span("handler"):
        record = _run(lambda _event, _context: tracer.start_span("inner").end(), context())

    trace_ids = {f"{trace_id:032x}" for _, trace_id, _ in _stamps(exporter)}
    assert trace_ids == {record["chain_id"][2:].replace("-", "")}


def test_root_of_lambda_wins_over_a_span_around_the_handler(
    context: Maker, spans: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracer, _ = spans
    monkeypatch.setenv("_X_AMZN_TRACE_ID", HEADER)

    with tracer.start_as_current_span("handler"):
        record = _run(lambda _event, _context: None, context())

    assert record["chain_id"] == CHAIN_ID


def test_spans_of_one_record_of_a_batch_are_of_that_records_chain(
    context: Maker, spans: Any
) -> None:
    tracer, exporter = spans
    sent = [
        {
            "eventSource": "aws:sqs",
            "messageId": root,
            "attributes": {"AWSTraceHeader": f"Root={root};Sampled=0"},
        }
        for root in (CHAIN_ID, OTHER)
    ]

    def handler(event: Any, _context: object) -> None:
        for item in event["Records"]:
            with chainlight.record_of(item):
                tracer.start_span("work").end()

    _run(handler, context(), {"Records": sent})

    assert [stamp for *_, stamp in _stamps(exporter)] == [CHAIN_ID, OTHER]


def test_propagator_continues_the_chain_where_no_span_is_and_leaves_others_alone(
    context: Maker, spans: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracer, _ = spans
    propagator = ChainPropagator()
    monkeypatch.setenv("_X_AMZN_TRACE_ID", HEADER)
    carriers: list[dict[str, str]] = [{}, {}, {"traceparent": "theirs"}]
    trace_ids: list[int] = []

    def handler(_event: object, _context: object) -> None:
        extracted = propagator.extract({})
        trace_ids.append(otel.get_current_span(extracted).get_span_context().trace_id)
        propagator.inject(carriers[0])
        propagator.inject(carriers[2])
        with tracer.start_as_current_span("theirs"):
            propagator.inject(carriers[1])

    _run(handler, context())
    outside: dict[str, str] = {}
    propagator.inject(outside)

    assert trace_ids == [TRACE_ID]
    assert carriers[0]["traceparent"].startswith(f"00-{TRACE_ID:032x}-")
    assert carriers[1:] == [{}, {"traceparent": "theirs"}]
    assert outside == {}
    assert propagator.extract({}, Context()) == Context()


def test_calls_become_spans_of_their_own_id_where_the_user_allows_it(
    context: Maker, client: Maker, spans: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracer, exporter = spans
    monkeypatch.setenv("CHAINLIGHT_OTEL_SPANS", "1")
    monkeypatch.setattr(otel, "get_tracer", lambda _name: tracer)
    functions = client("lambda")

    def handler(_event: object, _context: object) -> None:
        with tracer.start_as_current_span("work"):
            functions.invoke(FunctionName="other")

    record = _run(handler, context())

    call_span, work_span = exporter.get_finished_spans()
    (call,) = record["calls"]
    assert (call_span.name, call_span.kind) == ("lambda Invoke", otel.SpanKind.CLIENT)
    assert f"{call_span.context.span_id:016x}" == call["call_id"]
    assert call_span.parent == work_span.context
    assert call_span.end_time - call_span.start_time == call["wait_us"] * 1000
    assert call_span.attributes == {
        ATTRIBUTE: record["chain_id"],
        "rpc.system": "aws-api",
        "rpc.method": "Invoke",
        "server.address": "other",
        "http.response.status_code": 200,
        "chainlight.tries_count": 1,
        "chainlight.natural_key": call["natural_keys"][0],
    }


def test_calls_are_no_spans_unless_asked_for(context: Maker, client: Maker, spans: Any) -> None:
    functions = client("lambda")

    _run(lambda _event, _context: functions.invoke(FunctionName="other"), context())

    assert spans[1].get_finished_spans() == ()


def test_log_lines_of_the_standard_library_have_the_chain_id(
    context: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    logger = logging.getLogger("chainlight-test")
    logger.setLevel(logging.INFO)
    monkeypatch.setattr(logger, "handlers", [])
    logger.addHandler(logging.StreamHandler(stream))
    logger.handlers[0].setFormatter(logging.Formatter("%(chain_id)s %(message)s"))
    add_to_handlers(logger)
    add_to_handlers(logger)

    record = _run(lambda _event, _context: logger.info("inside"), context())
    logger.info("outside")

    assert stream.getvalue().splitlines() == [f"{record['chain_id']} inside", "None outside"]
    assert [type(one) for one in logger.handlers[0].filters] == [ChainFilter]


def test_log_lines_of_powertools_have_the_chain_id(context: Maker) -> None:
    stream = io.StringIO()
    logger = Logger(service="shop", logger_handler=logging.StreamHandler(stream))
    add_to_powertools(logger)

    record = _run(lambda _event, _context: logger.info("inside"), context())

    (line,) = map(json.loads, stream.getvalue().splitlines())
    assert (line["message"], line["chain_id"]) == ("inside", record["chain_id"])


def test_log_events_of_structlog_have_the_chain_id(context: Maker) -> None:
    logger = structlog.wrap_logger(
        structlog.ReturnLogger(), processors=[add_chain_id, structlog.processors.JSONRenderer()]
    )
    said: list[str] = []

    record = _run(lambda _event, _context: said.append(logger.info("inside")), context())
    said.append(logger.info("outside"))

    assert [json.loads(text) for text in said] == [
        {"event": "inside", "chain_id": record["chain_id"]},
        {"event": "outside"},
    ]


def test_a_tracer_that_is_not_what_it_seems_costs_one_line_and_nothing_else(
    context: Maker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = SimpleNamespace(xray_recorder=None)
    monkeypatch.setitem(sys.modules, "aws_xray_sdk.core", broken)

    for _ in range(2):
        assert _run(lambda _event, _context: None, context())["outcome"] == "ok"

    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("chainlight E09 AttributeError at xray.py:")


IMPORTED_LATER = """
import chainlight
from chainlight.testing import capture_records, invoke

def handler(event, context):
    from aws_lambda_powertools.utilities.batch import BatchProcessor
    from aws_xray_sdk.core.recorder import AWSXRayRecorder
    from opentelemetry.sdk.trace import TracerProvider
    span = TracerProvider().get_tracer("shop").start_span("work")
    methods = BatchProcessor._process_record, AWSXRayRecorder.begin_subsegment
    assert all(hasattr(method, "__wrapped__") for method in methods)
    chain_id = chainlight.current().chain_id
    assert dict(span.attributes) == {"chainlight.chain_id": chain_id}
    assert f"{span.context.trace_id:032x}" == chain_id[2:].replace("-", "")

with capture_records():
    invoke(handler, {})
"""
PATCHED_BY_XRAY = """
import chainlight
from aws_xray_sdk.core import patch, xray_recorder
from chainlight.testing import capture_records, invoke

class Emitter:
    def send_entity(self, entity):
        sent.append(entity.to_dict())

sent = []
xray_recorder.configure(emitter=Emitter(), sampling=False)
patch(["botocore"])
import boto3
from botocore.stub import Stubber
functions = boto3.client("lambda", region_name="us-east-1")

def handler(event, context):
    with Stubber(functions) as aws:
        aws.add_response("invoke", {"StatusCode": 200})
        functions.invoke(FunctionName="price")

with capture_records() as records:
    invoke(handler, {})
(record,), (subsegment,) = records, sent
root = "1-65f0c0de-0123456789abcdef01234567"
assert [call["target"] for call in record["calls"]] == ["price"]
assert (record["chain_id"], subsegment["trace_id"]) == (root, root)
assert subsegment["annotations"] == {"chain_id": root}
"""


@pytest.mark.parametrize(
    "program", [IMPORTED_LATER, PATCHED_BY_XRAY], ids=["imported later", "boto3 patched by X-Ray"]
)
def test_libraries_are_joined_in_a_process_of_their_own(program: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"_X_AMZN_TRACE_ID": HEADER, "LAMBDA_TASK_ROOT": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
