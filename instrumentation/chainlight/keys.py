"""Natural keys that both sides of a DynamoDB stream can work out: the table and a hash of the key.

A stream record repeats neither a request id nor anything else of the write but its key. The writer
may give a key as plain Python (boto3's Table) or typed (its client), the stream gives it typed;
numbers and bytes are written here in one way, so that both make the same text. An item that is
written twice has one key: with it goes a time window, and the evidence is ``inferred``.
"""

from __future__ import annotations

from _blake2 import blake2b
from binascii import b2a_base64

_DIGEST_BYTES = 12
_KEY_TYPES = frozenset("SNB")


def item_key(table: object, key: object) -> str | None:
    """Return ``table:24hex`` for an item's key, or None where table or key are not what they seem.

    The table may be a name or any ARN in it; the key is a dict of one or two attributes, each a
    text, a number or bytes, plain or typed (``{"S": "x"}``, ``{"B": …}`` as base64 or bytes).
    """
    if not isinstance(table, str) or not isinstance(key, dict) or not key:
        return None
    pieces = []
    for name in sorted(key, key=str):
        value = scalar(key[name])
        if value is None or not isinstance(name, str):
            return None
        pieces.append(f"{len(name)}:{name}{value}")
    digest = blake2b("\0".join(pieces).encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES)
    return f"{table_name(table)}:{digest.hexdigest()}"


def table_name(table: str) -> str:
    """Return the name in ``arn:aws:dynamodb:…:table/NAME[/stream/…]``; a bare name is itself."""
    _, found, rest = table.partition(":table/")
    return rest.partition("/")[0] if found else table


def scalar(value: object) -> str | None:
    """Return type and value of a key attribute in one way of writing, None for other types."""
    kind, plain = _typed(value)
    if kind == "S" and isinstance(plain, str):
        return f"S{plain}"
    if kind == "N":
        number = _number(str(plain))
        return number and f"N{number}"
    if kind == "B":
        plain = getattr(plain, "value", plain)  # boto3's Binary
        if isinstance(plain, bytes | bytearray):
            plain = b2a_base64(plain, newline=False).decode()
        return f"B{plain}" if isinstance(plain, str) else None
    return None


def _typed(value: object) -> tuple[str | None, object]:
    if isinstance(value, dict):
        kind, plain = next(iter(value.items()), (None, None))
        return (kind, plain) if len(value) == 1 and kind in _KEY_TYPES else (None, None)
    if isinstance(value, str):
        return "S", value
    if isinstance(value, bool) or value is None:
        return None, None
    is_number = isinstance(value, int) or type(value).__name__ == "Decimal"
    return "N" if is_number else "B", value


def _number(text: str) -> str | None:
    """Return a number as sign, digits and exponent: 5, 5.0, 0.5E1 and +05 are all ``5e0``."""
    mantissa, _, exponent = text.strip().lower().partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.lstrip("+-").partition(".")
    digits = whole + fraction
    try:
        shift = int(exponent or "0") - len(fraction)
    except ValueError:
        return None
    if not digits.isdecimal():
        return None
    trimmed = digits.strip("0")
    if not trimmed:
        return "0e0"
    return f"{sign}{trimmed}e{shift + len(digits) - len(digits.rstrip('0'))}"
