"""Real servers on loopback and real boto3 clients: nothing of botocore is patched but by us."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

import boto3
import pytest
from botocore.config import Config

from chainlight import errors, settings

FUNCTION_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:shop-orders"
CHAIN_ID = "1-65f0c0de-0123456789abcdef01234567"
OTHER_CHAIN_ID = "1-65f0c0df-fedcba98765432100123abcd"


class Request:
    """One request as it came over the wire."""

    def __init__(
        self, path: str, headers: dict[str, str], body: bytes, method: str = "POST"
    ) -> None:
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body


class Answer:
    """What the fake says: status, headers, body, and what happens before it says it."""

    def __init__(
        self,
        body: bytes = b"{}",
        status: int = 200,
        headers: dict[str, str] | None = None,
        before: Callable[[], object] | None = None,
    ) -> None:
        self.body = body
        self.status = status
        self.headers = headers or {}
        self.before = before


def _each(entries: list[Any], answer: dict[str, str]) -> list[dict[str, str]]:
    """Return the answer once for each entry, with ``#`` as its number and ``@`` as its Id."""
    return [
        {
            name: text.replace("#", str(n)).replace("@", entry.get("Id", ""))
            for name, text in answer.items()
        }
        for n, entry in enumerate(entries)
    ]


def _published(query: str) -> bytes:
    """Answer a PublishBatch with a MessageId for each Id."""
    ids = [value for name, value in parse_qsl(query) if name.endswith(".Id")]
    members = "".join(f"<member><Id>{n}</Id><MessageId>m-{n}</MessageId></member>" for n in ids)
    result = f"<PublishBatchResult><Successful>{members}</Successful></PublishBatchResult>"
    return f"<PublishBatchResponse>{result}</PublishBatchResponse>".encode()


EXECUTION_ARN = "arn:aws:states:eu-west-1:123456789012:execution:m:e"
JSON_ANSWERS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "SendMessage": lambda _: {"MessageId": str(uuid.uuid4())},
    "SendMessageBatch": lambda sent: {
        "Successful": _each(sent["Entries"], {"Id": "@", "MessageId": "m-@"}),
        "Failed": [],
    },
    "PutEvents": lambda sent: {
        "FailedEntryCount": 0,
        "Entries": _each(sent["Entries"], {"EventId": "e-#"}),
    },
    "PutRecord": lambda _: {"ShardId": "shardId-000000000000", "SequenceNumber": "4959"},
    "PutRecords": lambda sent: {
        "FailedRecordCount": 0,
        "Records": _each(sent["Records"], {"ShardId": "shardId-#", "SequenceNumber": "4#"}),
    },
    "StartExecution": lambda _: {"executionArn": EXECUTION_ARN, "startDate": 1},
    "StartSyncExecution": lambda _: {
        "executionArn": EXECUTION_ARN,
        "startDate": 1,
        "stopDate": 2,
        "status": "SUCCEEDED",
    },
}
"""What JSON services answer, by operation."""

XML_ANSWERS: dict[str, Callable[[str], bytes]] = {
    "Action=PublishBatch": _published,
    "Action=Publish": lambda _: (
        b"<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult>"
        b"</PublishResponse>"
    ),
    "uploads": lambda _: (
        b"<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"
    ),
    "uploadId=": lambda _: (
        b"<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>"
    ),
}
"""What the others answer, by the beginning of what they are asked."""


class FakeAws:
    """An HTTP server that keeps what it was sent and answers as told, else like Lambda or SQS."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: list[Answer] = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else every answer waits 40 ms for its body

            def log_message(self, *_: object) -> None:
                """Keep the tests' output to themselves."""

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length)
                request = Request(self.path, dict(self.headers), body, self.command)
                fake.requests.append(request)
                answer = fake.answers.pop(0) if fake.answers else fake.usual(request)
                if answer.before is not None:
                    answer.before()
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def do_PUT(self) -> None:
                self.do_POST()

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """Say nothing of clients that hang up."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def usual(self, request: Request) -> Answer:
        """Answer as the service would, with a fresh request id."""
        request_id = str(uuid.uuid4())
        headers = {"x-amzn-RequestId": request_id, "x-amz-request-id": request_id}
        operation = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
        if operation in JSON_ANSWERS:
            told = JSON_ANSWERS[operation](json.loads(request.body))
            return Answer(json.dumps(told).encode(), headers=headers)
        if request.method == "PUT" and "x-amz-copy-source" not in request.headers:
            return Answer(b"", headers={**headers, "ETag": '"e"'})
        if "x-amz-copy-source" in request.headers:
            return Answer(b"<CopyObjectResult><ETag>e</ETag></CopyObjectResult>", headers=headers)
        query = request.path.partition("?")[2] or request.body.decode("latin-1")
        for sign, make in XML_ANSWERS.items():
            if query.startswith(sign):
                return Answer(make(query), headers={**headers, "ETag": '"e"'})
        if (
            request.headers.get("X-Amz-Invocation-Type") == "Event"
            or "/invoke-async" in request.path
        ):
            return Answer(b"", 202, headers)
        return Answer(b'{"ok": true}', 200, headers)

    def close(self) -> None:
        """Stop the server and give its port back."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give each test the state of a new sandbox: no coded line printed, settings unread."""
    for name in (*settings.VARIABLES, "_X_AMZN_TRACE_ID", "AWS_LAMBDA_LOG_FORMAT"):
        monkeypatch.delenv(name, raising=False)
    errors._printed.clear()
    settings.forget()
    yield
    settings.forget()


@pytest.fixture
def fake_aws() -> Iterator[FakeAws]:
    fake = FakeAws()
    yield fake
    fake.close()


@pytest.fixture(scope="session")
def session() -> boto3.session.Session:
    """Share what boto3 reads from disk; clients are made anew for each test."""
    return boto3.session.Session()


@pytest.fixture
def client(
    fake_aws: FakeAws, session: boto3.session.Session, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Any]]:
    """Return a maker of boto3 clients for the fake."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    made: list[Any] = []

    def make(service: str, **config: Any) -> Any:
        config = {"connect_timeout": 5, "read_timeout": 5, **config}
        made.append(
            session.client(
                service,
                region_name="eu-west-1",
                endpoint_url=fake_aws.url,
                aws_access_key_id="a",
                aws_secret_access_key="b",
                config=Config(**config),
            )
        )
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def context() -> Callable[..., SimpleNamespace]:
    """Return a maker of Lambda contexts with all that awslambdaric gives."""

    def make(request_id: str | None = None, **more: Any) -> SimpleNamespace:
        return SimpleNamespace(
            aws_request_id=request_id or str(uuid.uuid4()),
            invoked_function_arn=f"{FUNCTION_ARN}:live",
            client_context=None,
            get_remaining_time_in_millis=lambda: 30_000,
            **more,
        )

    return make


@pytest.fixture
def answer() -> type[Answer]:
    return Answer


@pytest.fixture(scope="session")
def fake_aws_type() -> type[FakeAws]:
    """Return the fake's class, for modules that share one."""
    return FakeAws


@pytest.fixture(scope="session")
def answer_type() -> type[Answer]:
    return Answer
