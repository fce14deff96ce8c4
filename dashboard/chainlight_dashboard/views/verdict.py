"""One chain in one paragraph: when it answered, what went on after, what failed, what it cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chainlight_dashboard.views import units
from chainlight_dashboard.views.plain import escaped
from chainlight_dashboard.views.rows_table import TROUBLED

if TYPE_CHECKING:
    import pandas as pd

NAMED_MAX = 3
AFTERMATH_MIN_US = 100_000
"""Work that ends within a tenth of a second after the answer is not worth a sentence."""


def verdict(chain: pd.Series, rows: pd.DataFrame, dead_letters: pd.DataFrame) -> str:
    """Return the chain's verdict as markdown; every name in it is escaped."""
    sentences = [_ending(chain), *_failures(rows, dead_letters), _money(chain)]
    return " ".join(sentence for sentence in sentences if sentence)


def pills(chain: pd.Series) -> list[tuple[str, str]]:
    """Return (text, colour name) of the badges beside the title."""
    found = [
        (
            units.counted(chain.dead_letters_count, "dead letter"),
            chain.dead_letters_count,
            "orange",
        ),
        (units.counted(chain.failed_count, "failed attempt"), chain.failed_count, "orange"),
        (units.counted(chain.retries_count, "retry", "retries"), chain.retries_count, "gray"),
        (units.counted(chain.cold_starts_count, "cold start"), chain.cold_starts_count, "gray"),
        ("logs are still arriving", chain.status == "running", "gray"),
        ("part of it failed", chain.status == "partial", "orange"),
    ]
    return [(text, hue) for text, number, hue in found if not units.is_unknown(number) and number]


def _ending(chain: pd.Series) -> str:
    wall, answered = chain.wall_us, chain.answered_us
    if chain.status == "running":
        return f"Still running: **{units.duration(wall)}** so far."
    if units.is_unknown(answered):
        return f"Nobody waited for an answer; all work took **{units.duration(wall)}**."
    word = "Failed" if chain.status == "failed" else "Answered"
    first = f"{word} in **{units.duration(answered)}**"
    if units.is_unknown(wall) or wall - answered < AFTERMATH_MIN_US:
        return f"{first}, and nothing ran on after that."
    return f"{first}, last work **{units.duration(wall - answered)}** later."


def _failures(rows: pd.DataFrame, dead_letters: pd.DataFrame) -> list[str]:
    failed = rows[rows["status"].isin(TROUBLED)]
    unnamed = list(dead_letters.itertuples())
    sentences = []
    for row in failed.head(NAMED_MAX).itertuples():
        letter = next((one for one in unnamed if _is_of(one, row)), None)
        sentences.append(_failure(row, letter))
        unnamed = [one for one in unnamed if one is not letter]
    more = len(failed) - NAMED_MAX
    if more > 0:
        sentences.append(f"{units.counted(more, 'other invocation')} failed too.")
    return sentences + ([] if more > 0 else _other_messages(unnamed))


def _is_of(letter: pd.Series, row: pd.Series) -> bool:
    """Return whether a message died of this invocation; a queue's has no request id of its own."""
    if units.is_unknown(letter.request_id):
        return bool(letter.function_name == row.function_name)
    return bool(letter.request_id == row.request_id)


def _failure(row: pd.Series, letter: pd.Series | None) -> str:
    word = "timed out" if row.status == "timeout" else "failed"
    text = f"**{escaped(row.function_name)}** {word} {_times(row.attempts_count)}"
    if letter is None:
        return f"{text}."
    place = "was in" if letter.is_gone else "is in"
    return f"{text}, its message {place} **{escaped(queue_name(letter.queue_arn))}**."


def _other_messages(letters: list[pd.Series]) -> list[str]:
    counts: dict[str, int] = {}
    for letter in letters:
        queue = queue_name(letter.queue_arn)
        counts[queue] = counts.get(queue, 0) + 1
    return [
        f"{units.counted(number, 'message')} ended in **{escaped(queue)}**."
        for queue, number in counts.items()
    ]


def _times(number: float) -> str:
    words = {1: "once", 2: "twice"}
    return words.get(int(number), f"{units.count(number)} times")


def _money(chain: pd.Series) -> str:
    if units.is_unknown(chain.cost_usd):
        return "What it cost is unknown: no REPORT line has arrived."
    cost = escaped(units.money(chain.cost_usd))
    if units.is_unknown(chain.paid_idle_share):
        return f"It cost {cost}; how much of that was waiting is unknown."
    if chain.paid_idle_share == 0:
        return f"It cost {cost}, none of it for waiting."
    return f"**{escaped(units.share(chain.paid_idle_share))}** of the cost ({cost}) was waiting."


def queue_name(arn: object) -> str:
    """Return the last part of an ARN, which is what people call the queue."""
    return str(arn).rpartition(":")[2]
