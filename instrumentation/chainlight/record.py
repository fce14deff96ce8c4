"""The record line, version 1: this module is its only definition.

One JSON object on one line of standard output for each execution of a handler, starting with
``{"chainlight":1,``. Keys are short on the wire and long everywhere else; the three tables
below translate, and `encode_usual` knows by heart what most lines have. A field that has its
default value is not on the wire. Readers ignore keys that they do not know; a key never changes
its meaning.

Two keys are for Lambda and not for readers. ``level`` and ``timestamp`` stand on lines of functions
with JSON logs: Lambda filters by level, and takes a line without a valid RFC 3339 timestamp for
INFO (AWS, "Log-level filtering"). The timestamp repeats ``t`` + ``d`` and is not a field.

Units: ``_us`` integer microseconds (``started_us`` since the epoch, all others lengths),
``_bytes`` bytes, ``_mb`` mebibytes.
"""

from __future__ import annotations

from _json import encode_basestring_ascii as _quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from chainlight.invocation import Call, Invocation
    from chainlight.settings import Settings

    Field = tuple[str, str, str, object]
    Key = tuple[str, object]

VERSION = 1
PREFIX = '{"chainlight":1,'
LINE_BYTES_MAX = 200_000
"""Longer lines are split into parts: CloudWatch cut events at 256 KB for years."""

# (key on the wire, name, SQL type, default = not on the wire)
RECORD_FIELDS: tuple[Field, ...] = (
    ("level", "level", "VARCHAR", None),  # JSON log format only: passes AWS_LAMBDA_LOG_LEVEL
    ("c", "chain_id", "VARCHAR", None),  # 1-8hex-24hex
    ("r", "request_id", "VARCHAR", None),
    ("f", "function_arn", "VARCHAR", None),  # without qualifier; a bare name where unknown
    ("v", "function_version", "VARCHAR", "$LATEST"),
    ("m", "memory_mb", "INTEGER", None),
    ("a", "arch", "VARCHAR", "x86_64"),
    ("i", "init_type", "VARCHAR", "on-demand"),
    ("k", "is_cold", "INTEGER", 0),
    ("t", "started_us", "BIGINT", None),
    ("d", "duration_us", "BIGINT", None),
    ("x", "outcome", "VARCHAR", "ok"),  # ok, error, exit, timeout (imminent)
    ("e", "error_type", "VARCHAR", None),
    ("s", "source_kind", "VARCHAR", None),  # lambda, sqs, sns, apigw, … , unknown
    ("q", "source_arn", "VARCHAR", None),
    ("h", "trace_root", "VARCHAR", None),  # X-Ray Root, only where it is not the chain id
    ("u", "causes", "JSON", ()),
    ("n", "calls", "JSON", ()),
    ("w", "other_waits", "JSON", None),  # {"dynamodb": [count, wait_us]}
    ("y", "annotations", "JSON", None),
    ("z", "dropped", "JSON", None),  # {"calls": n, "causes": n}
    ("o", "overhead_us", "BIGINT", None),  # what chainlight cost in this execution
    ("p", "sample_rate", "DOUBLE", 1),
    ("g", "owner", "VARCHAR", None),  # who answers for the function: CHAINLIGHT_OWNER
    ("P", "part", "JSON", None),  # [part, parts] of a split line
)

# Why this execution ran: one entry a record of the event, in the event's order.
CAUSE_FIELDS: tuple[Field, ...] = (
    ("m", "natural_keys", "JSON", ()),  # one string, or a list for envelopes (SNS in SQS)
    ("c", "chain_id", "VARCHAR", None),  # of the cause, only where it is not the record's
    ("r", "caller_request_id", "VARCHAR", None),  # from the in-band context
    ("i", "call_id", "VARCHAR", None),  # from the in-band context
    ("n", "receive_count", "INTEGER", 1),
    ("t", "sent_us", "BIGINT", None),
)

