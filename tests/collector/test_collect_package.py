from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
BUILDER = PROJECT / "tools" / "build_collector.py"
HANDLER = (
    "import sys; sys.path.insert(0, sys.argv[1]); sys.path += sys.argv[2:];"
    "import chainlight_collector.lambda_handler as module, duckdb;"
    "print(module.__file__, duckdb.__file__, 'click' in sys.modules)"
)


def test_zip_is_the_same_twice_and_its_handler_imports_from_it(tmp_path: Path) -> None:
    zips = []
    for name in ("one.zip", "two.zip"):
        subprocess.run([sys.executable, BUILDER, "--target", tmp_path / name], check=True)
        zips.append((tmp_path / name).read_bytes())
    assert zips[0] == zips[1]

    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        archive.extractall(tmp_path / "task")
    task = str(tmp_path / "task")
    runtime = _with_only_boto3(tmp_path / "runtime")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", HANDLER, task, runtime],
        capture_output=True,
        text=True,
        check=True,
    )

    module, library, has_click = done.stdout.split()
    assert module.startswith(task)
    assert library.startswith(task)
    assert has_click == "False"


def _with_only_boto3(folder: Path) -> str:
    """Lambda's Python brings boto3 and nothing else of ours."""
    folder.mkdir()
    for name in ("boto3", "botocore", "s3transfer", "jmespath", "urllib3", "dateutil", "six"):
        module = sys.modules.get(name) or __import__(name)
        path = Path(str(module.__file__))
        source = path.parent if path.name == "__init__.py" else path
        (folder / source.name).symlink_to(source)
    return str(folder)
