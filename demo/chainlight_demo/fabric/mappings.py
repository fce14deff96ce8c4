"""Event source mappings: who polls what, and what became of each batch.

One thread looks at all mappings; batches run in a pool, at most as many per mapping as its
ScalingConfig allows. Sources are looked up by the ARN's service in `SOURCES`, so that streams can
be added beside SQS.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from moto.awslambda.models import EventSourceMapping, LambdaBackend, lambda_backends

from chainlight_demo.fabric.patches import MotoObject, Patches
from chainlight_demo.fabric.ports import LocalAws

_POLL_S = 0.02
_BATCHES_AT_ONCE = 32
_LOG = logging.getLogger(__name__)


class Source(Protocol):
    """What one mapping reads from."""

    def poll(self) -> Callable[[], None] | None:
        """Return the work of one batch if there is one and it may start now."""

    def is_busy(self) -> bool:
        """Say whether events wait for this mapping or are being worked on."""


SourceFactory = Callable[[MotoObject, LocalAws], Source]


class Mappings:
    """The pollers of all event source mappings of one local AWS."""

    def __init__(self, local_aws: LocalAws, factories: dict[str, SourceFactory]) -> None:
        self._local_aws = local_aws
        self._factories = factories
        self._sources: dict[str, Source] = {}
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(_BATCHES_AT_ONCE, thread_name_prefix="fabric-batch")
        self._thread = threading.Thread(target=self._run, name="fabric-mappings", daemon=True)

    def install(self, patches: Patches) -> None:
        """Read template values as AWS does, and keep moto from running functions in Docker."""
        patches.wrap(EventSourceMapping, "create_from_cloudformation_json", _create_from_template)
        for name in ("send_kinesis_message", "send_dynamodb_items"):
            patches.replace(LambdaBackend, name, _say_undelivered)

    def start(self) -> None:
        """Begin to poll."""
        self._thread.start()

    def stop(self) -> None:
        """End polling after the batches that are running."""
        self._stopping.set()
        self._wake.set()
        self._thread.join(timeout=10)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def wake(self) -> None:
        """Look at the sources now instead of at the next tick."""
        self._wake.set()

    def is_busy(self) -> bool:
        """Say whether any enabled mapping has events waiting or being worked on."""
        return any(source.is_busy() for source in self._enabled_sources())

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(_POLL_S)
            self._wake.clear()
            for source in list(self._enabled_sources()):
                while not self._stopping.is_set() and (work := source.poll()) is not None:
                    self._pool.submit(work)

    def _enabled_sources(self) -> Iterator[Source]:
        for mapping in _all_mappings():
            service = mapping.event_source_arn.split(":")[2]
            if not mapping.enabled or service not in self._factories:
                continue
            source = self._sources.get(mapping.uuid)
            if source is None:
                source = self._factories[service](mapping, self._local_aws)
                source = self._sources.setdefault(mapping.uuid, source)
            yield source


def function_exists(mapping: MotoObject) -> bool:
    """Say whether the mapping's function is still there."""
    backend = lambda_backends[mapping.account_id][mapping.region]
    return backend.get_function_by_arn(mapping.function_arn) is not None


def _say_undelivered(_backend: MotoObject, *_: MotoObject, **__: MotoObject) -> None:
    _LOG.warning("records of Kinesis and DynamoDB streams are not delivered by this local AWS")


def _all_mappings() -> list[MotoObject]:
    return [
        mapping
        for account in list(lambda_backends.values())
        for backend in list(account.values())
        for mapping in list(backend._event_source_mappings.values())  # noqa: SLF001 moto's own store
    ]


def _create_from_template(
    original: MotoObject,
    cls: MotoObject,
    name: str,
    template: dict[str, MotoObject],
    *rest: str,
    **kwargs: MotoObject,
) -> MotoObject:
    """Read numbers and booleans that a template's parameters deliver as text."""
    properties = template["Properties"]
    if isinstance(enabled := properties.get("Enabled"), str):
        properties["Enabled"] = enabled.lower() == "true"
    if "BatchSize" in properties:
        properties["BatchSize"] = int(properties["BatchSize"])
    return original(cls, name, template, *rest, **kwargs)
