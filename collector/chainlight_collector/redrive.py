"""A dead letter set on its way again, in the chain that it died in.

What is right depends on how it died. A message of a queue's own dead-letter queue goes back by a
message move task, which AWS allows for these queues only and which moves all of the queue's
messages; each keeps its trace header. An event that a function failed is given to that function
again, with the chain's id in the trace header; what SNS or EventBridge could not deliver goes to
its one target. A person does this with permissions of their own; the collector's role has none
of them.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chainlight_collector.aws import Operation
from chainlight_collector.errors import RedriveError
from chainlight_collector.sources import deadletters, queues
from chainlight_collector.sources.failure_objects import body_of
from chainlight_collector.sources.run import Run

INVOKE: Operation[dict[str, Any]] = Operation("lambda", "invoke", "lambda:InvokeFunction")
START_MOVE: Operation[dict[str, Any]] = Operation(
    "sqs", "start_message_move_task", "sqs:StartMessageMoveTask"
)
SEND_MESSAGE: Operation[dict[str, Any]] = Operation("sqs", "send_message", "sqs:SendMessage")
DELETE_MESSAGE: Operation[dict[str, Any]] = Operation("sqs", "delete_message", "sqs:DeleteMessage")
_COMMAND_CHARACTERS_MAX = 100_000
_LETTER = "SELECT * FROM dead_letters WHERE message_id = ? ORDER BY is_gone NULLS FIRST, queue_arn"
_TARGETS = """
SELECT DISTINCT target_arn FROM (
    SELECT target_arn, dlq_arn FROM dead_letter_routes WHERE kind IN ('sns', 'eventbridge')
    QUALIFY row_number() OVER (PARTITION BY route_id ORDER BY observed_us DESC) = 1
) WHERE dlq_arn = ?
"""

Letter = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do for one letter: in words, as a command to paste, and as a deed."""

    text: str
    command: str
    act: Callable[[], None]
    give_up: Callable[[], None] = lambda: None
    """Call it where the plan is not carried out: it gives back what was held for it."""


@dataclass(frozen=True, slots=True)
class _Held:
    """The letter itself: its body, its trace header, and how it leaves its place."""

    body: str
    trace_header: str | None
    delete: Callable[[], None]
    give_back: Callable[[], None]


def plan(run: Run, message_id: str) -> Plan:
    """Find out how the letter with this message id can be set on its way again.

    Raises:
        RedriveError: it is unknown, has gone, or nothing is left of it that could be sent.
        AwsError: its queue cannot be read.

    """
    letter = _letter(run, message_id)
    if letter["source"] == "sqs_redrive":
        return _move(run, letter)
    if letter["source"] == "stream":
        raise RedriveError(_stream_reason(letter))
    held = _hold(run, letter)
    try:
        return _again(run, letter, held)
    except BaseException:
        held.give_back()
        raise


