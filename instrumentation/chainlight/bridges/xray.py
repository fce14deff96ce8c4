"""The X-Ray SDK: the annotation ``chain_id`` on what it opens directly under a segment.

Lambda's own segment is a facade that refuses annotations, so in Lambda the annotation stands on the
subsegments right below it, whichever thread opens them; anywhere else also on the segment. X-Ray
indexes the first 50 annotations of a trace; subsegments deeper down would only use them up.
"""

from __future__ import annotations

import sys

from chainlight.errors import guard
from chainlight.imports import wrap
from chainlight.invocation import current_chain_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    Method = Callable[..., object]

_KEY = "chain_id"


def hook_recorder(module: ModuleType) -> None:
    """Annotate what the recorder opens from here on."""
    wrap(module.AWSXRayRecorder, "begin_subsegment", _annotated)


def annotate_open(chain_id: str) -> None:
    """Annotate what is open in this thread, if there is something that may be annotated.

    The SDK's public getters log an error where nothing is open; this reads the thread's stack.
    """
    core = sys.modules["aws_xray_sdk.core"]
    local = getattr(core.xray_recorder.context, "_local", None)
    entities = getattr(local, "entities", None)
    if entities and type(entities[-1]).__name__ != "FacadeSegment":
        entities[-1].put_annotation(_KEY, chain_id)


def _annotated(original: Method) -> Method:
    def begin_subsegment(*arguments: object, **keywords: object) -> object:
        subsegment = original(*arguments, **keywords)
        guard("E09", _annotate, subsegment)
        return subsegment

    return begin_subsegment


def _annotate(subsegment: object) -> None:
    """Annotate a new subsegment of a segment; None is one that the SDK discarded."""
    segment_id = getattr(getattr(subsegment, "parent_segment", None), "id", "")
    chain_id = current_chain_id()
    if chain_id is not None and getattr(subsegment, "parent_id", None) == segment_id:
        subsegment.put_annotation(_KEY, chain_id)  # type: ignore[attr-defined]
