"""The handler behaves as if we were not there, whatever it does."""

from __future__ import annotations

import copy
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import GeneratorType, SimpleNamespace
from typing import Any

import pytest

import chainlight
from chainlight.testing import capture_records

Contexts = Callable[..., SimpleNamespace]
CHAIN_ID = "1-65f0c0de-0123456789abcdef01234567"


def test_result_is_the_very_object_the_handler_returned(context: Contexts) -> None:
    result = {"unserialisable": object()}

    with capture_records():
        assert chainlight.trace(lambda _event, _context: result)({}, context()) is result


def test_event_reaches_the_handler_as_the_same_object_and_stays_equal(context: Contexts) -> None:
    event = {"Records": [{"eventSource": "aws:sqs", "messageId": "m", "body": "{}"}]}
    before, seen = copy.deepcopy(event), []

    with capture_records():
        chainlight.trace(lambda given, _context: seen.append(given))(event, context())

    assert seen[0] is event
    assert event == before


def test_exception_leaves_as_the_same_object_with_the_bare_handlers_traceback(
    context: Contexts,
) -> None:
    error = ValueError("mine")

    def handler(_event: object, _context: object) -> None:
        raise error

    with capture_records() as records, pytest.raises(ValueError, match="mine") as caught:
        chainlight.trace(handler)({}, context())

    assert caught.value is error
    names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    assert names[1:] == ["handler"]
    assert (records[0]["outcome"], records[0]["error_type"]) == ("error", "ValueError")


@pytest.mark.parametrize(
    ("error", "outcome"), [(SystemExit(3), "exit"), (KeyboardInterrupt(), "error")]
)
def test_exits_pass_and_are_no_success(
    context: Contexts, error: BaseException, outcome: str
) -> None:
    def handler(_event: object, _context: object) -> None:
        raise error

    with capture_records() as records, pytest.raises(type(error)) as caught:
        chainlight.trace(handler)({}, context())

    assert caught.value is error
    assert records[0]["outcome"] == outcome


def test_keywords_work_as_positions_do(context: Contexts) -> None:
    given = context()

    with capture_records() as records:
        chainlight.trace(lambda event, context: (event, context))(event={"a": 1}, context=given)

    assert records[0]["request_id"] == given.aws_request_id


def test_methods_are_handlers_too(context: Contexts) -> None:
    class Service:
        @chainlight.trace
        def handler(self, event: object, _context: object) -> object:
            return event

    given = context()
    with capture_records() as records:
        assert Service().handler("event", given) == "event"

    assert records[0]["request_id"] == given.aws_request_id


@pytest.mark.parametrize("odd", [None, SimpleNamespace(), SimpleNamespace(aws_request_id=7)])
def test_contexts_without_attributes_do_not_matter(odd: object) -> None:
    with capture_records() as records:
        assert chainlight.trace(lambda _event, _context: 1)({}, odd) == 1

    assert records[0]["request_id"] is None
    assert records[0]["outcome"] == "ok"


@pytest.mark.parametrize(
    "event",
    [
        None,
        [1, {"Records": []}],
        "text",
        7,
        {"Records": "x"},
        {"Records": [None]},
        {"requestContext": None},
        {"Records": [{"eventSource": ["aws:sqs"]}]},
        {
            "Records": [
                {"eventSource": "aws:sqs", "attributes": 1, "messageAttributes": [], "body": 2}
            ]
        },
        {"Records": [{"EventSource": "aws:sns", "Sns": "x"}, 3]},
        {"requestContext": {"elb": []}},
        {"detail-type": 1, "id": 2},
        {"Execution": {"Id": None}},
    ],
)
def test_events_of_any_shape_are_handed_through(
    event: object, context: Contexts, capsys: pytest.CaptureFixture[str]
) -> None:
    with capture_records() as records:
        assert chainlight.trace(lambda given, _context: given)(event, context()) is event

    assert len(records) == 1
    assert capsys.readouterr().err == ""


def test_wrapping_twice_prints_one_record(context: Contexts) -> None:
    with capture_records() as records:
        chainlight.trace(chainlight.trace(lambda _event, _context: 1))({}, context())

    assert len(records) == 1


def test_recursion_with_other_requests_prints_one_record_each(context: Contexts) -> None:
    @chainlight.trace
    def handler(depth: int, _context: object) -> str | None:
        outside = chainlight.current().request_id
        if depth:
            handler(depth - 1, context())
        assert chainlight.current().request_id == outside
        return outside

    with capture_records() as records:
        handler(2, context())

    assert len({record["request_id"] for record in records}) == 3


def test_works_off_the_main_thread(context: Contexts) -> None:
    with capture_records() as records:
        thread = threading.Thread(
            target=chainlight.trace(lambda _event, _context: 1), args=({}, context())
        )
        thread.start()
        thread.join()

    assert len(records) == 1


def test_pool_threads_belong_to_the_running_invocation(context: Contexts) -> None:
    @chainlight.trace
    def handler(_event: object, _context: object) -> set[str | None]:
        with ThreadPoolExecutor(2) as pool:
            return set(pool.map(lambda _: chainlight.current().request_id, range(4)))

    given = context()
    with capture_records():
        assert handler({}, given) == {given.aws_request_id}


def test_concurrent_requests_know_themselves_and_a_stray_thread_knows_none(
    context: Contexts,
) -> None:
    together = threading.Barrier(2)
    stray: list[str | None] = []

    @chainlight.trace
    def handler(_event: object, given: SimpleNamespace) -> bool:
        together.wait(5)
        thread = threading.Thread(target=lambda: stray.append(chainlight.current().request_id))
        thread.start()
        thread.join()
        together.wait(5)
        return chainlight.current().request_id == given.aws_request_id

    with capture_records() as records, ThreadPoolExecutor(2) as pool:
        knew = list(pool.map(lambda _: handler({}, context()), range(2)))

    assert knew == [True, True]
    assert stray == [None, None]
    assert len({record["request_id"] for record in records}) == 2


