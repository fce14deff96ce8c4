"""Other tracers in the same process learn our chain id; only those the user imported already."""

from __future__ import annotations

import sys

from chainlight.errors import guard


def tell(chain_id: str) -> None:
    """Tell the tracers that are there; none costs one look-up."""
    if "aws_xray_sdk.core" in sys.modules:
        from chainlight.bridges.xray import annotate_segment  # noqa: PLC0415

        guard("E09", annotate_segment, chain_id)
