"""Who calls whom as a graph in Graphviz's language: numbers on the edges, money in blue.

Names are quoted for DOT and shortened; every label is plain text (never DOT's HTML).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from chainlight_dashboard.views import units
from chainlight_dashboard.views.plain import clipped
from chainlight_dashboard.views.shapes import short_shapes

if TYPE_CHECKING:
    from chainlight_dashboard.palette import Palette

NODES_MAX = 60
NAME_MAX = 32
OUTSIDE = "\0outside"
SYNC = ("sync", "http", "apigw", "function_url", "alb")


@dataclass(slots=True)
class _Node:
    """A function: how often it ran and failed, over all callers."""

    runs: int = 0
    failed: int = 0
    letters: int = 0


@dataclass(slots=True)
class _Graph:
    nodes: dict[str, _Node] = field(default_factory=dict)
    edges: list[tuple[str, str, pd.Series]] = field(default_factory=list)


def dot(steps: pd.DataFrame, colours: Palette) -> str:
    """Return the DOT source of rows of `shape_edges`: one node a function, one edge a caller."""
    graph = _graph(steps)
    names = {name: name for name in graph.nodes}
    stem = short_shapes(graph.nodes)[1]
    shown = {name: name.removeprefix(stem) if len(graph.nodes) > 1 else name for name in names}
    lines = [_head(colours)]
    lines += [_node_line(name, shown[name], node, colours) for name, node in graph.nodes.items()]
    lines += [_edge_line(caller, name, step, colours) for caller, name, step in graph.edges]
    lines += [_letter_lines(name, node, colours) for name, node in graph.nodes.items()]
    return "\n".join([*(line for line in lines if line), "}"])


def _graph(steps: pd.DataFrame) -> _Graph:
    graph = _Graph()
    for step in steps.itertuples():
        name = str(step.function_name)
        if name not in graph.nodes and len(graph.nodes) >= NODES_MAX:
            continue
        node = graph.nodes.setdefault(name, _Node())
        node.runs += int(step.runs_count)
        node.failed += int(step.failed_count)
        node.letters = max(node.letters, int(step.dead_letters_count))
        if not units.is_unknown(step.caller_function) and step.caller_function in graph.nodes:
            graph.edges.append((str(step.caller_function), name, step))
    return graph


def _head(colours: Palette) -> str:
    return (
        'digraph chain { rankdir=LR; bgcolor="transparent"; nodesep=0.28; ranksep=0.7; '
        'pad=0.1; node [shape=box, style="rounded", fontname="sans-serif", fontsize=11, '
        f'color="{colours.money}", fontcolor="{colours.ink}", margin="0.16,0.07"]; '
        f'edge [fontname="sans-serif", fontsize=10, color="{colours.faint}", '
        f'fontcolor="{colours.ink}", arrowsize=0.7];'
    )


def _node_line(name: str, shown: str, node: _Node, colours: Palette) -> str:
    share = units.share(node.failed / node.runs if node.runs else None)
    runs = "1 run" if node.runs == 1 else f"{units.count(node.runs)} runs"
    label = f"{clipped(shown, NAME_MAX)}\n{runs} · {share} failed"
    trouble = f', color="{colours.trouble}", penwidth=2' if node.failed else ""
    return f"{_quoted(name)} [label={_quoted(label)}{trouble}];"


def _edge_line(caller: str, name: str, step: pd.Series, colours: Palette) -> str:
    is_paid = not units.is_unknown(step.paid_idle_usd) and step.paid_idle_usd > 0
    style = "solid" if step.edge_kind in SYNC else "dashed"
    colour = f', color="{colours.money}", penwidth=1.8' if is_paid else ""
    label = _quoted(_edge_words(step, is_paid=is_paid))
    return f"{_quoted(caller)} -> {_quoted(name)} [label={label}, style={style}{colour}];"


def _edge_words(step: pd.Series, *, is_paid: bool) -> str:
    if is_paid:
        return f"waits {units.money(step.paid_idle_usd)}"
    if step.edge_kind not in SYNC and not units.is_unknown(step.queued_p95_us):
        return f"{step.edge_kind}, queued p95 {units.duration(step.queued_p95_us)}"
    return str(step.edge_kind)


def _letter_lines(name: str, node: _Node, colours: Palette) -> str:
    if not node.letters:
        return ""
    letters = "1 dead letter" if node.letters == 1 else f"{node.letters} dead letters"
    box = _quoted(f"{name}{OUTSIDE}")
    return (
        f'{box} [label={_quoted(letters)}, style="filled", fillcolor="{colours.ink}", '
        f'fontcolor="{colours.ground}", color="{colours.ink}"]; '
        f'{_quoted(name)} -> {box} [style=dotted, color="{colours.trouble}"];'
    )


def _quoted(text: str) -> str:
    """Return text as a DOT string: backslashes and quotes escaped, line breaks as DOT wants."""
    safe = text.replace("\\", "\\\\").replace('"', '\\"').replace("\0", "\\\\0")
    return '"' + safe.replace("\n", "\\n") + '"'
