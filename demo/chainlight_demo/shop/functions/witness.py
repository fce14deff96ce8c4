"""An independent record of what the shop did, written outside AWS.

Every handler appends plain lines to a file of its own process: when an execution began, each call
as the handler itself saw and timed it, each message it worked on, and how the execution ended. The
demo's figures are compared with these files and with nothing of our own making.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from contextlib import contextmanager
from pathlib import Path


class Witness:
    """What one execution did; every method appends one line and changes nothing else."""

    def __init__(self, context, orders):
        self.function = context.function_name
        self.request_id = context.aws_request_id
        self.execution = uuid.uuid4().hex
        self.orders = list(orders)

    def say(self, what, **facts):
        line = {
            "what": what,
            "function": self.function,
            "request_id": self.request_id,
            "execution": self.execution,
            "seen_us": time.time_ns() // 1000,
            **facts,
        }
        _append(self.function, line)

    def message(self, message_id, order, *, is_done):
        self.say("message", message_id=message_id, order=order, is_done=is_done)

    @contextmanager
    def call(self, kind, target, mode):
        """Time one outgoing call; the block stores its natural keys under "keys".

        took_us is all the time in the call, cpu_us what this thread computed meanwhile (signing,
        parsing): the difference is how long it stood idle.
        """
        facts = {"kind": kind, "target": target, "mode": mode, "call": uuid.uuid4().hex, "keys": []}
        self.say("calling", **facts)
        began_ns, began_cpu_ns = time.perf_counter_ns(), time.thread_time_ns()
        try:
            yield facts
        except BaseException as problem:
            facts["error"] = type(problem).__name__
            raise
        finally:
            facts["cpu_us"] = (time.thread_time_ns() - began_cpu_ns) // 1000
            facts["took_us"] = (time.perf_counter_ns() - began_ns) // 1000
            self.say("called", **facts)


@contextmanager
def witnessed(context, orders):
    """Record the execution of a handler that works for these order ids."""
    saw = Witness(context, orders)
    saw.say("start", orders=saw.orders)
    try:
        yield saw
    except BaseException as problem:
        saw.say("end", outcome="error", error=type(problem).__name__)
        raise
    saw.say("end", outcome="ok")


def _append(function, line):
    folder = os.environ.get("SHOP_WITNESS_DIRECTORY")
    if not folder:
        return
    path = Path(folder) / f"{function}.{os.getpid()}.ndjson"
    data = (json.dumps(line) + "\n").encode()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(descriptor, data)
    finally:
        os.close(descriptor)
