"""The function source: who each function is, how it retries, what feeds it, who answers for it.

ListFunctions and ListEventSourceMappings cost two requests a hundred functions. The rest (tags,
retry settings, concurrency, recursion) costs five requests a function, so it is asked for when the
function changed or the last answer is an hour old, the oldest first, 200 functions a run at most.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from chainlight_collector import ingest
from chainlight_collector.aws import AbsentError, AwsError, Operation, OutOfTimeError
from chainlight_collector.sources import checkpoints
from chainlight_collector.sources.checkpoints import Checkpoint
from chainlight_collector.sources.operations import (
    GET_CONCURRENCY,
    GET_INVOKE_CONFIG,
    GET_RECURSION,
    LIST_FUNCTIONS,
    LIST_MAPPINGS,
    LIST_PROVISIONED,
    LIST_TAGS,
    Concurrency,
    EventSourceMapping,
    FunctionConfiguration,
    InvokeConfig,
    ProvisionedPage,
    Recursion,
    Tags,
)
from chainlight_collector.sources.run import DEFAULT_PREFIX, Outcome, Run, postpone_touched

FUNCTIONS = "functions"
OWNER_TAGS = ("owner", "Owner", "team", "Team", "aws:cloudformation:stack-name")
EXEC_WRAPPER = "/opt/chainlight"
_COMMIT_EVERY = 50

AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True, slots=True)
class _Function:
    """A function as the two lists show it; `digest` changes when they do."""

    configuration: FunctionConfiguration
    mappings: tuple[EventSourceMapping, ...]

    @property
    def arn(self) -> str:
        return self.configuration["FunctionArn"]

    @property
    def digest(self) -> str:
        text = json.dumps([self.configuration, self.mappings], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def state(self) -> dict[str, object]:
        """What the next run has to know; the failure destinations of streams stand nowhere else."""
        destinations = [each.get("DestinationConfig", {}) for each in self.mappings]
        failures = [each.get("OnFailure", {}).get("Destination") for each in destinations]
        return {"digest": self.digest, "on_failure_arns": sorted(filter(None, failures))}


def pull(run: Run) -> Outcome:
    """Note every function that changed or was not looked at for an hour.

    Raises:
        AwsError: the functions cannot be listed.

    """
    outcome = Outcome(FUNCTIONS)
    functions = _list(run, outcome)
    with run.store.cursor() as connection:
        known = checkpoints.read(connection, FUNCTIONS)
    due = _due(functions, known, run)
    outcome.total_count = len(due)
    for start in range(0, len(due), _COMMIT_EVERY):
        if run.deadline.has_passed:
            outcome.is_complete = False
            break
        _commit(run, due[start : start + _COMMIT_EVERY], outcome)
        run.show(outcome)
    return outcome


def _list(run: Run, outcome: Outcome) -> list[_Function]:
    by_function: dict[str, list[EventSourceMapping]] = {}
    try:
        mappings = list(_mappings(run))
    except AwsError as error:
        outcome.fail(str(error))
    else:
        _note_mappings(run, mappings)
        for mapping in mappings:
            by_function.setdefault(_unqualified(mapping["FunctionArn"]), []).append(mapping)
    return [
        _Function(configuration, tuple(by_function.get(configuration["FunctionArn"], ())))
        for configuration in _configurations(run)
    ]


def _note_mappings(run: Run, mappings: list[EventSourceMapping]) -> None:
    rows = [_mapping_row(mapping) for mapping in mappings if "UUID" in mapping]
    with run.store.transaction() as connection:
        ingest.event_source_mappings(connection, rows, run.now_us)


def _mapping_row(mapping: EventSourceMapping) -> dict[str, object]:
    arn = _unqualified(mapping["FunctionArn"])
    return {
        "mapping_id": mapping["UUID"],
        "function_name": arn.rpartition(":")[2],
        "function_arn": arn,
        "event_source_arn": mapping.get("EventSourceArn"),
        "state": mapping.get("State"),
        "batch_size_count": mapping.get("BatchSize"),
        "batch_window_s": mapping.get("MaximumBatchingWindowInSeconds"),
        "max_concurrency": mapping.get("ScalingConfig", {}).get("MaximumConcurrency"),
        "max_retry_attempts": mapping.get("MaximumRetryAttempts"),
        "max_record_age_s": mapping.get("MaximumRecordAgeInSeconds"),
        "parallelization_factor": mapping.get("ParallelizationFactor"),
        "bisects_on_error": mapping.get("BisectBatchOnFunctionError"),
        "reports_item_failures": "ReportBatchItemFailures"
        in mapping.get("FunctionResponseTypes", []),
        "on_failure_arn": mapping.get("DestinationConfig", {})
        .get("OnFailure", {})
        .get("Destination"),
    }


def _configurations(run: Run) -> Iterator[FunctionConfiguration]:
    marker: dict[str, object] = {}
    while True:
        page = run.aws.call(LIST_FUNCTIONS, **marker)
        yield from page.get("Functions", [])
        if not page.get("NextMarker"):
            return
        marker = {"Marker": page["NextMarker"]}


def _mappings(run: Run) -> Iterator[EventSourceMapping]:
    marker: dict[str, object] = {}
    while True:
        page = run.aws.call(LIST_MAPPINGS, **marker)
        yield from page.get("EventSourceMappings", [])
        if not page.get("NextMarker"):
            return
        marker = {"Marker": page["NextMarker"]}


def _due(functions: list[_Function], known: Mapping[str, Checkpoint], run: Run) -> list[_Function]:
    """Return the functions to look at: new and changed ones first, then the oldest answers."""

    def looked_at_us(function: _Function) -> int:
        checkpoint = known.get(function.arn)
        if checkpoint is None or checkpoint.state.get("digest") != function.digest:
            return 0
        return checkpoint.position_us or 0

    oldest_us = run.now_us - run.options.detail_life_us
    due = [function for function in functions if looked_at_us(function) <= oldest_us]
    return sorted(due, key=looked_at_us)[: run.options.details_max]


def _commit(run: Run, functions: list[_Function], outcome: Outcome) -> None:
    configs, after = [], []
    for function in functions:
        try:
            config, is_whole = _config(run, function, outcome)
        except OutOfTimeError:
            outcome.is_complete = False
            break
        configs.append(config)
        outcome.done_count += 1
        if is_whole:
            after.append(Checkpoint(FUNCTIONS, function.arn, run.now_us, function.state))
    with run.store.transaction() as connection:
        counts = ingest.function_configs(connection, configs, run.now_us)
        postpone_touched(connection, counts)
        checkpoints.write(connection, after, run.now_us)
    outcome.counts += counts


def _config(run: Run, function: _Function, outcome: Outcome) -> tuple[dict[str, object], bool]:
    """Return the row of one function, and whether every question was answered."""
    problems_count = len(outcome.problems)
    invoke = _ask(run, outcome, GET_INVOKE_CONFIG, InvokeConfig(), FunctionName=function.arn)
    concurrency = _ask(run, outcome, GET_CONCURRENCY, Concurrency(), FunctionName=function.arn)
    recursion = _ask(run, outcome, GET_RECURSION, Recursion(), FunctionName=function.arn)
    tags = _ask(run, outcome, LIST_TAGS, Tags(), Resource=function.arn).get("Tags", {})
    row = {
        **_identity(function.configuration),
        **_logging(function.configuration),
        **_endings(function.configuration, invoke),
        "owner": _owner(tags),
        "tags": json.dumps(tags, sort_keys=True) if tags else None,
        "reserved_concurrency": concurrency.get("ReservedConcurrentExecutions"),
        "provisioned_concurrency": _provisioned(run, function, outcome),
        "recursive_loop": recursion.get("RecursiveLoop"),
        "event_source_arns": sorted(
            {each["EventSourceArn"] for each in function.mappings if each.get("EventSourceArn")}
        ),
    }
    return row, len(outcome.problems) == problems_count


def _provisioned(run: Run, function: _Function, outcome: Outcome) -> int | None:
    """Return what is provisioned for all versions and aliases together, None for nothing."""
    page = _ask(run, outcome, LIST_PROVISIONED, ProvisionedPage(), FunctionName=function.arn)
    configs = page.get("ProvisionedConcurrencyConfigs", [])
    counts = [each.get("RequestedProvisionedConcurrentExecutions") for each in configs]
    return sum(filter(None, counts)) or None


def _ask(
    run: Run,
    outcome: Outcome,
    operation: Operation[AnswerT],
    otherwise: AnswerT,
    **parameters: object,
) -> AnswerT:
    """Return AWS's answer; what is absent or refused is unknown, and a refusal is named."""
    try:
        return run.aws.call(operation, **parameters)
    except AbsentError:
        return otherwise
    except AwsError as error:
        outcome.fail(f"{operation.action} refused: {error.code}")
        return otherwise


