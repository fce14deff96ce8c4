"""A handler that calls HTTP APIs with requests: one session, every verb, redirects off."""

import os

import requests

SESSION = requests.Session()
EVENTS = [{"order": 1}, {"order": 2}]


def handler(event, _context):
    url = os.environ["STUB_URL"]
    posted = SESSION.post(f"{url}/api/orders", json=event, timeout=5)
    got = SESSION.get(f"{url}/api/orders", params={"id": event["order"]}, timeout=5)
    missing = requests.get(f"{url}/api/missing", headers={"x-mine": "1"}, timeout=5)
    return [posted.json(), got.json(), missing.status_code, got.request.headers.get("x-mine")]
