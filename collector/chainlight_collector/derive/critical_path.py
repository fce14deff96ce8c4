"""The way through a trace that decides when it ends, and what its every microsecond was spent on.

The path is FIRM's (Qiu et al., OSDI 2020): of a node's children the one that returns last, before
it those that had returned when it began, and so on down; an asynchronous child only where the
trace ends in it. A child is asynchronous where it ends more than 1.001 ms after its parent: X-Ray
writes some times in milliseconds. Along the path time only moves on, and each step is charged to
one node; children of one parent that overlap are charged whole, their parent less.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

MARGIN_US = 1001
FUNCTION = "AWS::Lambda::Function"
SERVICE = "AWS::Lambda"
INIT_NAMES = frozenset({"Initialization", "Init"})
_ORIGINS = {
    "AWS::ApiGateway::Stage": "orchestration",
    "AWS::AppSync::GraphQLAPI": "orchestration",
    "AWS::StepFunctions::StateMachine": "orchestration",
    "AWS::stepfunctions": "orchestration",
    "AWS::STEPFUNCTIONS": "orchestration",
    SERVICE: "orchestration",
    FUNCTION: "compute",
    "AWS::S3::Bucket": "external",
    "AWS::S3": "external",
    "AWS::DynamoDB::Table": "external",
    "AWS::SQS::Queue": "external",
    "AWS::SNS": "external",
    "AWS::Kinesis": "external",
    "AWS::rekognition": "external",
    "Database::SQL": "external",
}
_PHASES = {
    "Overhead": "overhead",
    "Invocation": "compute",
    "Initialization": "runtime_init",
    "Init": "runtime_init",
}


@dataclass(frozen=True, slots=True)
class Node:
    """A segment or subsegment of one trace; times in epoch microseconds."""

    node_id: str
    parent_id: str | None
    name: str
    origin: str | None
    started_us: int
    ended_us: int


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of the path: up to `ended_us` time was spent on `category` in `node_id`."""

    node_id: str
    category: str
    started_us: int
    ended_us: int


@dataclass(slots=True)
class Trace:
    """The nodes of one trace as a tree; what has no parent here is a root."""

    nodes: dict[str, Node]
    children: dict[str, list[Node]] = field(default_factory=dict)

    @classmethod
    def of(cls, nodes: Iterable[Node]) -> Trace:
        """Build the tree; children in the order in which they ended."""
        trace = cls(_without_cycles({node.node_id: node for node in nodes}))
        found: dict[str, list[Node]] = defaultdict(list)
        for node in trace.nodes.values():
            if trace.parent(node) is not None:
                found[str(node.parent_id)].append(node)
        trace.children = {
            owner: sorted(group, key=lambda n: (n.ended_us, n.started_us, n.node_id))
            for owner, group in found.items()
        }
        return trace

    def parent(self, node: Node) -> Node | None:
        """Return the node above, None for a root."""
        return self.nodes.get(node.parent_id or "")

    def ancestors(self, node: Node) -> Iterator[Node]:
        """Yield the node and what is above it, up to its root."""
        above: Node | None = node
        while above is not None:
            yield above
            above = self.parent(above)

    def is_async(self, node: Node) -> bool:
        """Whether a node outlives its parent; AWS::Lambda always waits for its function."""
        parent = self.parent(node)
        if parent is None or node.origin == FUNCTION:
            return False
        return node.ended_us > parent.ended_us + MARGIN_US

    def category(self, node: Node) -> str:
        """Return what time in this node is spent on."""
        for each in self.ancestors(node):
            parent = self.parent(each)
            if each.origin is not None:
                return _ORIGINS.get(each.origin, "unclassified")
            if parent is not None and parent.origin == FUNCTION:
                return _PHASES.get(each.name, "unclassified")
            if parent is not None and parent.origin == SERVICE and each.name == "Dwell Time":
                return "queue"
        return "unclassified"

    def init(self, node: Node) -> Node | None:
        """Return the initialization of a function that started cold."""
        if node.origin != FUNCTION:
            return None
        return next((n for n in self.children.get(node.node_id, ()) if n.name in INIT_NAMES), None)


