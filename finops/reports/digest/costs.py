"""Cost movers: what a service costs more or less in an account, complete days against the same weekdays before."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from finops.model.costs import CostQuestion
from finops.model.money import CENT
from finops.model.reports import Chart, ChartKind, Column, Figure, Kind, Table, Tone
from finops.model.service_names import short_service
from finops.reports.accounts import account_label
from finops.reports.digest.section import A_MONTH, Says, Section, Sum
from finops.reports.gaps import OLD, Gaps, of_answers
from finops.reports.words import change_money, change_share, counted, days_text, moment_text, money, round_money

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from finops.model.costs import ComparedRow, Comparison
    from finops.model.reports import Row
    from finops.reports.definition import Sources
    from finops.reports.digest.section import Scene

TITLE = "Cost movers"
PAGE = "/cost_analysis"
_DRAWN = 8
_HUNDREDTH = Decimal("0.01")


def mover_section(sources: Sources, scene: Scene) -> Section:
    """What changed by more than the reader's thresholds, the largest change first."""
    window = scene.window
    stale = _stale(sources, scene)
    if window.days is None or window.before is None:
        known = sources.costs.complete_until(scene.asked.tenant) is not None
        missing = () if known else ("What costs changed is not known: no complete day of cost is stored.",)
        return Section(TITLE, window.compared(scene.asked.today), known=known, gaps=stale + Gaps(missing=missing))
    filters = scene.asked.scope.cost_filters()
    question = CostQuestion(scene.asked.tenant, window.days, group_by=("account", "service"), filters=filters)
    found = sources.costs.compare(question, window.before)
    gaps = stale + of_answers(scene.asked, found.current, found.previous)
    if not found.current.provenance.source or not found.previous.provenance.source:
        return Section(TITLE, "not known", known=False, gaps=gaps)
    movers = Movers(scene, sources.costs.account_names(scene.asked.tenant), found)
    return movers.section(gaps)


def _stale(sources: Sources, scene: Scene) -> Gaps:
    """Costs that nobody has fetched for days."""
    fetched = max(
        (each.fetched_at for each in sources.costs.sources(scene.asked.tenant) if each.fetched_at), default=None
    )
    if fetched is None or scene.asked.now - fetched <= OLD:
        return Gaps()
    age = counted((scene.asked.now - fetched).days, "day")
    return Gaps(missing=(f"Costs were last fetched {age} ago, at {moment_text(fetched)}.",))


@dataclass(frozen=True, slots=True)
class Movers:
    """One comparison of services by account."""

    scene: Scene
    names: Mapping[str, str]
    found: Comparison

    def section(self, gaps: Gaps) -> Section:
        """The rows over the thresholds."""
        today, window = self.scene.asked.today, self.scene.window
        rows = sorted(filter(self._counts, self.found.rows), key=lambda row: (-abs(row.delta), row.keys, row.currency))
        if not rows:
            looked = f"{counted(len(self.found.rows), 'service')} by account, {window.compared(today)}"
            return Section(TITLE, looked, gaps=gaps)
        first = rows[0]
        return Section(
            TITLE,
            window.compared(today),
            table=self._table(rows),
            says=Says(self._sentence(first), self._month(abs(first.delta))),
            figures=(self._figure(first),),
            charts=self._charts(rows),
            gaps=gaps,
            accounts=tuple(Sum(row.keys[0], "change", self._month(row.delta), row.currency) for row in rows),
        )

    def _counts(self, row: ComparedRow) -> bool:
        """Whether a change is worth telling: a month of it in dollars, and in percent where there was cost before."""
        chosen = self.scene.asked.chosen
        large = bool(row.delta) and self._month(abs(row.delta)) >= chosen.min_change
        return large and (row.percent is None or abs(row.percent) >= chosen.min_change_percent)

    def _month(self, amount: Decimal) -> Decimal:
        """What the window's days come to in a month."""
        days = self.scene.window.days
        return (amount / (days.days if days else 1) * A_MONTH).quantize(CENT, ROUND_HALF_EVEN)

    def _name(self, row: ComparedRow) -> str:
        account, service = row.keys
        return f"{short_service(service)} in {account_label(self.names, account)}"

    def _sentence(self, row: ComparedRow) -> str:
        more = "more" if row.delta > 0 else "less"
        amount = round_money(abs(row.delta), row.currency)
        return f"{self._name(row)} cost {amount} {more} in {self._days()[0]} than in {self._days()[1]}"

    def _days(self) -> tuple[str, str]:
        window, today = self.scene.window, self.scene.asked.today
        return tuple(days_text(each, today) for each in (window.days, window.before) if each)  # type: ignore[return-value]

    def _figure(self, row: ComparedRow) -> Figure:
        percent = change_share(row.percent)
        changed = f"{self._name(row)}{f', {percent}' if percent else ', new'}"
        tone = Tone.WORSE if row.delta > 0 else Tone.BETTER
        return Figure("Largest change", change_money(row.delta, row.currency), changed, tone, row.delta)

    def _table(self, rows: Sequence[ComparedRow]) -> Table:
        currencies = {row.currency for row in rows}
        single = currencies.pop() if len(currencies) == 1 else ""
        now, before = self._days()
        columns = (
            Column("service", "Service"),
            Column("label", "Account"),
            Column("delta", "Change", Kind.MONEY, single),
            Column("cost", f"Cost in {now}", Kind.MONEY, single),
            Column("previous_cost", f"Cost in {before}", Kind.MONEY, single),
            Column("percent", "Change in %", Kind.PERCENT),
            Column("delta_month", "Change a month", Kind.MONEY, single),
            Column("currency", "Currency"),
            Column("account", "Account id"),
            Column("where", "Account and service"),
        )
        told = [self._row(row) for row in rows]
        note = f"{now} against {before}: complete days, the same weekdays."
        return Table("movers", TITLE, columns, lambda: told, len(told), note, ("service", "label"), self._page())

    def _row(self, row: ComparedRow) -> Row:
        account, service = row.keys
        label = account_label(self.names, account)
        percent = None if row.percent is None else row.percent.quantize(_HUNDREDTH, ROUND_HALF_EVEN)
        return (
            *(service, label, row.delta, row.current, row.previous, percent),
            *(self._month(row.delta), row.currency, account, f"{label}: {short_service(service)}"),
        )

    def _page(self) -> str:
        days = self.scene.window.days
        start, end = (days.start, days.end) if days else ("", "")
        return self.scene.page(PAGE, ("start", start), ("end", end), ("group_by", "service"))

    def _charts(self, rows: Sequence[ComparedRow]) -> tuple[Chart, ...]:
        """Bars of the changes; none of amounts in several currencies, nor of a single one."""
        if len(rows) == 1 or len({row.currency for row in rows}) > 1:
            return ()
        named = "; ".join(f"{self._name(row)} {money(row.delta, row.currency)}" for row in rows[:3])
        alt = f"Changes, largest first: {named}."
        return (Chart("What changed most", ChartKind.BARS, "movers", "where", ("delta",), alt, most=_DRAWN),)
