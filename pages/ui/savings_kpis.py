"""The key figures of Savings: what could be saved, how it comes back, how many findings wait, and what came true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.money import exact_sum
from pages.ui import numbers
from pages.ui.finding_view import USUAL_STATUSES, USUAL_VERDICTS
from pages.ui.kpis import Kpi

if TYPE_CHECKING:
    from pages.ui.finding_answers import Answers, Listed
    from pages.ui.finding_view import FindingView

FEWEST_POINTS = 2
_NET = (
    "One finding counts for each resource, the more thorough action first, and never more than the resource costs. "
    "All findings added up would be {gross} a month."
)
_CASH = (
    "Cash now: what the next bills would be lower by. Usage that a reservation or Savings Plan already pays for frees "
    "commitment: it can cover something else, but no bill falls."
)


def strip(answers: Answers, view: FindingView, found: Listed) -> list[Kpi]:
    """Four figures; the first three are of the list as it is filtered."""
    return [_could_save(answers, found), _cash(found), _count(answers, view, found), _realised(answers, found)]


def _could_save(answers: Answers, found: Listed) -> Kpi:
    currency = found.currency
    sums = found.sums.get(currency)
    if sums is None:
        return Kpi("You could save", numbers.UNKNOWN, base="no finding has a dollar basis")
    spent = answers.spend.get(currency)
    share = numbers.share(sums.net, spent.month) if spent is not None else None
    told = [_NET.format(gross=numbers.exact_money(sums.gross, currency))]
    if spent is not None:
        days = numbers.days(spent.period, today=answers.context.now.date())
        told.append(f"Spend: {numbers.short_money(spent.month, currency)} a month, from {days}.")
    others = [f"{numbers.short_money(one.net, name)}/mo" for name, one in found.sums.items() if name != currency]
    return Kpi(
        "You could save",
        f"{numbers.short_money(sums.net, currency)}/mo",
        delta=f"{numbers.percent(share)} of spend" if share is not None else "",
        base=f"and {', '.join(others)}" if others else "",
        help=" ".join(told),
    )


def _cash(found: Listed) -> Kpi:
    sums = found.sums.get(found.currency)
    if sums is None:
        return Kpi("Cash now", numbers.UNKNOWN, base="no finding has a dollar basis", help=_CASH)
    freed = f"{numbers.short_money(sums.commitment, found.currency)} frees commitment"
    return Kpi(
        "Cash now",
        f"{numbers.short_money(sums.cash, found.currency)}/mo",
        base=freed if sums.commitment else "no commitment to free",
        help=_CASH,
    )


def _count(answers: Answers, view: FindingView, found: Listed) -> Kpi:
    usual = view.statuses == USUAL_STATUSES and view.only.verdicts == USUAL_VERDICTS
    undetermined = answers.undetermined(view)
    parts = []
    if found.without_basis:
        parts.append(f"{found.without_basis:,} no $")
    if undetermined:
        parts.append(f"{undetermined:,} unclear")
    return Kpi(
        "Open findings" if usual else "Findings",
        f"{found.total:,}",
        base=", ".join(parts) or ("all with a dollar basis" if found.sums else "none with a dollar basis"),
        help="No $: worth fixing, but nothing says what it saves. Unclear: undetermined, since the data does not "
        "suffice to judge; that is never counted as fine.",
    )


def _realised(answers: Answers, found: Listed) -> Kpi:
    """What resolved findings really brought, as the bills of their resources say."""
    entries = [entry for entry in answers.realised if entry.currency == found.currency]
    known = [entry.realised_month for entry in entries if entry.realised_month is not None]
    told = (
        "What the resources of resolved findings cost a month less than before, by their bills. "
        f"Known for {len(known):,} of {numbers.counted(len(entries), 'resolved finding')}."
    )
    if not known:
        base = f"{len(entries):,} closed, no bill yet" if entries else "nothing followed yet"
        return Kpi("Realised", numbers.UNKNOWN, base=base, help=told)
    amount = numbers.short_money(exact_sum(known), found.currency)
    return Kpi("Realised", f"{amount}/mo", base=f"{len(known):,} of {len(entries):,} followed", help=told)


def trend_words(answers: Answers, found: Listed) -> str:
    """`+$75.50 since 10 Nov`: all open findings, whatever the filters; empty with runs of one day only."""
    days = answers.trend.get(found.currency, ())
    if len(days) < FEWEST_POINTS:
        return ""
    (first, before), (_, now) = days[0], days[-1]
    return f"{numbers.signed_money(now - before, found.currency)} since {numbers.day(first)}"