def _letter(run: Run, message_id: str) -> Letter:
    found = run.store.query(_LETTER, [message_id])
    names = [column[0] for column in found.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    if not rows:
        raise RedriveError(
            f"no dead letter has the message id {message_id!r}. `chainlight dlq --json` lists them."
        )
    letter = rows[0]
    if letter["is_gone"]:
        raise RedriveError(f"{message_id} has gone from {letter['queue_arn']}: nothing is left.")
    return letter


def _move(run: Run, letter: Letter) -> Plan:
    source, target = letter["queue_arn"], letter["source_queue_arn"]
    parameters = {"SourceArn": source, **({"DestinationArn": target} if target else {})}
    count = queues.read(run, source).visible_count
    words = ["aws", "sqs", "start-message-move-task", "--source-arn", source]
    words += ["--destination-arn", target] if target else []
    return Plan(
        f"moves all {count} messages of {source} back to {target or 'where they came from'}; each "
        "keeps its trace header and so its chain, and gets a new message id",
        shlex.join(words),
        lambda: _call(run, START_MOVE, **parameters),
    )


def _stream_reason(letter: Letter) -> str:
    shard, _, sequence = next(
        (key for key in letter["natural_keys"] or () if key.startswith("shardId-")), "::"
    ).partition(":")
    return (
        f"{letter['message_id']} stands for a batch of a stream: the records are in the stream for "
        f"as long as it keeps them. Read them from shard {shard} at {sequence} "
        "(get-shard-iterator --shard-iterator-type AT_SEQUENCE_NUMBER, then get-records)."
    )


def _hold(run: Run, letter: Letter) -> _Held:
    arn, message_id = letter["queue_arn"] or "", letter["message_id"]
    service = arn.split(":")[2] if arn else ""
    if service == "s3":
        return _Held(body_of(run, arn.rpartition(":")[2], message_id), None, _nothing, _nothing)
    if service != "sqs":
        raise RedriveError(f"{message_id} was given to {arn or 'nobody known'}: nothing is left.")
    queue = queues.read(run, arn)
    reason = deadletters.refusal(run, queue)
    if reason is not None:
        raise RedriveError(f"{arn} cannot be looked into: {reason}.")
    message = deadletters.take_out(run, queue, message_id)
    if message is None:
        raise RedriveError(f"{message_id} is not in {arn} now: it has gone or somebody holds it.")
    handle = message["ReceiptHandle"]
    return _Held(
        message.get("Body", ""),
        message.get("Attributes", {}).get("AWSTraceHeader"),
        lambda: _call(run, DELETE_MESSAGE, QueueUrl=queue.url, ReceiptHandle=handle),
        lambda: deadletters.give_back(run, queue, {message_id: handle}),
    )


@dataclass(frozen=True, slots=True)
class _Parcel:
    """What goes where, under which trace header."""

    target: str
    payload: str
    header: str | None
    chain_id: str | None

    @property
    def chain_text(self) -> str:
        """Say which chain it will belong to."""
        if self.header is None:
            return "in a new chain (its own is not known)"
        return f"in chain {self.chain_id or self.header}"


def _again(run: Run, letter: Letter, held: _Held) -> Plan:
    parcel = _Parcel(
        _target(run, letter),
        _payload(letter, held.body),
        _header(letter, held.trace_header),
        letter["chain_id"],
    )
    if ":function:" in parcel.target:
        return _invoke(run, parcel, held)
    if parcel.target.split(":")[2] == "sqs":
        return _send(run, parcel, held)
    raise RedriveError(f"{parcel.target} is no function and no queue: send it there by hand.")


def _target(run: Run, letter: Letter) -> str:
    """Return who should have got the event: one function or queue, or nobody can tell."""
    if letter["function_arn"]:
        return str(letter["function_arn"])
    if letter["source"] in ("sns", "eventbridge"):
        rows = run.store.query(_TARGETS, [letter["queue_arn"]]).fetchall()
    else:
        rows = run.store.query(
            "SELECT DISTINCT function_arn FROM function_configs WHERE function_name = ?",
            [letter["function_name"]],
        ).fetchall()
    if len(rows) != 1:
        raise RedriveError(
            f"{len(rows)} targets are known for {letter['message_id']}, one is needed: run "
            "`chainlight collect` where functions and subscriptions can be read."
        )
    return str(rows[0][0])


def _payload(letter: Letter, body: str) -> str:
    """Return the event as its target was to get it: out of its record and its envelope."""
    document = _json(body)
    if letter["source"] == "sns":
        return _notified(document) if isinstance(document, dict) else body
    if isinstance(document, dict) and document.get("Type") == "Notification":
        body = str(document.get("Message", ""))
        document = _json(body)
    if isinstance(document, dict) and "detail-type" in document and letter["request_id"]:
        document = document.get("detail")
    if isinstance(document, dict) and "requestContext" in document:
        return json.dumps(document.get("requestPayload"))
    return body


def _notified(notification: dict[str, Any]) -> str:
    """Return the event that SNS gives a function."""
    record = {"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": notification}
    return json.dumps({"Records": [record]})


def _header(letter: Letter, given: str | None) -> str | None:
    """Return the trace header that keeps the chain's id: the message's own where it does."""
    chain_id = letter["chain_id"]
    if given and (chain_id is None or f"Root={chain_id}" in given):
        return given
    return f"Root={chain_id};Sampled=0" if chain_id else None


def _invoke(run: Run, parcel: _Parcel, held: _Held) -> Plan:
    words = ["aws", "lambda", "invoke", "--function-name", parcel.target]
    words += ["--invocation-type", "Event", "--cli-binary-format", "raw-in-base64-out"]
    words += ["--payload", parcel.payload, "/dev/null"]
    # The CLI passes these two on as the X-Amzn-Trace-Id header, as botocore does inside of Lambda.
    names = {"AWS_LAMBDA_FUNCTION_NAME": "redrive", "_X_AMZN_TRACE_ID": parcel.header}
    before = "".join(f"{name}={shlex.quote(str(value))} " for name, value in names.items())

    def act() -> None:
        if parcel.header:
            run.aws.add_header("lambda", "Invoke", "X-Amzn-Trace-Id", parcel.header)
        payload = parcel.payload.encode()
        _call(run, INVOKE, FunctionName=parcel.target, InvocationType="Event", Payload=payload)
        held.delete()

    return Plan(
        f"gives the event to {parcel.target} again, {parcel.chain_text}, then deletes the letter",
        _shown((before if parcel.header else "") + shlex.join(words)),
        act,
        held.give_back,
    )


def _send(run: Run, parcel: _Parcel, held: _Held) -> Plan:
    header = {"DataType": "String", "StringValue": parcel.header}
    system = {"AWSTraceHeader": header} if parcel.header else {}
    url = queues.read(run, parcel.target).url
    words = ["aws", "sqs", "send-message", "--queue-url", url, "--message-body", parcel.payload]
    words += ["--message-system-attributes", json.dumps(system)] if system else []

    def act() -> None:
        body = parcel.payload
        _call(run, SEND_MESSAGE, QueueUrl=url, MessageBody=body, MessageSystemAttributes=system)
        held.delete()

    return Plan(
        f"sends the message to {parcel.target}, {parcel.chain_text}, then deletes the letter",
        _shown(shlex.join(words)),
        act,
        held.give_back,
    )


def _shown(command: str) -> str:
    if len(command) > _COMMAND_CHARACTERS_MAX:
        return "# the payload is too long for a command line: use --yes"
    return command


def _call(run: Run, operation: Operation[dict[str, Any]], **parameters: object) -> None:
    run.aws.call(operation, **parameters)


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _nothing() -> None:
    """Leave it where it is: an object of a bucket stays."""
