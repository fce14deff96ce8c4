"""The X-Ray SDK: the annotation ``chain_id`` on the (sub)segment that is open in this thread."""

from __future__ import annotations

import sys


def annotate_segment(chain_id: str) -> None:
    """Annotate the open entity, if there is one that may be annotated.

    Lambda's own segment is a facade that refuses annotations, so in Lambda this takes effect on
    subsegments. The SDK's public getters log an error where nothing is open; this reads the
    thread's stack instead.
    """
    core = sys.modules["aws_xray_sdk.core"]
    local = getattr(core.xray_recorder.context, "_local", None)
    entities = getattr(local, "entities", None)
    if entities and type(entities[-1]).__name__ != "FacadeSegment":
        entities[-1].put_annotation("chain_id", chain_id)
