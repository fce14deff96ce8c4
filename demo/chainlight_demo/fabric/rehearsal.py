"""A local AWS whose functions are plain Python callables: the fabric without sandboxes.

It has the shape of `LocalAws` and serves the same wire on loopback, so that tests of the fabric
see what an event carries without starting a process per function.
"""

from __future__ import annotations

import io
import json
import logging
import threading
import time
import uuid
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import boto3
from botocore.config import Config
from moto.moto_api._internal import moto_api_backend
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from chainlight_demo import fabric
from chainlight_demo.fabric.faults import Faults
from chainlight_demo.fabric.ledger import Ledger
from chainlight_demo.fabric.patches import MotoObject
from chainlight_demo.fabric.ports import InvokeMode
from chainlight_demo.fabric.xray_store import XrayStore

_REGION = "us-east-1"
_POLL_S = 0.01

Handler = Callable[[dict[str, Any]], object]


@dataclass(frozen=True, slots=True)
class Invocation:
    """What a function was given."""

    function_name: str
    event: dict[str, Any]
    mode: InvokeMode
    trace_header: str | None
    request_id: str


@dataclass(frozen=True, slots=True)
class Result:
    """What a function answered."""

    status_code: int
    payload: bytes
    function_error: str | None
    request_id: str


@dataclass(slots=True)
class CallablePlane:
    """Runs handlers in the calling thread and records every invocation."""

    handlers: dict[str, Handler] = field(default_factory=dict)
    invocations: list[Invocation] = field(default_factory=list)
    activities: list[Callable[[], bool]] = field(default_factory=list)

    def invoke(
        self,
        function_name: str,
        payload: bytes,
        *,
        mode: InvokeMode,
        trace_header: str | None = None,
        qualifier: str | None = None,  # noqa: ARG002 the plane's signature
    ) -> Result:
        """Run a handler; an exception becomes a function error."""
        request_id = str(uuid.uuid4())
        handler = self.handlers.get(function_name)
        if handler is None:
            return Result(404, b'{"Message": "Function not found"}', None, request_id)
        event = json.loads(payload)
        self.invocations.append(Invocation(function_name, event, mode, trace_header, request_id))
        try:
            answer = json.dumps(handler(event)).encode()
        except Exception as error:  # noqa: BLE001 whatever the handler raises is its error
            answer = json.dumps({"errorType": type(error).__name__}).encode()
            return Result(200, answer, "Unhandled", request_id)
        return Result(202 if mode == "async" else 200, answer, None, request_id)

    def register_activity(self, is_busy: Callable[[], bool]) -> None:
        """Remember who may be busy."""
        self.activities.append(is_busy)


class Rehearsal:
    """A context manager: moto behind the fabric on a free port."""

    def __init__(self, time_scale: float = 0.02, seed: int = 0) -> None:
        self.time_scale = time_scale
        self.faults = Faults(seed=seed)
        self.ledger = Ledger()
        self.xray = XrayStore(self.faults)
        self.plane = CallablePlane()

    def __enter__(self) -> Self:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        fabric.install(self)
        app = fabric.middleware(DomainDispatcherApplication(create_backend_app), self)
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        fabric.uninstall(self)
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        moto_api_backend.reset()

    @property
    def endpoint_url(self) -> str:
        """Return where the services are."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def client(self, service: str, **options: MotoObject) -> MotoObject:
        """Return a boto3 client; retries are off unless `config` says otherwise."""
        options.setdefault("config", Config(retries={"total_max_attempts": 1}))
        return boto3.client(
            service,
            endpoint_url=self.endpoint_url,
            region_name=_REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 local stand-in
            **options,
        )

    def function(self, name: str, handler: Handler) -> str:
        """Create a function that runs `handler` and return its ARN."""
        self.plane.handlers[name] = handler
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("index.py", "")
        created = self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.11",
            Role=self._role_arn(),
            Handler="index.handler",
            Code={"ZipFile": packed.getvalue()},
        )
        return str(created["FunctionArn"])

    def wait_until_quiet(self, timeout_s: float = 20.0) -> None:
        """Wait until no event is on its way.

        Raises:
            TimeoutError: something was still busy after `timeout_s`.
        """
        deadline_s = time.monotonic() + timeout_s
        while any(is_busy() for is_busy in self.plane.activities):
            if time.monotonic() > deadline_s:
                raise TimeoutError("the fabric is still busy")
            time.sleep(_POLL_S)

    def _role_arn(self) -> str:
        iam = self.client("iam")
        names = [role["RoleName"] for role in iam.list_roles()["Roles"]]
        if "rehearsal" not in names:
            iam.create_role(RoleName="rehearsal", AssumeRolePolicyDocument="{}")
        return str(iam.get_role(RoleName="rehearsal")["Role"]["Arn"])
