"""What thresholds would mean for a person: stored observations judged again, under theirs and under the draft's."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import streamlit as st

from finops.waste.backtest import BackTestDay
from pages.ui import figures, kpis, numbers
from pages.ui.cache import remembered
from pages.ui.kpis import Kpi
from pages.ui.savings_thresholds import DAYS, chart, short
from pages.ui.text import escaped, plain_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from finops.facade import Finops
    from finops.model.outcome import Failure
    from finops.waste.backtest import BackTest
    from pages.ui.people_work import People

MOST_NAMES = 6


@dataclass(frozen=True, slots=True)
class Trial:
    """Run dates under the thresholds that hold for a person now, and under those tried; resources gained and lost."""

    days: tuple[BackTestDay, ...]
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    failures: tuple[Failure, ...]

    @property
    def today(self) -> BackTestDay | None:
        """The latest run date, None before the first."""
        return self.days[-1] if self.days else None


def trial(finops: Finops, tenant: str, check_id: str, *, now: Mapping[str, float], tried: Mapping[str, float]) -> Trial:
    """Judges the last days twice; nothing is asked of AWS. InputError for thresholds the check does not have."""
    before = finops.waste.back_test(tenant, check_id, now, days=DAYS)
    after = finops.waste.back_test(tenant, check_id, tried, days=DAYS)
    days = tuple(
        BackTestDay(one.day, one.tried, other.tried) for one, other in zip(before.days, after.days, strict=True)
    )
    added = (set(after.more) - set(before.more)) | (set(before.fewer) - set(after.fewer))
    dropped = (set(before.more) - set(after.more)) | (set(after.fewer) - set(before.fewer))
    return Trial(days, tuple(sorted(added)), tuple(sorted(dropped)), _failures(before, after))


def _failures(*tests: BackTest) -> tuple[Failure, ...]:
    return tuple(dict.fromkeys(failure for one in tests for failure in one.failures))


def draw(people: People, owner: str) -> None:
    """What the draft would have meant for the person, today and over 90 days."""
    check = {each.check_id: each for each in people.context.finops.waste.checks}.get(owner)
    if check is None:
        st.info("There is nothing stored yet that this could be tried on.", icon=":material/history_toggle_off:")
        return
    names = [f"{owner}.{each.name}" for each in check.all_thresholds]
    now, tried = (
        {one.tunable.name: float(one.value) for one in (levels[name] for name in names)}
        for levels in (people.now, people.drafted)
    )
    context = people.context
    version = context.finops.store.ledger.version(context.tenant)
    key = ("people.trial", context.tenant, version, context.now.date(), owner, *now.items(), *tried.items())
    found = remembered(key, lambda: trial(context.finops, context.tenant, owner, now=now, tried=tried))
    if found.today is None:
        st.info("This check has not run in the last 90 days, so there is nothing to judge again.")
        return
    moved = now != tried
    told = words(people.work.person.name, found.today, moved=moved)
    st.markdown(f"**{escaped(told)}** {escaped(span_words(found.days, moved=moved))}")
    kpis.row(_figures(found.today), border=False)
    dollars = any(day.now.saving or day.tried.saving for day in found.days)
    figure = remembered(("people.chart", *key[1:]), lambda: chart(found.days, dollars=dollars))
    what = "Saving a month, $" if dollars else "Findings"
    st.markdown(f":small[:gray[{escaped(what)}, by run date, at most {DAYS} days back]]")
    st.plotly_chart(figure, config=figures.CONFIG, alt=plain_line(told), key="chart.people.trial")
    _names(found)
    for failure in found.failures:
        st.warning(escaped(failure.message), icon=":material/warning:")


def words(name: str, today: BackTestDay, *, moved: bool = True) -> str:
    """`With these, Analyst would have had 14 findings instead of 9 today.`; plain text."""
    now = numbers.counted(today.now.findings, "finding")
    if not moved:
        return f"{name} has {now} of this check."
    tried = numbers.counted(today.tried.findings, "finding")
    return f"With these, {name} would have had {tried} instead of {today.now.findings:,} today."


def span_words(days: Sequence[BackTestDay], *, moved: bool = True) -> str:
    """The same over all run dates; plain text."""
    most = max(day.now.findings for day in days)
    average = sum(Decimal(day.now.findings) for day in days) / len(days)
    runs = numbers.counted(len(days), "run date")
    if not moved:
        return f"Over {DAYS} days ({runs}): {average:.1f} on average, at most {most:,}."
    tried = sum(Decimal(day.tried.findings) for day in days) / len(days)
    return (
        f"Over {DAYS} days ({runs}): {tried:.1f} on average instead of {average:.1f}, at most"
        f" {max(day.tried.findings for day in days):,} instead of {most:,}."
    )


def _figures(today: BackTestDay) -> list[Kpi]:
    more = today.tried.findings - today.now.findings
    return [
        Kpi("Now", f"{today.now.findings:,}", base=f"{numbers.short_money(today.now.saving)}/mo"),
        Kpi(
            "With these",
            f"{today.tried.findings:,}",
            delta=f"{more:+,d}" if more else "",
            base=f"{numbers.short_money(today.tried.saving)}/mo",
        ),
    ]


def _names(found: Trial) -> None:
    for title, names in (("Would be added", found.added), ("Would be dropped", found.dropped)):
        if names:
            rest = f"  \n:gray[and {len(names) - MOST_NAMES} more]" if len(names) > MOST_NAMES else ""
            told = "  \n".join(escaped(short(name), limit=120) for name in names[:MOST_NAMES])
            with st.expander(f"{title}: {len(names):,}", type="compact"):
                st.markdown(f":small[{told}{rest}]")
