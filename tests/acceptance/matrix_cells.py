"""The cells of the matrix: a Python, a log format and a way in, and the same app in each.

    matrix_cells.py RESULT_FILE CELL...      a cell is named like python3.12-JSON-wheel

A program of its own, because moto serves one local AWS a process. It writes for each cell the
records of each function, or null where the cell's Python is not to be had. Interpreters are looked
for as a user would (PATH, uv, pyenv); an environment with boto3 and AWS's
runtime client is made for each with uv, below `.build`, in the versions of this project's own.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from chainlight.record import PREFIX, decode
from chainlight_demo.local_aws import LocalAws

ROOT = Path(__file__).resolve().parents[2]
APP = Path(__file__).parent / "matrix_app.py"
LAYER_ZIP = ROOT / "dist" / "chainlight-layer.zip"
OWN_PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
HANDLERS = {
    "start": "start",
    "double": "double",
    "flaky": "flaky",
    **dict.fromkeys(("queue", "topic", "bus", "bucket", "task"), "listen"),
}
DECORATED = """
from chainlight import trace

import matrix_app

start, double, flaky, listen = (
    trace(handler)
    for handler in (matrix_app.start, matrix_app.double, matrix_app.flaky, matrix_app.listen)
)
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """Where the app runs and how the layer gets there."""

    python: str
    log_format: str
    way_in: str

    def __str__(self) -> str:
        """Return the cell as a test id."""
        return f"{self.python}-{self.log_format}-{self.way_in}"


