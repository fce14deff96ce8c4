"""One fresh process is one sandbox: it runs in a row's environment and measures from inside.

    worker.py ROW MODE RESULT_FILE

init: wrap the handler, without boto3. init_boto: the same after boto3 and a client are there.
noop: the handler returns at once. hook: it invokes a function, answered by botocore's before-send
event. http: the same over a kept-alive connection to a stub. watch: hook, while an audit hook
counts sockets, threads and processes; slow, so nothing is timed.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import time
import types
from collections import Counter
from collections.abc import Callable
from typing import Any

import adapters
from client import canned, real_client
from sandbox import Context, trace_header

WARM_UP = 200
PAYLOAD = b'{"order": 42, "items": [1, 2, 3]}'
AUDITED = {"socket.__new__": "sockets", "subprocess.Popen": "processes", "os.fork": "processes"}


def main(row: str, mode: str, result_file: str) -> None:
    """Measure one row in one mode and write the figures as JSON."""
    makers = {"init_boto": real_client, "http": real_client, "hook": canned, "watch": canned}
    client = makers[mode]() if mode in makers else None
    toy = types.ModuleType("toy")
    sys.modules["toy"] = toy
    toy.handler = _handler(client if mode in ("hook", "http", "watch") else None)
    toy.handler.__module__ = "toy"
    counts = _audit() if mode == "watch" else Counter()
    signals = _signals()
    figures, handler = _wrapped(getattr(adapters, row), toy.handler)
    if not mode.startswith("init"):
        figures |= _invocations(handler, int(os.environ["BENCH_INVOCATIONS"]))
    if mode == "watch":
        figures |= {name: counts[name] for name in (*AUDITED.values(), "threads")}
        figures["signals"] = _signals_changed(signals)
    figures["own_modules"] = sum(name.split(".")[0] == "chainlight" for name in sys.modules)
    with open(result_file, "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib costs an import
        json.dump(figures, file)
    sys.stdout.flush()
    os._exit(0)  # what exporters do at exit is not measured


def _wrapped(wrap: Callable[..., Any], handler: object) -> tuple[dict[str, Any], Any]:
    modules = len(sys.modules)
    gc.collect()  # else whoever comes next pays 4 ms for what boto3 has left to look through
    resident_kb = _resident_kb()
    cpu_ns, wall_ns = time.process_time_ns(), time.perf_counter_ns()
    wrapped = wrap(handler)
    took_ns, used_ns = time.perf_counter_ns() - wall_ns, time.process_time_ns() - cpu_ns
    return {
        "init_us": took_ns / 1000,
        "init_cpu_us": used_ns / 1000,
        "init_rss_kb": _resident_kb() - resident_kb,
        "init_modules": len(sys.modules) - modules,
    }, wrapped


def _invocations(handler: Callable[..., Any], number: int) -> dict[str, Any]:
    walls_ns, cpus_ns = [], []
    for n in range(WARM_UP + number):
        os.environ["_X_AMZN_TRACE_ID"] = trace_header(n)
        context, event = Context(n), {"order": 42, "items": [1, 2, 3]}
        used_ns, started_ns = time.process_time_ns(), time.perf_counter_ns()
        result = handler(event, context)
        walls_ns.append(time.perf_counter_ns() - started_ns)
        cpus_ns.append(time.process_time_ns() - used_ns)
        if result != {"ok": True}:
            raise SystemExit(f"the handler returned {result!r}")
    walls_ns, cpus_ns = sorted(walls_ns[WARM_UP:]), sorted(cpus_ns[WARM_UP:])
    return {
        "p10_us": walls_ns[number // 10] / 1000,
        "p50_us": walls_ns[number // 2] / 1000,
        "p10_cpu_us": cpus_ns[number // 10] / 1000,
        "rss_end_kb": _resident_kb(),
        "invocations": WARM_UP + number,
    }


def _handler(client: Any) -> Any:
    def nothing(_event: object, _context: object) -> dict[str, bool]:
        return {"ok": True}

    def invoking(_event: object, _context: object) -> dict[str, bool]:
        client.invoke(FunctionName="other", Payload=PAYLOAD)
        return {"ok": True}

    return nothing if client is None else invoking


def _audit() -> Counter[str]:
    import threading

    counts: Counter[str] = Counter()

    def count(event: str, _arguments: object) -> None:
        if event in AUDITED:
            counts[AUDITED[event]] += 1

    sys.addaudithook(count)
    start = threading.Thread.start  # before 3.12 threads raise no audit event

    def counted(thread: threading.Thread) -> None:
        counts["threads"] += 1
        start(thread)

    threading.Thread.start = counted  # type: ignore[method-assign]
    return counts


def _signals() -> dict[int, object]:
    return {number: signal.getsignal(number) for number in signal.valid_signals()}


def _signals_changed(before: dict[int, object]) -> int:
    changed = sum(handler != before[number] for number, handler in _signals().items())
    return changed + (signal.getitimer(signal.ITIMER_REAL)[0] > 0)


def _resident_kb() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * (os.sysconf("SC_PAGE_SIZE") // 1024)


if __name__ == "__main__":
    main(*sys.argv[1:])
