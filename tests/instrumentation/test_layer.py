"""What the layer promises as a package: small, the same bytes each time, cheap, on its own."""

from __future__ import annotations

import ast
import importlib.util
import io
import json
import os
import subprocess
import sys
import tokenize
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
ZIP_BYTES_MAX = 50 * 1024


@pytest.fixture(scope="module")
def build_layer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_layer", ROOT / "tools" / "build_layer.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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


def test_stripping_takes_comments_and_docstrings_and_moves_nothing(build_layer: ModuleType) -> None:
    source = '''"""What this is: naïve."""
# why
import os  # because


class Failure(Exception):
    """Nothing more."""


LIMIT = 10
"""Ten, says the page."""


def open_it(path):
    """Say where.

    At length.
    """
    text = """kept, # too
  """
    return "#" + text  # é
'''
    stripped = '''

import os


class Failure(Exception):
    pass


LIMIT = 10



def open_it(path):




    text = """kept, # too
  """
    return "#" + text
'''
    assert build_layer.strip(source) == stripped


def test_every_module_in_the_zip_is_its_source_line_by_line(build_layer: ModuleType) -> None:
    for path in sorted((ROOT / "instrumentation" / "chainlight").rglob("*.py")):
        stripped = build_layer.strip(path.read_text())
        comments = [
            token.string
            for token in tokenize.generate_tokens(io.StringIO(stripped).readline)
            if token.type == tokenize.COMMENT
        ]
        expected, found = ast.parse(path.read_text()), ast.parse(stripped)
        assert _statements(found) == _statements(_without_texts(expected)), path
        assert comments == [], path


def _without_texts(tree: ast.Module) -> ast.Module:
    """Take out docstrings the slow way; a body that has nothing else keeps a `pass` there."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if not isinstance(body, list):
            continue
        kept = [
            one
            for one in body
            if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
            or not isinstance(one.value.value, str)
        ]
        if body and not kept:
            kept = [ast.Pass(lineno=body[0].lineno)]
        node.body = kept  # type: ignore[attr-defined]
    return tree


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
            if name.endswith(".py") and not name.endswith("wrapper.py")  # imports the handler
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
        "import chainlight, chainlight.hooks, chainlight.deadline, chainlight.testing; "
        "from chainlight.carriers import functions, queues, topics, buses, machines, buckets; "
        "from chainlight.sources import records, requests, events"
    )

    for name in _loaded_by(code):
        top = name.partition(".")[0]
        assert top == "chainlight" or top in sys.stdlib_module_names