@dataclass(frozen=True, slots=True)
class Deployment:
    """The app of one cell on a local AWS; every name begins with the cell's prefix."""

    aws: LocalAws
    cell: Cell
    prefix: str
    wheel: Path

    def run(self) -> dict[str, list[dict[str, Any]]]:
        """Deploy, send one event through, and return the records of each function in order."""
        self._deploy()
        answer = self.aws.client("lambda").invoke(
            FunctionName=self._name("start"), Payload=b'{"n": 21}'
        )
        assert json.load(answer["Payload"]) == {"n": 42}
        self.aws.wait_until_quiet()
        return {name: self._records(name) for name in HANDLERS}

    def _name(self, name: str) -> str:
        return f"{self.prefix}-{name}"

    def _records(self, name: str) -> list[dict[str, Any]]:
        events = self.aws.client("logs").filter_log_events(
            logGroupName=f"/aws/lambda/{self._name(name)}"
        )["events"]
        lines = [event["message"].rstrip("\n") for event in events]
        return [decode(line) for line in lines if line.startswith(PREFIX)]

    def _deploy(self) -> None:
        client = self.aws.client
        role = client("iam").create_role(RoleName=self._name("r"), AssumeRolePolicyDocument="{}")
        role_arn = role["Role"]["Arn"]
        arns = {name: self._function(name, role_arn) for name in HANDLERS if name != "start"}
        queue = client("sqs").create_queue(QueueName=self._name("queue"))["QueueUrl"]
        client("lambda").create_event_source_mapping(
            FunctionName=self._name("queue"),
            EventSourceArn=f"arn:aws:sqs:us-east-1:123456789012:{self._name('queue')}",
            BatchSize=10,
            MaximumBatchingWindowInSeconds=1,
        )
        topic = client("sns").create_topic(Name=self._name("topic"))["TopicArn"]
        client("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arns["topic"])
        pattern = json.dumps({"source": [self._name("source")]})
        client("events").put_rule(Name=self._name("rule"), EventPattern=pattern)
        client("events").put_targets(
            Rule=self._name("rule"), Targets=[{"Id": "1", "Arn": arns["bus"]}]
        )
        names = {
            "double": self._name("double"),
            "flaky": self._name("flaky"),
            "queue": queue,
            "topic": topic,
            "source": self._name("source"),
            "bucket": self._bucket(arns["bucket"]),
            "machine": self._machine(arns["task"], role_arn),
        }
        self._function("start", role_arn, {"NAMES": json.dumps(names)})
        client("lambda").put_function_event_invoke_config(
            FunctionName=self._name("flaky"), MaximumRetryAttempts=1
        )

    def _bucket(self, listener: str) -> str:
        name = self._name("bucket")
        self.aws.client("s3").create_bucket(Bucket=name)
        listening = {"LambdaFunctionArn": listener, "Events": ["s3:ObjectCreated:*"]}
        self.aws.client("s3").put_bucket_notification_configuration(
            Bucket=name, NotificationConfiguration={"LambdaFunctionConfigurations": [listening]}
        )
        return name

    def _machine(self, task: str, role_arn: str) -> str:
        work = {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": task, "Payload.$": "$"},
            "End": True,
        }
        created = self.aws.client("stepfunctions").create_state_machine(
            name=self._name("machine"),
            definition=json.dumps({"StartAt": "Work", "States": {"Work": work}}),
            roleArn=role_arn,
        )
        return str(created["stateMachineArn"])

    def _function(self, name: str, role_arn: str, variables: dict[str, str] | None = None) -> str:
        is_layer = self.cell.way_in == "layer"
        wrapper = {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/chainlight"} if is_layer else {}
        created = self.aws.client("lambda").create_function(
            FunctionName=self._name(name),
            Runtime=self.cell.python,
            Role=role_arn,
            Handler=f"{'matrix_app' if is_layer else 'decorated'}.{HANDLERS[name]}",
            Code={"ZipFile": _code(self.wheel if not is_layer else None)},
            Layers=[self._layer()] if is_layer else [],
            Timeout=30,
            MemorySize=256,
            LoggingConfig={"LogFormat": self.cell.log_format},
            Environment={"Variables": {**wrapper, **(variables or {})}},
        )
        return str(created["FunctionArn"])

    def _layer(self) -> str:
        published = self.aws.client("lambda").publish_layer_version(
            LayerName=self._name("layer"), Content={"ZipFile": LAYER_ZIP.read_bytes()}
        )
        return str(published["LayerVersionArn"])


def main(result_file: str, *names: str) -> None:
    """Run the cells named, one after the other on one local AWS."""
    cells = [Cell(*name.split("-")) for name in names]
    others = {cell.python for cell in cells} - {OWN_PYTHON}  # which the local AWS serves itself
    found = {python: environment_of(python) for python in others}
    there = {python: path for python, path in found.items() if path is not None}
    results: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        wheel = build_wheel(Path(folder))
        with LocalAws(work_dir=Path(folder), time_scale=0.005, environments=there) as aws:
            for number, cell in enumerate(cells):
                is_there = cell.python in (OWN_PYTHON, *there)
                deployment = Deployment(aws, cell, f"cell{number:02}", wheel)
                results[str(cell)] = deployment.run() if is_there else None
    Path(result_file).write_text(json.dumps(results))


def _code(wheel: Path | None) -> bytes:
    """Return the function's archive; with a wheel, unpacked in it as installers do."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("matrix_app.py", APP.read_text())
        if wheel is not None:
            archive.writestr("decorated.py", DECORATED)
            with zipfile.ZipFile(wheel) as installed:
                for name in installed.namelist():
                    archive.writestr(name, installed.read(name))
    return packed.getvalue()


def build_wheel(folder: Path) -> Path:
    """Build the layer's wheel as it would be published and return its path."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT / "instrumentation", check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def environment_of(python: str) -> Path | None:
    """Return the interpreter of an environment with what Lambda ships, or None if there is none."""
    folder = ROOT / ".build" / "matrix" / python
    if not (folder / "bin" / "python").exists():
        interpreter = find_interpreter(python)
        if interpreter is None:
            return None
        _make_environment(folder, interpreter)
    return folder / "bin" / "python"


def _make_environment(folder: Path, interpreter: str) -> None:
    versions = [
        f"{name}=={metadata.version(name)}" for name in ("boto3", "botocore", "awslambdaric")
    ]
    unfinished = folder.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    for command in (
        [uv(), "venv", "--quiet", "--relocatable", "--python", interpreter, str(unfinished)],
        [uv(), "pip", "install", "--quiet", "--python", str(unfinished), *versions],
    ):
        subprocess.run(command, check=True, capture_output=True)
    unfinished.rename(folder)


def uv() -> str:
    """Return uv: on PATH, or where `make setup` puts it."""
    return shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")


def find_interpreter(python: str) -> str | None:
    """Return a working interpreter of that name, or None."""
    version = python.removeprefix("python")
    searches: tuple[Callable[[], str | None], ...] = (
        lambda: shutil.which(python),
        lambda: _said_by(uv(), "python", "find", "--no-project", version),
        lambda: _of_pyenv(version),
    )
    found = (search() for search in searches)
    return next((path for path in found if path and _is_version(path, version)), None)


def _of_pyenv(version: str) -> str | None:
    installed = (_said_by("pyenv", "versions", "--bare") or "").split()
    full = next((name for name in installed if name.startswith(f"{version}.")), None)
    prefix = _said_by("pyenv", "prefix", full) if full else None
    return f"{prefix}/bin/python" if prefix else None


def _is_version(path: str, version: str) -> bool:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return _said_by(path, "-c", code) == version


def _said_by(*command: str) -> str | None:
    """Return what a command printed, or None if it failed or is not there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


if __name__ == "__main__":
    main(*sys.argv[1:])
