from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from chainlight_collector.aws import Aws, Deadline
from chainlight_collector.sources import checkpoints, logs
from chainlight_collector.sources.run import Options, Run
from chainlight_collector.store import Store

from .derive_facts import new_file

FAST = {"logs:FilterLogEvents": 1000.0, "logs:DescribeLogGroups": 1000.0}
OPTIONS = Options(settle_us=0)


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with Store.open(new_file(tmp_path / "chainlight.duckdb")) as opened:
        yield opened


def _run(store: Store, options: Options = OPTIONS, **surroundings: Any) -> Run:
    deadline = surroundings.pop("deadline", Deadline.never())
    run = Run(Aws(calls_per_s=FAST), store, options, deadline, **surroundings)
    run.aws.deadline = deadline
    return run


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _reports_count(store: Store) -> int:
    return store.query("SELECT count(*) FROM invocation_reports").fetchone()[0]


def test_all_pages_of_all_groups_become_rows(
    cloudwatch: Any, invocations: Any, store: Store
) -> None:
    for name in ("a", "b"):
        events = invocations(50, first_ms=_now_ms() - 60_000, name=name)
        cloudwatch.groups[f"/aws/lambda/{name}"] = events
    cloudwatch.groups["/other/c"] = invocations(5, first_ms=_now_ms() - 60_000)
    cloudwatch.page_events_count = 7

    outcome = logs.pull(_run(store))

    assert (outcome.problems, outcome.is_complete, outcome.done_count) == ([], True, 2)
    assert _reports_count(store) == 100


def test_empty_page_with_a_token_is_not_the_end(
    cloudwatch: Any, invocations: Any, store: Store
) -> None:
    cloudwatch.groups["/aws/lambda/a"] = invocations(10, first_ms=_now_ms() - 60_000)
    cloudwatch.page_events_count = 4
    cloudwatch.has_empty_pages = True

    logs.pull(_run(store))

    assert _reports_count(store) == 10


def test_same_events_read_twice_are_one(cloudwatch: Any, invocations: Any, store: Store) -> None:
    cloudwatch.groups["/aws/lambda/a"] = invocations(10, first_ms=_now_ms() - 60_000)

    first = logs.pull(_run(store))
    second = logs.pull(_run(store))

    assert _reports_count(store) == 10
    assert (first.counts.known, second.counts.kept) == (0, 0)


def test_late_event_inside_the_overlap_is_found(
    cloudwatch: Any, invocations: Any, store: Store
) -> None:
    group = cloudwatch.groups["/aws/lambda/a"] = []
    logs.pull(_run(store))

    group += invocations(3, first_ms=_now_ms() - 5 * 60_000)
    logs.pull(_run(store))

    assert _reports_count(store) == 3


def test_answer_spread_over_lines_is_read_too(
    cloudwatch: Any, invocations: Any, store: Store
) -> None:
    cloudwatch.groups["/aws/lambda/a"] = invocations(3, first_ms=_now_ms() - 60_000)
    cloudwatch.is_pretty = True

    logs.pull(_run(store))

    assert _reports_count(store) == 3


@pytest.mark.parametrize(("stop", "turn_pages"), [(2, 2), (2, 50)], ids=["between", "inside"])
def test_run_out_of_time_is_continued_from_its_page(
    cloudwatch: Any,
    invocations: Any,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    stop: int,
    turn_pages: int,
) -> None:
    cloudwatch.groups["/aws/lambda/a"] = invocations(20, first_ms=_now_ms() - 60_000)
    cloudwatch.page_events_count = 6
    with monkeypatch.context() as patched:
        patched.setattr(
            Deadline, "remaining_s", property(lambda _: stop - len(cloudwatch.requests))
        )
        patched.setattr(logs, "TURN_PAGES", turn_pages)
        first = logs.pull(_run(store))
    half_count = _reports_count(store)
    cloudwatch.requests.clear()
    second = logs.pull(_run(store))

    assert (first.is_complete, half_count, second.is_complete) == (False, 4, True)
    assert cloudwatch.requests[0]["nextToken"] == "[12, false]"
    assert _reports_count(store) == 20


def test_token_that_aws_forgot_starts_the_window_again(
    cloudwatch: Any, invocations: Any, store: Store
) -> None:
    now_ms = _now_ms()
    cloudwatch.groups["/aws/lambda/a"] = invocations(5, first_ms=now_ms - 60_000)
    left = {"from_ms": now_ms - 90_000, "to_ms": now_ms, "token": "x", "token_us": now_ms * 1000}
    point = checkpoints.Checkpoint("logs", "/aws/lambda/a", None, {"since_us": 0, "open": left})
    with store.transaction() as connection:
        checkpoints.write(connection, [point], now_ms * 1000)

    outcome = logs.pull(_run(store))

    assert outcome.problems == []
    assert _reports_count(store) == 5


def test_refused_groups_are_named_and_not_asked_for_ever(cloudwatch: Any, store: Store) -> None:
    cloudwatch.groups = {f"/aws/lambda/{n}": [] for n in range(50)}
    cloudwatch.is_denied = True

    outcome = logs.pull(_run(store))

    assert not outcome.is_complete
    assert "logs:FilterLogEvents: AccessDenied" in outcome.problems[0]
    assert len(cloudwatch.requests) < 10


def test_settle_time_leaves_the_newest_events_for_the_next_run(
    cloudwatch: Any, invocations: Any, store: Store
) -> None:
    cloudwatch.groups["/aws/lambda/a"] = invocations(1, first_ms=_now_ms() - 5_000)

    logs.pull(_run(store, Options()))
    early_count = _reports_count(store)
    logs.pull(_run(store))

    assert (early_count, _reports_count(store)) == (0, 1)


