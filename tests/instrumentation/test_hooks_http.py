"""HTTP libraries with and without us, in processes of their own against one server on loopback.

The server writes down what it was sent, byte for byte: that is the independent record.
"""

# ruff: noqa: D102 - the server's methods are named after the paths they answer

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from chainlight.record import decode

SCRIPT = Path(__file__).with_name("scenarios") / "http_libraries.py"
ROOT = Path(__file__).resolve().parents[2]
LAYER = str(ROOT / "instrumentation")
OLD_PYTHON = ROOT / ".build" / "libraries" / "bin" / "python"
OLD = [str(OLD_PYTHON), "Requests", "Urllib3"]
LIBRARIES = ["Requests", "Urllib3", "Urllib", "HttpClient", "Httpx", "AsyncHttpx", "Aiohttp"]
ADDED = {"traceparent", "x-amzn-trace-id"}
REQUEST_ID = "JKJaXmPLvHcESHA="


class Handler(BaseHTTPRequestHandler):
    """Answers each path in its own way."""

    protocol_version = "HTTP/1.1"
    server: Scripted

    def log_message(self, *_: object) -> None:
        """Keep the tests' output to themselves."""

    def do_GET(self) -> None:
        self.server.requests.append((self.requestline, self.headers.items(), self._body()))
        path = self.path.partition("?")[0].rpartition("/")[2]
        getattr(self, f"answer_{path}", self.answer_ok)()

    do_POST = do_GET  # noqa: N815 - the name http.server looks for

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _say(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        headers.setdefault("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def answer_ok(self) -> None:
        self._say(200, b"fine", apigw_requestid=REQUEST_ID)

    def answer_plain(self) -> None:
        self._say(200, b"plain")

    def answer_error(self) -> None:
        self._say(404, b"sorry", x_amzn_requestid=REQUEST_ID)

    def answer_redirect(self) -> None:
        self._say(302, b"", Location="/ok")

    def answer_chunked(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("x-amzn-RequestId", REQUEST_ID)
        self.end_headers()
        self.wfile.write(b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")

    def answer_http10(self) -> None:
        self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\nuntil the end")
        self.close_connection = True

    def answer_half(self) -> None:
        self._say(200, b"half", Content_Length="10")
        self.close_connection = True

    def answer_reset(self) -> None:
        self.close_connection = True

    def answer_slow(self) -> None:
        self.server.released.wait(5)
        self.close_connection = True


class Scripted(ThreadingHTTPServer):
    """A server on loopback that keeps every request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, list[tuple[str, str]], bytes]] = []
        self.released = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that hang up."""

    def close(self) -> None:
        """Stop the server and give its port back."""
        self.released.set()
        self.shutdown()
        self.server_close()


class Run:
    """What came out of one run of the script: outcomes, requests on the wire, records."""

    def __init__(
        self,
        scripted: Scripted,
        folder: Path,
        program: Sequence[str] = (sys.executable,),
        **environment: str,
    ) -> None:
        python, *libraries = program
        scripted.requests.clear()
        results = folder / "results.json"
        done = subprocess.run(
            [python, str(SCRIPT), scripted.url, str(results), *libraries],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": LAYER, **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        self.outcomes: dict[str, Any] = json.loads(results.read_text(encoding="utf-8"))
        self.requests = scripted.requests.copy()
        lines = [decode(line) for line in done.stdout.splitlines()]
        self.records: dict[str, Any] = {str(line["request_id"]): line for line in lines}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Run, Run]]:
    """Return the bare run and the traced one."""
    scripted = Scripted()
    folder = tmp_path_factory.mktemp("http")
    bare = Run(scripted, folder, CHAINLIGHT_OFF="1")
    yield bare, Run(scripted, folder, CHAINLIGHT_HTTP_HOSTS="127.0.0.1")
    scripted.close()


def test_results_and_exceptions_are_those_of_the_bare_library(runs: tuple[Run, Run]) -> None:
    bare, traced = runs

    assert bare.records == {}
    assert len(bare.outcomes) == len(LIBRARIES) * 17
    assert traced.outcomes == bare.outcomes


def test_requests_differ_in_the_two_trace_headers_alone(runs: tuple[Run, Run]) -> None:
    bare, traced = runs

    assert [_without_ours(request) for request in traced.requests] == bare.requests


def _without_ours(request: tuple[str, list[tuple[str, str]], bytes]) -> Any:
    line, headers, body = request
    is_theirs = any(value == "00-theirs" for _, value in headers)
    kept = [(name, value) for name, value in headers if is_theirs or name.lower() not in ADDED]
    return line, kept, body


def test_signed_requests_and_those_of_other_tracers_carry_nothing_of_ours(
    runs: tuple[Run, Run],
) -> None:
    _, traced = runs

    carrying = [
        (line, sorted(ADDED & {name.lower() for name, _ in headers}))
        for line, headers, _ in traced.requests
        if "X-Amz-Signature" in line
        or any(name.lower() == "authorization" or value == "00-theirs" for name, value in headers)
    ]

    assert tuple(carrying) == (
        ("GET /ok HTTP/1.1", []),
        ("GET /ok?X-Amz-Signature=abc HTTP/1.1", []),
        ("GET /ok HTTP/1.1", ["traceparent"]),
    ) * len(LIBRARIES)


@pytest.mark.parametrize("library", LIBRARIES)
def test_trace_headers_name_chain_and_call(runs: tuple[Run, Run], library: str) -> None:
    _, traced = runs
    record = traced.records[f"{library}/front door"]
    (call,) = record["calls"]
    sent = [
        {name.lower(): value for name, value in headers}
        for line, headers, _ in traced.requests
        if "execute-api" in line
    ][LIBRARIES.index(library)]

    chain_id = record["chain_id"]
    assert call["target"] == "abc123.execute-api.eu-west-1.amazonaws.com/prod/orders/*"
    assert sent["traceparent"] == f"00-{chain_id[2:].replace('-', '')}-{call['call_id']}-01"
    assert sent["x-amzn-trace-id"] == f"Root={chain_id};Parent={call['call_id']};Sampled=0"


def _said(record: Any) -> Any:
    """Return the calls of a record by what does not vary, and whether other HTTP was waited for."""
    calls = [
        (call["operation"], call["status_code"], call["natural_keys"], call["error_type"])
        for call in record["calls"]
    ]
    return calls, (record["other_waits"] or {}).get("http", [0])[0] > 0


@pytest.mark.parametrize("library", LIBRARIES)
def test_each_library_records_the_same_calls_and_waits(runs: tuple[Run, Run], library: str) -> None:
    _, traced = runs
    said = {
        name.partition("/")[2]: _said(record)
        for name, record in traced.records.items()
        if name.startswith(f"{library}/")
    }
    ok = ("GET", 200, (REQUEST_ID,), None)
    follows = library != "HttpClient"
    assert said == {
        "ok": ([ok], False),
        "plain": ([], True),
        "chunked": ([ok], False),
        "redirect": ([ok] if follows else [], True),
        "http10": ([], True),
        "half": ([], True),
        "reset": ([], True),
        "slow": ([], True),
        "error": ([("GET", 404, (REQUEST_ID,), None)], False),
        "again": ([ok], False),
        "signed": ([ok], False),
        "presigned": ([ok], False),
        "traced by others": ([ok], False),
        "upload": ([("POST", *ok[1:])], False),
        "stream": ([ok], False),
        "refused": ([], said["refused"][1]),
        "front door": ([ok], False),
    }


@pytest.mark.skipif(not OLD_PYTHON.exists(), reason="make libraries builds what it needs")
def test_urllib3_1_is_as_transparent_and_records_the_same(
    runs: tuple[Run, Run], tmp_path: Path
) -> None:
    scripted = Scripted()
    bare = Run(scripted, tmp_path, OLD, CHAINLIGHT_OFF="1")
    traced = Run(scripted, tmp_path, OLD, CHAINLIGHT_HTTP_HOSTS="127.0.0.1")
    scripted.close()

    assert traced.outcomes == bare.outcomes
    assert [_without_ours(request) for request in traced.requests] == bare.requests
    _, newer = runs
    said = {name: _said(record) for name, record in traced.records.items()}
    assert said == {name: _said(newer.records[name]) for name in traced.records}
    assert len(said) == 2 * 17


def test_waits_lie_within_the_invocation(runs: tuple[Run, Run]) -> None:
    _, traced = runs

    for record in traced.records.values():
        for call in record["calls"]:
            assert 0 < call["wait_us"] <= record["duration_us"] - call["offset_us"]
    slow = [traced.records[f"{library}/slow"]["other_waits"]["http"] for library in LIBRARIES]
    assert all(wait_us >= 250_000 for _, wait_us in slow)
