"""Working folders: of a living process they stay, of a killed one they go."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chainlight_collector import scratch

HOLDER = """
import sys
from chainlight_collector import scratch
with scratch.folder() as folder:
    (folder / "pages.ndjson").write_text("{}")
    print(folder, flush=True)
    sys.stdin.read()
"""
LONG_AGO_S = 1_000_000_000


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return tmp_path


def _holder() -> tuple[subprocess.Popen[str], Path]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    folder = Path(process.stdout.readline().strip())
    os.utime(folder, (LONG_AGO_S, LONG_AGO_S))
    return process, folder


def test_folder_of_a_killed_process_goes_and_that_of_a_living_one_stays(home: Path) -> None:
    living, kept = _holder()
    killed, left = _holder()
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    (home / "chainlight-of-somebody-else").mkdir()
    os.utime(home / "chainlight-of-somebody-else", (LONG_AGO_S, LONG_AGO_S))

    swept_count = scratch.sweep()

    assert swept_count == 1
    assert (kept.exists(), left.exists()) == (True, False)
    assert (home / "chainlight-of-somebody-else").exists()
    living.communicate()


def test_folder_goes_with_its_end(home: Path) -> None:
    with scratch.folder() as folder:
        assert folder.parent == home

    assert list(home.iterdir()) == []


def test_folder_that_is_just_being_made_is_left_alone(home: Path) -> None:
    (home / "chainlight-new").mkdir()
    (home / "chainlight-new" / ".held").touch()

    assert scratch.sweep() == 0
