"""HTTP in front of a function: API Gateway and its authorizers, URLs, load balancers, VPC Lattice.

The natural key is the request id that the client saw in the response's headers; the request's own
headers may say which call it was.
"""

from __future__ import annotations

from chainlight.sources import Cause, Source
from chainlight.sources.events import take_destination
from chainlight.sources.shapes import at, dict_of, take_headers, us_of_ms, whole

Json = dict[str, object]

_MICROSECOND_DIGITS = 16


def request(event: Json) -> Source | None:
    """Recognise what answered the request by its ``requestContext``."""
    context = event.get("requestContext")
    if not isinstance(context, dict):
        return None
    if "condition" in context and "functionArn" in context:
        cause = Cause()
        take_destination(cause, event)
        return Source("destination", context["functionArn"], [cause])
    kind, arn = _answerer(context, event)
    if kind is None:
        return None
    cause = Cause(context.get("requestId"))
    cause.sent_us = _instant_us(context.get("requestTimeEpoch", context.get("timeEpoch")))
    take_headers(cause, event.get("headers"), event.get("multiValueHeaders"))
    is_told = cause.natural_keys or cause.chain_id
    return Source(kind, arn, [cause] if is_told else [])


def authorizer(event: Json) -> Source | None:
    """Recognise an API Gateway token authorizer, which has no ``requestContext``."""
    if event.get("type") == "TOKEN" and "methodArn" in event:
        return Source("apigw", event["methodArn"])
    return None


def lattice(event: Json) -> Source | None:
    """Recognise VPC Lattice's first version of an event."""
    if "method" not in event or "headers" not in event:
        return None
    cause = Cause()
    take_headers(cause, event["headers"])
    return Source("lattice", None, [cause] if cause.chain_id else [])


def passthrough(event: Json) -> Source | None:
    """Recognise API Gateway's mapping template that passes all of a request through."""
    context = dict_of(event.get("context"))
    if "params" not in event or "request-id" not in context:
        return None
    cause = Cause(context["request-id"])
    take_headers(cause, at(event, "params", "header"))
    return Source("apigw", context.get("api-id"), [cause])


def proxied(event: Json) -> Source | None:
    """Recognise a proxied request that somebody has sent on without its ``requestContext``."""
    if "resource" not in event or "path" not in event:
        return None
    cause = Cause()
    take_headers(cause, event.get("headers"), event.get("multiValueHeaders"))
    return Source("apigw", None, [cause] if cause.chain_id else [])


def _answerer(context: Json, event: Json) -> tuple[str | None, object]:
    """Return the kind and the ARN or id of what stood before the function; None for others."""
    if "elb" in context:
        return "alb", dict_of(context["elb"]).get("targetGroupArn")
    if "serviceArn" in context or "serviceNetworkArn" in context:
        return "lattice", context.get("serviceArn") or context.get("serviceNetworkArn")
    if "queryString" in context and "authorizationToken" in event:
        return "appsync", context.get("apiId")
    is_proxied = "resource" in event or "routeKey" in event
    if not is_proxied and "apiId" not in context and "stage" not in context:
        return None, None
    if ".lambda-url." in str(context.get("domainName")):
        return "function_url", context.get("apiId")
    return "websocket" if "connectionId" in context else "apigw", context.get("apiId")


def _instant_us(epoch: object) -> int | None:
    """Return an instant given in milliseconds, or as Lattice has it in microseconds."""
    number = whole(epoch)
    if number is None:
        return None
    return number if len(str(number)) >= _MICROSECOND_DIGITS else us_of_ms(number)
