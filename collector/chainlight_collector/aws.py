"""The boundary to AWS: every request goes through `Aws.call`.

A request is paced below the account's rate, repeated with full jitter while AWS throttles or fails,
given up when the deadline would pass, and counted. botocore's own retries are off: they sleep
without knowing the deadline, keep each thread's secret that the account is throttled, and their
tries would not be paced. The answer of FilterLogEvents is handed over unparsed.
"""

from __future__ import annotations

import io
import random
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass
from math import isfinite
from typing import Any, Generic, Protocol, TypeVar, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chainlight_collector.errors import SourceError
from chainlight_collector.pace import Pace

AnswerT = TypeVar("AnswerT")

TRIES_MAX = 8
UNREACHABLE_TRIES_MAX = 3
"""Of a request that got no answer: a wrong endpoint must not take a minute to say so."""
BACKOFF_FIRST_S = 0.2
BACKOFF_MAX_S = 10.0
RAW_BODY = "RawBody"
_NAP_S = 0.1

_THROTTLED_CODES = frozenset(
    {
        "LimitExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "Throttled",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_BUSY_CODES = _THROTTLED_CODES | {
    "InternalError",
    "InternalFailure",
    "ServiceException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
}
_DENIED_CODES = frozenset(
    {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation", "403"}
)
_ABSENT_CODES = frozenset(
    {
        "404",
        "AWS.SimpleQueueService.NonExistentQueue",
        "NoSuchKey",
        "QueueDoesNotExist",
        "ResourceNotFoundException",
    }
)
_UNREACHABLE = frozenset(
    {
        "ConnectTimeoutError",
        "ConnectionClosedError",
        "EndpointConnectionError",
        "ReadTimeoutError",
        "ResponseStreamingError",
    }
)
# A quote inside a JSON string is escaped, so `"nextToken":` can only be AWS's own key: a message
# that says the same reads `\"nextToken\":` in the body.
_NEXT_TOKEN = re.compile(rb'"nextToken"\s*:\s*"((?:[^"\\]|\\.)*)"')


class AwsError(SourceError):
    """AWS refused a request; `code` is its own word for why."""

    def __init__(self, action: str, code: str, message: str) -> None:
        super().__init__(f"{action}: {code}: {message}")
        self.action = action
        self.code = code


class PermissionMissingError(AwsError):
    """The caller lacks the IAM action that `action` names."""


class AbsentError(AwsError):
    """What was asked for does not exist."""


class OutOfTimeError(SourceError):
    """The deadline is too near for another try; what was read so far is kept."""


@dataclass(frozen=True, slots=True)
class Operation(Generic[AnswerT]):
    """One request of one service: boto3's method, the IAM action it needs, the rate we keep to."""

    service: str
    method: str
    action: str
    calls_per_s: float = 10.0


@dataclass(slots=True)
class Deadline:
    """An instant of the monotonic clock after which no new work begins; `pass_now` moves it.

    With a `whole` it passes at the latest when that one does.
    """

    monotonic_s: float
    whole: Deadline | None = None

    @classmethod
    def after_s(cls, seconds: float) -> Deadline:
        """Return the deadline this many seconds from now."""
        return cls(time.monotonic() + seconds)

    @classmethod
    def never(cls) -> Deadline:
        """Return a deadline that does not pass."""
        return cls(float("inf"))

    def leaving(self, share: float) -> Deadline:
        """Return a deadline that leaves this share of the time for what comes after it."""
        left_s = max(self.remaining_s, 0)
        return Deadline(self.monotonic_s - (share * left_s if isfinite(left_s) else 0), self)

    @property
    def remaining_s(self) -> float:
        """Seconds left, negative once it has passed."""
        own_s = self.monotonic_s - time.monotonic()
        return own_s if self.whole is None else min(own_s, self.whole.remaining_s)

    @property
    def has_passed(self) -> bool:
        """Whether new work must not begin."""
        return self.remaining_s <= 0

    def pass_now(self) -> None:
        """End what waits for it: a person interrupted. Takes no lock: a signal handler may call."""
        self.monotonic_s = float("-inf")

    def sleep(self, seconds: float) -> None:
        """Sleep, but hardly beyond `pass_now`."""
        wakes_s = time.monotonic() + seconds
        while (left_s := wakes_s - time.monotonic()) > 0 and self.remaining_s != float("-inf"):
            time.sleep(min(left_s, _NAP_S))


class _Events(Protocol):
    def register(self, event_name: str, handler: object) -> None: ...


class _Meta(Protocol):
    @property
    def events(self) -> _Events: ...


class Client(Protocol):
    """What we use of a boto3 client besides its operations."""

    @property
    def meta(self) -> _Meta:
        """The client's events, where a request and its answer pass by."""
        ...


class Session(Protocol):
    """What we use of a boto3 session."""

    def client(self, service_name: str, *, config: object) -> Client:
        """Return a client of one service."""
        ...


class Aws:
    """The AWS of one account and region. Safe to call from several threads."""

    def __init__(
        self, session: Session | None = None, *, calls_per_s: dict[str, float] | None = None
    ) -> None:
        self.calls_counts: Counter[str] = Counter()
        self.throttled_counts: Counter[str] = Counter()
        self.deadline = Deadline.never()
        self._session = session
        self._calls_per_s = calls_per_s or {}
        self._clients: dict[str, Client] = {}
        self._paces: dict[str, Pace] = {}
        self._lock = threading.Lock()

    @property
    def calls_count(self) -> int:
        """How many requests were sent so far, of all operations (`calls_counts` tells them)."""
        return self.calls_counts.total()

    def call(self, operation: Operation[AnswerT], **parameters: object) -> AnswerT:
        """Send one request and return AWS's answer.

        Raises:
            PermissionMissingError: the IAM action is missing.
            AbsentError: the thing asked for does not exist.
            OutOfTimeError: the deadline is nearer than the next try.
            AwsError: anything else, after up to 8 tries where trying again can help.
        """
        for tries_count in range(1, TRIES_MAX + 1):
            self._sleep(self._pace(operation).reserve(), operation)
            try:
                answer = self._send(operation, parameters)
            except (ClientError, BotoCoreError) as error:
                self._back_off(operation, error, tries_count)
            else:
                self._pace(operation).speed_up()
                return answer
        raise AssertionError("the last try returns or raises")

    def add_header(self, service: str, operation_name: str, name: str, value: str) -> None:
        """Let every further request of one operation carry a header."""

        def add(params: dict[str, Any], **_: object) -> None:
            params["headers"][name] = value

        event_name = f"before-call.{service}.{operation_name}"
        self._client(service).meta.events.register(event_name, add)

    def _send(self, operation: Operation[AnswerT], parameters: dict[str, object]) -> AnswerT:
        method = getattr(self._client(operation.service), operation.method)
        self._count(self.calls_counts, operation)
        for value in parameters.values():
            if isinstance(value, io.IOBase):
                value.seek(0)  # a try before this one may have read some of it
        return cast("AnswerT", method(**parameters))

    def _back_off(
        self, operation: Operation[Any], error: ClientError | BotoCoreError, tries_count: int
    ) -> None:
        if _is_throttled(error):
            self._count(self.throttled_counts, operation)
            self._pace(operation).slow_down()
        if tries_count >= _tries_max(error):
            raise _translate(operation, error) from error
        ceiling_s = min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2**tries_count)
        wait_s = random.uniform(0, ceiling_s)  # noqa: S311  jitter, no secret
        self._pace(operation).pause(wait_s)

    def _sleep(self, seconds: float, operation: Operation[Any]) -> None:
        if self.deadline.remaining_s < seconds:
            raise OutOfTimeError(f"{operation.action}: no time left for another request")
        if seconds > 0:
            self.deadline.sleep(seconds)
        if self.deadline.has_passed:
            raise OutOfTimeError(f"{operation.action}: interrupted before another request")

    def _pace(self, operation: Operation[Any]) -> Pace:
        with self._lock:
            pace = self._paces.get(operation.action)
            if pace is None:
                rate = self._calls_per_s.get(operation.action, operation.calls_per_s)
                pace = self._paces[operation.action] = Pace(rate)
            return pace

    def _client(self, service: str) -> Client:
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._make_client(service)
            return self._clients[service]

    def _make_client(self, service: str) -> Client:
        if self._session is None:
            self._session = cast("Session", boto3.session.Session())
        config = Config(
            retries={"mode": "standard", "total_max_attempts": 1},
            connect_timeout=5,
            read_timeout=30,
        )
        client = self._session.client(service, config=config)
        client.meta.events.register("before-parse.cloudwatch-logs.FilterLogEvents", _keep_raw)
        return client

    def _count(self, counter: Counter[str], operation: Operation[Any]) -> None:
        with self._lock:
            counter[operation.action] += 1


def next_token(body: bytes) -> str | None:
    """Return the token of a raw FilterLogEvents answer, None on the last page.

    The body's events are not parsed: botocore's parser costs 9 to 11 µs an event, twice what DuckDB
    needs to read them (storage.md 2.2).
    """
    found = _NEXT_TOKEN.search(body)
    return found[1].decode() if found else None


def _keep_raw(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object
) -> None:
    if response_dict["status_code"] == 200:  # noqa: PLR2004  HTTP's OK
        customized_response_dict[RAW_BODY] = response_dict["body"]
        response_dict["body"] = b"{}"


def _is_throttled(error: ClientError | BotoCoreError) -> bool:
    return isinstance(error, ClientError) and _code(error) in _THROTTLED_CODES


def _tries_max(error: ClientError | BotoCoreError) -> int:
    """Return how many tries an error is worth: one where AWS's answer will stay the same."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        is_busy = status >= 500 or _code(error) in _BUSY_CODES  # noqa: PLR2004  server errors
        return TRIES_MAX if is_busy else 1
    return UNREACHABLE_TRIES_MAX if type(error).__name__ in _UNREACHABLE else 1


def _translate(operation: Operation[Any], error: ClientError | BotoCoreError) -> AwsError:
    if not isinstance(error, ClientError):
        return AwsError(operation.action, type(error).__name__, str(error))
    code = _code(error)
    message = str(error.response.get("Error", {}).get("Message", ""))
    if code in _DENIED_CODES:
        return PermissionMissingError(operation.action, code, message)
    if code in _ABSENT_CODES:
        return AbsentError(operation.action, code, message)
    return AwsError(operation.action, code, message)


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "Unknown"))
