"""A PostgreSQL of one's own on loopback, where its programs are installed."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def programs() -> Path | None:
    """Return the folder of PostgreSQL's server programs, None where they are not installed."""
    found = shutil.which("initdb")
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    folders = [Path(found).resolve().parent] if found else candidates
    return next((folder for folder in folders if (folder / "postgres").exists()), None)


@contextmanager
def running(bin_folder: Path) -> Iterator[str]:
    """Run a PostgreSQL and yield the URL of its server, without a database."""
    with tempfile.TemporaryDirectory(prefix="chainlight-pg-") as name:
        root = Path(name)
        user = _unprivileged(root)
        _run([str(bin_folder / "initdb"), "-D", f"{root}/data", *_INITIAL], user)
        port = _free_port()
        options = f"-p {port} -c listen_addresses=127.0.0.1 -k {root} -c fsync=off"
        control = [str(bin_folder / "pg_ctl"), "-D", f"{root}/data", "-w"]
        _run([*control, "-l", f"{root}/log", "-o", options, "start"], user)
        try:
            yield f"postgres://chainlight@127.0.0.1:{port}"
        finally:
            _run([*control, "-m", "immediate", "stop"], user)


_INITIAL = ("-U", "chainlight", "--auth=trust", "-E", "UTF8", "--no-sync", "--no-locale")


def create_database(bin_folder: Path, url: str, name: str) -> str:
    """Make a database and return its URL."""
    psql = str(bin_folder / "psql")
    command = [psql, "-q", f"{url}/postgres", "-c", f"CREATE DATABASE {name}"]
    subprocess.run(command, check=True)
    return f"{url}/{name}"


def _unprivileged(root: Path) -> str | None:
    """Give the folder to a user who is not root: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    account = pwd.getpwnam("nobody")
    os.chown(root, account.pw_uid, account.pw_gid)
    return account.pw_name


def _run(command: list[str], user: str | None) -> None:
    subprocess.run(
        command,
        user=user,
        group=None if user is None else pwd.getpwnam(user).pw_gid,
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
