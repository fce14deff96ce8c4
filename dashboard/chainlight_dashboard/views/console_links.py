"""Links into the AWS console: log stream, function, trace, queue. Nothing is fetched from there."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from chainlight_dashboard.views import units

if TYPE_CHECKING:
    import pandas as pd

LOG_MARGIN_US = 60 * units.SECOND_US
ARN_PARTS = 6


def links(attempts: pd.DataFrame, chain_id: str) -> list[tuple[str, str]]:
    """Return (label, URL) of what the console shows of one invocation's attempts."""
    known = attempts.dropna(subset=["region"])
    if known.empty:
        return []
    first = known.iloc[0]
    region = quote(str(first.region), safe="")
    base = f"https://{region}.console.aws.amazon.com"
    name = quote(str(first.function_name), safe="")
    found = [
        ("CloudWatch log", _log(base, region, first)),
        ("Function", f"{base}/lambda/home?region={region}#/functions/{name}"),
        ("X-Ray trace", _trace(base, region, chain_id)),
    ]
    return [(label, url) for label, url in found if url]


def queue(queue_arn: object) -> str | None:
    """Return the URL of an SQS queue in the console, None for what is no queue."""
    parts = str(queue_arn).split(":")
    if len(parts) != ARN_PARTS or parts[2] != "sqs":
        return None
    region, account, name = (quote(part, safe="") for part in parts[3:])
    address = f"https%3A%2F%2Fsqs.{region}.amazonaws.com%2F{account}%2F{name}"
    return f"https://{region}.console.aws.amazon.com/sqs/v3/home?region={region}#/queues/{address}"


def _log(base: str, region: str, attempt: pd.Series) -> str | None:
    needed = (attempt.log_group, attempt.log_stream, attempt.started_us)
    if any(units.is_unknown(value) for value in needed):
        return None
    start_ms = int(attempt.started_us - LOG_MARGIN_US) // 1_000
    group, stream = _twice(attempt.log_group), _twice(attempt.log_stream)
    return (
        f"{base}/cloudwatch/home?region={region}"
        f"#logsV2:log-groups/log-group/{group}/log-events/{stream}$3Fstart$3D{start_ms}"
    )


def _trace(base: str, region: str, chain_id: str) -> str | None:
    """Return the trace's URL where the chain id has the form of an X-Ray trace id."""
    parts = chain_id.split("-")
    if [len(part) for part in parts] != [1, 8, 24]:
        return None
    return f"{base}/cloudwatch/home?region={region}#xray:traces/{quote(chain_id, safe='')}"


def _twice(text: object) -> str:
    """Return `text` as the console's fragment wants it: percent-encoded twice, % written as $."""
    return quote(quote(str(text), safe=""), safe="").replace("%", "$")
