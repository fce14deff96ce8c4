"""moto's Lambda functions keep what AWS keeps: dead letters, logging, tracing, invoke configs.

The changes stay for the life of the process and may be applied more than once.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeAlias

from moto.awslambda.models import LambdaBackend, LambdaFunction

MotoObject: TypeAlias = Any
_MARK = "__chainlight_keeps_configuration__"


def keep_configuration() -> None:
    """Teach moto's `LambdaFunction` and `LambdaBackend` the configuration they drop."""
    if hasattr(LambdaFunction, _MARK):
        return
    setattr(LambdaFunction, _MARK, True)
    _around(LambdaFunction, "__init__", _create)
    _around(LambdaFunction, "get_configuration", _describe)
    _around(LambdaFunction, "update_configuration", _update)
    _around(LambdaBackend, "put_function_event_invoke_config", _replace_invoke_config)
    _around(LambdaBackend, "update_function_event_invoke_config", _merge_invoke_config)


def _around(owner: MotoObject, name: str, replacement: Callable[..., MotoObject]) -> None:
    original = getattr(owner, name)

    @functools.wraps(original)
    def method(*args: MotoObject, **kwargs: MotoObject) -> MotoObject:
        return replacement(original, *args, **kwargs)

    setattr(owner, name, method)


def _create(
    original: Callable[..., None],
    function: MotoObject,
    account_id: str,
    spec: MotoObject,
    *args: MotoObject,
    **kwargs: MotoObject,
) -> None:
    function.dead_letter_config = dict(spec.get("DeadLetterConfig") or {})
    function.logging_config = dict(spec.get("LoggingConfig") or {})
    original(function, account_id, spec, *args, **kwargs)


def _describe(
    original: Callable[..., MotoObject],
    function: MotoObject,
    *args: MotoObject,
    **kwargs: MotoObject,
) -> MotoObject:
    config = original(function, *args, **kwargs)
    config["LoggingConfig"] = {
        "LogFormat": "Text",
        "LogGroup": f"/aws/lambda/{function.function_name}",
        **function.logging_config,
    }
    if function.dead_letter_config:
        config["DeadLetterConfig"] = function.dead_letter_config
    return config


def _update(
    original: Callable[..., MotoObject], function: MotoObject, updates: MotoObject
) -> MotoObject:
    for key, attribute in (
        ("DeadLetterConfig", "dead_letter_config"),
        ("LoggingConfig", "logging_config"),
        ("TracingConfig", "tracing_config"),
    ):
        if key in updates:
            setattr(function, attribute, dict(updates[key] or {}))
    return original(function, updates)


def _replace_invoke_config(
    original: Callable[..., MotoObject], backend: MotoObject, function_name: str, config: MotoObject
) -> MotoObject:
    answer = original(backend, function_name, config)
    function = backend.get_function(function_name)
    function.event_invoke_config = function.event_invoke_config[-1:]
    return answer


def _merge_invoke_config(
    _original: Callable[..., MotoObject],
    backend: MotoObject,
    function_name: str,
    config: MotoObject,
) -> MotoObject:
    known = backend.get_function(function_name).event_invoke_config
    merged = {**(known[-1].config if known else {}), **config}
    return backend.put_function_event_invoke_config(function_name, merged)
