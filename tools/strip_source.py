"""What a module needs to run: its source without comments, docstrings, annotations.

Every statement stays on its line, so that tracebacks and coded lines still point into the source;
what is taken out leaves empty lines, which compress to nothing. Only for modules that never look at
their own annotations.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Place: TypeAlias = tuple[int, int]


class Cut(NamedTuple):
    """A stretch of source that goes: (line from 1, column in characters), and what stays."""

    start: Place
    end: Place
    instead: str = ""


def strip(source: str) -> str:
    """Return the source without what running it does not need; an emptied body gets a `pass`."""
    lines = source.split("\n")
    found = [*_cuts(ast.parse(source), lines), *_comments(source)]
    for cut in reversed(_outermost(found)):
        (line, column), (end_line, end_column) = cut.start, cut.end
        kept = lines[line - 1][:column] + cut.instead + lines[end_line - 1][end_column:]
        lines[line - 1 : end_line] = [kept.rstrip(), *[""] * (end_line - line)]
    return "\n".join(lines).rstrip() + "\n"


def _outermost(cuts: list[Cut]) -> list[Cut]:
    """Return the cuts in order, without those inside others."""
    kept: list[Cut] = []
    for cut in sorted(cuts, key=lambda cut: (cut.start, (-cut.end[0], -cut.end[1]))):
        if not kept or cut.start >= kept[-1].end:
            kept.append(cut)
    return kept


def _cuts(tree: ast.Module, lines: list[str]) -> Iterator[Cut]:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            gone = [statement for statement in body if _only_says(statement)]
            instead = "pass" if len(gone) == len(body) else ""
            for number, statement in enumerate(gone):
                whole = Cut(_start(statement, lines), _end(statement, lines))
                yield whole._replace(instead=instead if number == 0 else "")
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from _signature(node, lines)
            case ast.AnnAssign(value=ast.expr()):
                yield Cut(_end(node.target, lines), _end(node.annotation, lines))


def _only_says(statement: ast.stmt) -> bool:
    """Tell whether a statement does nothing: texts, bare annotations, what type checkers read."""
    match statement:
        case (
            ast.Expr(value=ast.Constant(value=str()))
            | ast.AnnAssign(value=None)
            | ast.If(test=ast.Name(id="TYPE_CHECKING"), orelse=[])
            | ast.ImportFrom(module="__future__")
        ):
            return True
    return False


def _signature(function: Function, lines: list[str]) -> Iterator[Cut]:
    given = function.args
    plain = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    for argument in filter(None, [*plain, given.vararg, given.kwarg]):
        if argument.annotation is not None:
            line, column = _start(argument, lines)
            name_end = (line, column + len(argument.arg))
            yield Cut(name_end, _end(argument.annotation, lines))
    if function.returns is not None:
        line, column = _start(function.returns, lines)
        arrow = lines[line - 1].rindex("->", 0, column)
        head = lines[line - 1][:arrow].rstrip()
        yield Cut((line, len(head)), _end(function.returns, lines))


def _comments(source: str) -> Iterator[Cut]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield Cut(token.start, token.end)


def _start(node: ast.stmt | ast.expr | ast.arg, lines: list[str]) -> Place:
    return node.lineno, _characters(lines[node.lineno - 1], node.col_offset)


def _end(node: ast.stmt | ast.expr | ast.arg, lines: list[str]) -> Place:
    line, offset_bytes = node.end_lineno or 0, node.end_col_offset or 0
    return line, _characters(lines[line - 1], offset_bytes)


def _characters(line: str, offset_bytes: int) -> int:
    """Return a column in characters: the parser counts bytes."""
    return len(line.encode()[:offset_bytes].decode())
