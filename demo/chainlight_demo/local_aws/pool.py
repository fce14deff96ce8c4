"""Warm sandboxes and the concurrency Lambda would allow.

A synchronous invocation is never made to wait: it runs or it is refused. Idle sandboxes are kept
up to a number, the least recently used go first; one whose function changed is not used again.
"""

from __future__ import annotations

import secrets
from collections import Counter
from datetime import UTC, datetime

from chainlight_demo.local_aws.environment import Site
from chainlight_demo.local_aws.registry import FunctionSettings
from chainlight_demo.local_aws.sandbox import Sandbox

IDLE_SANDBOXES_MAX = 48


class Pool:
    """All sandboxes of one local AWS; used on the event loop only."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._idle: list[Sandbox] = []
        self._busy: set[Sandbox] = set()

    def take_warm(self, settings: FunctionSettings) -> Sandbox | None:
        """Return an idle sandbox of exactly this configuration, the one used last."""
        self._retire_outdated(settings)
        for sandbox in reversed(self._idle):
            if sandbox.is_alive and sandbox.settings.fingerprint == settings.fingerprint:
                self._idle.remove(sandbox)
                self._busy.add(sandbox)
                return sandbox
        return None

    def new(self, settings: FunctionSettings, log_stream: str | None = None) -> Sandbox:
        """Return a sandbox that has yet to be started."""
        sandbox = Sandbox(self._site, settings, log_stream or new_log_stream(settings))
        self._busy.add(sandbox)
        return sandbox

    def give_back(self, sandbox: Sandbox) -> None:
        """Keep a sandbox warm, or close it when it is dead."""
        self._busy.discard(sandbox)
        if not sandbox.is_alive:
            sandbox.close()
            return
        self._idle.append(sandbox)
        while len(self._idle) > IDLE_SANDBOXES_MAX:
            self._idle.pop(0).close()

    async def close(self) -> None:
        """Kill every sandbox and wait for the end of their processes."""
        for sandbox in [*self._idle, *self._busy]:
            await sandbox.closed()
        self._idle.clear()
        self._busy.clear()

    def _retire_outdated(self, settings: FunctionSettings) -> None:
        for sandbox in list(self._idle):
            known = sandbox.settings
            is_same_version = (known.name, known.version) == (settings.name, settings.version)
            if not sandbox.is_alive or (
                is_same_version and known.fingerprint != settings.fingerprint
            ):
                self._idle.remove(sandbox)
                sandbox.close()


class Concurrency:
    """Counts what runs; the account's limit and a function's reservation refuse the rest."""

    def __init__(self, account_limit: int) -> None:
        self._account_limit = account_limit
        self._running: Counter[str] = Counter()
        self.running_count = 0
        """How many attempts run now; may be read from any thread."""

    def refusal(self, settings: FunctionSettings) -> str | None:
        """Return AWS's reason not to run this function now, None if it may."""
        reserved = settings.reserved_concurrency
        if reserved is not None and self._running[settings.name] >= reserved:
            return "ReservedFunctionConcurrentInvocationLimitExceeded"
        if self.running_count >= self._account_limit:
            return "ConcurrentInvocationLimitExceeded"
        return None

    def enter(self, name: str) -> None:
        """Count a start."""
        self._running[name] += 1
        self.running_count += 1

    def leave(self, name: str) -> None:
        """Count an end."""
        self._running[name] -= 1
        self.running_count -= 1


def new_log_stream(settings: FunctionSettings) -> str:
    """Return the name of a new environment's stream, with the function in a shared group."""
    day = datetime.now(tz=UTC).strftime("%Y/%m/%d")
    function = settings.name if settings.logs.names_function_in_stream else ""
    return f"{day}/{function}[{settings.version}]{secrets.token_hex(16)}"