# What this execution started elsewhere: one entry a request, boto3's own tries included.
CALL_FIELDS: tuple[Field, ...] = (
    ("i", "call_id", "VARCHAR", None),  # 16 hex, also usable as a span id
    ("k", "kind", "VARCHAR", "lambda"),  # lambda, sqs, sns, eventbridge, kinesis, …
    ("t", "target", "VARCHAR", None),  # name, ARN or URL as the caller gave it
    ("o", "operation", "VARCHAR", "Invoke"),
    ("a", "is_async", "INTEGER", 0),
    ("s", "offset_us", "BIGINT", 0),  # from started_us to the first HTTP exchange
    ("w", "wait_us", "BIGINT", None),  # blocked on HTTP; absent while the call is open
    ("c", "cpu_us", "BIGINT", 0),  # used by other threads of the process meanwhile
    ("h", "status_code", "INTEGER", 200),
    ("e", "error_type", "VARCHAR", None),
    ("n", "natural_keys", "JSON", ()),  # what the other side will also see
    ("x", "tries_count", "INTEGER", 1),
    ("b", "payload_bytes", "BIGINT", None),
    ("q", "response_bytes", "BIGINT", None),
    ("R", "result_was_read", "INTEGER", None),  # 0, 1; absent = not observable
    ("j", "cause_index", "INTEGER", None),  # the record of the batch being handled
    ("y", "is_open", "INTEGER", 0),  # 1 = still waiting when the record was printed
)

_KEYS = {
    list_name: {name: (f'"{key}":', default) for key, name, _, default in fields}
    for list_name, fields in (
        ("record", RECORD_FIELDS),
        ("causes", CAUSE_FIELDS),
        ("calls", CALL_FIELDS),
    )
}
_FIELDS = {"causes": CAUSE_FIELDS, "calls": CALL_FIELDS}
_INVOKE = ("lambda", "Invoke", 0)
_WELL = (None, 200, None, 1, 0)
"""Error, status, record of the batch, tries and CPU time of a call like most."""


def encode(record: Mapping[str, object], common: str = "") -> str:
    """Return the line for a record given by long names, without its newline.

    Fields that are missing, None or at their default are left out. A call or a cause is a dict by
    long names too. `common` is what `encode_members` made of the fields that are not in the record.

    Raises:
        KeyError: a name that is no field.

    """
    fields = _members(record, _KEYS["record"])
    if record.get("level") is not None:
        times_us = record.get("started_us"), record.get("duration_us")
        ended_us = sum(time_us for time_us in times_us if isinstance(time_us, int))
        fields.append(f'"timestamp":"{_rfc3339(ended_us)}"')
    return ",".join([f'{{"chainlight":{VERSION}', *fields]) + common + "}"


def encode_usual(invocation: Invocation, sandbox: Settings, ended_ns: int) -> str | None:
    """Return the line of an invocation that went well, or None if it takes `encode` to write it.

    The very line that `encode` makes of its record, in a third of the time: what every record has
    is named here, one after the other, and takes a turn of a loop each there. Chain id, call id and
    kind are forms and words of our own and need no quoting.
    """
    request_id, arn = invocation.request_id, invocation.function_arn or sandbox.function_name
    if request_id is None or arn is None:
        return None
    started_us, duration_us = invocation.started_us, (ended_ns - invocation.started_ns) // 1000
    texts = [_call(call) for call in invocation.calls.copy()]
    calls = f',"n":[{{{"},{".join(texts)}}}]' if texts else ""
    more = invocation.more()
    rest = encode_members(more) if more else ""
    level = timestamp = ""
    if sandbox.level is not None:
        level = f',"level":{_quote(sandbox.level)}'
        timestamp = f',"timestamp":"{_rfc3339(started_us + duration_us)}"'
    line = (
        f'{PREFIX}"c":"{invocation.chain_id}","r":{_quote(request_id)},"f":{_quote(arn)}'
        f',"t":{started_us},"d":{duration_us},"s":"{invocation.source_kind}"'
        f',"o":{invocation.overhead_ns // 1000}'
        f"{level}{calls}{rest}{timestamp}{sandbox.sandbox_members}}}"
    )
    return line if len(line) <= LINE_BYTES_MAX else None


