"""The chain as a trace for ui.perfetto.dev (Chrome's JSON trace format).

One process per function, one thread per invocation in the order of the waterfall, one slice per
attempt with its paid idle time inside and its cold start before it, an arrow from each call to the
invocation it caused. Perfetto wants the slices of a thread to nest: pieces are cut to fit.
Format: "Trace Event Format", phases X, M, s, f and i; times in microseconds.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chainlight_collector.export.rows import Chain, Row

Event = dict[str, Any]
BEFORE = ("queued", "cold", "backoff")
WORDS = {
    "queued": "queued",
    "cold": "cold start",
    "backoff": "retry wait",
    "idle": "paid idle wait",
}
CATEGORY = "chainlight"


def perfetto(chain: Chain) -> str:
    """Return the chain as one JSON object with `traceEvents`."""
    processes = _processes(chain)
    threads = {_key(row): _thread(row, processes) for row in chain.timeline}
    events = [
        *_names(chain, processes, threads),
        *_slices(chain, threads),
        *_arrows(chain, threads),
        *_letters(chain, threads),
    ]
    whole = {
        "traceEvents": events,
        "displayTimeUnit": "ms",
        "otherData": {"chain_id": chain.chain_id, "shape": str(chain.chain["shape"])},
    }
    return json.dumps(whole, indent=0, ensure_ascii=False)


def _processes(chain: Chain) -> dict[str, int]:
    names = dict.fromkeys(str(row["function_name"]) for row in chain.timeline)
    return {name: number for number, name in enumerate(names, 1)}


def _key(row: Row) -> tuple[str, str]:
    return str(row["function_name"]), str(row["request_id"])


def _thread(row: Row, processes: dict[str, int]) -> tuple[int, int]:
    return processes[str(row["function_name"])], int(row["row"]) + 1


def _names(
    chain: Chain, processes: dict[str, int], threads: dict[tuple[str, str], tuple[int, int]]
) -> Iterator[Event]:
    for name, pid in processes.items():
        yield _meta("process_name", pid, 0, name=name)
        yield _meta("process_sort_index", pid, 0, sort_index=pid)
    for row in chain.timeline:
        pid, tid = threads[_key(row)]
        yield _meta(
            "thread_name", pid, tid, name=f"{row['edge_kind'] or 'entry'} {row['request_id']}"
        )
        yield _meta("thread_sort_index", pid, tid, sort_index=tid)


def _meta(kind: str, pid: int, tid: int, **arguments: object) -> Event:
    return {"ph": "M", "name": kind, "pid": pid, "tid": tid, "args": arguments}


def _slices(chain: Chain, threads: dict[tuple[str, str], tuple[int, int]]) -> Iterator[Event]:
    pieces: dict[int, list[Row]] = {}
    for piece in chain.segments:
        pieces.setdefault(int(piece["row"]), []).append(piece)
    attempts: dict[tuple[str, str], list[Row]] = {}
    for attempt in chain.attempts:
        attempts.setdefault(_key(attempt), []).append(attempt)
    for row in chain.timeline:
        place = threads[_key(row)]
        own = [one for one in attempts.get(_key(row), []) if one["started_us"] is not None]
        yield from _thread_slices(place, own, pieces.get(int(row["row"]), []))


def _thread_slices(
    place: tuple[int, int], attempts: list[Row], pieces: list[Row]
) -> Iterator[Event]:
    """Yield one invocation's slices in order; each begins where the one before has ended."""
    free_us = 0
    for attempt in sorted(attempts, key=lambda one: (one["started_us"], one["attempt_number"])):
        started_us = max(int(attempt["started_us"]), free_us)
        ended_us = max(int(attempt["ended_us"] or started_us), started_us)
        own = [one for one in pieces if one["attempt_number"] == attempt["attempt_number"]]
        for piece in own:
            if piece["kind"] in BEFORE and piece["ended_us"] <= started_us:
                span = max(int(piece["started_us"]), free_us), int(piece["ended_us"])
                if span[1] > span[0]:
                    yield _slice(place, WORDS[piece["kind"]], span, {})
                    free_us = span[1]
        yield _slice(place, _title(attempt), (started_us, ended_us), _facts(attempt))
        inside_us = started_us
        for piece in (one for one in own if one["kind"] == "idle"):
            span = max(int(piece["started_us"]), inside_us), min(int(piece["ended_us"]), ended_us)
            if span[1] > span[0]:
                yield _slice(place, WORDS["idle"], span, {})
                inside_us = span[1]
        free_us = ended_us


def _title(attempt: Row) -> str:
    outcome = "" if attempt["outcome"] == "ok" else f" ({attempt['outcome']})"
    number = attempt["attempt_number"]
    return f"{attempt['function_name']}{f' attempt {number}' if number > 1 else ''}{outcome}"


def _facts(attempt: Row) -> dict[str, object]:
    kept = ("request_id", "outcome", "error_type", "billed_ms", "memory_mb", "max_memory_used_mb",
            "is_cold", "paid_idle_us", "cost_usd", "paid_idle_usd")  # fmt: skip
    return {name: attempt[name] for name in kept if attempt[name] is not None}


def _slice(place: tuple[int, int], name: str, span: tuple[int, int], facts: object) -> Event:
    pid, tid = place
    return {
        "ph": "X", "name": name, "cat": CATEGORY, "pid": pid, "tid": tid,
        "ts": span[0], "dur": span[1] - span[0], "args": facts,
    }  # fmt: skip


def _arrows(chain: Chain, threads: dict[tuple[str, str], tuple[int, int]]) -> Iterator[Event]:
    starts = {_key(row): row["started_us"] for row in chain.timeline}
    for number, link in enumerate(chain.links, 1):
        callee = str(link["callee_function"]), str(link["callee_request_id"])
        caller = str(link["caller_function"]), str(link["caller_request_id"])
        sent_us, arrived_us = link.get("sent_us") or starts.get(caller), starts.get(callee)
        if caller not in threads or callee not in threads or sent_us is None or arrived_us is None:
            continue
        about = {"name": f"{link['kind']} {link['evidence']}", "cat": CATEGORY, "id": number}
        yield {"ph": "s", **about, **_at(threads[caller], sent_us)}
        yield {"ph": "f", "bp": "e", **about, **_at(threads[callee], max(sent_us, arrived_us))}


def _letters(chain: Chain, threads: dict[tuple[str, str], tuple[int, int]]) -> Iterator[Event]:
    ends = {_key(row): row["ended_us"] for row in chain.timeline}
    for letter in chain.dead_letters:
        key = _key(letter)
        at_us = letter.get("sent_us") or ends.get(key)
        if key in threads and at_us is not None:
            facts = {"queue_arn": letter["queue_arn"], "error_message": letter["error_message"]}
            yield {"ph": "i", "s": "t", "name": "dead letter", "cat": CATEGORY, "args": facts,
                   **_at(threads[key], at_us)}  # fmt: skip


def _at(place: tuple[int, int], at_us: int) -> Event:
    return {"pid": place[0], "tid": place[1], "ts": int(at_us)}
