"""What was asked before and fits: answers by key, bounded in bytes, the longest unused goes first.

Streamlit's own cache counts entries, not bytes; 256 tables of 100,000 rows are more than a machine
has. What is handed out is shared: nobody changes it. Who asks for what is being made waits for it:
five readers who open a page at once cost what one costs.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

ValueT = TypeVar("ValueT")


class Kept(Generic[ValueT]):
    """Values by key, at most `bytes_max` together; a larger one is handed out and not kept."""

    def __init__(self, bytes_max: int, size_bytes: Callable[[ValueT], int]) -> None:
        self.bytes_max = bytes_max
        self.bytes_kept = 0
        self._size_bytes = size_bytes
        self._values: OrderedDict[Hashable, tuple[ValueT, int]] = OrderedDict()
        self._lock = threading.Lock()
        self._makers: dict[Hashable, tuple[threading.Lock, int]] = {}

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Hashable, make: Callable[[], ValueT]) -> ValueT:
        """Return what is kept under `key`, else make it; of those who ask at once, one makes it."""
        found = self._found(key)
        if found is not None:
            return found[0]
        with self._turn(key):
            found = self._found(key)
            if found is not None:
                return found[0]
            value = make()
            self._keep(key, value, self._size_bytes(value))
            return value

    def _found(self, key: Hashable) -> tuple[ValueT, int] | None:
        with self._lock:
            found = self._values.get(key)
            if found is not None:
                self._values.move_to_end(key)
            return found

    @contextmanager
    def _turn(self, key: Hashable) -> Iterator[None]:
        """Hold the lock of one key; it is forgotten when nobody waits for it."""
        with self._lock:
            turn, waiting_count = self._makers.get(key, (threading.Lock(), 0))
            self._makers[key] = (turn, waiting_count + 1)
        try:
            with turn:
                yield
        finally:
            with self._lock:
                turn, waiting_count = self._makers.pop(key)
                if waiting_count > 1:
                    self._makers[key] = (turn, waiting_count - 1)

    def _keep(self, key: Hashable, value: ValueT, size_bytes: int) -> None:
        if size_bytes > self.bytes_max:
            return
        with self._lock:
            before = self._values.pop(key, None)
            self._values[key] = (value, size_bytes)
            self.bytes_kept += size_bytes - (before[1] if before else 0)
            while self.bytes_kept > self.bytes_max:
                _, (_, dropped_bytes) = self._values.popitem(last=False)
                self.bytes_kept -= dropped_bytes
