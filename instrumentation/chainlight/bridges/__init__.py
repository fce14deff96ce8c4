"""Other tracers in the same process learn our chain id; only those the user imported already."""

from __future__ import annotations

import sys

from chainlight.errors import guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from chainlight.invocation import Call, Invocation


def tell(chain_id: str) -> None:
    """Tell the tracers that are there; none costs one look-up."""
    if "aws_xray_sdk.core" in sys.modules:
        from chainlight.bridges.xray import annotate_open  # noqa: PLC0415

        guard("E09", annotate_open, chain_id)


def active_chain_id() -> str | None:
    """Return the trace that OpenTelemetry is in already, as a chain id; None costs one look-up."""
    if "opentelemetry.sdk.trace" not in sys.modules:
        return None
    from chainlight.bridges.otel import active_chain_id as active  # noqa: PLC0415

    return guard("E09", active)


def tell_call(invocation: Invocation, call: Call) -> None:
    """Emit an ended call as an OpenTelemetry span; asked only where the user allowed it."""
    if "opentelemetry.sdk.trace" in sys.modules:
        from chainlight.bridges.otel import emit  # noqa: PLC0415

        guard("E09", emit, invocation, call)
