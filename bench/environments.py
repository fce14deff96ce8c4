"""Environments of their own for peers whose packages the project does not depend on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


def is_made(python: Path, package: str) -> bool:
    """Make the environment of an interpreter anew with one package; whether that worked."""
    uv = shutil.which("uv") or str(PROJECT / ".tools" / "bin" / "uv")
    environment = python.parents[1]
    make = [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(environment)]
    fill = [uv, "pip", "install", "--quiet", "--python", str(python), package]
    return all(not subprocess.run(one, check=False).returncode for one in (make, fill))
