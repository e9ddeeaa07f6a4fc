"""What a link's parameters may hold: words to search, lists, whole numbers, amounts, an order, an id."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from pages.ui.links import MOST_VALUES

if TYPE_CHECKING:
    from pages.ui.links import Link

MOST_AMOUNT, MOST_PAGES = Decimal(10**9), 100_000
LONGEST_SEARCH, MOST_WORDS, LONGEST_VALUE, LONGEST_ID = 2_048, 20, 256, 64
_CENT = Decimal("0.01")


def search(link: Link, *, most_words: int = MOST_WORDS) -> str:
    """The words to find, a space between them."""
    words = (link.text("search") or "").split()
    text = " ".join(words)
    if len(text) > LONGEST_SEARCH or len(words) > most_words:
        link.reject("search", f"has more than {most_words} words or {LONGEST_SEARCH:,} characters")
        return ""
    return text


def texts(link: Link, name: str) -> tuple[str, ...]:
    """All values of a parameter that may be repeated, each once."""
    given = list(dict.fromkeys(link.params.get(name) or ()))
    kept = tuple(value for value in given[:MOST_VALUES] if len(value) <= LONGEST_VALUE)
    if len(kept) < len(given):
        link.reject(name, f"has values beyond {MOST_VALUES} or {LONGEST_VALUE} characters")
    return kept


def whole(link: Link, name: str, *, least: int, most: int) -> int | None:
    """A whole number within bounds."""
    text = link.text(name)
    if text is None:
        return None
    if text.isascii() and text.isdecimal() and least <= int(text[:12]) <= most and len(text) <= len(str(most)):
        return int(text)
    link.reject(name, f"must be a whole number from {least} to {most:,}")
    return None


def amount(link: Link, name: str) -> Decimal | None:
    """An amount of money, to the cent."""
    text = link.text(name)
    if text is None:
        return None
    try:
        found = Decimal(text[:40])
        if found.is_finite() and abs(found) <= MOST_AMOUNT:
            return found.quantize(_CENT)
    except InvalidOperation:
        pass
    link.reject(name, "must be an amount such as 12.50")
    return None


def descending(link: Link) -> bool | None:
    """Which way a list is sorted; None goes the way of its column."""
    order = link.text("order")
    if order not in {None, "asc", "desc"}:
        link.reject("order", "must be asc or desc")
        return None
    return None if order is None else order == "desc"


def order_text(down: bool | None) -> str:
    """What `descending` reads."""
    return "" if down is None else "desc" if down else "asc"


def identity(link: Link, name: str, what: str) -> str:
    """An id of letters and digits; `what` says whose."""
    text = link.text(name) or ""
    if text and not (text.isascii() and text.isalnum() and len(text) <= LONGEST_ID):
        link.reject(name, f"is no {what} id")
        return ""
    return text
