"""What drives a forecast: its largest parts, charges still to come this month, growth; and how good it was before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from finops.model.money import ZERO, exact_sum
from pages.ui import numbers
from pages.ui.forecast_kpis import test_of
from pages.ui.text import escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from finops.model.forecasts import BackTest, Forecast, GroupForecast

MOST_PARTS, MOST_CHARGES = 3, 5
STANDS_OUT = Decimal("2.5")
"""So many times its usual day a day must cost for its surplus to be a charge of its own."""
LEAST_SHARE = Decimal("0.001")
"""Charges below this share of the month are not worth a line."""


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge that is expected on a day of the month."""

    key: str
    day: date
    amount: Decimal


def charges(groups: Sequence[GroupForecast], through: date) -> tuple[Charge, ...]:
    """Days to come that cost far more than a group's usual day, from the forecast itself; soonest first.

    What is beyond the usual day is the charge: fees, support, subscriptions, batch days.
    """
    whole = exact_sum(group.month_end.mean for group in groups if group.month_end is not None)
    found = []
    for group in groups:
        usual = median([each.expected.mean for each in group.days]) if group.days else ZERO
        for each in group.days:
            surplus = each.expected.mean - usual
            if each.day > through and each.expected.mean > usual * STANDS_OUT and surplus > whole * LEAST_SHARE:
                found.append(Charge(group.key, each.day, surplus))
    return tuple(sorted(found, key=lambda charge: (charge.day, -charge.amount)))


def parts_words(found: Forecast, name: Callable[[str], str]) -> str:
    """The largest parts of what the month will come to; Markdown."""
    total = found.total
    if total is None or total.month_end is None or not total.month_end.mean:
        return ""
    largest = found.groups[:MOST_PARTS]
    told = []
    for group in largest:
        if group.month_end is not None:
            share = numbers.share(group.month_end.mean, total.month_end.mean)
            money = numbers.short_money(group.month_end.mean, found.currency)
            told.append(f"**{escaped(name(group.key), limit=40)}** {escaped(f'{money} ({numbers.percent(share)})')}")
    return f"Largest parts: {', '.join(told)}." if told else ""


def charges_words(found: Forecast, name: Callable[[str], str]) -> str:
    """Charges still to come until the month's end, with their days and dollars; Markdown."""
    if found.through is None or found.month is None:
        return ""
    coming = charges(found.groups, found.through)
    last = numbers.day(found.month.last_day)
    if not coming:
        return f"No charge of its own is expected until {last}: usage alone."
    lines = [
        f"- {numbers.day(each.day)}: {escaped(numbers.short_money(each.amount, found.currency))} "
        f"{escaped(name(each.key), limit=40)}"
        for each in coming[:MOST_CHARGES]
    ]
    rest = coming[MOST_CHARGES:]
    if rest:
        money = escaped(numbers.short_money(exact_sum(each.amount for each in rest), found.currency))
        lines.append(f"- and {len(rest)} more, {money}")
    return f"Recurring charges until {last}:\n" + "\n".join(lines)


def growth_words(group: GroupForecast, last_month: Decimal | None, currency: str) -> str:
    """How the months ahead move, and what is left of the running one; Markdown."""
    if group.month_end is None:
        return ""
    told = [f"Still to come: {numbers.short_money(group.month_end.mean - group.to_date, currency)}."]
    if last_month:
        change = group.month_end.mean - last_month
        percent = numbers.signed_percent(change / abs(last_month) * 100)
        told.append(f"The whole month {numbers.signed_money(change, currency)} ({percent}) on the last one.")
    ahead = [each.cost.mean for each in group.months[1:]]
    if len(ahead) > 1 and ahead[0] > 0 and ahead[-1] > 0:
        monthly = (float(ahead[-1] / ahead[0]) ** (1 / (len(ahead) - 1)) - 1) * 100
        told.append(f"After it {numbers.signed_percent(Decimal(str(round(monthly, 2))))} a month.")
    return escaped(" ".join(told))


def learning_words(found: Forecast, group: GroupForecast) -> str:
    """That little is known, said plainly; plain text, empty where enough is."""
    if group.learning:
        return "Learning: fewer than 56 days are known, so the interval is a wide guess and no month could be tested."
    young = sum(each.learning for each in found.groups)
    if young:
        return f"{numbers.counted(young, 'part')} with fewer than 56 days: their intervals are wide guesses."
    return ""


def explanation(
    found: Forecast, group: GroupForecast, name: Callable[[str], str], last_months: Mapping[str, Decimal] | None
) -> None:
    """The card: drivers, then the back-test."""
    whole = group is found.total
    before = None if last_months is None else exact_sum(last_months.values()) if whole else last_months.get(group.key)
    said = (
        growth_words(group, before, found.currency),
        parts_words(found, name) if whole else "",
        charges_words(found if whole else replace(found, groups=(group,), total=group), name),
    )
    for words in said:
        if words:
            st.markdown(words)
    learning = learning_words(found, group)
    if learning:
        st.info(escaped(learning), icon=":material/school:")
    test = test_of(group)
    if test is None:
        st.markdown(
            ":small[:gray[How good it was: no past month could be tested yet. One can be once 56 days of its past are "
            "stored.]]"
        )
        return
    st.markdown(f"**Past forecasts**, made after {test.days} days of a month: {escaped(test.sentence)}.")
    back_test(test, found.currency)


def back_test(test: BackTest, currency: str) -> None:
    """Month, what was said at its middle, what came, how far off, and whether inside the interval; newest first."""
    months = list(reversed(test.months))
    frame = pd.DataFrame(
        {
            "Month": [f"{each.month:%b %Y}" for each in months],
            "Said": [escaped(numbers.short_money(each.forecast.mean, currency)) for each in months],
            "Came to": [escaped(numbers.short_money(each.actual, currency)) for each in months],
            "Off": [numbers.UNKNOWN if (off := each.percent_off) is None else f"{off:.1f}%" for each in months],
            "Inside": [
                ":green[:material/check:] yes" if each.inside else ":orange[:material/close:] no" for each in months
            ],
        }
    )
    st.table(frame, border="horizontal", hide_index=True, alt=test.sentence)
