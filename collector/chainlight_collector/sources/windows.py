"""Which stretch of a log group is read next. Pure: checkpoints and a clock in, windows out.

A window overlaps the one before it by 15 minutes and ends a settle time before now, because
CloudWatch makes events visible late and out of order; the rows' natural keys absorb what is read
twice. Once a day the last 24 h are read again for what came later still. A window that was not
read to its end keeps AWS's page token and is continued.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from chainlight_collector.sources.checkpoints import Checkpoint

LOGS = "logs"
RESCAN = "logs_rescan"
OVERLAP_US = 15 * 60 * 1_000_000
RESCAN_EVERY_US = 24 * 3600 * 1_000_000
TOKEN_LIFE_US = 3600 * 1_000_000
"""AWS keeps a token for 24 h; an older one than this costs a re-read of its window instead."""


@dataclass(frozen=True, slots=True)
class Window:
    """The events of one log group from `from_ms` to `to_ms`, both inclusive as AWS has it.

    `read_to_us` is the watermark before it (None: never read), `since_us` the earliest instant ever
    asked for, `token` where a former run stopped.
    """

    source: str
    group: str
    from_ms: int
    to_ms: int
    since_us: int
    read_to_us: int | None = None
    token: str | None = None
    token_us: int | None = None

    @property
    def age_key(self) -> tuple[int, str]:
        """Sort key: the group that was not read for the longest time comes first."""
        return (self.read_to_us or self.from_ms * 1000, self.group)


def due(
    groups: Iterable[str],
    logs: Mapping[str, Checkpoint],
    rescans: Mapping[str, Checkpoint],
    now_us: int,
    since_us: int,
) -> list[Window]:
    """Return the windows to read, oldest watermark first, re-scans last."""
    names = sorted(set(groups))
    pulls = [_pull(name, logs.get(name), now_us, since_us) for name in names]
    again = [_rescan(name, rescans[name], now_us) for name in names if name in rescans]
    return [
        *sorted(filter(None, pulls), key=lambda window: window.age_key),
        *sorted(filter(None, again), key=lambda window: window.age_key),
    ]


def after(window: Window, token: str | None, now_us: int) -> Iterator[Checkpoint]:
    """Yield the checkpoints that hold once the pages up to `token` (None: all) are committed."""
    state: dict[str, object] = {"since_us": window.since_us}
    if token is not None:
        began_us = window.token_us or now_us
        state["open"] = {
            "from_ms": window.from_ms,
            "to_ms": window.to_ms,
            "token": token,
            "token_us": began_us,
        }
        yield Checkpoint(window.source, window.group, window.read_to_us, state)
        return
    read_to_us = max(window.to_ms * 1000, window.read_to_us or 0)
    yield Checkpoint(window.source, window.group, read_to_us, state)
    if window.source == LOGS and window.read_to_us is None:
        yield Checkpoint(RESCAN, window.group, read_to_us, {"since_us": window.since_us})


def _pull(group: str, known: Checkpoint | None, now_us: int, since_us: int) -> Window | None:
    if known is None:
        return _window(LOGS, group, since_us, now_us, since_us, None)
    first_us = min(since_us, int(known.state.get("since_us", since_us)))
    resumed = _resumed(known, now_us, first_us)
    if resumed is not None:
        return resumed
    read_to_us = known.position_us
    if read_to_us is None or since_us < int(known.state.get("since_us", since_us)):
        return _window(LOGS, group, first_us, now_us, first_us, read_to_us)
    return _window(LOGS, group, read_to_us - OVERLAP_US, now_us, first_us, read_to_us)


def _rescan(group: str, known: Checkpoint, now_us: int) -> Window | None:
    position_us = known.position_us or 0
    since_us = int(known.state.get("since_us", position_us))
    resumed = _resumed(known, now_us, since_us)
    if resumed is not None:
        return resumed
    if now_us - position_us < RESCAN_EVERY_US:
        return None
    from_us = min(position_us, now_us - RESCAN_EVERY_US) - OVERLAP_US
    return _window(RESCAN, group, max(from_us, since_us), now_us, since_us, position_us)


def _resumed(known: Checkpoint, now_us: int, since_us: int) -> Window | None:
    left = known.state.get("open")
    if not left or now_us - int(left["token_us"]) > TOKEN_LIFE_US:
        return None
    window = Window(
        known.source, known.shard, left["from_ms"], left["to_ms"], since_us, known.position_us
    )
    return replace(window, token=left["token"], token_us=left["token_us"])


def _window(
    source: str, group: str, from_us: int, to_us: int, since_us: int, read_to_us: int | None
) -> Window:
    from_ms = max(0, min(from_us, to_us)) // 1000
    return Window(source, group, from_ms, to_us // 1000, since_us, read_to_us)
