"""A handler that calls HTTP APIs with httpx, waiting and in an event loop side by side."""

import asyncio
import os

import httpx

EVENTS = [{"order": 1}]


async def fan_out(url, numbers):
    async with httpx.AsyncClient() as client:
        answers = await asyncio.gather(
            *(client.get(f"{url}/api/orders/{number}") for number in numbers)
        )
    return [answer.json() for answer in answers]


def handler(event, _context):
    url = os.environ["STUB_URL"]
    with httpx.Client() as client:
        posted = client.post(f"{url}/api/orders", json=event)
    return [posted.json(), asyncio.run(fan_out(url, range(5)))]
