"""The rows of the bench: which tracer, how it is configured, and an environment for each.

Environments are made by uv below `.build/bench-layer`, are kept between runs, and hold nothing but
the peer and boto3. Our own row is the layer's zip as it ships, unpacked beside the bare one.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = PROJECT / ".build" / "bench-layer"
LAYER_ZIP = PROJECT / "dist" / "chainlight-layer.zip"
LAYER = FOLDER / f"chainlight-{hashlib.sha256(LAYER_ZIP.read_bytes()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class Peer:
    """One row; `variables` may name the sink's {http} and {udp} ports."""

    name: str
    label: str
    environment: str
    requirements: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Return the virtual environment of the row."""
        return FOLDER / self.environment

    @property
    def python(self) -> Path:
        """Return the interpreter that runs the row."""
        return self.folder / "bin" / "python"

    @property
    def packages(self) -> Path:
        """Return its site-packages."""
        return next((self.folder / "lib").glob("python*/site-packages"))


_OTEL = {"OTEL_PROPAGATORS": "tracecontext,baggage,xray", "OTEL_SERVICE_NAME": "toy"}
_XRAY = {"AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:{udp}"}
BARE = Peer("bare", "bare handler", "bare", ("boto3",))
OURS = Peer("chainlight", "chainlight", "bare", variables={"PYTHONPATH": str(LAYER / "python")})
PEERS = (
    Peer("xray", "aws-xray-sdk", "xray", ("aws-xray-sdk", "boto3"), _XRAY),
    Peer(
        "powertools",
        "Powertools Tracer",
        "powertools",
        ("aws-lambda-powertools[tracer]", "boto3"),
        {**_XRAY, "POWERTOOLS_SERVICE_NAME": "toy"},
    ),
    Peer(
        "otel",
        "OpenTelemetry, spans dropped",
        "otel",
        (
            "boto3",
            "opentelemetry-sdk",
            "opentelemetry-exporter-otlp-proto-http",
            "opentelemetry-propagator-aws-xray",
            # These have pre-releases only, which uv takes when a bound names one.
            "opentelemetry-instrumentation-aws-lambda>=0.1b0",
            "opentelemetry-instrumentation-botocore>=0.1b0",
            "opentelemetry-instrumentation>=0.1b0",
            "opentelemetry-semantic-conventions>=0.1b0",
        ),
        _OTEL,
    ),
    Peer(
        "otel_otlp",
        "OpenTelemetry, OTLP at each end",
        "otel",
        variables={**_OTEL, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:{http}"},
    ),
    Peer(
        "datadog",
        "datadog-lambda, to the log",
        "datadog",
        ("datadog-lambda", "boto3"),
        {
            "DD_TRACE_ENABLED": "true",
            "DD_FLUSH_TO_LOG": "true",
            "DD_SERVICE": "toy",
            "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false",
            "DD_REMOTE_CONFIGURATION_ENABLED": "false",
        },
    ),
    Peer(
        "lumigo",
        "lumigo-tracer, reporting off",
        "lumigo",
        ("lumigo-tracer", "boto3"),
        {"LUMIGO_INITIALIZATION_CONNECTION": "false"},
    ),
    Peer("sentry", "sentry-sdk, envelopes dropped", "sentry", ("sentry-sdk", "boto3")),
    Peer(
        "elastic",
        "elastic-apm, local intake",
        "elastic",
        ("elastic-apm", "boto3"),
        {
            "ELASTIC_APM_SERVER_URL": "http://127.0.0.1:{http}",
            "ELASTIC_APM_LAMBDA_APM_SERVER": "http://127.0.0.1:{http}",
            "ELASTIC_APM_CENTRAL_CONFIG": "false",
            "ELASTIC_APM_CLOUD_PROVIDER": "none",
            "ELASTIC_APM_LOG_LEVEL": "off",
        },
    ),
)


def chosen(names: str) -> list[Peer]:
    """Return bare, ours and the peers named (comma-separated; all of them for an empty text)."""
    wanted = set(filter(None, names.split(",")))
    if unknown := wanted - {peer.name for peer in PEERS}:
        raise SystemExit(f"no such peer: {', '.join(sorted(unknown))}")
    return [BARE, OURS, *(peer for peer in PEERS if not wanted or peer.name in wanted)]


def install(rows: list[Peer]) -> list[Peer]:
    """Make the missing environments and return the rows that have one; others are named."""
    uv = shutil.which("uv") or str(PROJECT / ".tools" / "bin" / "uv")
    for row in rows:
        if row.requirements and not row.python.exists():
            print(f"installing {row.label} into {row.folder.relative_to(PROJECT)}", flush=True)
            _install(uv, row)
    if not LAYER.exists():
        with zipfile.ZipFile(LAYER_ZIP) as archive:
            archive.extractall(LAYER)
    missing = [row.label for row in rows if not row.python.exists()]
    if missing:
        print(f"NOT MEASURED, not installable here: {', '.join(missing)}")
    return [row for row in rows if row.python.exists()]


def _install(uv: str, row: Peer) -> None:
    unfinished = row.folder.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    make = [uv, "venv", "--quiet", "--relocatable", "--python", sys.executable, str(unfinished)]
    fill = [uv, "pip", "install", "--quiet", "--python", str(unfinished), *row.requirements]
    for command in (make, fill):
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            print(done.stderr.strip()[-400:])
            return
    unfinished.rename(row.folder)


def sizes(row: Peer) -> tuple[int, int]:
    """Return (zip bytes, raw bytes) of what the row adds to a runtime that has boto3."""
    if row is BARE:
        return 0, 0
    if row is OURS:
        files = [path for path in LAYER.rglob("*") if _ships(path)]
        return LAYER_ZIP.stat().st_size, sum(path.stat().st_size for path in files)
    there = {path.name for path in BARE.packages.iterdir()}
    tops = [path for path in row.packages.iterdir() if path.name not in there]
    files = [path for top in tops for path in (top, *top.rglob("*")) if _ships(path)]
    with io.BytesIO() as zipped:
        with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in files:
                archive.write(path, path.relative_to(row.packages))
        return zipped.tell(), sum(path.stat().st_size for path in files)


def _ships(path: Path) -> bool:
    return path.is_file() and path.suffix != ".pyc"
