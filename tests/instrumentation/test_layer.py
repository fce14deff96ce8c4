"""What the layer promises as a package: small, the same bytes each time, cheap, on its own."""

from __future__ import annotations

import ast
import importlib
import io
import json
import os
import subprocess
import sys
import tokenize
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
ZIP_BYTES_MAX = 50 * 1024


@pytest.fixture(scope="module")
def build_layer() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "tools")
        yield importlib.import_module("build_layer")


def test_two_builds_are_the_same_bytes_and_small(build_layer: ModuleType, tmp_path: Path) -> None:
    build_layer.build(tmp_path / "one.zip")
    build_layer.build(tmp_path / "two.zip")

    content = (tmp_path / "one.zip").read_bytes()
    assert content == (tmp_path / "two.zip").read_bytes()
    assert len(content) < ZIP_BYTES_MAX


def test_zip_is_laid_out_as_lambda_unpacks_it(build_layer: ModuleType, tmp_path: Path) -> None:
    build_layer.build(tmp_path / "layer.zip")

    with zipfile.ZipFile(tmp_path / "layer.zip") as archive:
        entries = archive.infolist()
    names = [entry.filename for entry in entries]
    assert names == sorted(names)
    assert {"LICENSE", "chainlight", "python/chainlight/__init__.py"} < set(names)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    modes = {entry.filename: oct(entry.external_attr >> 16) for entry in entries}
    assert (modes["chainlight"], modes["python/chainlight/life.py"]) == ("0o100755", "0o100644")
    assert not any(name.endswith(".pyc") for name in names)


SOURCE = '''"""What this is: naïve."""
# why
from __future__ import annotations

import os  # because

if TYPE_CHECKING:
    from a import B  # for checkers


class Failure(Exception):
    """Nothing more."""


class Row:
    """Says what it has."""

    count: int
    name: str | None = None


LIMIT: Final[int] = 10
"""Ten, says the page."""


async def open_it(path: str, *rest: int, mode: str = "r", **more: dict[str, str]) -> list[int]:
    """Say where: é.

    At length.
    """
    text = """kept, # too
  """
    return "#" + text  # é


def long(
    first: Callable[
        [int], str
    ],
    second: int = 2,
) -> None: ...
'''
STRIPPED = '''



import os





class Failure(Exception):
    pass


class Row:



    name = None


LIMIT = 10



async def open_it(path, *rest, mode = "r", **more):




    text = """kept, # too
  """
    return "#" + text


def long(
    first,


    second = 2,
): ...
'''


def test_stripping_leaves_what_runs_where_it_was(build_layer: ModuleType) -> None:
    assert build_layer.strip(SOURCE) == STRIPPED


def test_every_module_in_the_zip_is_its_source_line_by_line(build_layer: ModuleType) -> None:
    for path in sorted((ROOT / "instrumentation" / "chainlight").rglob("*.py")):
        stripped = build_layer.strip(path.read_text())
        comments = [
            token.string
            for token in tokenize.generate_tokens(io.StringIO(stripped).readline)
            if token.type == tokenize.COMMENT
        ]
        expected = OnlyWhatRuns().visit(ast.parse(path.read_text()))
        assert _statements(ast.parse(stripped)) == _statements(expected), path
        assert comments == [], path


def test_no_module_needs_the_annotations_that_the_zip_leaves_out() -> None:
    readers = {"dataclass", "NamedTuple", "TypedDict", "get_type_hints", "__annotations__"}
    for path in sorted((ROOT / "instrumentation" / "chainlight").rglob("*.py")):
        tokens = tokenize.generate_tokens(io.StringIO(path.read_text()).readline)
        names = {token.string for token in tokens if token.type == tokenize.NAME}
        assert not names & readers, path


class OnlyWhatRuns(ast.NodeTransformer):
    """Takes out texts, annotations and what type checkers read, the slow way: node by node."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Put a `pass` on the first line of a body that lost all it had."""
        body = getattr(node, "body", None)
        first = body[0] if isinstance(body, list) and body else None
        super().generic_visit(node)
        if first is not None and getattr(node, "body", None) == []:
            node.body = [ast.Pass(lineno=first.lineno)]  # type: ignore[attr-defined]
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        """Take out texts."""
        is_text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if is_text else node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom | None:
        """Take out what concerns annotations."""
        return None if node.module == "__future__" else node

    def visit_If(self, node: ast.If) -> ast.AST | None:
        """Take out what only checkers read."""
        is_checked = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        return None if is_checked else self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.Assign | None:
        """Make it a plain assignment, or nothing."""
        if node.value is None:
            return None
        return ast.Assign([node.target], node.value, lineno=node.lineno)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Take out what is returned."""
        node.returns = None
        return self.generic_visit(node)

    visit_AsyncFunctionDef = visit_FunctionDef  # type: ignore[assignment]  # noqa: N815

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """Take out what is taken."""
        node.annotation = None
        return node


def _statements(tree: ast.Module) -> list[tuple[int, str]]:
    return [(node.lineno, ast.dump(node)) for node in ast.walk(tree) if isinstance(node, ast.stmt)]


def test_the_unpacked_layer_imports_in_an_empty_environment(
    build_layer: ModuleType, tmp_path: Path
) -> None:
    build_layer.build(tmp_path / "layer.zip")
    with zipfile.ZipFile(tmp_path / "layer.zip") as archive:
        archive.extractall(tmp_path)
        names = sorted(
            name.removeprefix("python/").removesuffix(".py").replace("/", ".")
            for name in archive.namelist()
            # One imports the handler, the other only ever follows OpenTelemetry's own SDK.
            if name.endswith(".py") and not name.endswith(("wrapper.py", "bridges/otel.py"))
        )
    program = f"import importlib; [importlib.import_module(name) for name in {names!r}]"
    done = subprocess.run(
        [sys.executable, "-S", "-B", "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(tmp_path / "python")},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def _loaded_by(code: str) -> list[str]:
    """Return the modules that the code adds to those of a bare interpreter."""
    program = (
        "import sys; sys.path.append(sys.argv[1]); before = set(sys.modules); "
        f"{code}; import json; print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-c", program, str(ROOT / "instrumentation")],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
    )
    names: list[str] = json.loads(done.stdout.splitlines()[-1])
    return names


def test_import_loads_few_modules_of_ours_and_no_heavy_one_of_pythons() -> None:
    names = _loaded_by("import chainlight; before |= {'json'}")

    own = [name for name in names if name.startswith("chainlight")]
    assert len(own) < 15


def test_a_traced_invocation_needs_neither_json_nor_a_heavy_module() -> None:
    heavy = {"json", "re", "typing", "inspect", "logging", "dataclasses", "asyncio", "threading"}
    code = (
        "import chainlight; chainlight.trace(lambda e, c: 1)({'a': 1}, None); "
        f"assert not {heavy!r} & set(sys.modules), {heavy!r} & set(sys.modules)"
    )

    _loaded_by(code)


def test_everything_imported_is_the_standard_librarys_or_ours() -> None:
    code = (
        "import chainlight, chainlight.hooks, chainlight.testing; "
        "from chainlight.carriers import functions, queues, topics, buses, machines, buckets; "
        "from chainlight.sources import records, requests, events"
    )

    for name in _loaded_by(code):
        top = name.partition(".")[0]
        assert top == "chainlight" or top in sys.stdlib_module_names
