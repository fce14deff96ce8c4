"""Doctor: every operation is tried harmlessly, and what is missing is said by its name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from chainlight_collector.aws import Aws
from chainlight_collector.cli.main import cli
from chainlight_collector.doctor import live, probes
from chainlight_collector.doctor.findings import Finding, State, exit_code
from chainlight_collector.doctor.live import Account
from chainlight_collector.doctor.probes import Answer, Ground
from chainlight_collector.sources import operations
from chainlight_collector.store import Store

FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:f"


def _findings(db: Path, *options: str) -> tuple[int, dict[str, dict[str, Any]]]:
    done = CliRunner().invoke(cli, ["doctor", "--db", str(db), "--json", *options])
    assert done.stdout, done.output
    return done.exit_code, {row["check"]: row for row in json.loads(done.stdout)["findings"]}


def test_every_operation_has_a_probe_or_a_reason_why_it_has_none() -> None:
    actions = {operation.action for operation in operations.ALL}

    assert set(probes.PROBES) | set(probes.NOT_TRIED) == actions
    assert set(probes.PROBES).isdisjoint(probes.NOT_TRIED)


def test_probes_that_could_change_a_queue_name_one_that_does_not_exist() -> None:
    ground = Ground(queue_url="https://sqs.eu-central-1.amazonaws.com/123456789012/orders-dlq")

    for action in ("sqs:ReceiveMessage", "sqs:ChangeMessageVisibility"):
        parameters = probes.PROBES[action](ground)
        assert parameters is not None
        assert str(parameters["QueueUrl"]).endswith("/123456789012/chainlight-doctor")


def test_probes_are_requests_that_boto_sends_and_leave_everything_as_it_was(moto: Any) -> None:
    url = moto("sqs").create_queue(QueueName="dlq")["QueueUrl"]
    moto("sqs").send_message(QueueUrl=url, MessageBody="x")
    moto("s3").create_bucket(
        Bucket="failures", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    ground = Ground(function_arn=FUNCTION, queue_url=url, bucket="failures")

    answers = {answer.action: answer for answer in probes.ask_all(Aws(), ground)}

    assert {answer.is_granted for answer in answers.values()} == {True, None}
    not_tried = {action for action, answer in answers.items() if answer.is_granted is None}
    assert not_tried == set(probes.NOT_TRIED)
    assert not any("Validation" in answer.reason for answer in answers.values()), answers
    attributes = moto("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    assert attributes["Attributes"]["ApproximateNumberOfMessages"] == "1"
    assert "Contents" not in moto("s3").list_objects_v2(Bucket="failures")


def test_missing_action_is_named_and_the_exit_code_says_in_part(
    cloudwatch: Any, tmp_path: Path
) -> None:
    cloudwatch.groups["/aws/lambda/a"] = []
    cloudwatch.is_denied = True

    code, found = _findings(tmp_path / "none.duckdb")

    assert code == 3
    assert found["permissions"]["state"] == "missing"
    assert "logs:FilterLogEvents" in found["permissions"]["details"]
    assert found["log groups"]["text"] == "1 log groups"
    assert found["clock"]["state"] == "ok"
    assert found["database"]["state"] == "note"


def test_database_tells_the_last_run_its_coverage_and_what_is_not_read(
    cloudwatch: Any, tmp_path: Path
) -> None:
    path = tmp_path / "chainlight.duckdb"
    with Store.open(path) as store, store.transaction() as connection:
        connection.execute(
            "INSERT INTO collector_runs VALUES (1790000000000000, 1790000001000000, 'partial', "
            "1, 0, 2, 5, '{}')"
        )
        connection.execute(
            "INSERT INTO log_group_configs (log_group, log_class, unread_reason, observed_us) "
            "VALUES ('/g', 'DELIVERY', 'shows none', 1)"
        )
        connection.execute(
            "INSERT INTO dead_letter_scans (queue_arn, scanned_us, is_complete, reason) "
            "VALUES ('arn:q', 1, false, 'it has a redrive policy of its own')"
        )
    cloudwatch.groups["/aws/lambda/a"] = []

    code, found = _findings(path)

    assert code == 3
    assert found["last run"]["text"] == "2026-09-21 14:13:20 UTC: partial, 2 rejected"
    assert found["unread log groups"]["details"] == ["/g: shows none"]
    assert found["dead-letter queues"]["details"] == ["arn:q: it has a redrive policy of its own"]
    assert found["coverage"]["state"] == "note"


def test_functions_without_the_layer_and_hidden_reports_are_listed() -> None:
    account = Account(
        functions=(
            {"FunctionName": "b", "FunctionArn": FUNCTION},
            {
                "FunctionName": "a",
                "FunctionArn": FUNCTION,
                "LoggingConfig": {"SystemLogLevel": "WARN"},
                "Layers": [{"Arn": "arn:aws:lambda:r:1:layer:chainlight:3"}],
            },
        )
    )

    assert live._layers(account).details == ("b",)
    hidden = live._hidden_lines(account)
    assert (hidden.state, hidden.details) == (State.MISSING, ("a",))


@pytest.mark.parametrize(
    ("skew_s", "state", "text"),
    [
        (0.4, State.OK, "this clock is 0.4 s ahead of AWS's"),
        (-90.0, State.MISSING, "this clock is 90.0 s behind AWS's; windows end too early"),
        (None, State.NOTE, "unknown"),
    ],
)
def test_clock_is_compared_with_the_date_of_an_answer(
    skew_s: float | None, state: State, text: str
) -> None:
    finding = live._clock(Account(skew_s=skew_s))

    assert finding.state is state
    assert finding.text.startswith(text)


def test_exit_code_is_that_of_the_worst_finding() -> None:
    ok, missing, failed = (
        Finding("c", state, "t") for state in (State.OK, State.MISSING, State.FAILED)
    )

    assert [exit_code(each) for each in ([ok], [ok, missing], [missing, failed])] == [0, 3, 1]


def test_nobody_answers_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "read", lambda *_: Account(problem="no endpoint"))
    monkeypatch.setattr(probes, "ask_all", lambda *_: [Answer("a:B", is_granted=True)])
    monkeypatch.setattr(live, "_transaction_search", lambda _: Finding("x", State.OK, "t"))

    done = CliRunner().invoke(cli, ["doctor", "--db", str(tmp_path / "none")])

    assert done.exit_code == 1
    assert "AWS does not list everything: no endpoint" in done.stdout
