"""The dead-letter source: a safe look into every queue where dead letters end.

SQS has no peek. Each look hides messages for 30 s and raises their receive count, so a queue is
refused where that could do harm: where it has a redrive policy of its own (our looks would move
messages on) and where a function is fed from it (our looks would delay its work). Nothing is ever
deleted, and everything is given back at the end of the look. A queue whose count did not change
since a complete look less than an hour ago is left alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from chainlight_collector import ingest
from chainlight_collector.aws import AbsentError, AwsError, Deadline, OutOfTimeError
from chainlight_collector.sources import queues
from chainlight_collector.sources.operations import (
    GIVE_BACK,
    LIST_MAPPINGS,
    RECEIVE_MESSAGE,
    Message,
)
from chainlight_collector.sources.queues import Queue
from chainlight_collector.sources.run import Outcome, Run, postpone_touched

DEAD_LETTERS = "dead_letters"
HIDDEN_S = 30
LOOK_S = 20.0
"""A look ends well before the first message of it becomes visible again and looks like a repeat."""
LOOK_BYTES_MAX = 64_000_000
_PAGE = 10

_NEWEST_SCAN = """
SELECT messages_count, is_complete AND scanned_us > ?
FROM dead_letter_scans WHERE queue_arn = ?
ORDER BY scanned_us DESC LIMIT 1
"""


@dataclass(slots=True)
class Look:
    """What one look into a queue found; `reason` says why it may not be everything."""

    messages: dict[str, Message] = field(default_factory=dict)
    is_complete: bool = False
    reason: str | None = None
    size_bytes: int = 0


def pull(run: Run) -> Outcome:
    """Look into every dead-letter queue and failure destination that is known."""
    outcome = Outcome(DEAD_LETTERS)
    arns = sorted(queues.places(run).ending)
    outcome.total_count = len(arns)
    for arn in arns:
        if run.deadline.has_passed:
            outcome.is_complete = False
            break
        try:
            _scan(run, arn, outcome)
        except OutOfTimeError:
            outcome.is_complete = False
            break
        run.show(outcome)
    return outcome


def _scan(run: Run, arn: str, outcome: Outcome) -> None:
    try:
        queue = queues.read(run, arn)
        if _is_unchanged(run, queue):
            look = None
        else:
            reason = refusal(run, queue)
            look = Look(reason=reason) if reason else peek(run, queue)
    except AbsentError:
        look = Look(reason="there is no such queue")
    except OutOfTimeError:
        raise
    except AwsError as error:
        outcome.fail(f"{arn}: {error}")
        look = Look(reason=f"{error.action} refused: {error.code}")
    if look is not None:
        _commit(run, arn, look, outcome)
    outcome.done_count += 1


def _is_unchanged(run: Run, queue: Queue) -> bool:
    hour_ago_us = run.now_us - run.options.detail_life_us
    newest = run.store.query(_NEWEST_SCAN, [hour_ago_us, queue.arn]).fetchone()
    return (
        newest is not None
        and bool(newest[1])
        and newest[0] == queue.visible_count
        and queue.hidden_count == 0
    )


def refusal(run: Run, queue: Queue) -> str | None:
    """Return why this queue must not be looked into, None where a look does no harm."""
    if queue.redrive:
        return "it has a redrive policy of its own: a look would move messages on"
    mappings = run.aws.call(LIST_MAPPINGS, EventSourceArn=queue.arn).get("EventSourceMappings", [])
    if any(mapping.get("State") != "Disabled" for mapping in mappings):
        return "a function is fed from it: a look would delay its work"
    return None


def peek(run: Run, queue: Queue) -> Look:
    """Return the messages of a queue, leaving it as it was but for the receive counts."""
    look = Look()
    if queue.visible_count + queue.hidden_count == 0:
        look.is_complete = True
        return look
    handles: dict[str, str] = {}
    try:
        _receive_all(run, queue, look, handles)
    finally:
        give_back(run, queue, handles)
    if look.is_complete and queue.hidden_count:
        look.is_complete = False
        look.reason = f"{queue.hidden_count} messages are in flight or delayed"
    return look


def _receive_all(run: Run, queue: Queue, look: Look, handles: dict[str, str]) -> None:
    look_deadline = Deadline.after_s(min(LOOK_S, run.deadline.remaining_s))
    while len(look.messages) < run.options.peek_messages_max:
        if look_deadline.has_passed or look.size_bytes > LOOK_BYTES_MAX:
            break
        page = _receive(run, queue, len(look.messages))
        is_repeated = any(message["MessageId"] in look.messages for message in page)
        for message in page:
            handles[message["MessageId"]] = message["ReceiptHandle"]
            look.messages.setdefault(message["MessageId"], message)
            look.size_bytes += len(message.get("Body", ""))
        if is_repeated or not page:
            look.is_complete = True
            return
    look.reason = f"stopped after {len(look.messages)} messages"


def _receive(run: Run, queue: Queue, seen_count: int) -> list[Message]:
    """Long polling asks all of SQS's servers: needed only while the count says there is more."""
    answer = run.aws.call(
        RECEIVE_MESSAGE,
        QueueUrl=queue.url,
        MaxNumberOfMessages=_PAGE,
        VisibilityTimeout=HIDDEN_S,
        WaitTimeSeconds=1 if seen_count < queue.visible_count else 0,
        MessageAttributeNames=["All"],
        MessageSystemAttributeNames=["All"],
    )
    return answer.get("Messages", [])


def take_out(run: Run, queue: Queue, message_id: str) -> Message | None:
    """Return one message and keep it hidden for 30 s; all others are given back at once."""
    look, handles = Look(), dict[str, str]()
    try:
        _receive_all(run, queue, look, handles)
        message = look.messages.get(message_id)
        return None if message is None else {**message, "ReceiptHandle": handles[message_id]}
    finally:
        handles.pop(message_id, None)
        give_back(run, queue, handles)


def give_back(run: Run, queue: Queue, handles: dict[str, str]) -> None:
    """Make the messages visible at once; where that fails they become so after 30 s."""
    for entries in _visible_again(handles):
        try:
            run.aws.call(GIVE_BACK, QueueUrl=queue.url, Entries=entries)
        except AwsError:
            return
        except OutOfTimeError:
            return


def _visible_again(handles: dict[str, str]) -> Iterator[list[dict[str, object]]]:
    entries: list[dict[str, object]] = [
        {"Id": str(index), "ReceiptHandle": handle, "VisibilityTimeout": 0}
        for index, handle in enumerate(handles.values())
    ]
    for start in range(0, len(entries), _PAGE):
        yield entries[start : start + _PAGE]


def _commit(run: Run, arn: str, look: Look, outcome: Outcome) -> None:
    messages = [{"queueArn": arn, **message} for message in look.messages.values()]
    scan = {
        "queue_arn": arn,
        "is_complete": look.is_complete,
        "messages_count": len(look.messages),
        "message_ids": sorted(look.messages),
        "reason": look.reason,
    }
    scanned_us = time.time_ns() // 1000
    with run.store.transaction() as connection:
        counts = ingest.dead_letters(connection, messages, scanned_us)
        ingest.dead_letter_scan(connection, scan, scanned_us)
        postpone_touched(connection, counts)
    outcome.counts += counts