def _identity(configuration: FunctionConfiguration) -> dict[str, object]:
    arn = configuration["FunctionArn"]
    _, _, _, region, account_id, *_ = arn.split(":")
    return {
        "function_name": configuration["FunctionName"],
        "function_arn": arn,
        "account_id": account_id,
        "region": region,
        "runtime": configuration.get("Runtime"),
        "arch": next(iter(configuration.get("Architectures", [])), "x86_64"),
        "memory_mb": configuration.get("MemorySize"),
        "timeout_s": configuration.get("Timeout"),
        "has_layer": has_layer(configuration),
        "tracing_mode": configuration.get("TracingConfig", {}).get("Mode"),
    }


def _logging(configuration: FunctionConfiguration) -> dict[str, object]:
    logging = configuration.get("LoggingConfig", {})
    return {
        "log_group": logging.get("LogGroup") or DEFAULT_PREFIX + configuration["FunctionName"],
        "log_format": logging.get("LogFormat"),
        "system_log_level": logging.get("SystemLogLevel"),
        "application_log_level": logging.get("ApplicationLogLevel"),
    }


def _endings(configuration: FunctionConfiguration, invoke: InvokeConfig) -> dict[str, object]:
    destinations = invoke.get("DestinationConfig", {})
    return {
        "dlq_arn": configuration.get("DeadLetterConfig", {}).get("TargetArn"),
        "on_failure_arn": destinations.get("OnFailure", {}).get("Destination"),
        "on_success_arn": destinations.get("OnSuccess", {}).get("Destination"),
        "max_retry_attempts": invoke.get("MaximumRetryAttempts"),
        "max_event_age_s": invoke.get("MaximumEventAgeInSeconds"),
    }


def has_layer(configuration: FunctionConfiguration) -> bool:
    """Whether chainlight is in this function: by its layer's name or by its environment."""
    layers = [str(layer.get("Arn", "")) for layer in configuration.get("Layers", [])]
    variables = configuration.get("Environment", {}).get("Variables", {})
    return (
        any("chainlight" in arn.split(":layer:")[-1].lower() for arn in layers)
        or bool(variables.get("CHAINLIGHT_HANDLER"))
        or str(variables.get("AWS_LAMBDA_EXEC_WRAPPER", "")).startswith(EXEC_WRAPPER)
    )


def _owner(tags: Mapping[str, str]) -> str | None:
    return next((tags[key] for key in OWNER_TAGS if tags.get(key)), None)


def _unqualified(arn: str) -> str:
    """`…:function:name:alias` without the alias."""
    return ":".join(arn.split(":")[:7])
