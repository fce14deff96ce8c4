"""Ctrl-C, once: end with what was read. Twice: end at once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

from chainlight_collector.aws import Deadline

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def gentle(deadline: Deadline) -> Iterator[None]:
    """Let the first SIGINT or SIGTERM pass `deadline`, and the next one do what it did before."""
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def stop(_: int, __: FrameType | None) -> None:
        restore()
        deadline.pass_now()
        click.echo("chainlight: ending with what is read; once more to end at once.", err=True)

    for number in _SIGNALS:
        signal.signal(number, stop)
    try:
        yield
    finally:
        restore()
