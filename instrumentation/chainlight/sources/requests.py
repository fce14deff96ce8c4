"""HTTP in front of a function: API Gateway (REST, HTTP, WebSocket), function URLs, load balancers.

The natural key is the request id that the client saw in the response headers.
"""

from __future__ import annotations

from chainlight.causes import Cause, Source

Json = dict[str, object]


def request(event: Json) -> Source | None:
    """Recognise what answered the request by its ``requestContext``."""
    context = event.get("requestContext")
    if not isinstance(context, dict):
        return None
    if "elb" in context:
        balancer = context["elb"]
        return Source("alb", balancer.get("targetGroupArn") if isinstance(balancer, dict) else None)
    if "condition" in context and "functionArn" in context:
        return Source("destination", context["functionArn"], [Cause(context.get("requestId"))])
    if "serviceArn" in context or "serviceNetworkArn" in context:
        return Source("lattice", context.get("serviceArn") or context.get("serviceNetworkArn"))
    if "apiId" not in context and "stage" not in context:
        return None
    return Source(_kind(context), context.get("apiId"), [_cause(context)])


def authorizer(event: Json) -> Source | None:
    """Recognise an API Gateway token authorizer, which has no ``requestContext``."""
    if event.get("type") in ("TOKEN", "REQUEST") and "methodArn" in event:
        return Source("apigw", event.get("methodArn"))
    return None


def _kind(context: Json) -> str:
    if ".lambda-url." in str(context.get("domainName")):
        return "function_url"
    return "websocket" if "connectionId" in context else "apigw"


def _cause(context: Json) -> Cause:
    cause = Cause(context.get("requestId"))
    arrived_ms = context.get("requestTimeEpoch", context.get("timeEpoch"))
    if isinstance(arrived_ms, int):
        cause.sent_us = arrived_ms * 1000
    return cause
