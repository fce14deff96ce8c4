"""The managed runtime on disk: an interpreter that sees boto3 and AWS's runtime client, no more.

A bare virtual environment whose site-packages holds links to what Lambda's Python runtime ships.
Nothing else of the project's environment can be imported in a sandbox, so a function that forgot
to package a library fails here as it would on AWS.
"""

from __future__ import annotations

import importlib.util
import venv
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


class RuntimeImage:
    """The interpreter and its `bootstrap.py`, made once per local AWS."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, symlinks=True, with_pip=False)
        self.python = folder / "bin" / "python"
        self.bootstrap = folder / "bootstrap.py"
        self.bootstrap.write_text(_BOOTSTRAP, encoding="utf-8")
        site_packages = next((folder / "lib").glob("python*/site-packages"))
        for module in _SHIPPED_MODULES:
            _link(module, site_packages)


def _link(module: str, site_packages: Path) -> None:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        return
    origin = Path(spec.origin)
    source = origin.parent if spec.submodule_search_locations else origin
    (site_packages / source.name).symlink_to(source)
