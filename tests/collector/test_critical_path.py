"""The critical path: what is on it, and what its time was spent on."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from chainlight_collector.derive.critical_path import Node, Trace, path_of, steps_of

FUNCTION = "AWS::Lambda::Function"


def _node(
    node_id: str,
    parent: str | None,
    start: int,
    end: int,
    origin: str | None = None,
    name: str = "",
) -> Node:
    return Node(node_id, parent, name or node_id, origin, start * 1000, end * 1000)


def _spent(nodes: list[Node]) -> dict[str, int]:
    trace = Trace.of(nodes)
    spent: Counter[str] = Counter()
    for step in steps_of(trace, path_of(trace)):
        spent[step.category] += step.ended_us - step.started_us
    return {category: length_us // 1000 for category, length_us in spent.items()}


def _ids(nodes: list[Node]) -> list[str]:
    return [node.node_id for node in path_of(Trace.of(nodes))]


STAGE = _node("stage", None, 0, 100, "AWS::ApiGateway::Stage")


def test_of_children_the_one_that_returns_last_counts_and_those_before_it() -> None:
    nodes = [
        STAGE,
        _node("early", "stage", 0, 20, "AWS::S3"),
        _node("beside", "stage", 25, 60, "AWS::S3"),
        _node("last", "stage", 30, 90, "AWS::SNS"),
    ]

    assert _ids(nodes) == ["stage", "early", "last"]
    assert _spent(nodes) == {"external": 80, "orchestration": 20}


def test_an_asynchronous_child_counts_only_where_the_trace_ends_in_it() -> None:
    ends = [STAGE, _node("sent", "stage", 90, 300, "AWS::Lambda")]
    nodes = [*ends, _node("other", "stage", 95, 250, "AWS::Lambda")]

    assert _ids(nodes) == ["stage", "sent"]
    assert _spent(nodes) == {"orchestration": 300}


def test_time_between_a_send_and_its_arrival_is_the_trigger_s() -> None:
    nodes = [STAGE, _node("later", "stage", 150, 300, FUNCTION), _node("x", "later", 150, 160)]
    nodes[1] = _node("later", "stage", 150, 300, "AWS::Lambda")

    assert _spent(nodes)["trigger"] == 50


def test_a_millisecond_of_clocks_does_not_make_a_child_asynchronous() -> None:
    exact = Node("f", "stage", "f", "AWS::Lambda", 50_000, 101_001)
    beyond = Node("f", "stage", "f", "AWS::Lambda", 50_000, 101_002)

    assert not Trace.of([STAGE, exact]).is_async(exact)
    assert Trace.of([STAGE, beyond]).is_async(beyond)


def test_a_cold_start_is_split_into_container_and_runtime_in_both_styles() -> None:
    for name in ("Initialization", "Init"):
        nodes = [
            _node("service", None, 0, 100, "AWS::Lambda"),
            _node("function", "service", 60, 98, FUNCTION),
            _node("init", "function", 20, 55, None, name),
        ]

        assert _spent(nodes) == {
            "container_init": 20,
            "runtime_init": 35,
            "orchestration": 7,
            "compute": 38,
        }


def test_a_queued_event_waits_in_lambda_before_its_attempt() -> None:
    nodes = [
        STAGE,
        _node("service", "stage", 110, 115, "AWS::Lambda"),
        _node("dwell", "service", 110, 140, None, "Dwell Time"),
        _node("attempt", "service", 140, 300, None, "Attempt #1"),
        _node("function", "attempt", 150, 290, FUNCTION),
    ]

    assert _spent(nodes) == {"orchestration": 120, "trigger": 10, "queue": 30, "compute": 140}


@st.composite
def _trees(draw: st.DrawFn) -> list[Node]:
    """Draw nodes that may point anywhere, at themselves and in circles too."""
    count = draw(st.integers(1, 12))
    nodes = []
    for number in range(count):
        parent = draw(st.one_of(st.none(), st.integers(0, count)))
        start = draw(st.integers(0, 50))
        origin = draw(st.sampled_from([None, "AWS::Lambda", FUNCTION, "AWS::S3"]))
        end = start + draw(st.integers(0, 50))
        name = draw(st.sampled_from(["Init", "x", "Dwell Time"]))
        nodes.append(
            _node(str(number), None if parent is None else str(parent), start, end, origin, name)
        )
    return nodes


@settings(max_examples=150, deadline=None)
@given(_trees(), st.randoms())
def test_steps_adjoin_and_the_order_of_nodes_does_not_matter(
    nodes: list[Node], dice: object
) -> None:
    trace = Trace.of(nodes)
    steps = steps_of(trace, path_of(trace))
    shuffled = list(nodes)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    again = Trace.of(shuffled)

    assert [step.started_us for step in steps[1:]] == [step.ended_us for step in steps[:-1]]
    assert steps_of(again, path_of(again)) == steps
