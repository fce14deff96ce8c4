"""Observability for chained AWS Lambda invocations: every invocation prints one line.

This module is the public face. Importing it does no work and costs a few milliseconds; the AWS
SDK is hooked when the first handler is traced, and only if the user imports it.
"""

from __future__ import annotations

from chainlight.invocation import annotate, current
from chainlight.life import trace

__all__ = ["annotate", "current", "record_of", "trace"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from chainlight.batches import record_of


def __getattr__(name: str) -> object:
    """Import what only batch handlers need when it is asked for."""
    if name == "record_of":
        from chainlight.batches import record_of  # noqa: PLC0415

        return record_of
    raise AttributeError(f"module 'chainlight' has no attribute {name!r}")
