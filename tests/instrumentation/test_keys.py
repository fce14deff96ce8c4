"""Both sides of a DynamoDB stream work out one natural key, however each of them writes a key."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from chainlight.keys import item_key

TABLE_ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"
NUMBERS = st.decimals(-(10**12), 10**12, allow_nan=False, places=6) | st.integers(-(10**18), 10**18)
VALUES = st.text(min_size=1) | NUMBERS | st.binary(min_size=1)


@given(st.dictionaries(st.text(min_size=1), VALUES, min_size=1, max_size=2))
def test_plain_and_typed_keys_are_one(key: dict[str, Any]) -> None:
    typed = {name: TypeSerializer().serialize(value) for name, value in key.items()}

    assert item_key("orders", key) == item_key(f"{TABLE_ARN}/stream/2024", typed) is not None


@pytest.mark.parametrize(
    "texts", [("5", "5.0", "+05", "0.5E1", "5e0"), ("0", "-0", "0.00"), ("-120", "-1.2e2")]
)
def test_numbers_are_one_however_they_are_written(texts: tuple[str, ...]) -> None:
    assert len({item_key("t", {"n": {"N": text}}) for text in texts}) == 1
    assert len({item_key("t", {"n": Decimal(text)}) for text in texts}) == 1


def test_bytes_are_one_as_boto3_gives_them_and_as_the_stream_does() -> None:
    typed = {"b": {"B": "AQI="}}

    given = [{"b": b"\1\2"}, {"b": {"B": b"\1\2"}}, {"b": Binary(b"\1\2")}, typed]

    assert len({item_key("t", key) for key in given}) == 1
    assert TypeDeserializer().deserialize({"B": b"\1\2"}) == b"\1\2"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": "1"}, {"a": 1}),
        ({"a": "b"}, {"ab": ""}),
        ({"a": "1", "b": "2"}, {"a": "1"}),
        ({"a": "5"}, {"a": "50"}),
        ({"a": 5}, {"a": 50}),
    ],
)
def test_different_keys_differ(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert item_key("t", one) != item_key("t", other)


@pytest.mark.parametrize(
    ("table", "key"),
    [
        (None, {"a": "1"}),
        ("t", None),
        ("t", {}),
        ("t", {"a": {"L": []}}),
        ("t", {"a": {"S": 1}}),
        ("t", {"a": {"N": "x"}}),
        ("t", {"a": {"N": "1ex"}}),
        ("t", {"a": True}),
        ("t", {"a": None}),
        ("t", {1: "x"}),
        ("t", {"a": {"S": "x", "N": "1"}}),
    ],
)
def test_what_is_no_key_has_none(table: Any, key: Any) -> None:
    assert item_key(table, key) is None
