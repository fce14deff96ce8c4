"""Events that are lists: pipes hand over records, AppSync hands over a batch of resolutions."""

from __future__ import annotations

from chainlight.sources import appsync, records, streams
from chainlight.sources.shapes import dict_of, list_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from chainlight.sources import Source

    Json = dict[str, object]


def items(event: Json) -> Source | None:
    """Recognise a list by its first item; a list of the user's own is nothing to us."""
    found = list_of(event["items"])
    first = dict_of(found[0]) if found else {}
    if "eventSource" in first:
        return records.batch({"Records": found}) or streams.pipe(found)
    if "info" in first or "fieldName" in first:
        return appsync.batch(found)
    return None
