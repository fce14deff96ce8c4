"""Whether every mode of storage keeps everything, and what it costs beside a file.

    make bench-storage                                    100 rounds of two, 60 s of four writers
    make bench-storage SECONDS=300 KILLS=100 ROUNDS=100   the full measure

A local S3 with atomic conditional writes and a PostgreSQL on loopback, both of its own. Writers
are processes that are killed at random moments and started again; readers are processes that open
the newest version again and again. At the end every batch is brought once more: whatever was
acknowledged must have been there, and nothing may be there twice. Prints a line for each mode and
returns 1 where anything was lost, doubled, seen in half, or failed a reader.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import batches
import writer as writing

from chainlight_collector import addresses, migration, places, upkeep
from chainlight_collector.lake_store import LakeStore
from chainlight_collector.store import Store
from chainlight_demo import postgres
from chainlight_demo.local_aws import LocalAws
from chainlight_demo.local_aws.environment import CREDENTIALS
from chainlight_demo.local_aws.registry import REGION

HERE = Path(__file__).parent
SECONDS = float(os.environ.get("SECONDS_EACH") or os.environ.get("SECONDS") or 60)
KILLS = int(os.environ.get("KILLS") or 20)
ROUNDS = int(os.environ.get("ROUNDS") or 100)
BUCKET = "bench-storage"
NO_LIMIT = 10**9
HOUR_S = 3600.0
DICE = random.Random(20261130)  # noqa: S311  moments, no secrets
QUESTIONS = {
    "chains newest": "SELECT * FROM chains ORDER BY started_us DESC LIMIT 50",
    "edges": "FROM edges",
    "billed by function": "SELECT function_name, sum(billed_ms) FROM attempts GROUP BY ALL",
}


@dataclass(slots=True)
class Mode:
    """A database under test, its writers and how they are stopped."""

    name: str
    address: str
    writers: tuple[str, ...]
    readers: int
    seconds: float
    count_max: int
    kills: int


@dataclass(slots=True)
class Outcome:
    """What was seen of one mode."""

    commits_ms: list[float] = field(default_factory=list)
    redone_count: int = 0
    kills_count: int = 0
    lost: int = 0
    doubled: int = 0
    reads: int = 0
    reads_ms: list[float] = field(default_factory=list)
    wrong: list[Any] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether nothing was lost, doubled or seen in half, and no reader failed."""
        return not (self.lost or self.doubled or self.wrong or self.failures)


def main() -> int:
    """Measure object mode and lake mode; return 1 where one of them is not sound."""
    programs = postgres.programs()
    if programs is None:
        print("PostgreSQL is not installed (Debian: apt install postgresql): lake NOT MEASURED")
        return 1
    with (
        tempfile.TemporaryDirectory() as name,
        LocalAws() as aws,
        postgres.running(programs) as url,
    ):
        _use(aws)
        folder = Path(name)
        catalog = postgres.create_database(programs, url, "bench")
        lake = f"ducklake:{catalog}?data=s3://{BUCKET}/lake/"
        everybody = tuple(f"w{number}" for number in range(4))
        modes = [
            Mode(
                "object", f"s3://{BUCKET}/o.ducklake", ("w0", "w1"), 1, HOUR_S, ROUNDS // 2, KILLS
            ),
            Mode("lake", lake, everybody, 2, SECONDS, NO_LIMIT, KILLS),
        ]
        print(f"load {os.getloadavg()[0]:.1f}; batches of {batches.INVOCATIONS} invocations")
        is_sound = all(list(map(partial(_measured, folder), modes)))
        _upkeep(addresses.parse(lake), folder)
    return 0 if is_sound else 1


def _use(aws: LocalAws) -> None:
    os.environ |= CREDENTIALS | {
        "AWS_ENDPOINT_URL": aws.endpoint_url,
        "AWS_DEFAULT_REGION": REGION,
        "CHAINLIGHT_MEMORY_LIMIT": "512MB",
    }
    aws.client("s3").create_bucket(Bucket=BUCKET)


def _measured(parent: Path, mode: Mode) -> bool:
    folder = parent / mode.name
    folder.mkdir()
    outcome = Outcome()
    until_s = time.time() + mode.seconds
    if mode.name == "lake":
        LakeStore.write(addresses.parse(mode.address)).close()  # type: ignore[arg-type]
    readers = [_reader(mode, folder, f"r{n}", until_s) for n in range(mode.readers)]
    _run_writers(mode, folder, until_s, outcome)
    (folder / "stop").touch()
    for reader in readers:
        _read(reader, outcome)
    _judge(mode, folder, outcome)
    _print(mode, outcome)
    return outcome.is_sound


def _run_writers(mode: Mode, folder: Path, until_s: float, outcome: Outcome) -> None:
    running = {name: _writer(mode, folder, name, until_s) for name in mode.writers}
    every_s = mode.seconds / max(mode.kills, 1) if mode.seconds < HOUR_S else 0.5
    while running:
        time.sleep(DICE.uniform(0.2, 1.8) * every_s if outcome.kills_count < mode.kills else 0.2)
        for name, process in list(running.items()):
            if process.poll() == 0:
                del running[name]
            elif process.returncode is not None:
                raise SystemExit(f"writer {name} failed with {process.returncode}")
        if running and outcome.kills_count < mode.kills:
            victim = DICE.choice(list(running))
            running[victim].kill()
            running[victim].wait()
            outcome.kills_count += 1
            running[victim] = _writer(mode, folder, victim, until_s)


