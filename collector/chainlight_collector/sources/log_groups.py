"""Which log groups are read: by prefix, by name, by tag, and where the chosen functions log."""

from __future__ import annotations

from collections.abc import Iterator

from chainlight_collector.sources.operations import (
    DESCRIBE_LOG_GROUPS,
    GET_RESOURCES,
    LogGroup,
)
from chainlight_collector.sources.run import DEFAULT_PREFIX, Run

_FUNCTION_GROUPS = """
SELECT DISTINCT log_group FROM function_configs
WHERE log_group IS NOT NULL AND starts_with(? || function_name, ?)
"""
UNREADABLE_CLASSES = frozenset({"DELIVERY"})


def discover(run: Run) -> set[str]:
    """Return the names of all log groups to read."""
    options = run.options
    found = set(options.group_names)
    for prefix in options.group_prefixes:
        found.update(_by_prefix(run, prefix))
        found.update(_by_function(run, prefix))
    if options.group_tag is not None:
        found.update(_by_tag(run, *options.group_tag))
    return found


def _by_prefix(run: Run, prefix: str) -> Iterator[str]:
    parameters: dict[str, object] = {"logGroupNamePrefix": prefix} if prefix else {}
    while True:
        page = run.aws.call(DESCRIBE_LOG_GROUPS, **parameters)
        yield from (group["logGroupName"] for group in page.get("logGroups", []) if _is_read(group))
        if not page.get("nextToken"):
            return
        parameters["nextToken"] = page["nextToken"]


def _is_read(group: LogGroup) -> bool:
    return group.get("logGroupClass") not in UNREADABLE_CLASSES


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
