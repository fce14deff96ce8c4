"""A handler that calls HTTP APIs with aiohttp, several at once."""

import asyncio
import os

import aiohttp

EVENTS = [{"order": 1}]


async def fan_out(url, event):
    async with aiohttp.ClientSession(headers={"x-mine": "1"}) as session:

        async def get(number):
            async with session.get(f"{url}/api/orders/{number}") as answer:
                return await answer.json()

        async with session.post(f"{url}/api/orders", json=event) as answer:
            posted = await answer.json()
        return [posted, await asyncio.gather(*(get(number) for number in range(5)))]


def handler(event, _context):
    return asyncio.run(fan_out(os.environ["STUB_URL"], event))
