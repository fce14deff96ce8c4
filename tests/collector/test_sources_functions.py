from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from chainlight_collector.aws import Aws, Deadline
from chainlight_collector.sources import checkpoints, functions, queues
from chainlight_collector.sources.checkpoints import Checkpoint
from chainlight_collector.sources.run import Options, Run
from chainlight_collector.store import Store

from .derive_facts import new_file

REGION = "eu-central-1"
NOW_US = 1_763_762_400_000_000
ACCOUNT = "123456789012"
FAST = {f"lambda:{name}": 1000.0 for name in ("GetFunctionEventInvokeConfig", "ListTags")}


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with Store.open(new_file(tmp_path / "chainlight.duckdb")) as opened:
        yield opened


@pytest.fixture
def role(moto: Any) -> str:
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    made = moto("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(document))
    return made["Role"]["Arn"]


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", "def handler(event, context): return 1")
    return buffer.getvalue()


def _create(moto: Any, role: str, name: str, **settings: Any) -> str:
    made = moto("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=role,
        Handler="app.handler",
        Code={"ZipFile": _zip()},
        **settings,
    )
    return made["FunctionArn"]


def _queue(moto: Any, name: str, **attributes: str) -> str:
    url = moto("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    answer = moto("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return answer["Attributes"]["QueueArn"]


def _run(store: Store, now_us: int = NOW_US, **options: Any) -> Run:
    run = Run(Aws(calls_per_s=FAST), store, Options(**options), Deadline.never())
    run.now_us = now_us
    return run


def _newest(store: Store, *columns: str) -> list[tuple[Any, ...]]:
    return store.query(
        f"SELECT {', '.join(columns)} FROM function_configs ORDER BY function_name, observed_us"  # noqa: S608
    ).fetchall()


def test_function_is_noted_with_what_decides_its_retries_and_its_owner(
    moto: Any, role: str, store: Store
) -> None:
    failures = _queue(moto, "failures")
    arn = _create(
        moto,
        role,
        "orders",
        MemorySize=512,
        Timeout=7,
        Tags={"team": "checkout"},
        Environment={"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/chainlight"}},
    )
    moto("lambda").put_function_event_invoke_config(
        FunctionName="orders",
        MaximumRetryAttempts=1,
        MaximumEventAgeInSeconds=600,
        DestinationConfig={"OnFailure": {"Destination": failures}},
    )
    moto("lambda").put_function_concurrency(FunctionName="orders", ReservedConcurrentExecutions=3)

    outcome = functions.pull(_run(store))

    assert (outcome.problems, outcome.done_count) == ([], 1)
    columns = (
        "function_name, function_arn, account_id, region, owner, runtime, arch, memory_mb, "
        "timeout_s, has_layer, on_failure_arn, max_retry_attempts, max_event_age_s, "
        "log_group, reserved_concurrency, tags"
    )
    assert _newest(store, columns) == [
        (
            *("orders", arn, ACCOUNT, REGION, "checkout", "python3.13", "x86_64", 512),
            *(7, True, failures, 1, 600),
            *("/aws/lambda/orders", 3, '{"team": "checkout"}'),
        )
    ]


def test_stack_owns_a_function_that_nobody_tagged(moto: Any, role: str, store: Store) -> None:
    _create(moto, role, "f", Tags={"aws:cloudformation:stack-name": "shop"})

    functions.pull(_run(store))

    assert _newest(store, "owner", "has_layer") == [("shop", False)]


@pytest.mark.parametrize(
    ("configuration", "expected"),
    [
        ({}, False),
        ({"Layers": [{"Arn": "arn:aws:lambda:r:1:layer:chainlight:3"}]}, True),
        ({"Layers": [{"Arn": "arn:aws:lambda:r:1:layer:other:3"}]}, False),
        ({"Environment": {"Variables": {"CHAINLIGHT_HANDLER": "app.handler"}}}, True),
        ({"Environment": {"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/chainlight"}}}, True),
        ({"Environment": {"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/otel"}}}, False),
    ],
)
def test_layer_is_known_by_its_name_or_by_the_environment(
    configuration: Any, *, expected: bool
) -> None:
    assert functions.has_layer(configuration) is expected


def test_unchanged_function_is_asked_about_once_an_hour(moto: Any, role: str, store: Store) -> None:
    _create(moto, role, "f")
    run = _run(store)

    functions.pull(run)
    first_count = run.aws.calls_count
    soon = functions.pull(_run(store, now_us=run.now_us + 60_000_000))
    later = functions.pull(_run(store, now_us=run.now_us + 3600_000_000))

    assert first_count == 7
    assert (soon.total_count, later.total_count) == (0, 1)
    assert len(_newest(store, "function_name")) == 1


