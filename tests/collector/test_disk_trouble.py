"""A full disk and a damaged file end in a sentence, and nothing that was committed is lost."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chainlight_collector import snapshots
from chainlight_collector.collect import collect
from chainlight_collector.errors import StoreUnreadableError
from chainlight_collector.sources.run import Options
from chainlight_collector.store import Store, told

BLOCK_BYTES = 262_144
PAGES_BYTES = 400_000
INVOCATIONS_COUNT = 2_000


def _command(path: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "chainlight_collector", "collect", "--db", str(path)),
        *("--settle", "0", "--logs-calls-per-s", "1000"),
    ]


def _limit_files_to(size_bytes: int) -> Callable[[], None]:
    """Let no file grow beyond this size: what a process sees is what it sees of a full disk."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, size_bytes))

    return limit


def _reports_count(path: Path) -> int:
    with Store.open(path, read_only=True) as store:
        row = store.query("SELECT count(*) FROM invocation_reports").fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("which", ["database", "pages"])
def test_full_disk_is_named_and_what_was_read_before_is_kept(
    cloudwatch: Any, invocations: Any, tmp_path: Path, which: str
) -> None:
    path = tmp_path / "chainlight.duckdb"
    now_ms = time.time_ns() // 1_000_000
    cloudwatch.groups["/aws/lambda/a"] = invocations(5, first_ms=now_ms - 60_000)
    collect(path, Options(settle_us=0))
    cloudwatch.groups["/aws/lambda/b"] = invocations(
        INVOCATIONS_COUNT, first_ms=now_ms - 60_000, every_ms=1, name="b"
    )
    room_bytes = PAGES_BYTES if which == "pages" else path.stat().st_size + BLOCK_BYTES

    full = subprocess.run(
        _command(path),
        preexec_fn=_limit_files_to(room_bytes),
        capture_output=True,
        text=True,
        check=False,
    )
    kept_count = _reports_count(path)
    again = subprocess.run(_command(path), capture_output=True, text=True, check=False)

    assert (full.returncode, "Traceback" in full.stderr) == (1, False), full.stderr
    assert "full" in full.stderr
    assert kept_count in (5, 5 + INVOCATIONS_COUNT)  # a batch is there whole, or not at all
    assert (again.returncode, _reports_count(path)) == (0, 5 + INVOCATIONS_COUNT), again.stderr


def _damage(path: Path, first_block: int) -> None:
    """Overwrite every block from one on: the headers of the file stay good."""
    size_bytes = path.stat().st_size
    with path.open("r+b") as file:
        for start in range(3 * 4096 + first_block * BLOCK_BYTES, size_bytes, BLOCK_BYTES):
            file.seek(start + 1000)
            file.write(b"\xde\xad" * 500)


def test_damaged_file_is_named_left_alone_and_its_snapshot_is_good(
    cloudwatch: Any, invocations: Any, tmp_path: Path
) -> None:
    path = tmp_path / "chainlight.duckdb"
    first_ms = time.time_ns() // 1_000_000 - 60_000
    cloudwatch.groups["/aws/lambda/a"] = invocations(50, first_ms=first_ms)
    collect(path, Options(settle_us=0))
    _damage(path, first_block=0)
    damaged = path.read_bytes()

    done = subprocess.run(_command(path), capture_output=True, text=True, check=False)

    assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
    assert "cannot be opened as a DuckDB database" in done.stderr
    assert "take the newest snapshot beside it" in done.stderr
    assert path.read_bytes() == damaged
    assert _reports_count(snapshots.newest(path)) == 50


def test_file_that_was_cut_off_is_named(tmp_path: Path) -> None:
    path = tmp_path / "chainlight.duckdb"
    Store.open(path).close()
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)

    with pytest.raises(StoreUnreadableError, match="take the newest snapshot"), told(path):
        collect(path, Options(settle_us=0))
