"""Amounts, shares and periods as a report's sentences say them: `$98,412.17`, `+4.7 %`, `October`, `1–18 Nov`.

What is not known is a dash, never zero.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from finops.model.money import CENT
from finops.model.period import Period, add_months

if TYPE_CHECKING:
    from datetime import date, datetime

UNKNOWN = "—"
MINUS = "\u2212"
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
_HUNDRED = Decimal(100)


def money(amount: Decimal | None, currency: str) -> str:
    """An amount to the cent, rounded as invoices are: `$98,412.17`, `CHF 12.00`."""
    return UNKNOWN if amount is None else _signed(amount.quantize(CENT, rounding=ROUND_HALF_EVEN), currency, "")


def round_money(amount: Decimal | None, currency: str) -> str:
    """An amount for a headline figure: `$98,412`; below a hundred with its cents."""
    return UNKNOWN if amount is None else _signed(_rounded(amount), currency, "")


def change_money(amount: Decimal | None, currency: str) -> str:
    """A change: `+$2,710`, `−$181`, `$0`."""
    return UNKNOWN if amount is None else _signed(_rounded(amount), currency, "+")


def share(percent: Decimal | None) -> str:
    """A share with one decimal: `4.7 %`; never rounded up to a whole hundred."""
    if percent is None:
        return UNKNOWN
    shown = percent.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    if shown >= _HUNDRED > percent:
        shown = Decimal("99.9")
    return f"{MINUS if shown < 0 else ''}{abs(shown):,} %"


def change_share(percent: Decimal | None) -> str:
    """A change in percent: `+4.7 %`, `−12.0 %`; an empty text where there is nothing to compare with."""
    if percent is None:
        return ""
    shown = percent.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    sign = "+" if shown > 0 else MINUS if shown < 0 else ""
    return f"{sign}{abs(shown):,} %"


def counted(number: int, thing: str, things: str = "") -> str:
    """`1 finding`, `1,204 findings`."""
    return f"{number:,} {thing if number == 1 else things or f'{thing}s'}"


def days_text(period: Period, today: date) -> str:
    """`October`, `1–18 Nov`, `25 Oct – 3 Nov`; with the year where it is not this one."""
    last = period.last_day
    this = period.start.year == last.year == today.year
    year = "" if this else f" {last.year}"
    first_year = "" if period.start.year == last.year else f" {period.start.year}"
    if period == Period(period.start.replace(day=1), add_months(period.start.replace(day=1), 1)):
        return f"{period.start:%B}{year}"
    if period.days == 1:
        return f"{last.day} {last:%b}{year}"
    if (period.start.year, period.start.month) == (last.year, last.month):
        return f"{period.start.day}–{last.day} {last:%b}{year}"
    return f"{period.start.day} {period.start:%b}{first_year} – {last.day} {last:%b}{year}"


def so_far_text(period: Period, today: date) -> str:
    """The same, and `November so far` of a period with days yet to come."""
    return f"{days_text(period, today)}{' so far' if so_far(period, today) < period else ''}"


def so_far(period: Period, today: date) -> Period:
    """The days of a period that have begun; a period that is all ahead as it is."""
    past = min(period.end, today + timedelta(days=1))
    return Period(period.start, past) if past > period.start else period


def moment_text(moment: datetime | None) -> str:
    """`2026-11-20 06:00 UTC`, `never`."""
    return "never" if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"


def earlier(period: Period) -> Period:
    """What a period is held against: as many whole months before whole months, else as many days before."""
    if period.start.day == 1 and period.end.day == 1:
        months = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month
        return Period(add_months(period.start, -months), period.start)
    return period.previous()


def last_month(today: date) -> Period:
    """The last full month."""
    first = today.replace(day=1)
    return Period(add_months(first, -1), first)


def last_days(today: date, days: int) -> Period:
    """The last days, today among them."""
    past = today + timedelta(days=1)
    return Period(past - timedelta(days=days), past)


def sentence_list(texts: tuple[str, ...], most: int = 3) -> str:
    """`A, B and 4 more`."""
    if len(texts) <= most:
        return ", ".join(texts)
    return f"{', '.join(texts[:most])} and {len(texts) - most:,} more"


def _rounded(amount: Decimal) -> Decimal:
    places = CENT if abs(amount) < _HUNDRED and amount != 0 else Decimal(1)
    return amount.quantize(places, rounding=ROUND_HALF_UP)


def _signed(amount: Decimal, currency: str, plus: str) -> str:
    symbol = SYMBOLS.get(currency, f"{currency} " if currency else "")
    sign = MINUS if amount < 0 else plus if amount > 0 else ""
    return f"{sign}{symbol}{abs(amount):,f}"
