from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from chainlight_collector import collect as collecting
from chainlight_collector import snapshots
from chainlight_collector.addresses import FileAddress
from chainlight_collector.aws import Aws, Deadline
from chainlight_collector.cli.collect import command
from chainlight_collector.collect import Surroundings, collect, take_subscription
from chainlight_collector.derive import postpone
from chainlight_collector.errors import StoreLockedError, UsageError
from chainlight_collector.run_lock import run_lock
from chainlight_collector.sources.run import Options, Progress
from chainlight_collector.store import Store

from .derive_facts import new_file

OPTIONS = Options(settle_us=0)
FAST = {"logs:FilterLogEvents": 1000.0}


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with Store.open(path, read_only=True) as store:
        return store.query(query).fetchall()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return new_file(tmp_path / "chainlight.duckdb")


def test_one_run_leaves_attempts_a_row_of_its_own_and_a_snapshot(
    cloudwatch: Any, invocations: Any, database: Path
) -> None:
    cloudwatch.groups["/aws/lambda/a"] = invocations(3, first_ms=_now_ms() - 60_000)

    summary = collect(database, OPTIONS)

    assert (summary.outcome, summary.problems) == ("ok", [])
    assert _rows(snapshots.newest(database), "SELECT count(*) FROM attempts") == [(3,)]
    [(outcome, api_calls_count, detail)] = _rows(
        database, "SELECT outcome, api_calls_count, detail FROM collector_runs"
    )
    assert (outcome, api_calls_count) == ("ok", 11)
    assert set(json.loads(detail)) == {*collecting.SOURCES, collecting.DERIVED}


def test_a_run_without_time_derives_a_slice_of_what_an_earlier_one_left(
    cloudwatch: Any, invocations: Any, database: Path
) -> None:
    cloudwatch.groups["/aws/lambda/a"] = invocations(3, first_ms=_now_ms() - 60_000)
    collect(database, OPTIONS)
    with Store.open(database) as store, store.transaction() as connection:
        connection.execute("DELETE FROM attempt_rows")
        postpone(connection, None)

    collect(database, OPTIONS, Surroundings(deadline=Deadline.after_s(0)))

    assert _rows(database, "SELECT count(*) FROM attempts") == [(3,)]
    assert _rows(database, "FROM derive_backlog") == []


def test_an_earlier_deadline_passes_with_the_whole_one() -> None:
    assert Deadline.never().leaving(0.25).remaining_s == float("inf")
    whole = Deadline.after_s(1000)
    sources = whole.leaving(0.25)
    assert 700 < sources.remaining_s <= 750
    whole.pass_now()
    assert sources.has_passed


def test_late_report_completes_its_attempt_instead_of_doubling_it(
    cloudwatch: Any, invocations: Any, database: Path
) -> None:
    start, end, report = invocations(1, first_ms=_now_ms() - 60_000)
    cloudwatch.groups["/aws/lambda/a"] = [start]
    collect(database, OPTIONS)
    cloudwatch.groups["/aws/lambda/a"] += [end, report]

    collect(database, OPTIONS)

    assert _rows(database, "SELECT count(*), max(billed_ms) FROM attempts") == [(1, 4)]


def test_source_without_permission_is_named_and_the_others_go_on(
    cloudwatch: Any, invocations: Any, database: Path
) -> None:
    cloudwatch.groups["/aws/lambda/a"] = invocations(2, first_ms=_now_ms() - 60_000)
    cloudwatch.is_lambda_denied = True

    summary = collect(database, OPTIONS)

    assert summary.outcome == "partial"
    assert any("lambda:ListFunctions: AccessDenied" in problem for problem in summary.problems)
    assert _rows(database, "SELECT count(*) FROM attempts") == [(2,)]


def test_run_that_could_read_nothing_failed(cloudwatch: Any, database: Path) -> None:
    cloudwatch.groups["/aws/lambda/a"] = []
    cloudwatch.is_denied = cloudwatch.is_lambda_denied = True

    assert collect(database, OPTIONS).outcome == "failed"


def test_passed_deadline_ends_the_run_cleanly(cloudwatch: Any, database: Path) -> None:
    cloudwatch.groups["/aws/lambda/a"] = []

    summary = collect(database, OPTIONS, Surroundings(deadline=Deadline.after_s(-1)))

    assert summary.api_calls_count == 0
    assert _rows(database, "SELECT outcome FROM collector_runs") == [(summary.outcome,)]


