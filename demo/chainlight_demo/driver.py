"""Place a round of orders on the local AWS, as clients of the shop would."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from chainlight_demo.orders import Entry

CLIENTS_COUNT = 4


def drive(lambda_client: Any, entries: list[Entry], on_done: Callable[[], None]) -> None:  # noqa: ANN401
    """Start every entry's chain, a few at a time; `on_done` is called once for each."""
    with ThreadPoolExecutor(CLIENTS_COUNT) as clients:
        for _ in clients.map(lambda entry: _start(lambda_client, entry), entries):
            on_done()


def _start(lambda_client: Any, entry: Entry) -> None:  # noqa: ANN401
    answer = lambda_client.invoke(
        FunctionName=entry.function,
        InvocationType="RequestResponse" if entry.is_sync else "Event",
        Payload=json.dumps(entry.event).encode(),
    )
    answer["Payload"].read()
