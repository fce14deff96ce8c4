"""What the fabric needs from the local AWS it is installed in: the boundary between two rooms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

from chainlight_demo.fabric.faults import Faults
from chainlight_demo.fabric.ledger import Ledger
from chainlight_demo.fabric.patches import MotoObject
from chainlight_demo.fabric.xray_store import XrayStore

InvokeMode = Literal["sync", "async"]


class InvokeResult(Protocol):
    """The answer of one invocation, as the fabric reads it."""

    @property
    def status_code(self) -> int:
        """Return the HTTP status: 200 sync, 202 async, 404 unknown function, 429 throttled."""

    @property
    def payload(self) -> bytes:
        """Return what the function returned, or its error document."""

    @property
    def function_error(self) -> str | None:
        """Return `Handled` or `Unhandled` when the function failed, else None."""

    @property
    def request_id(self) -> str:
        """Return the callee's `aws_request_id`."""


class DataPlane(Protocol):
    """Where Lambda functions run."""

    def invoke(
        self,
        function_name: str,
        payload: bytes,
        *,
        mode: InvokeMode,
        trace_header: str | None = None,
        qualifier: str | None = None,
    ) -> InvokeResult:
        """Run a function now (`sync`) or queue the event (`async`)."""

    def register_activity(self, is_busy: Callable[[], bool]) -> None:
        """Let `wait_until_quiet` wait for something outside the data plane too."""


class LocalAws(Protocol):
    """The local AWS: `time_scale` is the share of AWS's own waits that is really waited."""

    time_scale: float
    faults: Faults
    ledger: Ledger
    xray: XrayStore

    @property
    def plane(self) -> DataPlane:
        """Return the Lambda data plane."""

    def client(self, service: str) -> MotoObject:
        """Return a boto3 client that talks to this local AWS."""
