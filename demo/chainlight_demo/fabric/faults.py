"""What AWS does and moto does not: switches for trouble, all off by default, all seeded.

Shares are 0..1 of the calls, messages, events or segments concerned.
"""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class Faults:
    """The switches of one local AWS; change them while it runs."""

    seed: int = 0
    empty_log_page_share: float = 0.0
    """FilterLogEvents answers without events but with a token, as AWS does on long searches."""
    late_log_share: float = 0.0
    """Log events that stay invisible to FilterLogEvents for `late_log_ms` after they arrived."""
    late_log_ms: int = 2_000
    throttled_share: dict[str, float] = field(default_factory=dict)
    """Per API, for example `{"logs:FilterLogEvents": 0.3, "xray:*": 0.1}`."""
    calls_per_second: dict[str, float] = field(default_factory=dict)
    """Account rate limits per API, keys as above; a bucket of one second's calls."""
    late_segment_share: float = 0.0
    """X-Ray segments that become visible `late_segment_ms` after they arrived."""
    late_segment_ms: int = 2_000
    lost_segment_share: float = 0.0
    """X-Ray segments that never become visible."""
    duplicate_sqs_share: float = 0.0
    """SQS batches that are delivered to their function a second time before they are deleted."""
    duplicate_async_share: float = 0.0
    """Asynchronous events the data plane runs twice under one request id; read by the plane."""
    throttled_counts: dict[str, int] = field(default_factory=dict)
    """How many calls were refused so far, per API: for tests and reports."""
    _random: random.Random = field(init=False, repr=False)
    _lock: threading.Lock = field(init=False, repr=False)
    _buckets: dict[str, tuple[float, float]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 repeatable, not secret
        self._lock = threading.Lock()

    def happens(self, share: float) -> bool:
        """Draw once: True in `share` of the calls. Never draws when the switch is off."""
        if share <= 0.0:
            return False
        with self._lock:
            return self._random.random() < share

    @property
    def throttles(self) -> bool:
        """Say whether any call can be refused at all."""
        return bool(self.throttled_share or self.calls_per_second)

    def refuses(self, service: str, operation: str) -> bool:
        """Say whether this call is throttled, and count it if so."""
        api = f"{service}:{operation}"
        share = _for_api(self.throttled_share, service, api)
        rate = _for_api(self.calls_per_second, service, api)
        is_refused = (rate > 0.0 and not self._take(api, rate)) or self.happens(share)
        if is_refused:
            with self._lock:
                self.throttled_counts[api] = self.throttled_counts.get(api, 0) + 1
        return is_refused

    def _take(self, api: str, calls_per_second: float) -> bool:
        now_s = time.monotonic()
        burst = max(1.0, calls_per_second)
        with self._lock:
            tokens, seen_s = self._buckets.get(api, (burst, now_s))
            tokens = min(burst, tokens + (now_s - seen_s) * calls_per_second)
            is_free = tokens >= 1.0
            self._buckets[api] = (tokens - 1.0 if is_free else tokens, now_s)
        return is_free


def _for_api(table: dict[str, float], service: str, api: str) -> float:
    return table.get(api, table.get(f"{service}:*", table.get("*", 0.0)))