def _without_cycles(nodes: dict[str, Node]) -> dict[str, Node]:
    """Return the nodes with one of each cycle made a root: ids may be wrong, a tree may not."""
    settled: set[str] = set()
    for start in sorted(nodes):
        way: dict[str, Node] = {}
        node: Node | None = nodes[start]
        while node is not None and node.node_id not in settled and node.node_id not in way:
            way[node.node_id] = node
            node = nodes.get(node.parent_id or "")
        if node is not None and node.node_id in way:
            nodes[node.node_id] = replace(node, parent_id=None)
        settled.update(way)
    return nodes


def root_of(trace: Trace) -> Node:
    """Return where a trace begins: the earliest of the nodes that nothing is above of."""
    roots = (node for node in trace.nodes.values() if trace.parent(node) is None)
    return min(roots, key=lambda n: (n.started_us, -n.ended_us, n.node_id))


def path_of(trace: Trace) -> list[Node]:
    """Return the nodes of the critical path, each before those below it."""
    last = max(trace.nodes.values(), key=lambda n: (n.ended_us, n.started_us, n.node_id))
    towards_end = {node.node_id for node in trace.ancestors(last)}
    root = root_of(trace)
    path, open_nodes = [root], [(root, iter(trace.children.get(root.node_id, ())))]
    while open_nodes:
        node, children = open_nodes[-1]
        child = next(children, None)
        if child is None:
            open_nodes.pop()
        elif _is_followed(trace, node, child, path[-1], towards_end):
            path.append(child)
            open_nodes.append((child, iter(trace.children.get(child.node_id, ()))))
    return path


def _is_followed(
    trace: Trace, node: Node, child: Node, reached: Node, towards_end: set[str]
) -> bool:
    """Whether the path that has reached one node goes on into a child of another.

    It does not where it has left that one for something that ends later; but always into the
    asynchronous child that leads to the end of the trace.
    """
    last = trace.children[node.node_id][-1]
    if child is last and trace.is_async(child):
        return child.node_id in towards_end
    is_in_turn = child is last or child.ended_us <= last.started_us
    return is_in_turn and reached.ended_us <= node.ended_us


def steps_of(trace: Trace, path: list[Node]) -> list[Step]:
    """Return what the time along the path was spent on; the steps adjoin."""
    clock = _Clock(trace, path[0].started_us)
    doc, index = path[0], 1
    while index < len(path):
        following = path[index]
        init = trace.init(following)
        if init is not None:
            clock.begin_cold(doc, following, init)
            index += 2 if path[index + 1 : index + 2] == [init] else 1
        else:
            clock.move(doc, following)
            index += 1
        doc = following
    clock.finish(doc)
    return clock.steps


@dataclass(slots=True)
class _Clock:
    """Charges time as it moves along the path."""

    trace: Trace
    now_us: int
    steps: list[Step] = field(default_factory=list)

    def advance(self, until_us: int, node: Node, category: str | None = None) -> None:
        """Charge the time until an instant to a node."""
        if until_us != self.now_us:
            spent_on = category or self.trace.category(node)
            self.steps.append(Step(node.node_id, spent_on, self.now_us, until_us))
        self.now_us = until_us

    def begin_cold(self, doc: Node, function: Node, init: Node) -> None:
        """Charge a cold start: its initialization lies before the function's own segment."""
        self.advance(init.started_us, doc, "container_init")
        self.advance(init.ended_us, init, "runtime_init")
        self.advance(function.started_us, doc)

    def move(self, doc: Node, following: Node) -> None:
        """Charge the way from one node of the path to the next."""
        if self.trace.is_async(following):
            self.advance(min(doc.ended_us, following.started_us), doc)
            self.advance(following.started_us, following, "trigger")
        elif following.parent_id == doc.node_id:
            self.advance(following.started_us, doc)
        else:
            self._cross(doc, following)

    def _cross(self, doc: Node, following: Node) -> None:
        """Charge a node that returns, those above that return before the next one begins."""
        self.advance(doc.ended_us, doc)
        for above in list(self.trace.ancestors(doc))[1:]:
            if above.ended_us > following.started_us:
                break
            self.advance(above.ended_us, above)
        self.advance(following.started_us, self.trace.parent(following) or doc)

    def finish(self, doc: Node) -> None:
        """Charge the last node and those above that waited for it."""
        self.advance(doc.ended_us, doc)
        for below in self.trace.ancestors(doc):
            above = self.trace.parent(below)
            if above is None or self.trace.is_async(below):
                break
            self.advance(above.ended_us, above)
