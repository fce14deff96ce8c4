"""Servers on loopback that stand for AWS: moto, and a CloudWatch Logs with faults on request."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from .foreign_aws import ForeignAws

REGION = "eu-central-1"
NO_SUBSCRIPTIONS = (
    "<ListSubscriptionsResponse><ListSubscriptionsResult><Subscriptions/>"
    "</ListSubscriptionsResult></ListSubscriptionsResponse>"
)


def use_endpoint(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Point boto3 to a server on loopback."""
    for name in ("AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def moto(moto_url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give an empty moto and return a maker of boto3 clients for it."""
    urllib.request.urlopen(  # noqa: S310  loopback
        urllib.request.Request(f"{moto_url}/moto-api/reset", method="POST")  # noqa: S310
    ).close()
    use_endpoint(monkeypatch, moto_url)
    session = boto3.session.Session()
    return session.client


@dataclass
class CloudWatch:
    """Log groups with their events, and how badly their server behaves."""

    groups: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    page_events_count: int = 1000
    throttled_count: int = 0
    is_denied: bool = False
    is_lambda_denied: bool = False
    has_empty_pages: bool = False
    is_pretty: bool = False
    classes: dict[str, str] = field(default_factory=dict)
    refused_class: str = ""
    absent: set[str] = field(default_factory=set)
    foreign: ForeignAws = field(default_factory=ForeignAws)
    valid_tokens: set[str] = field(default_factory=set)
    requests: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    def answer(self, target: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Return status and body of one request."""
        if target == "DescribeLogGroups":
            prefix = request.get("logGroupNamePrefix", "")
            names = sorted(name for name in self.groups if name.startswith(prefix))
            return 200, {"logGroups": [self._described(name) for name in names]}
        if target in ("ListMetrics", "ListEventBuses"):
            return 200, {}
        self.requests.append(request)
        return self._refusal(request) or self._page(request)

    def _refusal(self, request: dict[str, Any]) -> tuple[int, dict[str, Any]] | None:
        """Return the error that a search is answered with, None where it has none."""
        group = request["logGroupName"]
        if self.is_denied:
            return 400, {"__type": "AccessDeniedException", "message": "not for you"}
        if self.throttled_count > 0:
            self.throttled_count -= 1
            return 400, {"__type": "ThrottlingException", "message": "Rate exceeded"}
        if group in self.absent:
            return 400, {"__type": "ResourceNotFoundException", "message": "no such group"}
        if self.classes.get(group, "STANDARD") == self.refused_class:
            return 400, {"__type": "InvalidOperationException", "message": "not for this class"}
        return None

    def _described(self, name: str) -> dict[str, Any]:
        return {"logGroupName": name, "logGroupClass": self.classes.get(name, "STANDARD")}

    def _page(self, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        token = request.get("nextToken")
        if token is not None and token not in self.valid_tokens:
            return 400, {"__type": "InvalidParameterException", "message": "The token is invalid."}
        start, is_empty = json.loads(token) if token else (0, self.has_empty_pages)
        events = [
            event
            for event in self.groups[request["logGroupName"]]
            if request["startTime"] <= event["timestamp"] <= request["endTime"]
        ]
        end = start if is_empty else start + self.page_events_count
        page: dict[str, Any] = {"events": events[start:end], "searchedLogStreams": []}
        if end < len(events) or is_empty:
            page["nextToken"] = json.dumps([end, self.has_empty_pages and not is_empty])
            self.valid_tokens.add(page["nextToken"])
        return 200, page


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cloudwatch: CloudWatch

    def do_POST(self) -> None:
        """Answer a CloudWatch Logs request; CloudWatch itself has no metric here."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if body.startswith(b"Action=ListSubscriptions"):
            self._send_body(200, NO_SUBSCRIPTIONS.encode())
            return
        target = self.headers.get("X-Amz-Target", "").split(".")[-1]
        request = json.loads(body or b"{}")
        foreign = self.cloudwatch.foreign.post(self.path, target, request)
        self._send(*(foreign or self.cloudwatch.answer(target, request)))

    def do_GET(self) -> None:
        """Answer the Lambda lists: there are no functions here."""
        if self.cloudwatch.is_lambda_denied:
            self._send(403, {"Message": "not for you"}, "AccessDeniedException")
        else:
            foreign = self.cloudwatch.foreign.get(self.path)
            self._send(*(foreign or (200, {"Functions": [], "EventSourceMappings": []})))

    def _send(self, status: int, answer: dict[str, Any], error_type: str = "") -> None:
        body = json.dumps(answer, indent=1 if self.cloudwatch.is_pretty else None).encode()
        self._send_body(status, body, error_type)

    def _send_body(self, status: int, body: bytes, error_type: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-amzn-ErrorType", error_type)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Be silent about clients that were killed in the middle of a request."""


@pytest.fixture
def cloudwatch(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudWatch]:
    """Serve a CloudWatch Logs whose faults a test sets."""
    state = CloudWatch()
    handler = type("Handler", (_Handler,), {"cloudwatch": state})
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    use_endpoint(monkeypatch, state.url)
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


def log_event(stream: str, timestamp_ms: int, message: str) -> dict[str, Any]:
    """One event as FilterLogEvents shows it."""
    return {
        "logStreamName": stream,
        "timestamp": timestamp_ms,
        "ingestionTime": timestamp_ms + 500,
        "eventId": f"{timestamp_ms}{abs(hash((stream, message))):020d}",
        "message": message,
    }


@pytest.fixture
def invocations() -> Any:
    """Return a maker of the START, END and REPORT events of so many invocations."""

    def make(count: int, *, first_ms: int, every_ms: int = 10, name: str = "f") -> list[Any]:
        stream = "2026/11/21/[$LATEST]" + "a" * 32
        events = []
        for index in range(count):
            at_ms = first_ms + index * every_ms
            request_id = f"{abs(hash(name)) % 10**8:08d}-0000-4000-8000-{index:012d}"
            report = (
                f"REPORT RequestId: {request_id}\tDuration: 3.10 ms\tBilled Duration: 4 ms\t"
                "Memory Size: 128 MB\tMax Memory Used: 40 MB\t\n"
            )
            events += [
                log_event(stream, at_ms, f"START RequestId: {request_id} Version: $LATEST\n"),
                log_event(stream, at_ms + 4, f"END RequestId: {request_id}\n"),
                log_event(stream, at_ms + 4, report),
            ]
        return events

    return make
