"""The chain id in the user's own log lines: for logging, Powertools' Logger and structlog.

Imported by the user, never by us. A line written while a record of a batch is handled has the chain
of that record.
"""

from __future__ import annotations

import logging

from chainlight.errors import guard
from chainlight.invocation import current_chain_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from typing import Protocol

    class Filterer(Protocol):
        """A logger or handler of the standard library, or Powertools' Logger."""

        def addFilter(self, filter: logging.Filter) -> None:  # noqa: A002, N802 - logging's names
            """Ask the filter about each record."""


KEY = "chain_id"


class ChainFilter(logging.Filter):
    """Put ``chain_id`` on each log record, for formats and JSON formatters; let every one pass.

    Outside of an invocation it is None. Put it on handlers rather than on loggers: a logger's
    filter does not see what its children log.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Put the chain id on the record."""
        if not hasattr(record, KEY):
            setattr(record, KEY, guard("E10", current_chain_id))
        return True


def add_to_handlers(logger: logging.Logger | None = None) -> None:
    """Give each handler of a logger (default: the root) the filter, once."""
    for handler in (logger or logging.getLogger()).handlers:
        _add_once(handler)


def add_to_powertools(logger: Filterer) -> None:
    """Give Powertools' Logger the filter: its formatter prints what a record has, chain_id too."""
    logger.addFilter(ChainFilter())


def add_chain_id(
    _logger: object, _method: str, event: MutableMapping[str, object]
) -> MutableMapping[str, object]:
    """Put ``chain_id`` into a structlog event: a processor; absent outside of an invocation."""
    chain_id = guard("E10", current_chain_id)
    if chain_id is not None:
        event.setdefault(KEY, chain_id)
    return event


def _add_once(handler: logging.Handler) -> None:
    if not any(isinstance(known, ChainFilter) for known in handler.filters):
        handler.addFilter(ChainFilter())
