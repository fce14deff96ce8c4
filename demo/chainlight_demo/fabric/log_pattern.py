"""CloudWatch Logs filter patterns: terms, phrases, alternatives, exclusions and JSON equality.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html.
Alternatives (`?a ?b`) count only when the pattern has nothing else, as AWS documents it. Regular
expressions (`%…%`), space-delimited patterns and JSON patterns beyond one comparison are refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache

from moto.logs.exceptions import InvalidParameterException

_TERM = re.compile(r'\s*(?P<sign>[?-]?)(?:"(?P<phrase>(?:[^"\\]|\\.)*)"|(?P<word>[^\s"]+))')
_JSON_PATTERN = re.compile(
    r"^\{\s*\$\.(?P<path>[\w.]+)\s*(?P<operator>!?=)\s*(?P<value>\"[^\"]*\"|[\w.-]+)\s*\}$"
)

Matcher = Callable[[str], bool]


@lru_cache(maxsize=256)
def compile_pattern(pattern: str) -> Matcher:
    """Return a test for log messages.

    Raises:
        InvalidParameterException: the pattern is of a kind not supported here.
    """
    text = pattern.strip()
    if not text:
        return lambda _message: True
    if text.startswith("{"):
        return _json_matcher(text)
    if text.startswith(("[", "%")):
        raise InvalidParameterException(f"Invalid filter pattern: {pattern} is not supported here")
    return _term_matcher(text)


def _term_matcher(text: str) -> Matcher:
    terms: dict[str, list[str]] = {"": [], "?": [], "-": []}
    for match in _TERM.finditer(text):
        phrase = match["phrase"]
        term = match["word"] if phrase is None else re.sub(r"\\(.)", r"\1", phrase)
        terms[match["sign"]].append(term)
    required, any_of, excluded = terms[""], terms["?"], terms["-"]

    def matches(message: str) -> bool:
        if required or excluded:
            return all(term in message for term in required) and not any(
                term in message for term in excluded
            )
        return any(term in message for term in any_of)

    return matches


def _json_matcher(text: str) -> Matcher:
    match = _JSON_PATTERN.match(text)
    if match is None:
        raise InvalidParameterException(f"Invalid filter pattern: {text} is not supported here")
    wanted = match["value"].strip('"')
    path, is_equality = match["path"].split("."), match["operator"] == "="

    def matches(message: str) -> bool:
        try:
            value = json.loads(message)
        except ValueError:
            return False
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        found = value if isinstance(value, str) else json.dumps(value)
        return value is not None and (found == wanted) is is_equality

    return matches
