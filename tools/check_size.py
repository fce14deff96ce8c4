"""Refuse functions over 50 lines and files over 400: the house's sizes, counted by the parser."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

FUNCTION_LINES_MAX = 50
FILE_LINES_MAX = 400
COUNTED_SUFFIXES = {".py", ".js", ".sql", ".css"}
NOT_OURS = {"__pycache__", "node_modules"}


def main(roots: list[str]) -> int:
    """Print each piece that is too long; return 1 if there was one."""
    files = sorted(path for root in roots for path in Path(root).rglob("*") if _is_counted(path))
    complaints = [complaint for path in files for complaint in _complaints(path)]
    for complaint in complaints:
        print(complaint)
    print(f"sizes: {len(files)} files, {len(complaints)} too long")
    return 1 if complaints else 0


def _is_counted(path: Path) -> bool:
    return path.suffix in COUNTED_SUFFIXES and NOT_OURS.isdisjoint(path.parts)


def _complaints(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    lines_count = text.count("\n")
    found = []
    if lines_count > FILE_LINES_MAX:
        found.append(f"{path}: {lines_count} lines, at most {FILE_LINES_MAX}")
    if path.suffix == ".py":
        found += [f"{path}:{where}" for where in _long_functions(ast.parse(text))]
    return found


def _long_functions(tree: ast.AST) -> list[str]:
    return [
        f"{node.lineno} {node.name}: {_length(node)} lines, at most {FUNCTION_LINES_MAX}"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and _length(node) > FUNCTION_LINES_MAX
    ]


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
