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


LOADING = (
    "import sys; sys.path += sys.argv[1:]; import duckdb;"
    "from chainlight_collector import extensions as own;"
    "place = duckdb.connect(config={'extension_directory': own.folder()});"
    "own.load(place, [own.DUCKLAKE, own.HTTPFS, own.AWS, own.POSTGRES]);"
    'print(place.execute("SELECT count(*) FROM duckdb_extensions() WHERE loaded AND '
    "install_mode <> 'STATICALLY_LINKED'\").fetchall()[0][0])"
)


def test_extensions_are_a_layer_that_loads_without_a_network_and_fits_beside_the_function(
    tmp_path: Path,
) -> None:
    targets = tmp_path / "task.zip", tmp_path / "opt.zip"
    subprocess.run([sys.executable, BUILDER, "--target", targets[0]], check=True)
    subprocess.run([sys.executable, BUILDER, "--extensions", "--target", targets[1]], check=True)
    unpacked_bytes = 0
    for target in targets:
        with zipfile.ZipFile(target) as archive:
            archive.extractall(target.with_suffix(""))
            unpacked_bytes += sum(info.file_size for info in archive.infolist())
    folders = [tmp_path / "task", tmp_path / "opt" / "python"]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", LOADING, *map(str, folders)],
        capture_output=True,
        text=True,
        check=True,
        env={"HOME": "/nowhere"},
    )

    assert (done.stdout, unpacked_bytes < 250_000_000 * 4 / 5) == ("4\n", True)


def _with_only_boto3(folder: Path) -> str:
    """Lambda's Python brings boto3 and nothing else of ours."""
    folder.mkdir()
    for name in ("boto3", "botocore", "s3transfer", "jmespath", "urllib3", "dateutil", "six"):
        module = sys.modules.get(name) or __import__(name)
        path = Path(str(module.__file__))
        source = path.parent if path.name == "__init__.py" else path
        (folder / source.name).symlink_to(source)
    return str(folder)
