"""Names from strangers become text."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from chainlight_dashboard.views.plain import clipped, escaped, shell_quoted

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "**bold** _it_ `code` ~~gone~~",
    "[click](http://evil.example)",
    "http://evil.example www.evil.example me@evil.example",
    "$x^2$ :red[text] :material/home: :smile:",
    "# heading\n- item\n> quote\n| a | b |",
    "&lt;script&gt; &#60;",
    "\x1b[31mred\x1b[0m \u202eright to left",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_markdown_reads_an_escaped_name_as_one_paragraph_of_text(name: str) -> None:
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(escaped(name))
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    kinds = {child.type for child in tokens[1].children or []}
    assert kinds <= {"text", "text_special"}


@given(st.text())
def test_an_escaped_name_keeps_every_visible_letter(name: str) -> None:
    shown = clipped(name)
    assert escaped(name).replace("\u2060", "").replace("\\", "") == shown.replace(
        "\u2060", ""
    ).replace("\\", "")


def test_what_is_replaced_after_parsing_is_broken_by_an_invisible_sign() -> None:
    for name in ("http://evil.example", "www.evil.example", "a@evil.example", ":smile:"):
        assert "\u2060" in escaped(name)


def test_a_long_name_ends_in_an_ellipsis() -> None:
    assert clipped("x" * 10_000) == "x" * 79 + "…"


def test_control_and_direction_signs_become_visible() -> None:
    assert clipped("a\x1b[0m\u202eb\nc") == "a�[0m�b c"


@given(st.text())
def test_a_shell_reads_a_quoted_name_as_one_word(name: str) -> None:
    assert shlex.split(shell_quoted(name)) == [clipped(name, 2_048)]
