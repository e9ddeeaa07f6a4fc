"""Numbers and dates as people read them: `$110K`, `+$2,710`, `+4.7%`, `1–18 Nov`; unknown is a dash, never zero.

Functions of Decimal, date and datetime alone, but for how the reader likes money written (`write_money`). A minus is
U+2212 in running text and "-" where Streamlit reads the sign.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.model.period import Period

UNKNOWN = "—"
MINUS = "\u2212"
NBSP = "\u00a0"
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}

_HUNDRED, _THOUSAND, _MILLION = Decimal(100), Decimal(1_000), Decimal(1_000_000)
_SCALES = (
    ("0.01", Decimal(100), Decimal(1), ""),
    ("1", Decimal(10_000), Decimal(1), ""),
    ("0.1", 100 * _THOUSAND, _THOUSAND, "K"),
    ("1", _MILLION, _THOUSAND, "K"),
    ("0.01", 100 * _MILLION, _MILLION, "M"),
)
"""Decimal places, the rounded amount that is too large for them, unit and mark; smallest first."""

_money: ContextVar[str] = ContextVar("money", default="compact")

_JUST_NOW = "just now"
_FACTOR_FROM = Decimal(1000)


def symbol(currency: str) -> str:
    """What stands before an amount: the sign of a well-known currency, else its code and a space."""
    return SYMBOLS.get(currency, f"{currency}{NBSP}" if currency else "")


def _rounded(amount: Decimal, places: str) -> Decimal:
    return amount.quantize(Decimal(places), rounding=ROUND_HALF_UP)


def write_money(style: str) -> None:
    """How figures are written from here on, in this thread: `compact`, `whole` or `cents`; anything else is compact."""
    _money.set(style if style in {"whole", "cents"} else "compact")


@contextmanager
def shortly() -> Iterator[None]:
    """Figures are compact in here, whatever the reader likes: charts have no room for more, and are shared."""
    token = _money.set("compact")
    try:
        yield
    finally:
        _money.reset(token)


def _size(amount: Decimal) -> str:
    """Digits of a non-negative amount.

    `1.24M`, `110K`, `16.7K`, `6,240`, `8.92`; the unit follows the rounded figure. Written whole or with cents where
    the reader likes that better; below a hundred cents are always there.
    """
    style = _money.get()
    if style != "compact":
        cents = style == "cents" or _rounded(amount, "0.01") < _HUNDRED
        return f"{_rounded(amount, '0.01' if cents else '1'):,f}"
    for places, below, unit, mark in _SCALES:
        shown = _rounded(amount / unit, places)
        if shown * unit < below:
            return f"{shown:,f}{mark}"
    return f"{_rounded(amount / _MILLION, '1'):,f}M"


def short_money(amount: Decimal | None, currency: str = "USD") -> str:
    """`$110K`, `$16.7K`, `$6,240`, `$8.92`; an amount that is not zero never reads as zero."""
    if amount is None:
        return UNKNOWN
    size = abs(amount)
    if size == 0:
        return f"{symbol(currency)}0"
    if size < Decimal("0.005"):
        return f"{MINUS if amount < 0 else '<'}{symbol(currency)}0.01"
    return f"{MINUS if amount < 0 else ''}{symbol(currency)}{_size(size)}"


def signed_money(amount: Decimal | None, currency: str = "USD", *, minus: str = MINUS) -> str:
    """A change: `+$2,710`, `−$181`, `$0`. Pass `minus="-"` to `st.metric`, which reads the sign."""
    if amount is None:
        return UNKNOWN
    size = abs(amount)
    if size < Decimal("0.005"):
        return f"{symbol(currency)}0"
    return f"{minus if amount < 0 else '+'}{symbol(currency)}{_size(size)}"


def exact_money(amount: Decimal | None, currency: str = "USD") -> str:
    """To the cent with thousands separators, as an invoice states it: `$110,012.34`."""
    if amount is None:
        return UNKNOWN
    cents = _rounded(abs(amount), "0.01")
    return f"{MINUS if amount < 0 and cents else ''}{symbol(currency)}{cents:,f}"


def signed_percent(percent: Decimal | None, *, minus: str = MINUS) -> str:
    """`+4.7%`, `−0.5%`, `0.0%`; from a thousand percent on a factor (`×12`), which people can picture."""
    if percent is None:
        return UNKNOWN
    if percent >= _FACTOR_FROM:
        return f"×{_rounded(percent / 100 + 1, '1'):,f}"
    shown = _rounded(percent, "0.1")
    return f"{_sign(shown, minus)}{abs(shown):,f}%"


def signed_points(points: Decimal | None, *, minus: str = MINUS) -> str:
    """A difference of two percentages in percentage points: `−1.2 pp`."""
    if points is None:
        return UNKNOWN
    shown = _rounded(points, "0.1")
    return f"{_sign(shown, minus)}{abs(shown):f} pp"


def _sign(shown: Decimal, minus: str) -> str:
    return "" if shown == 0 else minus if shown < 0 else "+"


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    """`part` of `whole` in percent, None where the whole is zero."""
    return None if whole == 0 else part / whole * 100


def percent(value: Decimal | None) -> str:
    """`87.4%`."""
    return UNKNOWN if value is None else f"{_rounded(value, '0.1'):f}%".replace("-", MINUS)


def day(moment: date, *, year: bool = False) -> str:
    """`19 Nov`, with the year where it would be missed."""
    return f"{moment.day}{NBSP}{moment:%b}" + (f"{NBSP}{moment.year}" if year else "")


def days(period: Period, *, today: date | None = None) -> str:
    """`1–18 Nov`, `22 Oct–18 Nov`; whole months by name (`October`); the year when it is not today's."""
    first, last = period.start, period.last_day
    year = today is not None and (last.year != today.year or first.year != last.year)
    if period.months() == (period,) and last + timedelta(days=1) == _next_month(first) and first.day == 1:
        return f"{first:%B}" + (f"{NBSP}{first.year}" if year else "")
    if first == last:
        return day(last, year=year)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(last, year=year)}"
    return f"{day(first, year=year and first.year != last.year)}–{day(last, year=year)}"


def _next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def clock(moment: datetime) -> str:
    """`20 Nov, 06:10 UTC`."""
    return f"{day(moment.date())}, {moment:%H:%M} UTC"


def age(then: datetime, now: datetime) -> str:
    """`just now`, `12 minutes`, `5 hours`, `3 days`: how long ago, in the largest unit that fits."""
    minutes = int((now - then).total_seconds() // 60)
    if minutes < 1:
        return _JUST_NOW
    for size, name in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size * (2 if name == "day" else 1):
            count = minutes // size
            return f"{count}{NBSP}{name}{'s' if count > 1 else ''}"
    return _JUST_NOW


def ago(then: datetime, now: datetime) -> str:
    """`5 hours ago`, `just now`."""
    text = age(then, now)
    return text if text == _JUST_NOW else f"{text} ago"


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 day`, `3 days`, `1,204 rows`."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"