def test_function_that_logs_elsewhere_is_read_there(
    cloudwatch: Any, invocations: Any, store: Store
) -> None:
    cloudwatch.groups["/team/shared"] = invocations(2, first_ms=_now_ms() - 5_000)
    with store.transaction() as connection:
        connection.execute(
            "INSERT INTO function_configs (function_name, log_group) VALUES ('f', '/team/shared')"
        )

    logs.pull(_run(store))

    assert _reports_count(store) == 2


def test_chosen_tag_finds_its_log_groups(moto: Any, store: Store) -> None:
    moto("logs").create_log_group(logGroupName="/x/one", tags={"chainlight": "on"})
    moto("logs").create_log_group(logGroupName="/x/two")
    options = Options(group_prefixes=(), group_tag=("chainlight", "on"), settle_us=0)

    outcome = logs.pull(_run(store, options))

    assert (outcome.problems, outcome.total_count) == ([], 1)


def test_throttled_account_costs_time_and_no_rows(
    cloudwatch: Any, invocations: Any, store: Store
) -> None:
    for name in ("a", "b", "c"):
        cloudwatch.groups[f"/aws/lambda/{name}"] = invocations(
            5, first_ms=_now_ms() - 5_000, name=name
        )
    cloudwatch.throttled_count = 5

    outcome = logs.pull(_run(store))

    assert outcome.is_complete
    assert _reports_count(store) == 15


def _groups(store: Store) -> list[tuple[Any, ...]]:
    return store.query(
        "SELECT log_group, log_class, unread_reason FROM log_groups ORDER BY log_group"
    ).fetchall()


def test_group_of_the_delivery_class_is_known_and_never_asked(
    cloudwatch: Any, store: Store
) -> None:
    cloudwatch.groups = {"/aws/lambda/a": [], "/aws/lambda/d": []}
    cloudwatch.classes = {"/aws/lambda/d": "DELIVERY"}

    outcome = logs.pull(_run(store))

    assert (outcome.problems, outcome.total_count) == ([], 1)
    assert _groups(store) == [
        ("/aws/lambda/a", "STANDARD", None),
        (
            "/aws/lambda/d",
            "DELIVERY",
            "its class DELIVERY passes events on to Firehose or S3 and shows none",
        ),
    ]


def test_class_that_cannot_be_filtered_is_asked_once_a_day_and_named(
    cloudwatch: Any, store: Store
) -> None:
    cloudwatch.groups = {"/aws/lambda/a": [], "/aws/lambda/ia": []}
    cloudwatch.classes = {"/aws/lambda/ia": "INFREQUENT_ACCESS"}
    cloudwatch.refused_class = "INFREQUENT_ACCESS"

    outcomes = [logs.pull(_run(store)) for _ in range(2)]
    tomorrow = _run(store)
    tomorrow.now_us += 24 * 3600 * 1_000_000 + 1
    outcomes.append(logs.pull(tomorrow))

    reason = (
        "FilterLogEvents does not answer for its class INFREQUENT_ACCESS: InvalidOperationException"
    )
    assert [outcome.problems for outcome in outcomes] == [[], [], []]
    asked = [request["logGroupName"] for request in cloudwatch.requests]
    assert asked.count("/aws/lambda/ia") == 2
    assert _groups(store)[1] == ("/aws/lambda/ia", "INFREQUENT_ACCESS", reason)


def test_class_that_answers_is_read_whatever_it_is_called(
    cloudwatch: Any, invocations: Any, store: Store
) -> None:
    cloudwatch.groups["/aws/lambda/e"] = invocations(2, first_ms=_now_ms() - 5_000)
    cloudwatch.classes = {"/aws/lambda/e": "ESSENTIALS"}

    logs.pull(_run(store))

    assert _reports_count(store) == 2
    assert _groups(store) == [("/aws/lambda/e", "ESSENTIALS", None)]


def test_group_tells_its_functions_format_and_how_far_it_is_read(
    cloudwatch: Any, store: Store
) -> None:
    cloudwatch.groups = {"/aws/lambda/a": [], "/team": []}
    with store.transaction() as connection:
        connection.execute(
            "INSERT INTO function_configs (function_name, log_group, log_format, system_log_level)"
            " VALUES ('a', '/aws/lambda/a', 'Text', NULL), ('b', '/team', 'JSON', 'WARN'),"
            " ('c', '/team', 'Text', 'INFO')"
        )
    run = _run(store, Options(("/",), settle_us=0))

    logs.pull(run)

    found = store.query(
        "SELECT log_group, log_format, functions_count, is_report_hidden, read_to_us"
        " FROM log_groups ORDER BY log_group"
    ).fetchall()
    read_to_us = run.now_us // 1000 * 1000
    assert found == [
        ("/aws/lambda/a", "Text", 1, False, read_to_us),
        ("/team", "mixed", 2, True, read_to_us),
    ]


def test_function_that_never_ran_has_no_group_and_that_is_no_problem(
    cloudwatch: Any, store: Store
) -> None:
    cloudwatch.groups["/aws/lambda/a"] = []
    cloudwatch.absent = {"/team/gone"}
    with store.transaction() as connection:
        connection.execute(
            "INSERT INTO function_configs (function_name, log_group)"
            " VALUES ('never', '/aws/lambda/never'), ('gone', '/team/gone')"
        )

    outcome = logs.pull(_run(store))
    named = logs.pull(_run(store, Options(group_names=("/team/gone",), settle_us=0)))

    assert (outcome.problems, outcome.is_complete) == ([], True)
    asked = {request["logGroupName"] for request in cloudwatch.requests}
    assert asked == {"/aws/lambda/a", "/team/gone"}
    assert "ResourceNotFoundException" in named.problems[0]
