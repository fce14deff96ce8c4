"""Build dist/chainlight-layer.zip: the same bytes from the same sources, on any machine.

Entries are sorted, carry the zip format's first date and fixed modes. No .pyc: one is valid for a
single Python version of the four that the layer serves, and with one set the zip would pass 50 KiB.
The price is compiling the package once in a cold start; `bench/layer_import.py` prints it.

Modules go in without comments, docstrings and annotations, which would be 40 % of the zip. They
leave empty lines behind, so that a coded line (``chainlight E03 KeyError at queues.py:41``) still
names the line of the source.
"""

from __future__ import annotations

import hashlib
import os
import sys
import zipfile
from pathlib import Path

from strip_source import strip

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "instrumentation" / "chainlight"
WRAPPER = ROOT / "instrumentation" / "wrapper" / "chainlight"
TARGET = ROOT / "dist" / "chainlight-layer.zip"
FIRST_DATE = (1980, 1, 1, 0, 0, 0)
FILE_MODE = 0o100644
PROGRAM_MODE = 0o100755
UNIX = 3


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
    unfinished = target.with_suffix(f".{os.getpid()}")  # who reads the old one meanwhile keeps it
    with zipfile.ZipFile(unfinished, "w") as archive:
        for name in sorted(entries):
            path, mode = entries[name]
            archive.writestr(_entry(name, mode), _content(path), zipfile.ZIP_DEFLATED, 9)
    unfinished.replace(target)


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
