"""The launcher says where the dashboard is, or why it is nowhere."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from chainlight_dashboard import launch

if TYPE_CHECKING:
    from pathlib import Path


def test_a_port_in_use_is_refused_before_anything_starts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.socket() as taken:
        taken.bind((launch.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert launch.main(["--db", "x.duckdb", "--port", str(port)]) == 2
    assert "--port 0" in capsys.readouterr().err


def test_a_database_must_be_named() -> None:
    with pytest.raises(SystemExit, match="2"):
        launch.main([])


def test_stdout_is_the_url_alone_and_sigterm_ends_both_processes(filled: Path) -> None:
    command = [sys.executable, "-m", "chainlight_dashboard", "--db", str(filled)]
    with subprocess.Popen(
        [*command, "--port", "0", "--headless"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        server.send_signal(signal.SIGTERM)
        rest = server.stdout.read()
    assert line.startswith("chainlight dashboard: http://127.0.0.1:")
    assert rest == ""
