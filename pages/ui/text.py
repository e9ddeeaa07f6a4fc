"""Foreign text made harmless: names from AWS, bills and models shown as the characters they are, never as markup.

Streamlit renders Markdown in most labels, so a tag value such as `![](https://host/x.png)` would load a remote image.
`escaped` is for everything that is Markdown; `plotly_text` for text inside figures, which understands a little HTML.
Data frames, select boxes and code blocks show text as it is and need neither.
"""

from __future__ import annotations

import re
import unicodedata

JOINER = "\u2060"
"""Word joiner.

Invisible and unbreakable. It parts what is recognised after Markdown's own escapes are already undone.
"""

# Streamlit turns bare addresses, `:name:` and arrows such as `->` into links, pictures and symbols in the finished
# text, where a backslash no longer protects them.
_LATE_MARKUP = re.compile(r"(?<=[-<>=~])(?=[-<>=~])|(?<=[:@])|(?<=www)(?=\.)", re.IGNORECASE)
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_SPACES = re.compile(r"\s+")
_FIGURE_MARKUP = re.compile(r"(?<=%)(?=\{)|(?<=\$)")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def plain_line(text: str, *, limit: int = 300) -> str:
    """`text` as one line without control, format or direction characters, cut at `limit` with an ellipsis."""
    kept = (_visible(character) for character in text[: limit * 4])
    line = _SPACES.sub(" ", "".join(kept)).strip()
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Cf", "Cs", "Co"}:
        return ""
    return " " if category in {"Cc", "Zl", "Zp"} else character


def escaped(text: str, *, limit: int = 600) -> str:
    """`text` for Markdown: no image, link, HTML, formula, directive, short code or emphasis can arise from it."""
    return _PUNCTUATION.sub(r"\\\1", _LATE_MARKUP.sub(JOINER, plain_line(text, limit=limit)))


def plotly_text(text: str, *, limit: int = 60) -> str:
    """`text` for names and labels in a figure: tags shown as written, template marks (`%{…}`) and formulas parted."""
    line = "".join(_HTML.get(character, character) for character in plain_line(text, limit=limit))
    return _FIGURE_MARKUP.sub(JOINER, line)
