"""The libraries that two of the shop's functions bring along, as a layer's folder."""

from __future__ import annotations

import shutil
from importlib import metadata
from pathlib import Path

DISTRIBUTIONS = (
    "aws-xray-sdk",
    "opentelemetry-api",
    "opentelemetry-sdk",
    "opentelemetry-semantic-conventions",
    "typing-extensions",
    "wrapt",
)


def copy_to(folder: Path) -> Path:
    """Copy the libraries from this environment to `folder`/python and return `folder`."""
    for name in DISTRIBUTIONS:
        distribution = metadata.distribution(name)
        for file in distribution.files or ():
            if ".." in file.parts or "__pycache__" in file.parts:
                continue
            target = folder / "python" / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(Path(str(distribution.locate_file(file))), target)
    return folder