@pytest.mark.usefixtures("cloudwatch")
def test_second_collector_on_one_file_is_refused_with_the_process_of_the_first(
    database: Path,
) -> None:
    holder = (
        "import sys, pathlib\n"
        "from chainlight_collector.run_lock import run_lock\n"
        "with run_lock(pathlib.Path(sys.argv[1])):\n"
        "    print('held', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as first:
        assert first.stdout is not None
        first.stdout.readline()
        with pytest.raises(StoreLockedError, match=f"process {first.pid}"):
            collect(database, OPTIONS)
        first.communicate()

    assert collect(database, OPTIONS).outcome == "ok"


def test_lock_is_free_after_use(database: Path) -> None:
    for _ in range(2):
        with run_lock(database):
            assert database.with_name(database.name + ".collecting").exists()


def test_progress_is_reported_while_it_runs(
    cloudwatch: Any, invocations: Any, database: Path
) -> None:
    for name in ("a", "b"):
        cloudwatch.groups[f"/aws/lambda/{name}"] = invocations(
            2, first_ms=_now_ms() - 60_000, name=name
        )
    seen: list[Progress] = []

    collect(database, OPTIONS, Surroundings(aws=Aws(calls_per_s=FAST), report=seen.append))

    assert (seen[-1].source, seen[-1].done_count, seen[-1].total_count) == ("logs", 2, 2)
    assert seen[-1].kept_count > 0


def test_pushed_and_pulled_events_are_one(
    cloudwatch: Any, invocations: Any, database: Path
) -> None:
    events = invocations(2, first_ms=_now_ms() - 60_000)
    cloudwatch.groups["/aws/lambda/a"] = events
    document = {
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": "/aws/lambda/a",
        "logStream": events[0]["logStreamName"],
        "subscriptionFilters": ["chainlight"],
        "logEvents": [{key: event[name] for key, name in _PUSHED.items()} for event in events],
    }

    pushed = take_subscription(FileAddress(database), [json.dumps(document).encode()])
    pulled = collect(database, OPTIONS)

    assert pushed.counts.kept > 0
    assert pulled.counts.kept == 0
    assert _rows(database, "SELECT count(*) FROM attempts") == [(2,)]


_PUSHED = {"id": "eventId", "timestamp": "timestamp", "message": "message"}


def test_command_prints_one_json_summary_and_diagnostics_on_stderr(
    cloudwatch: Any, invocations: Any, database: Path
) -> None:
    cloudwatch.groups["/aws/lambda/a"] = invocations(1, first_ms=_now_ms() - 60_000)
    cloudwatch.is_lambda_denied = True

    done = CliRunner().invoke(command, ["--db", str(database), "--settle", "0", "--json"])

    assert done.exit_code == 3
    assert json.loads(done.stdout)["outcome"] == "partial"
    assert "lambda:ListFunctions" in done.stderr


def test_command_without_json_leaves_stdout_empty(cloudwatch: Any, database: Path) -> None:
    cloudwatch.groups["/aws/lambda/a"] = []

    done = CliRunner().invoke(command, ["--db", str(database), "--since", "2d"])

    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.endswith(" s\n")


@pytest.mark.parametrize("span", ["soon", "1w", "-1h"])
def test_span_that_cannot_be_read_is_explained(span: str, database: Path) -> None:
    done = CliRunner().invoke(command, ["--db", str(database), f"--since={span}"])

    assert done.exit_code == 2
    assert "write 90s, 15m, 1h or 30d" in done.stderr


FOLLOWER = """
import sys
from chainlight_collector.cli.main import main
sys.argv = ["chainlight", "collect", "--db", sys.argv[1], "--settle", "0", "--follow",
            "--every", "30s", "--json"]
main()
"""


def test_ctrl_c_ends_following_after_whole_rounds(
    cloudwatch: Any, invocations: Any, database: Path
) -> None:
    cloudwatch.groups["/aws/lambda/a"] = invocations(2, first_ms=_now_ms() - 60_000)
    with subprocess.Popen(
        [sys.executable, "-c", FOLLOWER, str(database)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as follower:
        assert follower.stdout is not None
        first_round = json.loads(follower.stdout.readline())
        follower.send_signal(signal.SIGINT)
        _, errors = follower.communicate()

    assert first_round["api_calls"]["logs:FilterLogEvents"] == 1
    assert (follower.returncode, "ending with what is read" in errors) == (0, True)
    assert _rows(database, "SELECT count(*) FROM attempts") == [(2,)]


def test_log_groups_are_chosen_by_tag_on_the_command_line(database: Path) -> None:
    done = CliRunner().invoke(command, ["--db", str(database), "--log-group-tag", "nonsense"])

    assert isinstance(done.exception, UsageError)
    assert "key=value" in str(done.exception)
