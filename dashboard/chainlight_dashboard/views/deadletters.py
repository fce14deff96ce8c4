"""Dead letters as tables, and the commands that bring them back; nothing here runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from chainlight_dashboard.views import units
from chainlight_dashboard.views.freshness import coarse
from chainlight_dashboard.views.plain import clipped, shell_quoted
from chainlight_dashboard.views.verdict import queue_name

if TYPE_CHECKING:
    from collections.abc import Iterable

SOURCES = {
    "lambda_dlq": "function DLQ",
    "destination": "failure destination",
    "sqs_redrive": "SQS redrive",
    "sns": "SNS subscription DLQ",
    "eventbridge": "EventBridge DLQ",
    "stream": "stream destination",
}
ARN_PARTS = 6
BODY = ".Messages[0].Body"
EVENTS = {
    "destination": f"{BODY} | fromjson | .requestPayload",
    "sns": f'{{Records: [{{EventSource: "aws:sns", Sns: ({BODY} | fromjson)}}]}}',
}
IN_THE_STREAM = (
    "# A stream's message holds the position of the batch, not its records: read them from the\n"
    "# stream again, from DDBStreamBatchInfo or KinesisBatchInfo in the body."
)


def summary(totals: pd.Series, now_us: int) -> str:
    """Return how many messages lie dead, in how many queues, and since when."""
    if not totals.waiting_count:
        return "No dead letters"
    letters = units.counted(totals.waiting_count, "dead letter")
    queues = units.counted(totals.queues_count, "queue")
    since = "" if units.is_unknown(totals.oldest_us) else coarse(now_us - totals.oldest_us)
    return f"{letters} in {queues}" + (f", the oldest {since} old" if since else "")


def queue_table(queues: pd.DataFrame, now_us: int) -> pd.DataFrame:
    """Return one row per queue with its messages, the oldest's age, and the functions."""
    return pd.DataFrame(
        {
            "queue": [clipped(queue_name(arn)) for arn in queues["queue_arn"]],
            "kind": [SOURCES.get(source, str(source)) for source in queues["source"]],
            "messages": queues["waiting_count"],
            "oldest": list(_ages(queues["oldest_us"], now_us)),
            "gone": queues["gone_count"],
            "functions": [
                "unknown" if names is None or len(names) == 0 else clipped(", ".join(names), 160)
                for names in queues["functions"]
            ],
        }
    )


def message_table(messages: pd.DataFrame, now_us: int) -> pd.DataFrame:
    """Return one row per message; `chain` is the deep link to the chain that produced it."""
    return pd.DataFrame(
        {
            "age": list(_ages(messages["sent_us"], now_us)),
            "function": _named(messages["function_name"]),
            "error": [
                clipped(error, 200) if not units.is_unknown(error) else units.UNKNOWN
                for error in messages["error_message"]
            ],
            "condition": _named(messages["condition"]),
            "attempts": messages["attempts_count"],
            "queue": [clipped(queue_name(arn)) for arn in messages["queue_arn"]],
            "state": ["gone" if gone else "waiting" for gone in messages["is_gone"]],
            "message_id": _named(messages["message_id"]),
        }
    )


def orphans(count: int) -> str:
    """Return why some rows lead nowhere."""
    return (
        f"Of {units.counted(count, 'message')} no chain is known: they carry neither request id "
        "nor context."
    )


def unprotected_table(functions: pd.DataFrame) -> pd.DataFrame:
    """Return the async functions without DLQ or destination, with the events they lost."""
    return pd.DataFrame(
        {
            "function": _named(functions["function_name"]),
            "dlq": ["none" if known else units.UNKNOWN for known in functions["is_config_known"]],
            "invocations": functions["invocations_count"],
            "failed": functions["failed_count"],
            "owner": _named(functions["owner"]),
        }
    )


def redrive_command(queue_arn: str, source: str, function_name: str | None) -> str:
    """Return shell commands that bring a queue's messages back, with every name quoted.

    StartMessageMoveTask works only for queues that are the DLQ of another SQS queue; the message
    of a function's DLQ is the original event, so it is sent to the function again.
    """
    parts = queue_arn.split(":")
    if len(parts) != ARN_PARTS:
        return f"# {clipped(queue_arn)} is not the ARN of a queue"
    if source == "stream":
        return IN_THE_STREAM
    region, name = shell_quoted(parts[3]), shell_quoted(parts[5])
    if source == "sqs_redrive":
        arn = shell_quoted(queue_arn)
        return f"aws sqs start-message-move-task --region {region} --source-arn {arn}"
    target = shell_quoted(function_name or "FUNCTION")
    return "\n".join(
        (
            f"URL=$(aws sqs get-queue-url --region {region} --queue-name {name} \\",
            "  --query QueueUrl --output text)",
            f'aws sqs receive-message --region {region} --queue-url "$URL" \\',
            "  --visibility-timeout 60 > message.json",
            f"jq -r '{EVENTS.get(source, BODY)}' message.json > event.json",
            f"aws lambda invoke --region {region} --function-name {target} \\",
            "  --invocation-type Event --cli-binary-format raw-in-base64-out \\",
            "  --payload file://event.json /dev/null \\",
            f'&& aws sqs delete-message --region {region} --queue-url "$URL" \\',
            '  --receipt-handle "$(jq -r .Messages[0].ReceiptHandle message.json)"',
        )
    )


def _ages(instants_us: Iterable[float], now_us: int) -> Iterable[str]:
    for at_us in instants_us:
        yield units.UNKNOWN if units.is_unknown(at_us) else coarse(max(0, now_us - at_us))


def _named(values: Iterable[object]) -> list[str]:
    return [units.UNKNOWN if units.is_unknown(value) else clipped(value) for value in values]
