"""A local AWS per test, and a rig that deploys one-file functions on it."""

from __future__ import annotations

import io
import json
import textwrap
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chainlight_demo.local_aws import LocalAws

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"


@dataclass
class Rig:
    """Short words for what the tests do with one local AWS."""

    aws: LocalAws
    role_arn: str = ""

    @staticmethod
    def zip(files: dict[str, str], mode: int = 0o644) -> bytes:
        """Return an archive of text files with the given permissions."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, text in files.items():
                entry = zipfile.ZipInfo(name)
                entry.external_attr = (0o100000 | mode) << 16
                archive.writestr(entry, text)
        return buffer.getvalue()

    def deploy(self, name: str, source: str, **settings: Any) -> str:
        """Create a function from source with a `main(event, context)` and return its ARN."""
        if not self.role_arn:
            role = self.aws.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")
            self.role_arn = role["Role"]["Arn"]
        answer = self.aws.client("lambda").create_function(
            FunctionName=name,
            Role=self.role_arn,
            Handler="handler.main",
            Code={"ZipFile": self.zip({"handler.py": textwrap.dedent(source)})},
            **{"Runtime": "python3.11", "Timeout": 20, **settings},
        )
        return str(answer["FunctionArn"])

    def invoke(self, name: str, event: Any = None, **arguments: Any) -> dict[str, Any]:
        """Invoke over HTTP; the answer's Payload is read and parsed."""
        answer: dict[str, Any] = self.aws.client("lambda").invoke(
            FunctionName=name, Payload=json.dumps(event or {}), **arguments
        )
        body = answer["Payload"].read()
        return {**answer, "Payload": json.loads(body) if body else None}

    def messages(self, name: str) -> list[str]:
        """Return the messages of a function's log group in order."""
        self.aws.wait_until_quiet()
        return [row["message"] for row in self.rows(name)]

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return the log events of a function in order."""
        answer = self.aws.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")
        return list(answer["events"])

    def queue(self, name: str) -> tuple[str, str]:
        """Create a queue and return its URL and ARN."""
        sqs = self.aws.client("sqs")
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, attributes["Attributes"]["QueueArn"]

    def receive(self, queue_url: str) -> list[dict[str, Any]]:
        """Return up to ten messages with all their attributes."""
        self.aws.wait_until_quiet()
        answer = self.aws.client("sqs").receive_message(
            QueueUrl=queue_url,
            MaxNumberOfMessages=10,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return list(answer.get("Messages", []))

    def until(self, is_so: Callable[[], bool], timeout_s: float = 10.0) -> None:
        """Wait for something that happens in another process."""
        deadline_s = time.monotonic() + timeout_s
        while not is_so():
            assert time.monotonic() < deadline_s, "it did not happen"
            time.sleep(0.01)


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[LocalAws]:
    """Return an empty local AWS whose retry waits are 0.6 and 1.2 seconds."""
    with LocalAws(time_scale=0.01, work_dir=tmp_path) as local_aws:
        yield local_aws


@pytest.fixture
def rig(aws: LocalAws) -> Rig:
    """Return the rig around `aws`."""
    return Rig(aws)


@pytest.fixture(scope="session")
def rig_of() -> type[Rig]:
    """Return the rig's class, for tests that start local AWSs of their own."""
    return Rig


@pytest.fixture(scope="session")
def samples() -> Path:
    """Return the folder of recorded AWS data, or skip."""
    if not SAMPLES.is_dir():
        pytest.skip(f"recorded AWS data is not here: {SAMPLES}")
    return SAMPLES
