"""AppSync: resolvers, batches of them, channel events. The kind marks the roots of GraphQL."""

from __future__ import annotations

from chainlight.sources import Cause, Source
from chainlight.sources.shapes import at, dict_of, take_headers

Json = dict[str, object]


def resolver(event: Json) -> Source | None:
    """Recognise a resolver by ``info`` or as older mapping templates put it, and a channel."""
    return Source("appsync", None, _causes(event)) if _is_resolver(event) else None


def batch(items: list[object]) -> Source | None:
    """Recognise a batch of resolutions: one request, so one cause."""
    first = dict_of(items[0])
    return Source("appsync", None, _causes(first)) if _is_resolver(first) else None


def _is_resolver(event: Json) -> bool:
    info = dict_of(event.get("info"))
    is_field = "fieldName" in info and "parentTypeName" in info
    is_channel = "channel" in info and "operation" in info
    return is_field or is_channel or ("typeName" in event and "fieldName" in event)


def _causes(event: Json) -> list[Cause]:
    """Return the cause that the GraphQL request's headers tell of, if they tell of one."""
    cause = Cause()
    take_headers(cause, at(event, "request", "headers"))
    return [cause] if cause.chain_id else []
