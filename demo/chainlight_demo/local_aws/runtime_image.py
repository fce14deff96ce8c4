"""The managed runtime on disk: an interpreter that sees boto3 and AWS's runtime client, no more.

A bare virtual environment whose site-packages holds links to what Lambda's Python runtime ships.
Nothing else of the project's environment can be imported in a sandbox, so a function that forgot
to package a library fails here as it would on AWS. Tests may bring environments for other versions.
"""

from __future__ import annotations

import importlib.util
import sys
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_SHIPPED_MODULES = (
    "awslambdaric",
    "boto3",
    "botocore",
    "dateutil",
    "jmespath",
    "runtime_client",
    "s3transfer",
    "simplejson",
    "six",
    "snapshot_restore_py",
    "urllib3",
)
_BOOTSTRAP = '''"""Start AWS's runtime client with the handler that `_HANDLER` names."""
import os
import sys

from awslambdaric.__main__ import main

main([sys.argv[0], os.environ["_HANDLER"]])
'''


@dataclass(frozen=True, slots=True)
class RuntimeImage:
    """An interpreter and the `bootstrap.py` that it runs."""

    python: Path
    bootstrap: Path
    version: str
    """As in Lambda's runtime names and in paths: ``python3.12``."""


class RuntimeImages:
    """The images of one local AWS, made once each, when a function of their runtime first starts.

    `environments` maps runtime names (``python3.12``) to interpreters of environments that hold
    boto3 and awslambdaric and nothing else. Any other runtime is served by the Python this project
    runs on, whatever its name says.
    """

    def __init__(self, folder: Path, environments: Mapping[str, Path]) -> None:
        folder.mkdir(parents=True)
        self._bootstrap = folder / "bootstrap.py"
        self._bootstrap.write_text(_BOOTSTRAP, encoding="utf-8")
        self._environments = environments
        own_version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        self._own = RuntimeImage(_own_python(folder / "own"), self._bootstrap, own_version)

    def of(self, runtime: str) -> RuntimeImage:
        """Return the image that serves a runtime."""
        python = self._environments.get(runtime)
        return RuntimeImage(python, self._bootstrap, runtime) if python else self._own


def _own_python(folder: Path) -> Path:
    """Make an environment on this project's Python with links to what Lambda ships."""
    venv.create(folder, symlinks=True, with_pip=False)
    site_packages = next((folder / "lib").glob("python*/site-packages"))
    for module in _SHIPPED_MODULES:
        _link(module, site_packages)
    return folder / "bin" / "python"


def _link(module: str, site_packages: Path) -> None:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        return
    origin = Path(spec.origin)
    source = origin.parent if spec.submodule_search_locations else origin
    (site_packages / source.name).symlink_to(source)
