"""The orders that the demo places: every kind of chain the shop knows, in a fixed mix."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

PLACED_ORDERS_COUNT = 24


@dataclass(frozen=True, slots=True)
class Entry:
    """One chain to start: which function, with what, and whether the client waits."""

    function: str
    event: dict[str, object]
    is_sync: bool = True


def entries(first: int = 0) -> list[Entry]:
    """Return the entries of one round, order ids numbered from `first`; at least 40 chains."""
    made = [*_placed(), *_quotes(), *_observed(), *_reports(), *_refunds()]
    return [_numbered(entry, first + index) for index, entry in enumerate(made)]


def _numbered(entry: Entry, number: int) -> Entry:
    event = {"order": f"order-{number:05d}", **entry.event}
    is_web = entry.function == "shop-place-order"
    return Entry(entry.function, _from_the_web(event) if is_web else event, entry.is_sync)


def _placed() -> Iterator[Entry]:
    twists: cycle[dict[str, object]] = cycle(
        [{}, {"paper": "never"}, {}, {"is_poison": True}, {"score_s": 0.4}, {"paper": "second try"}]
    )
    for _ in range(PLACED_ORDERS_COUNT):
        yield Entry("shop-place-order", dict(next(twists)))


def _quotes() -> Iterator[Entry]:
    for _ in range(3):
        yield Entry("shop-quote-shipping", {"carrier_s": 3.2})
        yield Entry("shop-quote-hastily", {"carrier_s": 1.1})
        yield Entry("shop-quote-shipping", {"carrier_s": 0.2})


def _observed() -> Iterator[Entry]:
    for _ in range(3):
        yield Entry("shop-apply-coupon", {})
        yield Entry("shop-recommend", {})


def _reports() -> Iterator[Entry]:
    for _ in range(4):
        yield Entry("shop-make-report", {"parts": 6}, is_sync=False)


def _refunds() -> Iterator[Entry]:
    for _ in range(2):
        yield Entry("shop-refund", {})
    yield Entry("shop-charge-card", {"risk": 0.9, "risk_limit": 0.5})


def _from_the_web(order: dict[str, object]) -> dict[str, object]:
    """Return the order as an HTTP API of API Gateway hands it over (payload version 2.0)."""
    return {
        "version": "2.0",
        "routeKey": "POST /orders",
        "rawPath": "/orders",
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "host": "shop.example"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "shopapi",
            "domainName": "shop.example",
            "http": {"method": "POST", "path": "/orders", "sourceIp": "192.0.2.7"},
            "requestId": f"web-{order['order']}",
            "stage": "$default",
        },
        "body": json.dumps(order),
        "isBase64Encoded": False,
    }
