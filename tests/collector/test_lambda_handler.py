from __future__ import annotations

import base64
import gzip
import json
import time
from pathlib import Path
from typing import Any

import pytest

from chainlight_collector import objects
from chainlight_collector.errors import UsageError
from chainlight_collector.lambda_handler import Settings, handler, options_from
from chainlight_collector.store import Store

BUCKET = "chainlight-test"


class _Context:
    """Lambda's context with five minutes left."""

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


@pytest.fixture
def deployed(moto: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    moto("s3").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    monkeypatch.setenv("CHAINLIGHT_BUCKET", BUCKET)
    monkeypatch.setenv("CHAINLIGHT_SETTLE_S", "0")
    monkeypatch.setenv("CHAINLIGHT_FOLDER", str(tmp_path / "warm"))
    return moto


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _attempts_count(folder: Path) -> int:
    path = objects.fetch(f"s3://{BUCKET}/chainlight.duckdb", folder)
    with Store.open(path, read_only=True) as store:
        return store.query("SELECT count(*) FROM attempts").fetchone()[0]


def _write(moto: Any, name: str, events: list[dict[str, Any]]) -> None:
    group, stream = f"/aws/lambda/{name}", events[0]["logStreamName"]
    logs = moto("logs")
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    lines = [{key: event[key] for key in ("timestamp", "message")} for event in events]
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=lines)


def test_schedule_reads_logs_into_the_object(
    deployed: Any, invocations: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _write(deployed, "a", invocations(3, first_ms=_now_ms() - 60_000))

    answer = handler({"source": "aws.events"}, _Context())

    incomplete = [name for name, of in answer["sources"].items() if not of["is_complete"]]
    assert (answer["outcome"], incomplete) == ("partial", ["xray"])  # moto knows no destination
    assert json.loads(capsys.readouterr().out)["chainlight_collector"] == answer
    assert _attempts_count(tmp_path / "reader") == 3


def test_runs_after_the_first_go_on_from_the_object(
    deployed: Any, invocations: Any, tmp_path: Path
) -> None:
    _write(deployed, "a", invocations(3, first_ms=_now_ms() - 60_000))

    handler({}, _Context())
    again = handler({}, _Context())

    assert (again["kept_count"], _attempts_count(tmp_path / "reader")) == (0, 3)


@pytest.mark.usefixtures("deployed")
def test_subscription_event_is_taken(invocations: Any, tmp_path: Path) -> None:
    events = invocations(2, first_ms=_now_ms() - 60_000)
    document = {
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": "/aws/lambda/a",
        "logStream": events[0]["logStreamName"],
        "subscriptionFilters": ["chainlight"],
        "logEvents": [
            {"id": event["eventId"], "timestamp": event["timestamp"], "message": event["message"]}
            for event in events
        ],
    }
    data = base64.b64encode(gzip.compress(json.dumps(document).encode())).decode()

    for _ in range(2):
        handler({"awslogs": {"data": data}}, _Context())

    assert _attempts_count(tmp_path / "reader") == 2


def test_bucket_must_be_named() -> None:
    with pytest.raises(UsageError, match="CHAINLIGHT_BUCKET"):
        Settings.from_environment({})


def test_groups_by_name_or_tag_replace_the_default_prefix() -> None:
    assert options_from({}).group_prefixes == ("/aws/lambda/",)
    named = options_from({"CHAINLIGHT_LOG_GROUPS": "/a, /b"})
    tagged = options_from({"CHAINLIGHT_LOG_GROUP_TAG": "team=shop"})
    both = options_from({"CHAINLIGHT_LOG_GROUPS": "/a", "CHAINLIGHT_LOG_GROUP_PREFIX": "/x/"})

    assert (named.group_prefixes, named.group_names) == ((), ("/a", "/b"))
    assert (tagged.group_prefixes, tagged.group_tag) == ((), ("team", "shop"))
    assert (both.group_prefixes, both.group_names) == (("/x/",), ("/a",))