def _call(call: Call) -> str:
    """Return the members of a call; of an answered Invoke, as most are, in one go."""
    asked = call.kind, call.operation, call.is_async
    told = call.error_type, call.status_code, call.cause_index, call.tries_count, call.cpu_us
    target, keys, was_read = call.target, call.natural_keys, call.result_was_read
    is_usual = asked == _INVOKE and told == _WELL and keys and call.wait_us is not None
    if not is_usual or target is None or call.payload_bytes is None or was_read is None:
        return ",".join(_members(call.values(), _KEYS["calls"]))
    length = "" if call.response_bytes is None else f'"q":{call.response_bytes},'
    return (
        f'"i":"{call.call_id}","s":{call.offset_us},"t":{_quote(target)},"b":{call.payload_bytes}'
        f',"w":{call.wait_us},{length}"n":{_quote(keys[0])},"R":{was_read}'
    )


def encode_members(values: Mapping[str, object]) -> str:
    """Return the fields as they go on in a line: each after a comma.

    Raises:
        KeyError: a name that is no field.

    """
    return "".join(f",{member}" for member in _members(values, _KEYS["record"]))


def decode(line: str) -> dict[str, object]:
    """Return a record by long names, defaults filled in.

    Raises:
        ValueError: the text is not a record line of a version known here.

    """
    from json import loads  # noqa: PLC0415 - json is imported by readers only

    wire = loads(line)
    if not isinstance(wire, dict) or wire.get("chainlight") != VERSION:
        raise ValueError(f"expected a line that starts with {PREFIX}, read {line[:40]!r}")
    return _from_wire(wire, RECORD_FIELDS)


def _rfc3339(time_us: int) -> str:
    from time import gmtime, strftime  # noqa: PLC0415 - JSON log format only

    seconds, rest_us = divmod(time_us, 1_000_000)
    return strftime("%Y-%m-%dT%H:%M:%S", gmtime(seconds)) + f".{rest_us // 1000:03d}Z"


def _members(values: Mapping[str, object], keys: Mapping[str, Key]) -> list[str]:
    """Return ``"key":value`` for each field that is not at its default.

    Written by hand: a third of the time of a dict given to json, which would also have to be
    imported (13 ms). Texts and numbers are most of a record; json writes what is left.
    """
    members = []
    for name, value in values.items():
        key, default = keys[name]
        if value is None or value == default:
            continue
        if type(value) is str:
            members.append(key + _quote(value))
        elif type(value) is int:
            members.append(f"{key}{value}")
        elif default != ():
            members.append(key + _dumps(value))
        elif value:
            members.append(key + _list(name, value))
    return members


def _list(name: str, values: object) -> str:
    if not isinstance(values, list | tuple):
        return _dumps(values)
    if name in _KEYS:
        keys = _KEYS[name]
        return "[{" + "},{".join([",".join(_members(entry, keys)) for entry in values]) + "}]"
    texts = [_quote(value) for value in values]
    return texts[0] if len(texts) == 1 else "[" + ",".join(texts) + "]"


def _dumps(value: object) -> str:
    from json import dumps  # noqa: PLC0415 - only where a record has annotations and the like

    return dumps(value, separators=(",", ":"))


def _from_wire(wire: Mapping[str, object], fields: tuple[Field, ...]) -> dict[str, object]:
    return {name: _unpack(name, wire.get(key, default)) for key, name, _, default in fields}


def _unpack(name: str, value: object) -> object:
    if name in _FIELDS:
        entries = value if isinstance(value, list) else ()
        return tuple(_from_wire(entry, _FIELDS[name]) for entry in entries)
    if name == "natural_keys":
        return (value,) if isinstance(value, str) else tuple(value or ())  # type: ignore[arg-type]
    return value
