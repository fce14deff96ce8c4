"""Dead letters that Lambda writes into a bucket: one object per failed event or batch.

Lambda names them `aws/lambda/async/<function>/YYYY/MM/DD/…` and
`aws/lambda/<mapping>/<shard>/YYYY/MM/DD/…` (Lambda guide, "Capturing records of Lambda asynchronous
invocations" and "Retain discarded records"). Keys of one function are in the order of time, so a
look begins a day before the newest key that was read; mappings have many shards and are listed
whole. An object that is known is not fetched again, and nothing is ever deleted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from chainlight_collector import ingest
from chainlight_collector.aws import AbsentError, AwsError, OutOfTimeError
from chainlight_collector.sources import checkpoints
from chainlight_collector.sources.checkpoints import Checkpoint
from chainlight_collector.sources.operations import GET_OBJECT
from chainlight_collector.sources.operations_routes import LIST_OBJECTS, ListedObject
from chainlight_collector.sources.run import Outcome, Run, postpone_touched

FAILURE_OBJECTS = "failure_objects"
_S3 = "arn:aws:s3:::"

_FUNCTIONS = """
SELECT DISTINCT function_name, on_failure_arn FROM function_newest
WHERE split_part(on_failure_arn, ':', 3) = 's3'
"""
_MAPPINGS = """
SELECT mapping_id, on_failure_arn FROM event_sources
WHERE split_part(on_failure_arn, ':', 3) = 's3'
"""
_KNOWN = "SELECT message_id FROM dead_letter_messages WHERE queue_arn = ?"


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of a bucket, and whether its keys are in the order of time."""

    bucket_arn: str
    prefix: str
    is_by_time: bool

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return self.bucket_arn.rpartition(":")[2].split("/")[0]


def pull(run: Run) -> Outcome:
    """Read the new objects of every bucket that is a failure destination."""
    outcome = Outcome(FAILURE_OBJECTS)
    places = _places(run)
    with run.store.cursor() as connection:
        known = checkpoints.read(connection, FAILURE_OBJECTS)
    outcome.total_count = len(places)
    for place in places:
        shard = f"{place.bucket}/{place.prefix}"
        try:
            _look(run, place, known.get(shard) or Checkpoint(FAILURE_OBJECTS, shard, None), outcome)
        except OutOfTimeError:
            outcome.is_complete = False
            break
        except AbsentError:
            continue
        except AwsError as error:
            outcome.fail(f"{place.bucket}: {error}")
        run.show(outcome)
    return outcome


def _places(run: Run) -> list[Place]:
    functions = run.store.query(_FUNCTIONS).fetchall()
    mappings = run.store.query(_MAPPINGS).fetchall()
    found = [Place(arn, f"aws/lambda/async/{name}/", is_by_time=True) for name, arn in functions]
    found += [Place(arn, f"aws/lambda/{name}/", is_by_time=False) for name, arn in mappings]
    return sorted(found, key=lambda place: (place.bucket_arn, place.prefix))


def _look(run: Run, place: Place, known: Checkpoint, outcome: Outcome) -> None:
    seen = {name for (name,) in run.store.query(_KNOWN, [place.bucket_arn]).fetchall()}
    start = _begin(place, known.state.get("key")) if place.is_by_time else ""
    fresh = [each for each in _listed(run, place, start) if each["Key"] not in seen]
    chosen = sorted(fresh, key=lambda each: each["Key"])[: run.options.peek_messages_max]
    if len(chosen) < len(fresh):
        outcome.is_complete = False
    messages = [_message(run, place, each) for each in chosen]
    newest = max((each["Key"] for each in chosen), default=known.state.get("key"))
    after = Checkpoint(known.source, known.shard, run.now_us, {"key": newest} if newest else {})
    with run.store.transaction() as connection:
        counts = ingest.dead_letters(connection, messages, run.now_us)
        postpone_touched(connection, counts)
        checkpoints.write(connection, [after], run.now_us)
    outcome.counts += counts
    outcome.done_count += 1


def _begin(place: Place, key: object) -> str:
    """Return the folder of the day before that of the newest key: objects may come late."""
    parts = str(key or "").removeprefix(place.prefix).split("/")[:3]
    try:
        day = date(*map(int, parts)) - timedelta(days=1)
    except (TypeError, ValueError):
        return ""
    return f"{place.prefix}{day:%Y/%m/%d}/"


def _listed(run: Run, place: Place, start: str) -> Iterator[ListedObject]:
    parameters: dict[str, object] = {"Bucket": place.bucket, "Prefix": place.prefix}
    if start:
        parameters["StartAfter"] = start
    while True:
        page = run.aws.call(LIST_OBJECTS, **parameters)
        yield from page.get("Contents", [])
        if not page.get("NextContinuationToken"):
            return
        parameters["ContinuationToken"] = page["NextContinuationToken"]


def body_of(run: Run, bucket: str, key: str) -> str:
    """Return the text of one such object."""
    body: bytes = run.aws.call(GET_OBJECT, Bucket=bucket, Key=key)["Body"].read()
    return body.decode("utf-8", "replace")


def _message(run: Run, place: Place, listed: ListedObject) -> dict[str, object]:
    sent_ms = round(listed["LastModified"].timestamp() * 1000)
    return {
        "queueArn": place.bucket_arn,
        "MessageId": listed["Key"],
        "Body": body_of(run, place.bucket, listed["Key"]),
        "Attributes": {"SentTimestamp": str(sent_ms)},
    }
