"""What is kept is made once, and goes when it no longer fits."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from chainlight_dashboard.kept import Kept


def test_of_many_who_ask_at_once_one_makes_it() -> None:
    kept: Kept[str] = Kept(100, len)
    made: list[int] = []
    begun, finish = threading.Event(), threading.Event()

    def make() -> str:
        begun.set()
        finish.wait(10)
        made.append(1)
        return "answer"

    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(kept.get, "key", make) for _ in range(4)]
        begun.wait(10)
        assert kept.get("other", lambda: "at once") == "at once"
        finish.set()
        assert [answer.result() for answer in answers] == ["answer"] * 4
    assert made == [1]


def test_who_waited_for_a_failure_asks_again() -> None:
    kept: Kept[str] = Kept(100, len)

    def fail() -> str:
        raise ValueError

    for _ in range(2):
        try:
            kept.get("key", fail)
        except ValueError:
            continue
    assert kept.get("key", lambda: "answer") == "answer"
