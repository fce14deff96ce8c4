"""Starts streamlit with the shipped settings and says where, once it answers."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from chainlight_collector.addresses import LAKE_PREFIX, S3_PREFIX
from chainlight_dashboard import login
from chainlight_dashboard.source import DATABASE_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

HOST = "127.0.0.1"
LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")
PORT = 8501
START_WITHIN_S = 60.0
STOP_WITHIN_S = 5.0
POLL_S = 0.1
APP = Path(__file__).with_name("server.py")


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the dashboard until it is stopped; return streamlit's exit status."""
    chosen = _parser().parse_args(arguments)
    port = chosen.port or _free_port()
    refusal = _refusal(chosen, port)
    if refusal:
        sys.stderr.write(refusal + "\n")
        return 2
    process = subprocess.Popen(
        _command(chosen, port),
        env=_environment(chosen),
        stdout=sys.stderr.fileno(),  # our stdout is the URL alone
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _stop(process))
    url = f"http://{HOST}:{port}"
    if _answers(url, process):
        sys.stdout.write(f"chainlight dashboard: {url}\n")
        sys.stdout.flush()
    else:
        sys.stderr.write(f"The dashboard did not answer at {url}; its messages stand above.\n")
        _stop(process)
    return process.wait()


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the server, by force where it does not end by itself: it may have lost its terminal."""
    process.terminate()
    watch = threading.Timer(STOP_WITHIN_S, process.kill)
    watch.daemon = True
    watch.start()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="chainlight dashboard", description="Serve the dashboard on this machine."
    )
    parser.add_argument(
        "--db",
        required=True,
        metavar="FILE",
        help="database file (its newest snapshot is read) or s3://bucket/key",
    )
    parser.add_argument(
        "--port", type=int, default=PORT, help=f"port on {HOST}, 0 for a free one (default {PORT})"
    )
    parser.add_argument(
        "--address", default=HOST, help=f"address to listen on (default {HOST}: this machine only)"
    )
    parser.add_argument(
        "--allowed-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name that browsers may use for this server, beside localhost; may be repeated",
    )
    parser.add_argument(
        "--oidc",
        metavar="FILE",
        help="let only those in whom an OpenID Connect provider knows; FILE is a TOML with [auth]",
    )
    parser.add_argument("--headless", action="store_true", help="open no browser")
    return parser


def _refusal(chosen: argparse.Namespace, port: int) -> str:
    """Return why this cannot be served, or nothing."""
    if not _is_free(port):
        return f"Port {port} is in use on {HOST}. Choose another, or --port 0."
    if chosen.oidc and not Path(chosen.oidc).is_file():
        return f"There is no file {chosen.oidc}. docs/guide.md shows what --oidc needs."
    return login.fault(Path(chosen.oidc)) if chosen.oidc else ""


def _environment(chosen: argparse.Namespace) -> dict[str, str]:
    ours = {DATABASE_VARIABLE: _absolute(chosen.db)}
    if chosen.oidc:
        ours[login.LOGIN_VARIABLE] = "1"
    return {**os.environ, **ours}


def _command(chosen: argparse.Namespace, port: int) -> list[str]:
    hosts = [*LOCAL_HOSTS, *chosen.allowed_host]
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(APP),
        f"--server.port={port}",
        f"--server.address={chosen.address}",
        f"--server.headless={str(chosen.headless).lower()}",
        *(f"--server.allowedHosts={name}" for name in hosts),
    ]
    return [*command, f"--secrets.files={Path(chosen.oidc).absolute()}"] if chosen.oidc else command


def _absolute(name: str) -> str:
    return name if name.startswith((S3_PREFIX, LAKE_PREFIX)) else str(Path(name).absolute())


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError:
            return False
    return True


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    """Return whether the server answers in time, False too when its process ends first."""
    give_up_s = time.monotonic() + START_WITHIN_S
    while process.poll() is None and time.monotonic() < give_up_s:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1):  # noqa: S310
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(POLL_S)
    return False
