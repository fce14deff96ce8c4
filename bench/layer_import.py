"""What the layer costs: importing it in a new process, and one invocation and one call of it.

Import is the median over fresh processes, bare Python and Python with chainlight in turn, so that
a busy machine weighs on both. Costs of an invocation and a call are the fastest of several rounds,
with and without the layer, over a client whose answers never leave the process.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGE_ROOT = ROOT / "instrumentation"
PROCESSES = 21
ROUNDS = 30
INVOCATIONS = 300
_IN_PROCESS = "from time import perf_counter as p; s = p(); {}; print((p() - s) * 1e3)"


def main() -> int:
    """Print the table."""
    bare_ms, layer_ms = _processes("pass", "import chainlight")
    print(f"process, bare Python        {bare_ms:8.2f} ms")
    print(f"process, import chainlight  {layer_ms:8.2f} ms   ratio {layer_ms / bare_ms:.2f}")
    print(f"import chainlight           {_inside('import chainlight'):8.2f} ms")
    print(f"the same without .pyc       {_inside('import chainlight', is_compiled=False):8.2f} ms")
    print(f"import json, to compare     {_inside('import json'):8.2f} ms")
    print(f"modules of ours             {_inside(_COUNT):8.0f}")
    with Path(os.devnull).open("w") as sink:
        stdout, sys.stdout = sys.stdout, sink
        try:
            noop_us, (call_us, bare_call_us) = _noop_us(), _call_us()
        finally:
            sys.stdout = stdout
    print(f"one invocation              {noop_us:8.1f} us")
    added_us = call_us - bare_call_us
    print(f"one call, added             {added_us:8.1f} us   over {bare_call_us:.0f} us of boto3")
    return 0


_COUNT = "import sys, chainlight; print(sum(n.startswith('chainlight') for n in sys.modules)); 0/0"


def _run(code: str, *flags: str) -> tuple[float, str]:
    started = time.perf_counter()
    done = subprocess.run(
        [
            sys.executable,
            "-S",
            "-E",
            *flags,
            "-c",
            f"import sys; sys.path.append({str(PACKAGE_ROOT)!r}); {code}",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return (time.perf_counter() - started) * 1e3, done.stdout


def _processes(*codes: str) -> list[float]:
    """Return the median wall time of each code in a fresh process, in ms."""
    walls_ms: list[list[float]] = [[] for _ in codes]
    for _ in range(PROCESSES):
        for code, wall_ms in zip(codes, walls_ms, strict=True):
            wall_ms.append(_run(code)[0])
    return [statistics.median(wall_ms) for wall_ms in walls_ms]


def _inside(code: str, *, is_compiled: bool = True) -> float:
    """Return the median time of a statement as its own process measures it, in ms."""
    with tempfile.TemporaryDirectory() as empty:
        flags = () if is_compiled else ("-B", "-X", f"pycache_prefix={empty}")
        timed = _IN_PROCESS.format(code)
        return statistics.median(float(_run(timed, *flags)[1].split()[0]) for _ in range(PROCESSES))


def _fastest_us(handler: Callable[[object, object], object], context: object) -> float:
    """Return the fastest round's microseconds for one run of the handler."""
    fastest_s = float("inf")
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(INVOCATIONS):
            handler({}, context)
        fastest_s = min(fastest_s, time.perf_counter() - started)
    return fastest_s / INVOCATIONS * 1e6


def _noop_us() -> float:
    from chainlight import trace

    def handler(event: object, context: object) -> object:
        return event, context

    return _fastest_us(trace(handler), _context()) - _fastest_us(handler, _context())


def _call_us() -> tuple[float, float]:
    """Return the microseconds of a handler with one invoke, with the layer and without."""
    os.environ["CHAINLIGHT_OFF"] = "0"
    from chainlight import trace

    client = _client()

    def handler(event: object, context: object) -> object:
        del event, context
        return client.invoke(FunctionName="other", Payload=b"{}")

    def noop(event: object, context: object) -> object:
        return event, context

    recorded_us = _fastest_us(trace(handler), _context()) - _fastest_us(trace(noop), _context())
    return recorded_us, _fastest_us(handler, _context())


def _client() -> Any:
    """Return a real client that answers itself before anything is sent."""
    import boto3
    from botocore.awsrequest import AWSResponse

    client = boto3.client(
        "lambda", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    raw = SimpleNamespace(stream=lambda: [b"{}"], read=lambda *_: b"{}")
    headers = {"x-amzn-requestid": "11111111-2222-3333-4444-555555555555"}

    def answer(**_: object) -> AWSResponse:
        return AWSResponse("", 200, headers, raw)

    client.meta.events.register("before-send.lambda.Invoke", answer)
    return client


def _context() -> SimpleNamespace:
    return SimpleNamespace(
        aws_request_id="aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
        invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:shop-orders",
        client_context=None,
        get_remaining_time_in_millis=lambda: 30_000,
    )


if __name__ == "__main__":
    sys.exit(main())
