"""One outgoing request that can make another function run, as it goes into the record."""

from __future__ import annotations

from chainlight.context import mint_call_id


class Call:
    """A call; attributes named as in `record.CALL_FIELDS`, and absent while they are unknown."""

    kind = "lambda"
    target: str | None = None
    operation = "Invoke"
    is_async = 0
    wait_us: int | None = None
    status_code = 200
    natural_keys: list[str] | tuple[str, ...] = ()
    payload_bytes: int | None = None
    response_bytes: int | None = None
    result_was_read: int | None = None
    error_type: str | None = None
    cause_index: int | None = None
    tries_count = 1
    offset_us = 0
    cpu_us = 0

    def __init__(self) -> None:
        self.call_id = mint_call_id()

    def values(self) -> dict[str, object]:
        """Return the call by long names, to be read only; one that still waits says so."""
        values = vars(self)
        return values if self.wait_us is not None else {**values, "is_open": 1}
