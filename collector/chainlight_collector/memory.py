"""Little memory for much input: DuckDB keeps what it has written, up to any limit that it is given.

An import of a million events took 1.1 GB of the 1 GB that were allowed (and Python's own), and
0.4 GB, for a tenth more CPU, where 250 MB were. Some input may need more: then it is given.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Self, TypeVar

import duckdb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Result = TypeVar("Result")

LITTLE_BYTES = 250_000_000
_READ = "SELECT parse_formatted_bytes(current_setting('memory_limit'))"


class Memory:
    """What DuckDB may use of the memory: all that is allowed, or little of it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        ((self._allowed_bytes,),) = connection.execute(_READ).fetchall()
        self._is_spared = False

    @contextmanager
    def spared(self) -> Iterator[Self]:
        """Do with little meanwhile; ``again`` may end that before."""
        self._spare(is_spared=self._allowed_bytes > LITTLE_BYTES)
        try:
            yield self
        finally:
            self._spare(is_spared=False)

    def again(self, work: Callable[[], Result]) -> Result:
        """Do something, and once more with all that is allowed where little was not enough."""
        try:
            return work()
        except duckdb.OutOfMemoryException:
            if not self._is_spared:
                raise
            self._spare(is_spared=False)
            return work()

    def _spare(self, *, is_spared: bool) -> None:
        limit_bytes = LITTLE_BYTES if is_spared else self._allowed_bytes
        if is_spared != self._is_spared:
            self._connection.execute(f"SET memory_limit = '{limit_bytes}B'")
        self._is_spared = is_spared
