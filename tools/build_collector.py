"""Build dist/chainlight-collector.zip: our two packages and what they need; boto3 is the runtime's.

`--extensions` builds dist/chainlight-extensions.zip instead: DuckDB's extensions from their wheels,
as a Lambda layer that only the storage modes object and lake need.

Without options the dependencies are copied from the environment that runs this script: right for
the local AWS, and for Lambda where Python and platform agree. For a deployment name them:
`--platform x86_64 --python-version 3.13` (or aarch64) fetches the wheels that Lambda needs, which
may differ from this machine's. Entries are sorted and dated 1980: equal input, equal zip.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
UNPACKED_BYTES_MAX = 250_000_000
"""Lambda's limit for a function with its layers, unzipped."""
FIRST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
COMPRESS_LEVEL = 1  # 3 s instead of 12 s for duckdb's 60 MB library, and 10 % larger
SKIPPED_PARTS = {"__pycache__", "experimental", "tests"}

Entry = tuple[str, Path]


@dataclass(frozen=True, slots=True)
class Package:
    """What one zip holds: folders of ours, installed distributions, all below `prefix`."""

    target: Path
    own: dict[str, Path]
    dependencies: tuple[str, ...]
    prefix: str = ""


COLLECTOR = Package(
    PROJECT / "dist" / "chainlight-collector.zip",
    {
        "chainlight": PROJECT / "instrumentation" / "chainlight",
        "chainlight_collector": PROJECT / "collector" / "chainlight_collector",
    },
    ("duckdb", "isal", "pytz"),
)
EXTENSIONS = Package(
    PROJECT / "dist" / "chainlight-extensions.zip",
    {},
    tuple(f"duckdb-extension-{name}" for name in ("aws", "ducklake", "httpfs", "postgres")),
    prefix="python/",  # where Lambda looks into a layer
)


def main(arguments: list[str]) -> int:
    """Build the zip, print its sizes and return 1 where Lambda would refuse it."""
    options = _options(arguments)
    package = EXTENSIONS if options.extensions else COLLECTOR
    target: Path = options.target or package.target
    with tempfile.TemporaryDirectory() as folder:
        entries = sorted([*_own(package), *_dependencies(package, options, Path(folder))])
        _write([(package.prefix + name, path) for name, path in entries], target)
    with zipfile.ZipFile(target) as archive:
        unpacked_bytes = sum(info.file_size for info in archive.infolist())
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    print(
        f"{target}: {target.stat().st_size / 1e6:.1f} MB, "
        f"{unpacked_bytes / 1e6:.1f} MB unpacked of {UNPACKED_BYTES_MAX / 1e6:.0f}, "
        f"{len(entries)} files, sha256 {digest[:16]}"
    )
    if unpacked_bytes > UNPACKED_BYTES_MAX:
        print("Lambda refuses it: remove a dependency", file=sys.stderr)
        return 1
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--platform", choices=("x86_64", "aarch64"), help="fetch wheels for it")
    parser.add_argument("--extensions", action="store_true", help="build DuckDB's extensions")
    parser.add_argument("--target", type=Path, help="the zip to write")
    parser.add_argument("--python-version", default="3.13", help="of the Lambda runtime")
    return parser.parse_args(arguments)


def _own(package: Package) -> Iterator[Entry]:
    for name, folder in package.own.items():
        yield from _tree(name, folder)


def _dependencies(package: Package, options: argparse.Namespace, folder: Path) -> Iterator[Entry]:
    if options.platform is None:
        for name in package.dependencies:
            yield from _installed(name)
        return
    _fetch(package, options, folder)
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            yield from _tree(path.name, path)
        elif path.suffix == ".so":
            yield path.name, path


def _installed(name: str) -> Iterator[Entry]:
    """Yield the files of an installed distribution."""
    for file in importlib.metadata.distribution(name).files or []:
        yield from _entry(Path(str(file)), Path(str(file.locate())))


def _fetch(package: Package, options: argparse.Namespace, folder: Path) -> None:
    pins = [f"{name}=={importlib.metadata.version(name)}" for name in package.dependencies]
    platform = f"{options.platform}-manylinux_2_28"
    command = [_uv(), "pip", "install", "--quiet", "--target", str(folder), "--no-deps"]
    command += ["--only-binary", ":all:", "--python-platform", platform]
    command += ["--python-version", options.python_version, *pins]
    subprocess.run(command, check=True)


def _uv() -> str:
    """Return uv from the path, or where `make setup` put it."""
    return shutil.which("uv") or str(PROJECT / ".tools" / "bin" / "uv")


def _tree(name: str, folder: Path) -> Iterator[Entry]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield from _entry(Path(name) / path.relative_to(folder), path)


def _entry(relative: Path, path: Path) -> Iterator[Entry]:
    if _belongs(relative):
        yield relative.as_posix(), path


def _belongs(relative: Path) -> bool:
    """Whether Lambda needs the file; of the metadata only METADATA: duckdb reads its version."""
    top = relative.parts[0]
    if top in {"..", "bin"}:
        return False
    if top.endswith(".dist-info"):
        return relative.name == "METADATA"
    return not SKIPPED_PARTS & set(relative.parts) and relative.suffix not in {".pyc", ".pyi"}


def _write(entries: list[Entry], target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    unfinished = target.with_suffix(f".{os.getpid()}")  # who reads the old one meanwhile keeps it
    with zipfile.ZipFile(unfinished, "w") as archive:
        for name, path in entries:
            info = zipfile.ZipInfo(name, FIRST_ZIP_DATE)
            info.external_attr = 0o100644 << 16
            archive.writestr(info, path.read_bytes(), zipfile.ZIP_DEFLATED, COMPRESS_LEVEL)
    unfinished.replace(target)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