def test_changed_function_is_noted_at_once(moto: Any, role: str, store: Store) -> None:
    _create(moto, role, "f", MemorySize=128)
    functions.pull(_run(store))
    moto("lambda").update_function_configuration(FunctionName="f", MemorySize=256)

    functions.pull(_run(store, now_us=NOW_US + 1))

    assert _newest(store, "memory_mb") == [(128,), (256,)]


def test_oldest_answers_are_renewed_first_when_there_are_too_many(
    moto: Any, role: str, store: Store
) -> None:
    for name in ("a", "b", "c"):
        _create(moto, role, name)

    functions.pull(_run(store, details_max=2))
    functions.pull(_run(store, now_us=NOW_US + 1, details_max=2))

    assert _newest(store, "function_name") == [("a",), ("b",), ("c",)]


def test_queue_that_feeds_a_function_is_noted_with_its_redrive_policy(
    moto: Any, role: str, store: Store
) -> None:
    dlq = _queue(moto, "dlq")
    policy = json.dumps({"deadLetterTargetArn": dlq, "maxReceiveCount": 4})
    queue = _queue(moto, "work", RedrivePolicy=policy, VisibilityTimeout="42")
    _create(moto, role, "worker")
    moto("lambda").create_event_source_mapping(EventSourceArn=queue, FunctionName="worker")

    functions.pull(_run(store))
    outcome = queues.pull(_run(store))

    assert outcome.problems == []
    assert _newest(store, "event_source_arns") == [([queue],)]
    found = store.query(
        "SELECT queue_arn, dlq_arn, max_receive_count, visibility_timeout_s FROM queue_redrives"
    ).fetchall()
    assert found == [(queue, dlq, 4, 42)]


def test_queue_behind_a_dead_letter_queue_is_found_from_its_end(
    moto: Any, role: str, store: Store
) -> None:
    dlq = _queue(moto, "dlq")
    policy = json.dumps({"deadLetterTargetArn": dlq, "maxReceiveCount": 2})
    queue = _queue(moto, "from-sns", RedrivePolicy=policy)
    _create(moto, role, "f")
    moto("lambda").put_function_event_invoke_config(
        FunctionName="f", DestinationConfig={"OnFailure": {"Destination": dlq}}
    )

    functions.pull(_run(store))
    queues.pull(_run(store))

    assert store.query("SELECT queue_arn FROM queue_redrives").fetchall() == [(queue,)]


def test_dead_letter_queue_of_the_function_itself_is_an_ending() -> None:
    configuration = {"DeadLetterConfig": {"TargetArn": "arn:aws:sqs:r:1:dlq"}}

    assert functions._endings(configuration, {})["dlq_arn"] == "arn:aws:sqs:r:1:dlq"


def test_failure_destination_of_a_stream_is_an_ending_too(store: Store) -> None:
    mapping = {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:r:1:stream-dlq"}}}
    function = functions._Function({"FunctionArn": "arn:aws:lambda:r:1:function:f"}, (mapping,))
    point = Checkpoint(functions.FUNCTIONS, function.arn, NOW_US, function.state)
    with store.transaction() as connection:
        checkpoints.write(connection, [point], NOW_US)

    assert queues.places(_run(store)).ending == {"arn:aws:sqs:r:1:stream-dlq"}


def test_mapping_is_noted_with_its_settings_and_its_end(moto: Any, role: str, store: Store) -> None:
    queue = _queue(moto, "work")
    arn = _create(moto, role, "worker")
    made = moto("lambda").create_event_source_mapping(
        EventSourceArn=queue, FunctionName="worker", BatchSize=5
    )
    functions.pull(_run(store))
    columns = "function_name, event_source_arn, batch_size_count, function_arn, mapping_id"
    there = store.query(f"SELECT {columns} FROM event_sources").fetchall()  # noqa: S608
    moto("lambda").delete_event_source_mapping(UUID=made["UUID"])

    for now_us in (NOW_US + 1, NOW_US + 2):
        functions.pull(_run(store, now_us=now_us))

    assert there == [("worker", queue, 5, arn, made["UUID"])]
    assert store.query("SELECT count(*) FROM event_sources").fetchone() == (0,)
    assert store.query("SELECT state FROM event_source_mappings ORDER BY observed_us").fetchall()[
        1:
    ] == [("Deleted",)]


def test_database_of_an_older_version_gets_the_new_columns(tmp_path: Path) -> None:
    path = tmp_path / "older.duckdb"
    with Store.open(path) as older, older.transaction() as connection:
        connection.execute("DROP VIEW function_newest")
        connection.execute("ALTER TABLE function_configs DROP COLUMN recursive_loop")
        connection.execute("INSERT INTO function_configs (function_name) VALUES ('f')")
        connection.execute("UPDATE schema_versions SET digest = 'of an older version'")

    with Store.open(path) as newer:
        rows = newer.query("SELECT function_name, recursive_loop FROM function_configs").fetchall()

    assert rows == [("f", None)]
