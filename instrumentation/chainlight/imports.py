"""Hooks on libraries that the user may import: laid when that happens, never imported by us.

A finder stands first on `sys.meta_path` until every library on the list has been seen. It finds
nothing itself: it asks the others, and runs the hook after the module's own code. What hooks a
library is imported with that library and not before.
"""

from __future__ import annotations

import sys

from chainlight.errors import guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    Method = Callable[..., object]

HOOKS = {
    "botocore.client": ("hooks", "hook_client"),
    "botocore.endpoint": ("hooks", "hook_endpoint"),
    "botocore.response": ("hooks", "hook_response"),
    "aiobotocore.client": ("hooks_aiobotocore", "hook_client"),
    "aiobotocore.endpoint": ("hooks_aiobotocore", "hook_endpoint"),
    "aiobotocore.response": ("hooks_aiobotocore", "hook_response"),
    "aiohttp.client": ("hooks_aiohttp", "hook_client"),
    "httpcore": ("hooks_httpcore", "hook_pools"),
    "http.client": ("imports", "hook_http_client"),
    "aws_lambda_powertools.utilities.batch.base": ("batches", "hook_powertools"),
    "aws_xray_sdk.core.recorder": ("bridges.xray", "hook_recorder"),
    "opentelemetry.sdk.trace": ("bridges.otel", "hook_sdk"),
}
"""The modules we wait for, and which module and function of ours hooks each."""


class Finder:
    """A meta path finder that wraps the loaders of the modules still waited for."""

    def __init__(self, waiting: set[str]) -> None:
        self.waiting = waiting

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec the other finders have, with a loader that hooks the module."""
        if name not in self.waiting:
            return None
        for finder in sys.meta_path:
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find and find(name, path, target)
            if spec is not None and spec.loader is not None:
                hooking = guard("E06", HookingLoader, spec.loader, self)
                spec.loader = hooking or spec.loader  # type: ignore[assignment]
                return spec
        return None

    def seen(self, module: ModuleType) -> None:
        """Lay the hook and stop waiting for the module; after the last one take the finder away."""
        guard("E06", _hook, module)
        self.waiting.discard(module.__name__)
        if not self.waiting and self in sys.meta_path:
            sys.meta_path.remove(self)


class HookingLoader:
    """A loader that steps aside before the module runs: the module only ever sees the real one."""

    def __init__(self, real: object, finder: Finder) -> None:
        self.real = real
        self.finder = finder

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Create the module as the real loader does."""
        create = getattr(self.real, "create_module", None)
        return create(spec) if create is not None else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the module as the real loader does, then hook it."""
        module.__loader__ = self.real  # type: ignore[assignment]
        if module.__spec__ is not None:
            module.__spec__.loader = self.real  # type: ignore[assignment]
        self.real.exec_module(module)  # type: ignore[attr-defined]
        guard("E06", self.finder.seen, module)

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)


def install() -> None:
    """Lay the hooks on what is imported and wait for the rest; a second call does nothing."""
    waiting = set()
    for name in HOOKS:
        module = sys.modules.get(name)
        if module is None:
            waiting.add(name)
        else:
            guard("E06", _hook, module)
    is_waiting = any(isinstance(finder, Finder) for finder in sys.meta_path)
    if waiting and not is_waiting:
        sys.meta_path.insert(0, Finder(waiting))


def _hook(module: ModuleType) -> None:
    name, function = HOOKS[module.__name__]
    getattr(__import__(f"chainlight.{name}", fromlist=(function,)), function)(module)


def hook_http_client(module: ModuleType) -> None:
    """Watch for the first request that is not botocore's; only then is its hook loaded."""
    wrap(module.HTTPConnection, "putrequest", _request_begun)


def _request_begun(original: Method) -> Method:
    def putrequest(
        connection: object, method: str, url: str, *arguments: object, **keywords: object
    ) -> object:
        result = original(connection, method, url, *arguments, **keywords)
        if type(connection).__module__ != "botocore.awsrequest":
            guard("E03", _begin_request, connection, method, url)
        return result

    return putrequest


def _begin_request(connection: object, method: str, url: str) -> None:
    from chainlight.hooks_http_client import begin_request  # noqa: PLC0415 - see hook_http_client

    begin_request(connection, method, url)  # type: ignore[arg-type]


def wrap(owner: type, name: str, around: Callable[[Method], Method]) -> None:
    """Replace a method by what `around` makes of it, once, under the same name and docstring."""
    original = getattr(owner, name)
    if getattr(original, "_is_chainlight", False):
        return
    wrapper = around(original)
    for detail in ("__module__", "__name__", "__qualname__", "__doc__"):
        setattr(wrapper, detail, getattr(original, detail, None))
    wrapper.__wrapped__ = original  # type: ignore[attr-defined]
    wrapper._is_chainlight = True  # type: ignore[attr-defined]  # noqa: SLF001
    setattr(owner, name, wrapper)