def _writer(mode: Mode, folder: Path, name: str, until_s: float) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(HERE / "writer.py"), mode.address, str(folder), name]
    return subprocess.Popen([*command, str(until_s), str(mode.count_max)])


def _reader(mode: Mode, folder: Path, name: str, until_s: float) -> subprocess.Popen[str]:
    command = [sys.executable, str(HERE / "reader.py"), mode.address, str(folder), name]
    return subprocess.Popen([*command, str(until_s)], stdout=subprocess.PIPE, text=True)


def _read(reader: subprocess.Popen[str], outcome: Outcome) -> None:
    printed, _ = reader.communicate()
    found = json.loads(printed)
    outcome.reads += found["reads"]
    outcome.reads_ms += found["ms"]
    outcome.wrong += found["wrong"]
    outcome.failures += found["failures"]


def _judge(mode: Mode, folder: Path, outcome: Outcome) -> None:
    """Compare what is there with what was acknowledged, then bring everything again."""
    numbers: dict[str, int] = {}
    for name in mode.writers:
        rows = [line.split() for line in (folder / f"{name}.acked").read_text().splitlines()]
        numbers[name] = len(rows)
        outcome.commits_ms += [float(row[1]) for row in rows]
        outcome.redone_count += sum(int(row[2]) for row in rows)
    shared = [
        (most + batches.SHARED_EVERY - 1) // batches.SHARED_EVERY for most in numbers.values()
    ]
    acked = {f"{name}-{n}" for name, most in numbers.items() for n in range(most)}
    acked |= {f"{batches.SHARED}-{n}" for n in range(max(shared, default=0))}
    found = _found(mode, folder)
    outcome.lost = len(acked - {name for name, counts in found.items() if counts[0]})
    for name, most in numbers.items():
        _bring_again(mode, folder, name, most)
    after = _found(mode, folder)
    whole = (batches.INVOCATIONS, batches.INVOCATIONS)
    outcome.doubled = sum(counts != whole for counts in after.values())


def _bring_again(mode: Mode, folder: Path, name: str, most: int) -> None:
    file = folder / "again.ndjson"
    texts = [text for n in range(most) for text in batches.documents(name, n)]
    file.write_text("".join(f"{text}\n" for text in texts))
    places.update(
        addresses.parse(mode.address), lambda store: writing.take(file, store), folder / "again"
    )


_FOUND = """
SELECT function_name || '-' || CAST('0x' || request_id[10:13] AS INTEGER),
    count(*), count(DISTINCT request_id)
FROM invocation_reports
GROUP BY 1
"""


def _found(mode: Mode, folder: Path) -> dict[str, tuple[int, int]]:
    with places.reading(addresses.parse(mode.address), folder / "judge") as store:
        return {name: (count, own) for name, count, own in store.query(_FOUND).fetchall()}


def _print(mode: Mode, outcome: Outcome) -> None:
    ms = outcome.commits_ms or [float("nan")]
    print(
        f"{mode.name}: {len(mode.writers)} writers, {mode.readers} readers, {len(ms)} commits "
        f"(median {median(ms):.0f} ms, p90 {quantiles([*ms, *ms], n=10)[-1]:.0f} ms), "
        f"{outcome.redone_count} redone after a lost race, {outcome.kills_count} kills; "
        f"{outcome.reads} reads (median {median(outcome.reads_ms or [float('nan')]):.0f} ms); "
        f"lost {outcome.lost}, "
        f"doubled {outcome.doubled}, seen wrong {len(outcome.wrong)}, "
        f"failed reads {len(outcome.failures)}{''.join(outcome.failures[:2])}",
        flush=True,
    )


def _upkeep(lake: addresses.Address, folder: Path) -> None:
    """Derive, ask, merge, forget, ask again: equal answers, and what a file takes for them."""
    with LakeStore.write(lake) as store:  # type: ignore[arg-type]
        store.catch_up()
    before, before_ms = _answers(lake, folder)
    with LakeStore.write(lake) as store:  # type: ignore[arg-type]
        for kind in ("merge", "forget"):
            started_s = time.perf_counter()
            done = upkeep.do(store, kind)
            print(f"{kind}: {time.perf_counter() - started_s:.1f} s, files or rows {done}")
    after, after_ms = _answers(lake, folder)
    file = folder / "file.duckdb"
    _copied(lake, file, folder)
    as_file, file_ms = _answers(addresses.parse(str(file)), folder)
    print(
        f"answers after merge and expiry equal: {before == after}; as in a file: {after == as_file}"
    )
    for name in QUESTIONS:
        own = file_ms[name]
        print(
            f"{name:24} file {own:6.1f} ms, lake before x{before_ms[name] / own:.1f}, "
            f"after x{after_ms[name] / own:.1f}"
        )


def _copied(lake: addresses.Address, file: Path, folder: Path) -> None:
    scratch = folder / "scratch"
    scratch.mkdir()
    migration.migrate(lake, addresses.parse(str(file)), scratch)


def _answers(address: addresses.Address, folder: Path) -> tuple[list[Any], dict[str, float]]:
    answers, took_ms = [], {}
    with places.reading(address, folder / "answers") as store:
        for name, sql in QUESTIONS.items():
            answers.append(sorted(map(repr, store.query(sql).fetchall())))
            took_ms[name] = min(_timed(store, sql) for _ in range(5))
    return answers, took_ms


def _timed(store: Store, sql: str) -> float:
    started_s = time.perf_counter()
    store.query(sql).fetchall()
    return 1000 * (time.perf_counter() - started_s)


if __name__ == "__main__":
    raise SystemExit(main())
