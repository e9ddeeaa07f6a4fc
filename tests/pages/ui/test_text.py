"""Names from AWS and bills stay text, whatever they contain."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pages.ui.text import JOINER, escaped, plain_line, plotly_text

HOSTILE = (
    "![x](https://host.invalid/a.png)",
    "[link](https://host.invalid)",
    "<img src=https://host.invalid/b.png>",
    "<script>alert(1)</script>",
    "https://host.invalid/x",
    "www.host.invalid",
    "someone@host.invalid",
    "$x^2$ and $$y$$",
    ":smile: :streamlit: :material/home:",
    ":red[text] :blue-badge[text]",
    "# heading",
    "- item",
    "1. item",
    "`code` **bold** _it_ ~~gone~~",
    "a -> b <- c -- d >= e",
    "&amp; &#33; &lt;b&gt;",
    "a | b\n---|---\n1 | 2",
    "> quote",
    "```\nfence",
    "[ref]: https://host.invalid",
    "a\\b",
)
MARKS = st.sampled_from("!()[]<>{}:$*_`~#+-.|\\/@&;'\"=^ \n\t") | st.sampled_from(["www.", "http://", "](", ":red["])
TEXTS = st.lists(st.text(max_size=6) | MARKS, max_size=20).map("".join)
LATE = re.compile(r"https?://|www\.|@[\w-]+\.\w|:[a-z_+-]+:|:[a-z-]+\[|->|<-|--|>=|<=|~=", re.IGNORECASE)
PARSER = MarkdownIt("gfm-like", {"linkify": False, "html": True})


def visible(markdown: str) -> str:
    """The text of the parsed Markdown, which must be one paragraph of text and nothing else."""
    blocks = PARSER.parse(markdown)
    if not blocks:
        return ""
    assert [block.type for block in blocks] == ["paragraph_open", "inline", "paragraph_close"]
    children = blocks[1].children or []
    assert {child.type for child in children} <= {"text", "text_special"}
    return "".join(child.content for child in children)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_shown_as_written(text: str) -> None:
    assert visible(escaped(text)).replace(JOINER, "") == plain_line(text)


@given(TEXTS)
def test_no_markup_arises_from_any_text(text: str) -> None:
    shown = visible(escaped(text))
    assert shown.replace(JOINER, "") == plain_line(text, limit=600)
    assert not LATE.search(shown), "what Streamlit turns into links, symbols and pictures after parsing is parted"


@given(TEXTS)
def test_a_line_has_no_control_or_direction_characters(text: str) -> None:
    line = plain_line(text, limit=50)
    assert len(line) <= 50
    assert line == " ".join(line.split())
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]", line)


@given(TEXTS)
def test_figure_labels_hold_no_tags_and_no_templates(text: str) -> None:
    label = plotly_text(text)
    assert "<" not in label
    assert ">" not in label
    assert "%{" not in label
    assert not re.search(r"\$[^\u2060]", label)


def test_a_long_name_is_cut_with_an_ellipsis() -> None:
    assert plain_line("a" * 500, limit=10) == "aaaaaaaaa…"
