"""What a function is at the moment of its invocation, read from moto's Lambda backend.

moto keeps CRUD; two things it forgets (`DeadLetterConfig`, `LoggingConfig`) and two it treats
differently from AWS (`UpdateFunctionConfiguration` of tracing, replacing an event invoke config)
are mended in `moto_lambda`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import lambda_backends

MotoFunction: TypeAlias = Any
"""moto's LambdaFunction; moto is imported without types."""

ACCOUNT_ID = "123456789012"
REGION = "us-east-1"
LATEST = "$LATEST"
ASYNC_RETRIES_MAX = 2
ASYNC_EVENT_AGE_S_MAX = 21_600


@dataclass(frozen=True, slots=True)
class Zip:
    """A deployed archive and the digest Lambda knows it by."""

    sha256: str
    content: bytes


@dataclass(frozen=True, slots=True)
class AsyncSettings:
    """How an event is treated that nobody waits for."""

    retries_max: int = ASYNC_RETRIES_MAX
    event_age_s_max: int = ASYNC_EVENT_AGE_S_MAX
    on_success_arn: str | None = None
    on_failure_arn: str | None = None
    dead_letter_arn: str | None = None


@dataclass(frozen=True, slots=True)
class LogSettings:
    """Where and how a function logs; levels apply to the JSON format only."""

    group: str
    is_json: bool = False
    application_level: str | None = None
    system_level: str = "INFO"
    names_function_in_stream: bool = False


@dataclass(frozen=True, slots=True)
class FunctionSettings:
    """One version of a function with everything a sandbox needs."""

    name: str
    arn: str
    version: str
    handler: str
    runtime: str
    memory_mb: int
    timeout_s: int
    environment: Mapping[str, str]
    code: Zip
    layers: tuple[Zip, ...]
    traces_actively: bool
    reserved_concurrency: int | None
    logs: LogSettings
    asynchronous: AsyncSettings

    @property
    def fingerprint(self) -> str:
        """Return what a warm sandbox must agree with to serve this version."""
        parts = (
            *(self.name, self.version, self.handler, self.runtime, self.memory_mb, self.timeout_s),
            *(tuple(sorted(self.environment.items())), self.code.sha256, self.logs),
            tuple(layer.sha256 for layer in self.layers),
        )
        return repr(parts)


def read_function(name: str, qualifier: str | None = None) -> FunctionSettings | None:
    """Return the settings of a function; None if there is no such version.

    `name` may be a name, an ARN or a partial ARN, each with a qualifier of its own.
    """
    if not name.startswith("arn:"):
        name = name.rpartition(":function:")[2]
    try:
        function = lambda_backends[ACCOUNT_ID][REGION].get_function(name, qualifier)
    except UnknownFunctionException:
        return None
    return _settings(function) if function else None


def _settings(function: MotoFunction) -> FunctionSettings:
    return FunctionSettings(
        name=function.function_name,
        arn=_unqualified_arn(function.function_arn),
        version=str(function.version),
        handler=function.handler or "",
        runtime=function.run_time or "python3.11",
        memory_mb=int(function.memory_size),
        timeout_s=int(function.timeout),
        environment={key: str(value) for key, value in function.environment_vars.items()},
        code=Zip(function.code_sha_256, function.code_bytes),
        layers=tuple(_layers(function)),
        traces_actively=function.tracing_config.get("Mode") == "Active",
        reserved_concurrency=_optional_int(function.reserved_concurrency),
        logs=_log_settings(function),
        asynchronous=_async_settings(function),
    )


def _layers(function: MotoFunction) -> list[Zip]:
    backend = lambda_backends[ACCOUNT_ID][REGION]
    versions = [backend.layers_versions_by_arn(layer["Arn"]) for layer in function.layers]
    return [Zip(version.code_sha_256, version.code_bytes) for version in versions if version]


def _log_settings(function: MotoFunction) -> LogSettings:
    config = function.logging_config
    default_group = f"/aws/lambda/{function.function_name}"
    group = config.get("LogGroup") or default_group
    is_json = config.get("LogFormat") == "JSON"
    return LogSettings(
        group=group,
        is_json=is_json,
        application_level=config.get("ApplicationLogLevel", "INFO") if is_json else None,
        system_level=config.get("SystemLogLevel", "INFO"),
        names_function_in_stream=group != default_group,
    )


def _async_settings(function: MotoFunction) -> AsyncSettings:
    config = function.event_invoke_config[-1].config if function.event_invoke_config else {}
    destinations = config.get("DestinationConfig") or {}
    return AsyncSettings(
        retries_max=int(config.get("MaximumRetryAttempts", ASYNC_RETRIES_MAX)),
        event_age_s_max=int(config.get("MaximumEventAgeInSeconds", ASYNC_EVENT_AGE_S_MAX)),
        on_success_arn=(destinations.get("OnSuccess") or {}).get("Destination"),
        on_failure_arn=(destinations.get("OnFailure") or {}).get("Destination"),
        dead_letter_arn=function.dead_letter_config.get("TargetArn"),
    )


def _unqualified_arn(arn: str) -> str:
    return ":".join(arn.split(":")[:7])


def _optional_int(value: object) -> int | None:
    return None if value is None else int(str(value))
