"""Error lines to facts: the shapes of every runtime, with the request where they name it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .log_lines import RID, Database, Take, database, event, rows, taker

NODE_ERROR = (
    f"2024-03-04T17:22:38.033Z\t{RID}\tERROR\tInvoke Error \t"
    '{"errorType":"TypeError","errorMessage":"x is undefined"}'
)
JAVA_ERROR = (
    "no such order: java.lang.IllegalStateException\n"
    "java.lang.IllegalStateException: no such order\n\tat shop.Handler.handle(H.java:20)"
)
RUBY_ERROR = (
    'Error raised from handler method\n{"errorMessage": "no", "errorType": "Function<KeyError>"}'
)


@pytest.fixture
def db() -> Database:
    return database()


@pytest.fixture
def take(db: Database, tmp_path: Path) -> Take:
    return taker(db, tmp_path)


@pytest.mark.parametrize(
    ("message", "kind", "request_id", "error_type", "error_message"),
    [
        (
            f"2024-03-04T17:22:38.033Z {RID} Task timed out after 3.00 seconds\n\n",
            "timeout", RID, "Sandbox.Timedout", "Task timed out after 3.00 seconds",
        ),
        (
            f"RequestId: {RID} Error: Task timed out after 30.00 seconds",
            "timeout", RID, "Sandbox.Timedout", "Task timed out after 30.00 seconds",
        ),
        (
            f"RequestId: {RID} Error: Runtime exited with error: signal: killed\nRuntime.ExitError",
            "crash", RID, "Runtime.ExitError", "Runtime exited with error: signal: killed",
        ),
        (
            f"RequestId: {RID} Process exited before completing request",
            "crash", RID, None, "Process exited before completing request",
        ),
        (
            "[ERROR] ValueError: no such order\nTraceback (most recent):\n\u00a0\u00a0File",
            "application", None, "ValueError", "no such order",
        ),
        (
            f"[ERROR]\t2024-03-04T17:22:38.033Z\t{RID}\tpayment refused\n",
            "application", RID, None, "payment refused",
        ),
        (
            NODE_ERROR,
            "application", RID, "TypeError", "x is undefined",
        ),
        (
            json.dumps({"level": "ERROR", "requestId": RID, "message": "refused"}),
            "application", RID, None, "refused",
        ),
        (
            json.dumps({"level": "ERROR", "requestId": RID,
                        "message": {"errorType": "TypeError", "errorMessage": "m"}}),
            "application", RID, "TypeError", "m",
        ),
        (
            json.dumps({"log_level": "ERROR", "requestId": RID, "errorType": "KeyError",
                        "errorMessage": "'x'", "stackTrace": []}),
            "application", RID, "KeyError", "'x'",
        ),
        (
            json.dumps({"level": "ERROR", "AWSRequestId": RID, "message": "java"}),
            "application", RID, None, "java",
        ),
        (
            json.dumps({"level": "ERROR", "location": "app.py:9", "message": "refused",
                        "function_request_id": RID, "exception_name": "OrderError"}),
            "application", RID, "OrderError", "refused",
        ),
        (
            json.dumps({"timestamp": "x", "level": "Error", "requestId": RID,
                        "errorType": "System.InvalidOperationException", "errorMessage": "m"}),
            "application", RID, "System.InvalidOperationException", "m",
        ),
        (
            f"2024-03-04T17:22:38.033Z\t{RID}\tfail\tSystem.ArgumentException: no id\n   at A.B()",
            "application", RID, "System.ArgumentException", "no id",
        ),
        (
            JAVA_ERROR,
            "application", None, "java.lang.IllegalStateException", "no such order",
        ),
        (
            "java.lang.NullPointerException\n\tat shop.Handler.handle(H.java:20)",
            "application", None, "java.lang.NullPointerException", None,
        ),
        (
            '2024/03/04 17:22:38 {"errorMessage":"no \\"id\\"","errorType":"errorString"}',
            "application", None, "errorString", 'no "id"',
        ),
        (
            RUBY_ERROR,
            "application", None, "Function<KeyError>", "no",
        ),
    ],
)  # fmt: skip
def test_errors_are_attached_to_their_request(  # noqa: PLR0913, PLR0917  a table of cases
    db: Database,
    take: Take,
    message: str,
    kind: str,
    request_id: str | None,
    error_type: str | None,
    error_message: str,
) -> None:
    assert take(event(message)).kept == 1
    (row,) = rows(db, "invocation_errors")
    got = (row["kind"], row.get("request_id"), row.get("error_type"), row.get("error_message"))
    assert got == (kind, request_id, error_type, error_message)
