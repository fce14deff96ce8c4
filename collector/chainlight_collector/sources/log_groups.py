"""Which log groups are read: by prefix, by name, by tag, and where the chosen functions log.

Each group that AWS describes becomes a row where it changed: its class, its retention, and why it
is not read. A group of the class DELIVERY holds nothing to read. Whether FilterLogEvents answers
for another class than STANDARD is AWS's business and has changed before: such a group is asked, and
where AWS refuses it is left alone for a day, its reason in the view log_groups.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chainlight_collector import ingest
from chainlight_collector.aws import AwsError
from chainlight_collector.sources.operations import (
    DESCRIBE_LOG_GROUPS,
    GET_RESOURCES,
    LogGroup,
)
from chainlight_collector.sources.run import DEFAULT_PREFIX, Run

STANDARD = "STANDARD"
DELIVERY = "DELIVERY"
REFUSED_FOR_US = 24 * 3600 * 1_000_000
REFUSALS = frozenset(
    {"InvalidOperationException", "InvalidParameterException", "ValidationException"}
)

_FUNCTION_GROUPS = """
SELECT DISTINCT log_group FROM function_configs
WHERE log_group IS NOT NULL AND starts_with(? || function_name, ?)
"""
_NEWEST_REASONS = """
SELECT log_group, unread_reason FROM log_group_configs
WHERE observed_us > ?
QUALIFY row_number() OVER (PARTITION BY log_group ORDER BY observed_us DESC) = 1
"""
_NO_EVENTS = "its class DELIVERY passes events on to Firehose or S3 and shows none"


def discover(run: Run) -> set[str]:
    """Return the names of all log groups to read, and note what is new of them.

    Raises:
        AwsError: they cannot be listed.

    """
    options = run.options
    rows = [_row(group) for prefix in options.group_prefixes for group in _by_prefix(run, prefix)]
    unread = _note(run, rows)
    found = set(options.group_names) | {str(row["log_group"]) for row in rows}
    for prefix in options.group_prefixes:
        found.update(filter(_is_elsewhere(options.group_prefixes), _by_function(run, prefix)))
    if options.group_tag is not None:
        found.update(_by_tag(run, *options.group_tag))
    return found - unread


def is_refusal(error: AwsError) -> bool:
    """Whether AWS said that this kind of group cannot be searched, however often it is asked."""
    return error.code in REFUSALS


def refuse(run: Run, group: str, error: AwsError) -> bool:
    """Note that a group of another class than STANDARD cannot be read; False for a STANDARD one."""
    known = run.store.query(
        "SELECT * FROM log_group_configs WHERE log_group = ? ORDER BY observed_us DESC LIMIT 1",
        [group],
    )
    names = [column[0] for column in known.description or ()]
    newest = known.fetchone()
    row = dict(zip(names, newest, strict=True)) if newest else {"log_class": STANDARD}
    if row["log_class"] in (STANDARD, None):
        return False
    reason = f"FilterLogEvents does not answer for its class {row['log_class']}: {error.code}"
    kept = {name: row[name] for name in names if name not in ("observed_us", "day")}
    later_us = run.now_us + 1  # than the row of this run's discovery
    with run.store.transaction() as connection:
        ingest.log_group_configs(connection, [{**kept, "unread_reason": reason}], later_us)
    return True


def _note(run: Run, rows: list[dict[str, object]]) -> set[str]:
    """Bring the rows in, with the reasons of the last day; return the groups that have one."""
    recent = run.store.query(_NEWEST_REASONS, [run.now_us - REFUSED_FOR_US]).fetchall()
    reasons = dict(recent)
    for row in rows:
        if row["log_class"] != STANDARD and row["unread_reason"] is None:
            row["unread_reason"] = reasons.get(str(row["log_group"]))
    with run.store.transaction() as connection:
        ingest.log_group_configs(connection, rows, run.now_us)
    return {str(row["log_group"]) for row in rows if row["unread_reason"]}


def _row(group: LogGroup) -> dict[str, object]:
    log_class = group.get("logGroupClass", STANDARD)
    created_ms = group.get("creationTime")
    return {
        "log_group": group["logGroupName"],
        "log_group_arn": group.get("logGroupArn"),
        "log_class": log_class,
        "retention_days": group.get("retentionInDays"),
        "created_us": created_ms * 1000 if created_ms is not None else None,
        "unread_reason": _NO_EVENTS if log_class == DELIVERY else None,
    }


def _by_prefix(run: Run, prefix: str) -> Iterator[LogGroup]:
    parameters: dict[str, object] = {"logGroupNamePrefix": prefix} if prefix else {}
    while True:
        page = run.aws.call(DESCRIBE_LOG_GROUPS, **parameters)
        yield from page.get("logGroups", [])
        if not page.get("nextToken"):
            return
        parameters["nextToken"] = page["nextToken"]


def _is_elsewhere(prefixes: tuple[str, ...]) -> Callable[[str], bool]:
    """Tell groups that no listing covered: one that has a prefix and was not listed is not there.

    A function that never ran has no log group.
    """
    return lambda group: not group.startswith(prefixes)


def _by_function(run: Run, prefix: str) -> list[str]:
    """Return where the functions log whose default group has the prefix (shared groups)."""
    rows = run.store.query(_FUNCTION_GROUPS, [DEFAULT_PREFIX, prefix]).fetchall()
    return [group for (group,) in rows]


def _by_tag(run: Run, key: str, value: str) -> Iterator[str]:
    parameters: dict[str, object] = {
        "ResourceTypeFilters": ["logs"],
        "TagFilters": [{"Key": key, "Values": [value]}],
    }
    while True:
        page = run.aws.call(GET_RESOURCES, **parameters)
        for resource in page.get("ResourceTagMappingList", []):
            _, is_group, name = resource["ResourceARN"].partition(":log-group:")
            if is_group:
                yield name.removesuffix(":*")
        if not page.get("PaginationToken"):
            return
        parameters["PaginationToken"] = page["PaginationToken"]
