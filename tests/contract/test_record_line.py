"""Golden record lines of version 1: added to, never edited; what was written stays readable."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies

from chainlight.record import CALL_FIELDS, CAUSE_FIELDS, PREFIX, RECORD_FIELDS, decode, encode

CHAIN_ID = "1-65f0c0de-0123456789abcdef01234567"
REQUEST_ID = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
FUNCTION_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:shop-orders"

PLAIN = {
    "chain_id": CHAIN_ID,
    "request_id": REQUEST_ID,
    "function_arn": FUNCTION_ARN,
    "memory_mb": 512,
    "started_us": 1_700_000_000_000_000,
    "duration_us": 1234,
    "source_kind": "apigw",
    "overhead_us": 42,
}
FULL = {
    **PLAIN,
    "level": "WARN",
    "function_version": "7",
    "arch": "arm64",
    "init_type": "snap-start",
    "is_cold": 1,
    "outcome": "error",
    "error_type": "ValueError",
    "source_kind": "sqs",
    "source_arn": "arn:aws:sqs:eu-west-1:123456789012:orders",
    "trace_root": "1-65f0c0df-fedcba98765432100123abcd",
    "causes": [
        {"natural_keys": ["m1"], "receive_count": 2, "sent_us": 1_699_999_999_000_000},
        {
            "natural_keys": ["m2", "n2"],
            "chain_id": "1-65f0c0df-fedcba98765432100123abcd",
            "caller_request_id": "caller",
            "call_id": "00112233445566ff",
        },
    ],
    "calls": [
        {
            "call_id": "0123456789abcdef",
            "target": "shop-prices",
            "offset_us": 100,
            "wait_us": 900,
            "cpu_us": 5,
            "natural_keys": ["11111111-2222-3333-4444-555555555555"],
            "tries_count": 2,
            "payload_bytes": 2,
            "response_bytes": 14,
            "result_was_read": 0,
            "cause_index": 1,
        },
        {
            "call_id": "fedcba9876543210",
            "kind": "sns",
            "target": "arn:aws:sns:eu-west-1:123456789012:orders",
            "operation": "Publish",
            "is_async": 1,
            "status_code": 503,
            "error_type": "EndpointConnectionError",
            "is_open": 1,
        },
    ],
    "other_waits": {"dynamodb": [3, 4500]},
    "annotations": {"order": 'é"\n'},
    "dropped": {"calls": 1},
    "sample_rate": 0.1,
    "part": [1, 2],
}
PLAIN_LINE = (
    '{"chainlight":1,"c":"1-65f0c0de-0123456789abcdef01234567",'
    '"r":"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",'
    '"f":"arn:aws:lambda:eu-west-1:123456789012:function:shop-orders",'
    '"m":512,"t":1700000000000000,"d":1234,"s":"apigw","o":42}'
)
FULL_LINE = (
    '{"chainlight":1,"c":"1-65f0c0de-0123456789abcdef01234567",'
    '"r":"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",'
    '"f":"arn:aws:lambda:eu-west-1:123456789012:function:shop-orders",'
    '"m":512,"t":1700000000000000,"d":1234,"s":"sqs","o":42,"level":"WARN","v":"7","a":"arm64",'
    '"i":"snap-start","k":1,"x":"error","e":"ValueError",'
    '"q":"arn:aws:sqs:eu-west-1:123456789012:orders","h":"1-65f0c0df-fedcba98765432100123abcd",'
    '"u":[{"m":"m1","n":2,"t":1699999999000000},{"m":["m2","n2"],'
    '"c":"1-65f0c0df-fedcba98765432100123abcd","r":"caller","i":"00112233445566ff"}],'
    '"n":[{"i":"0123456789abcdef","t":"shop-prices","s":100,"w":900,"c":5,'
    '"n":"11111111-2222-3333-4444-555555555555","x":2,"b":2,"q":14,"R":0,"j":1},'
    '{"i":"fedcba9876543210","k":"sns","t":"arn:aws:sns:eu-west-1:123456789012:orders",'
    '"o":"Publish","a":1,"h":503,"e":"EndpointConnectionError","y":1}],'
    '"w":{"dynamodb":[3,4500]},"y":{"order":"\\u00e9\\"\\n"},"z":{"calls":1},"p":0.1,"P":[1,2],'
    '"timestamp":"2023-11-14T22:13:20.001Z"}'
)


OWNED = {**PLAIN, "owner": "team-orders"}
OWNED_LINE = PLAIN_LINE.replace('"o":42}', '"o":42,"g":"team-orders"}')


@pytest.mark.parametrize(
    ("record", "line"),
    [(PLAIN, PLAIN_LINE), (FULL, FULL_LINE), (OWNED, OWNED_LINE)],
    ids=["plain", "full", "owned"],
)
def test_golden_line_is_written_and_read(record: dict[str, Any], line: str) -> None:
    assert encode(record) == line

    read = decode(line)
    assert {name: read[name] for name in PLAIN} == {name: record[name] for name in PLAIN}
    assert read["owner"] == record.get("owner")
    assert [dict(call) for call in read["calls"]] == [  # type: ignore[attr-defined]
        _filled(call, CALL_FIELDS) for call in record.get("calls", ())
    ]
    assert [dict(cause) for cause in read["causes"]] == [  # type: ignore[attr-defined]
        _filled(cause, CAUSE_FIELDS) for cause in record.get("causes", ())
    ]


def _filled(values: dict[str, Any], fields: tuple[Any, ...]) -> dict[str, Any]:
    filled = {name: values.get(name, default) for _, name, _, default in fields}
    filled["natural_keys"] = tuple(filled["natural_keys"])
    return filled


def test_unknown_keys_are_ignored() -> None:
    line = PLAIN_LINE.replace('"m":512', '"m":512,"future":{"a":1}')

    assert decode(line) == decode(PLAIN_LINE)


@pytest.mark.parametrize("text", ["[]", '{"chainlight":2}', '{"a":1}', "7"])
def test_other_text_is_refused_with_what_was_read(text: str) -> None:
    with pytest.raises(ValueError, match="expected a line that starts with"):
        decode(text)


def test_keys_and_names_are_unique() -> None:
    for fields in (RECORD_FIELDS, CAUSE_FIELDS, CALL_FIELDS):
        assert len({key for key, *_ in fields}) == len({name for _, name, *_ in fields})
        assert len({key for key, *_ in fields}) == len(fields)


_VALUES = {
    "VARCHAR": strategies.text(max_size=20),
    "INTEGER": strategies.integers(0, 2**31 - 1),
    "BIGINT": strategies.integers(0, 2**62),
    "DOUBLE": strategies.floats(0, 1, exclude_min=True),
}
_JSON = {
    "natural_keys": strategies.lists(strategies.text(max_size=40), max_size=3).map(tuple),
    "other_waits": strategies.dictionaries(
        strategies.text(max_size=9), strategies.lists(strategies.integers(0), max_size=2)
    ),
    "annotations": strategies.dictionaries(
        strategies.text(max_size=9),
        strategies.text() | strategies.integers() | strategies.booleans(),
    ),
    "dropped": strategies.dictionaries(strategies.text(max_size=9), strategies.integers(0)),
    "part": strategies.lists(strategies.integers(1), min_size=2, max_size=2),
}


def _dicts(fields: tuple[Any, ...], **lists: Any) -> Any:
    """Return dicts by long names with every field of the table, None and default included."""
    special = {**_JSON, **lists}
    return strategies.fixed_dictionaries(
        {
            name: strategies.just(default) | (special[name] if name in special else _VALUES[sql])
            for _, name, sql, default in fields
        }
    )


_RECORDS = _dicts(
    RECORD_FIELDS,
    causes=strategies.lists(_dicts(CAUSE_FIELDS), max_size=3).map(tuple),
    calls=strategies.lists(_dicts(CALL_FIELDS), max_size=3).map(tuple),
)


@given(_RECORDS)
def test_what_is_written_is_read(record: dict[str, Any]) -> None:
    line = encode(record)

    assert decode(line) == record
    assert "\n" not in line
    assert line.isascii()
    assert line.startswith(PREFIX) or line == PREFIX.rstrip(",") + "}"
    assert json.loads(line)["chainlight"] == 1
