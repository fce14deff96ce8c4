"""What the layer costs: importing it in a new process, one invocation and one call of it.

Import is the median over fresh processes, bare Python and Python with chainlight in turn. An
invocation and a call are the 10th percentile of short rounds of CPU time, bare and traced in turn,
over a real boto3 client that answers itself before anything is sent. In turn and CPU time, because
machines are shared. The bare rounds run with the hooks laid and idle, which costs about 1 us.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import boto3
from botocore.awsrequest import AWSResponse

from chainlight import trace

ROOT = Path(__file__).resolve().parent.parent
PACKAGE_ROOT = ROOT / "instrumentation"
PROCESSES = 21
ROUNDS = 60
RUNS = 60
TIMED = "from time import perf_counter as p; s = p(); {}; print((p() - s) * 1e3)"
COUNTED = (
    "import chainlight; chainlight.trace(lambda e, c: 1); "
    "print(sum(n.startswith('chainlight') for n in sys.modules))"
)
PAYLOAD = b"{}"

Handler = Callable[[object, object], object]


def main() -> int:
    """Print the table."""
    bare_ms, layer_ms = _processes_ms("pass", "import chainlight")
    print(f"process, bare Python         {bare_ms:8.2f} ms")
    print(f"process, import chainlight   {layer_ms:8.2f} ms   ratio {layer_ms / bare_ms:.2f}")
    print(f"import chainlight            {_import_ms('import chainlight'):8.2f} ms")
    uncached_ms = _import_ms("import chainlight", is_cached=False)
    print(f"the same without .pyc        {uncached_ms:8.2f} ms")
    print(f"import json, to compare      {_import_ms('import json'):8.2f} ms")
    print(f"modules of ours              {_run(COUNTED)[1].strip():>8}")
    for name, us in _handlers_us().items():
        print(f"{name:<28} {us:8.1f} us")
    return 0


def _run(code: str, *flags: str) -> tuple[float, str]:
    """Return the wall time in ms and the output of code in a fresh, bare process.

    `os` is there already, as it is in every Python that is started without -S and in Lambda.
    """
    program = f"import os, sys; sys.path.append({str(PACKAGE_ROOT)!r}); {code}"
    started_s = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-S", "-E", *flags, "-c", program],
        capture_output=True,
        text=True,
        check=True,
    )
    return (time.perf_counter() - started_s) * 1e3, done.stdout


def _processes_ms(*codes: str) -> list[float]:
    walls_ms: list[list[float]] = [[] for _ in codes]
    for _ in range(PROCESSES):
        for code, wall_ms in zip(codes, walls_ms, strict=True):
            wall_ms.append(_run(code)[0])
    return [statistics.median(wall_ms) for wall_ms in walls_ms]


def _import_ms(code: str, *, is_cached: bool = True) -> float:
    """Return the median time of an import as its own process measures it."""
    with tempfile.TemporaryDirectory() as cache:
        flags = ("-X", f"pycache_prefix={cache}", *(() if is_cached else ("-B",)))
        _run(code, *flags)
        times_ms = [float(_run(TIMED.format(code), *flags)[1]) for _ in range(PROCESSES)]
    return statistics.median(times_ms)


def _handlers_us() -> dict[str, float]:
    """Return what tracing adds to a handler that does nothing and to one that invokes."""
    client = _client()

    def nothing(_event: object, _context: object) -> object:
        return None

    def invoke(_event: object, _context: object) -> object:
        return client.invoke(FunctionName="other", Payload=PAYLOAD)

    def invoke_twice(event: object, context: object) -> object:
        return invoke(event, context), invoke(event, context)

    bare = [nothing, invoke, invoke_twice]
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        stdout, sys.stdout = sys.stdout, nowhere
        try:
            times_us = _p10_us(bare + [trace(handler) for handler in bare])
        finally:
            sys.stdout = stdout
    nothing_us, one_us, two_us = (times_us[n + 3] - times_us[n] for n in range(3))
    return {
        "bare invoke (boto3)": times_us[1],
        "one invocation, added": nothing_us,
        "with one invoke, added": one_us,
        "each further invoke, added": two_us - one_us,
        "boto3's own for the context": _client_context_us(client),
    }


def _client_context_us(client: SimpleNamespace) -> float:
    """Return what a bare client needs for a ClientContext of our size: validate, encode, sign."""
    context = b64encode(b"x" * 120).decode()

    def without(_event: object, _context: object) -> object:
        return client.invoke(FunctionName="other", Payload=PAYLOAD)

    def with_it(_event: object, _context: object) -> object:
        return client.invoke(FunctionName="other", Payload=PAYLOAD, ClientContext=context)

    without_us, with_us = _p10_us([without, with_it])
    return with_us - without_us


def _p10_us(handlers: list[Handler]) -> list[float]:
    context = SimpleNamespace(
        aws_request_id="aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
        invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:shop-orders",
        client_context=None,
        get_remaining_time_in_millis=lambda: 30_000,
    )
    rounds_us: list[list[float]] = [[] for _ in handlers]
    for _ in range(ROUNDS):
        for handler, round_us in zip(handlers, rounds_us, strict=True):
            started_s = time.thread_time()
            for _ in range(RUNS):
                handler({}, context)
            round_us.append((time.thread_time() - started_s) / RUNS * 1e6)
    return [sorted(round_us)[ROUNDS // 10] for round_us in rounds_us]


def _client() -> SimpleNamespace:
    """Return a real client (typed loosely) that answers itself before anything is sent."""
    os.environ["_X_AMZN_TRACE_ID"] = "Root=1-65f0c0de-000000000000000000000001;Sampled=0"
    session = boto3.session.Session("a", "b", region_name="eu-west-1")
    client: SimpleNamespace = session.client("lambda")
    raw = SimpleNamespace(stream=lambda: [PAYLOAD], read=lambda *_: PAYLOAD)
    headers = {"x-amzn-requestid": "11111111-2222-3333-4444-555555555555"}

    def answer(**_: object) -> AWSResponse:
        return AWSResponse("", 200, headers, raw)

    client.meta.events.register("before-send.lambda.Invoke", answer)
    return client


if __name__ == "__main__":
    sys.exit(main())
