"""The boto3 client of the bench's handlers: over a stub, or answered before anything is sent."""

from __future__ import annotations

import os
from typing import Any

HEADERS = {"x-amzn-requestid": "0a1b2c3d-1111-4111-8111-000000000001"}
BODY = b'{"ok":true}'


class Raw:
    """A response body."""

    def stream(self, *_: object, **__: object) -> list[bytes]:
        """Return it in one piece."""
        return [BODY]

    def read(self, *_: object, **__: object) -> bytes:
        """Return it."""
        return BODY


def real_client() -> Any:
    """Return a client that talks to the sink."""
    import boto3

    return boto3.client("lambda", endpoint_url=os.environ["BENCH_URL"])


def canned() -> Any:
    """Return a client whose invokes are answered by botocore's before-send event: no socket."""
    from botocore.awsrequest import AWSResponse

    client = real_client()
    client.meta.events.register(
        "before-send.lambda.Invoke",
        lambda request, **_: AWSResponse(request.url, 200, HEADERS, Raw()),
    )
    return client
