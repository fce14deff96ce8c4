"""Words to take along, with a button that copies them: a request id, a command.

`st.code` does as much and brings a highlighter of 1.6 MB for fifty languages: half a second of a
browser's processor for words that have no syntax.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer


def copied(text: str, *, key: str, label: str) -> None:
    """Draw the words as they are; `label` says to a screen reader what they are."""
    _component()(key=key, data={"text": text, "label": label})


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component(
        "chainlight-dashboard.copied", js="copied.js", css="copied.css"
    )
