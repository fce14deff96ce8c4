"""Build dist/chainlight-layer.zip: the same bytes from the same sources, on any machine.

Entries are sorted, carry the zip format's first date and fixed modes. No .pyc: one is valid for a
single Python version of the four that the layer serves, and with one set the zip would pass 50 KiB.
The price is compiling the package once in a cold start; `bench/layer_import.py` prints it.

Modules go in without comments and docstrings, which are a third of the zip. What they leave behind
are empty lines, so that a coded line (``chainlight E03 KeyError at queues.py:41``) still names the
line of the source.
"""

from __future__ import annotations

import ast
import hashlib
import io
import sys
import tokenize
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "instrumentation" / "chainlight"
WRAPPER = ROOT / "instrumentation" / "wrapper" / "chainlight"
TARGET = ROOT / "dist" / "chainlight-layer.zip"
FIRST_DATE = (1980, 1, 1, 0, 0, 0)
FILE_MODE = 0o100644
PROGRAM_MODE = 0o100755
UNIX = 3


class Cut(NamedTuple):
    """A stretch of source that goes: lines from 1, columns in characters, and what replaces it."""

    line: int
    column: int
    end_line: int
    end_column: int
    instead: str = ""


def main(arguments: list[str]) -> int:
    """Write the zip (to the path given, else into dist/) and print its size and hash."""
    target = Path(arguments[0]) if arguments else TARGET
    target.parent.mkdir(parents=True, exist_ok=True)
    build(target)
    content = target.read_bytes()
    print(f"{target.name}: {len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}")
    return 0


def build(target: Path) -> None:
    """Write the layer: the package under python/, the exec wrapper and the licence at the root."""
    entries = {"LICENSE": (ROOT / "LICENSE", FILE_MODE), "chainlight": (WRAPPER, PROGRAM_MODE)}
    for path in PACKAGE.rglob("*"):
        if path.is_file() and path.suffix != ".pyc":
            name = f"python/chainlight/{path.relative_to(PACKAGE).as_posix()}"
            entries[name] = (path, FILE_MODE)
    with zipfile.ZipFile(target, "w") as archive:
        for name in sorted(entries):
            path, mode = entries[name]
            archive.writestr(_entry(name, mode), _content(path), zipfile.ZIP_DEFLATED, 9)


def strip(source: str) -> str:
    """Return a module's source without comments and docstrings, every statement on its line.

    A body that is nothing but a docstring keeps a statement, `pass`.
    """
    lines = source.split("\n")
    cuts = [*_docstrings(source, lines), *_comments(source)]
    for cut in sorted(cuts, reverse=True):
        head = lines[cut.line - 1][: cut.column] + cut.instead
        tail = lines[cut.end_line - 1][cut.end_column :]
        emptied = [""] * (cut.end_line - cut.line)
        lines[cut.line - 1 : cut.end_line] = [(head + tail).rstrip(), *emptied]
    return "\n".join(lines).rstrip() + "\n"


def _docstrings(source: str, lines: list[str]) -> Iterator[Cut]:
    """Yield every statement that is a mere text: docstrings, and those of constants."""
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        if not isinstance(body, list):
            continue
        texts = [statement for statement in body if _is_text(statement)]
        instead = "pass" if len(texts) == len(body) else ""
        for text in texts:
            end_bytes = lines[text.end_lineno - 1].encode()[: text.end_col_offset]
            end_column = len(end_bytes.decode())
            yield Cut(text.lineno, text.col_offset, text.end_lineno, end_column, instead)


def _is_text(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
    return False


def _comments(source: str) -> Iterator[Cut]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield Cut(*token.start, *token.end)


def _content(path: Path) -> bytes:
    content = path.read_bytes()
    return strip(content.decode()).encode() if path.suffix == ".py" else content


def _entry(name: str, mode: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, FIRST_DATE)
    entry.create_system = UNIX
    entry.external_attr = mode << 16
    return entry


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
