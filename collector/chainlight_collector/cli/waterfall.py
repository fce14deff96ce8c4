"""A chain in a terminal: pure functions from rows of the views to lines of text.

Quiet time (nothing runs for 2 s and for 5 % of the active time) is folded to a fixed width, so that
a retry three minutes later does not squeeze the first second into one character.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from chainlight_collector.cli.units import length_text, share_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chainlight_collector.cli.answers import Row

# Later kinds are painted over earlier ones.
MARKS = {
    "queued": ("·", "dim"),
    "service": ("═", "dim"),
    "backoff": ("╌", "dim"),
    "cold": ("▒", "cyan"),
    "run": ("█", "blue"),
    "idle": ("░", "blue"),
    "orphan": ("▥", "blue"),
    "error": ("█", "dark_orange3"),
    "timeout": ("█", "dark_orange3"),
    "throttle": ("▲", "dark_orange3"),
    "missing": ("?", "dim"),
    "dlq": ("╌", "dark_orange3"),
}
ENDS = {"error": "✕", "timeout": "◷", "dlq": "✉"}
LEGEND = (
    "█ runs  ░ paid waiting  ▒ cold start  · queued  ═ service  ╌ not running  ▥ orphaned  "
    "✕ failed  ✉ dead letter"
)

_QUIET_KINDS = {"queued", "service", "backoff", "dlq"}
_QUIET_MIN_US = 2_000_000
_QUIET_SHARE = 0.05
_FOLD_COLUMNS = 3
_LABEL_COLUMNS_MAX = 34
_NOTE_COLUMNS = 30
_BAR_COLUMNS_MIN = 20


class Waterfall:
    """The lines of one chain's timeline and segments."""

    def __init__(self, timeline: Sequence[Row], segments: Sequence[Row]) -> None:
        self._timeline = timeline
        self._segments = segments

    def lines(self, columns: int) -> Iterator[Text]:
        """Yield one line per row of the timeline and a legend, each ``columns`` wide at most."""
        labels = [_label(row) for row in self._timeline]
        label_columns = min(max(map(len, labels), default=0), _LABEL_COLUMNS_MAX)
        bar_columns = max(columns - label_columns - _NOTE_COLUMNS - 2, _BAR_COLUMNS_MIN)
        axis = Axis(self._segments, bar_columns)
        for row, label in zip(self._timeline, labels, strict=True):
            line = Text(label[:label_columns].ljust(label_columns) + " ")
            line.append_text(self._bar(row["row"], axis, bar_columns))
            line.append(" " + _note(row), style="dim")
            yield line
        yield Text(LEGEND, style="dim")

    def _bar(self, row: int, axis: Axis, columns: int) -> Text:
        cells = [(" ", "")] * columns
        kinds = list(MARKS)
        own = [segment for segment in self._segments if segment["row"] == row]
        for segment in sorted(own, key=lambda one: kinds.index(one["kind"])):
            _paint(cells, axis, segment)
        bar = Text()
        for character, style in cells:
            bar.append(character, style=style)
        return bar


class Axis:
    """Where an instant lies between the first and the last column, quiet time folded."""

    def __init__(self, segments: Sequence[Row], columns: int) -> None:
        self._stretches = _stretches(segments)
        folds_count = max(len(self._stretches) - 1, 0)
        busy_us = sum(end - start for start, end in self._stretches)
        self._fold_columns = _FOLD_COLUMNS if folds_count * _FOLD_COLUMNS < columns // 2 else 0
        free = columns - 2 - folds_count * self._fold_columns
        self._columns_per_us = free / busy_us if busy_us else 0.0

    def column(self, us: int) -> int:
        """Return the column of an instant; one in a fold lies at the fold's beginning."""
        position = 0.0
        for number, (start, end) in enumerate(self._stretches):
            if us < start:
                break
            position += self._fold_columns if number else 0
            position += (min(us, end) - start) * self._columns_per_us
        return int(position)


def _stretches(segments: Sequence[Row]) -> list[tuple[int, int]]:
    """Return the intervals in which something happens, those a short pause apart as one."""
    busy = sorted(
        (one["started_us"], one["ended_us"]) for one in segments if one["kind"] not in _QUIET_KINDS
    )
    merged = _merge(busy, 0)
    active_us = sum(end - start for start, end in merged)
    return _merge(merged, max(_QUIET_MIN_US, int(_QUIET_SHARE * active_us)))


def _merge(intervals: Sequence[tuple[int, int]], pause_us: int) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in intervals:
        if merged and start - merged[-1][1] <= pause_us:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _paint(cells: list[tuple[str, str]], axis: Axis, segment: Row) -> None:
    character, style = MARKS[segment["kind"]]
    last = len(cells) - 1
    first = min(axis.column(segment["started_us"]), last)
    end = min(max(axis.column(segment["ended_us"]), first), last)
    for column in range(first, max(end, first + 1)):
        if not _is_end(cells[column]):
            cells[column] = (character, style)
    if segment["kind"] in ENDS:
        mark = min(end + 1, last) if _is_end(cells[end]) else end
        cells[mark] = (ENDS[segment["kind"]], style)


def _is_end(cell: tuple[str, str]) -> bool:
    return cell[0] in ENDS.values()


def _label(row: Row) -> str:
    kind = "" if row["depth"] == 0 else {"sync": "→ ", "async": "⇢ "}.get(row["edge_kind"], "⇢ ")
    return f"{'  ' * row['depth']}{kind}{row['function_name'] or 'unknown'}"


def _note(row: Row) -> str:
    if row["status"] == "missing":
        return "no log yet"
    length = None
    if row["started_us"] is not None and row["ended_us"] is not None:
        length = row["ended_us"] - row["started_us"]
    tries = f" · {row['attempts_count']} tries" if row["attempts_count"] > 1 else ""
    status = "" if row["status"] == "ok" else f" · {row['status']}"
    return f"{length_text(length)}{tries}{status}"


def verdict(chain: Row, timeline: Sequence[Row], dead_letters: Sequence[Row]) -> str:
    """Return one or more short sentences: how fast, what failed, where it lies, what was waste."""
    sentences = [_answer(chain)]
    sentences += [_failure(row) for row in timeline if row["status"] in _FAILURES]
    queues = sorted({letter["queue_arn"].rsplit(":", 1)[-1] for letter in dead_letters})
    if queues:
        what = "its message is" if len(dead_letters) == 1 else f"{len(dead_letters)} messages are"
        sentences.append(f"{what} in {', '.join(queues)}.".capitalize())
    if chain["cost_usd"] and chain["paid_idle_usd"]:
        waste = chain["paid_idle_usd"] / chain["cost_usd"]
        sentences.append(f"{share_text(waste)} of the cost was waiting.")
    return " ".join(sentences)


_FAILURES = {
    "error": "failed",
    "timeout": "timed out",
    "crash": "crashed",
    "throttled": "was throttled",
}


def _answer(chain: Row) -> str:
    answer = f"Answered in {length_text(chain['answered_us'])}"
    later_us = (chain["wall_us"] or 0) - (chain["answered_us"] or 0)
    if chain["answered_us"] is None or later_us <= 0:
        return f"{answer}."
    return f"{answer}, last work {length_text(later_us)} later."


def _failure(row: Row) -> str:
    tries = row["attempts_count"]
    times = "" if tries <= 1 else f" after {tries} tries"
    return f"{row['function_name']} {_FAILURES[row['status']]}{times}."
