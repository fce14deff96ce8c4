"""The parent's side: a folder, a sink, and one fresh process for each measurement."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import sandbox
from peers import Peer

PATIENCE_S = 300
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where processes run and what they may talk to."""

    folder: Path
    ports: dict[str, int]

    def environment(self, row: Peer, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the environment of a row's process."""
        own = {name: value.format(**self.ports) for name, value in row.variables.items()}
        return sandbox.variables(self.folder, self.ports["http"], {**own, **(more or {})})

    def sink_bytes(self) -> int:
        """Return how many bytes have arrived so far, invocations left out."""
        url = f"http://127.0.0.1:{self.ports['http']}/counts"
        with urllib.request.urlopen(url) as answer:
            return sum(json.load(answer).values())

    def measure(
        self,
        row: Peer,
        mode: str,
        *flags: str,
        more: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Run the worker once and return its figures, with what the process wrote and sent.

        Raises:
            RuntimeError: the process left no figures; the message is the end of what it said.

        """
        result, output = self.folder / "result.json", self.folder / "stdout"
        result.unlink(missing_ok=True)
        sent_bytes = self.sink_bytes()
        command = [str(row.python), *flags, str(HERE / "worker.py"), row.name, mode, str(result)]
        with output.open("wb") as stdout:
            stderr = self._run(command, self.environment(row, more), stdout)
        if not result.exists():
            raise RuntimeError(f"{row.name} {mode}: {stderr[-600:]}")
        figures: dict[str, Any] = json.loads(result.read_text())
        return {
            **figures,
            "stderr": stderr,
            "out_bytes": output.stat().st_size + self.sink_bytes() - sent_bytes,
        }

    def _run(self, command: list[str], environment: dict[str, str], stdout: IO[bytes]) -> str:
        """Run a process to its end, or until it has had its time; return what it complained of."""
        with subprocess.Popen(
            command, env=environment, cwd=self.folder, stdout=stdout, stderr=subprocess.PIPE
        ) as process:
            try:
                _, stderr = process.communicate(timeout=PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                _, stderr = process.communicate()
        return stderr.decode()


@contextmanager
def surroundings(parent: Path) -> Iterator[Surroundings]:
    """Start the sink and make a folder; both are gone afterwards."""
    command = [sys.executable, str(HERE / "sink.py")]
    with (
        tempfile.TemporaryDirectory(dir=parent) as folder,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as sink,
    ):
        try:
            ports = json.loads(sink.stdout.readline()) if sink.stdout else {}
            yield Surroundings(Path(folder), ports)
        finally:
            sink.kill()


def number(name: str, default: int) -> int:
    """Return a knob: BENCH_<name>, else its default."""
    return int(os.environ.get(f"BENCH_{name}", default))
