"""What a Lambda sandbox looks like to a tracer: its variables and its context object."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:toy"
STREAM = "2026/11/25/[$LATEST]0123456789abcdef0123456789abcdef"


class Context:
    """The context of invocation n, with all the attributes that awslambdaric gives."""

    function_name = "toy"
    function_version = "$LATEST"
    invoked_function_arn = ARN
    memory_limit_in_mb = "512"
    log_group_name = "/aws/lambda/toy"
    log_stream_name = STREAM
    client_context = None
    identity = None

    def __init__(self, number: int = 1, limit_ms: int = 30_000) -> None:
        self.aws_request_id = f"0a1b2c3d-0000-4000-8000-{number:012d}"
        self._deadline_s = time.monotonic() + limit_ms / 1000

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the deadline."""
        return int((self._deadline_s - time.monotonic()) * 1000)


def trace_header(number: int) -> str:
    """Return the trace header of invocation n, sampled as where X-Ray is on."""
    return f"Root=1-65f0c0de-{number:024x};Parent={number + 1:016x};Sampled=1;Lineage=1:a87bd80c:0"


def variables(folder: Path, http_port: int, more: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a sandbox whose files are in `folder`."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "_HANDLER": "toy.handler",
        "_X_AMZN_TRACE_ID": trace_header(0),
        "LAMBDA_TASK_ROOT": str(folder),
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.11",
        "AWS_LAMBDA_FUNCTION_NAME": "toy",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/toy",
        "AWS_LAMBDA_LOG_STREAM_NAME": STREAM,
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_EC2_METADATA_DISABLED": "true",
        "BENCH_URL": f"http://127.0.0.1:{http_port}",
        **more,
    }