def test_generators_are_handed_through(context: Contexts) -> None:
    def handler(_event: object, _context: object) -> Any:
        yield 1

    with capture_records() as records:
        result = chainlight.trace(handler)({}, context())

    assert isinstance(result, GeneratorType)
    assert list(result) == [1]
    assert len(records) == 1


def test_off_means_the_handler_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAINLIGHT_OFF", "1")

    def handler() -> None:
        """Stand for a user's handler."""

    assert chainlight.trace(handler) is handler


def test_traced_handler_keeps_its_name_and_documentation() -> None:
    def handler(_event: object, _context: object) -> None:
        """Say what it does."""

    traced = chainlight.trace(handler)

    assert (traced.__name__, traced.__doc__) == ("handler", "Say what it does.")
    assert traced.__wrapped__ is handler  # type: ignore[attr-defined]


def test_chain_id_is_the_root_of_the_trace_header(
    context: Contexts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", f"Root={CHAIN_ID};Parent=0123456789abcdef;Sampled=1")

    with capture_records() as records:
        chainlight.trace(lambda _event, _context: 1)({}, context())

    assert (records[0]["chain_id"], records[0]["trace_root"]) == (CHAIN_ID, None)


def test_chain_id_of_the_caller_wins_and_the_root_is_kept_beside_it(
    context: Contexts, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = "1-65f0c0df-fedcba98765432100123abcd"
    monkeypatch.setenv("_X_AMZN_TRACE_ID", f"Root={root};Sampled=0")
    given = context()
    custom = {"chainlight": f"{CHAIN_ID};caller-request;00112233445566ff"}
    given.client_context = SimpleNamespace(custom=custom)

    with capture_records() as records:
        chainlight.trace(lambda _event, _context: 1)({}, given)

    assert (records[0]["chain_id"], records[0]["trace_root"]) == (CHAIN_ID, root)
    (cause,) = records[0]["causes"]  # type: ignore[misc]
    assert cause["caller_request_id"] == "caller-request"
    assert cause["call_id"] == "00112233445566ff"
    assert cause["chain_id"] is None


def test_a_minted_chain_id_has_the_form_of_an_xray_root(context: Contexts) -> None:
    with capture_records() as records:
        chainlight.trace(lambda _event, _context: 1)({}, context())

    version, epoch, rest = str(records[0]["chain_id"]).split("-")
    assert (version, len(epoch), len(rest)) == ("1", 8, 24)


def test_annotations_of_plain_types_are_kept_and_others_become_text(context: Contexts) -> None:
    def handler(_event: object, _context: object) -> None:
        chainlight.annotate("order", 7)
        chainlight.annotate("endless", float("inf"))
        chainlight.annotate("object", object)  # type: ignore[arg-type]
        for number in range(40):
            chainlight.annotate(f"more{number}", "x" * 1000)

    with capture_records() as records:
        chainlight.trace(handler)({}, context())

    annotations = records[0]["annotations"]
    assert isinstance(annotations, dict)
    assert annotations["order"] == 7
    assert annotations["endless"] == "inf"
    assert annotations["object"] == "<class 'object'>"
    assert (len(annotations), len(annotations["more0"])) == (32, 256)
    assert records[0]["dropped"] == {"annotations": 11}


def test_outside_a_handler_there_is_nothing_to_know_or_annotate() -> None:
    chainlight.annotate("a", 1)

    assert chainlight.current().chain_id is None


@pytest.mark.parametrize(("chain_id", "is_printed"), [("f" * 24, False), ("0" * 24, True)])
def test_sampling_decides_for_the_whole_chain(
    context: Contexts, monkeypatch: pytest.MonkeyPatch, chain_id: str, *, is_printed: bool
) -> None:
    monkeypatch.setenv("CHAINLIGHT_SAMPLE", "0.5")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", f"Root=1-65f0c0de-{chain_id};Sampled=0")

    with capture_records() as records:
        chainlight.trace(lambda _event, _context: 1)({}, context())

    assert [record["sample_rate"] for record in records] == ([0.5] if is_printed else [])


def test_errors_and_retries_are_printed_at_any_rate(
    context: Contexts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAINLIGHT_SAMPLE", "0")
    attributes = {"ApproximateReceiveCount": "2"}
    retry = {"Records": [{"eventSource": "aws:sqs", "messageId": "m", "attributes": attributes}]}

    with capture_records() as records:
        chainlight.trace(lambda _event, _context: 1)({}, context())
        chainlight.trace(lambda _event, _context: 1)(retry, context())
        with pytest.raises(ZeroDivisionError):
            chainlight.trace(lambda _event, _context: 1 // 0)({}, context())

    assert [record["outcome"] for record in records] == ["ok", "error"]
    assert [record["sample_rate"] for record in records] == [1, 1]


def test_line_is_one_write_with_its_newline(
    context: Contexts, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[str] = []
    stdout = SimpleNamespace(write=writes.append, flush=lambda: writes.append("flush"))
    monkeypatch.setattr(sys, "stdout", stdout)

    chainlight.trace(lambda _event, _context: 1)({}, context())

    assert len(writes) == 2
    assert writes[0].startswith('{"chainlight":1,')
    assert writes[0].count("\n") == 1
    assert writes[0].endswith("}\n")
    assert writes[1] == "flush"
    assert len(writes[0]) <= 250
