"""Names come from other people's systems: here they become text that markdown cannot read.

`escaped` is for every st.markdown, badge, label or caption that carries a name. Tables, code
blocks and charts show text as it is and need only `clipped`.
"""

from __future__ import annotations

import re
import unicodedata

LENGTH_MAX = 80
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# Streamlit replaces :shortcodes: and bare addresses after parsing, where a backslash no longer
# counts; an invisible word joiner breaks both.
_AFTER_PARSING = re.compile(r"(:|@|www)(?=\S)")
_JOINER = "\u2060"


def clipped(text: object, length_max: int = LENGTH_MAX) -> str:
    """Return `text` on one line, control and direction characters made visible, cut with "…"."""
    shown = "".join(_visible(character) for character in str(text)[: length_max + 1])
    return shown if len(shown) <= length_max else shown[: length_max - 1] + "…"


def escaped(text: object, length_max: int = LENGTH_MAX) -> str:
    """Return `text` so that streamlit's markdown shows it letter for letter."""
    joined = _AFTER_PARSING.sub(rf"\1{_JOINER}", clipped(text, length_max))
    return _PUNCTUATION.sub(r"\\\1", joined)


def shell_quoted(text: str) -> str:
    """Return `text` as one word of a POSIX shell, always in single quotes."""
    return "'" + clipped(text, 2_048).replace("'", "'\"'\"'") + "'"


def _visible(character: str) -> str:
    if character in "\n\r\t":
        return " "
    return "�" if unicodedata.category(character)[0] == "C" else character
