"""What customers' handlers talk to in these tests: HTTP APIs, Lambda, a DynamoDB table, X-Ray."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Stub:
    """What all libraries talk to; keeps every request, and the ids it gave out."""

    requests: list[dict[str, Any]] = field(default_factory=list)
    events: list[tuple[str, Any]] = field(default_factory=list)
    segments: list[dict[str, Any]] = field(default_factory=list)
    items: dict[str, Any] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""
    udp_port: int = 0

    def forget(self) -> None:
        """Start anew, at the same address."""
        for kept in (self.requests, self.events, self.segments, self.items):
            kept.clear()

    def answer(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, str, bytes]:
        """Return status, request id and body, as the service would."""
        with self.lock:
            place = path.partition("?")[0].strip("/").replace("/", "-")
            request_id = f"{place}-{len(self.requests)}"
            self.requests.append(
                {
                    "method": method,
                    "path": path,
                    "headers": {name.lower(): value for name, value in headers.items()},
                    "body": body.decode(),
                    "id": request_id,
                }
            )
            if headers.get("X-Amz-Invocation-Type") == "Event":
                self.events.append((request_id, json.loads(body)))
                return 202, request_id, b""
            if "DynamoDB" in headers.get("X-Amz-Target", ""):
                status, document = self._item(headers["X-Amz-Target"], json.loads(body))
                return status, request_id, json.dumps(document).encode()
        if path.endswith("/missing"):
            return 404, request_id, b"{}"
        echo = json.loads(body) if body else path
        return 200, request_id, json.dumps({"echo": echo}).encode()

    def _item(self, target: str, document: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Keep items as a table does whose writes are conditional on a new key."""
        if target.endswith("PutItem"):
            key = document["Item"]["id"]["S"]
            if key in self.items:
                problem = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"
                return 400, {"__type": problem, "Item": self.items[key]}
            self.items[key] = document["Item"]
            return 200, {}
        key = document["Key"]["id"]["S"]
        if target.endswith("UpdateItem"):
            names, values = document["ExpressionAttributeNames"], document
            for name, value in re.findall(r"(#\w+) = (:\w+)", document["UpdateExpression"]):
                self.items[key][names[name]] = values["ExpressionAttributeValues"][value]
            return 200, {}
        return 200, {"Item": self.items[key]}


@contextmanager
def serving() -> Iterator[Stub]:
    """Serve on loopback, HTTP and the X-Ray daemon's UDP."""
    kept = Stub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Keep the tests' output to themselves."""

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, request_id = 200, "none"
            if self.path == "/sent-events":
                answer = json.dumps(kept.events).encode()
            else:
                status, request_id, answer = kept.answer(
                    self.command, self.path, dict(self.headers), body
                )
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("x-amzn-RequestId", request_id)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET  # noqa: N815 - the server's own naming

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    with (
        Server(("127.0.0.1", 0), Handler) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon,
    ):
        daemon.bind(("127.0.0.1", 0))
        kept.url, kept.udp_port = f"http://127.0.0.1:{server.server_port}", daemon.getsockname()[1]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        threading.Thread(target=_listen, args=(daemon, kept), daemon=True).start()
        yield kept
        server.shutdown()


def _listen(daemon: socket.socket, kept: Stub) -> None:
    while True:
        try:
            datagram = daemon.recv(65_536)
        except OSError:
            return
        kept.segments.append(json.loads(datagram.split(b"\n", 1)[1]))
