"""Findings that are new, resolved, or whose snooze ends before the next mail, by the reader's thresholds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from finops.model.findings import Basis, FindingStatus, ResolvedHow, Severity
from finops.model.money import ZERO, exact_sum
from finops.model.reports import Column, Figure, Kind, Table, Tone
from finops.reports.accounts import account_label
from finops.reports.digest.section import Says, Section, Sum
from finops.reports.digest.window import day_text
from finops.reports.gaps import of_findings
from finops.reports.words import counted, round_money
from finops.store.finding_sql import FindingFilter, FindingOrder
from finops.waste import FindingQuestion
from finops.waste.listing import STANDING
from finops.waste.totals import totals

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from decimal import Decimal

    from finops.model.findings import Finding
    from finops.model.reports import Row
    from finops.reports.definition import Sources
    from finops.reports.digest.section import Scene
    from finops.waste import FindingList
    from finops.waste.listing import Standing

NEW, RESOLVED, SNOOZES = "New findings", "Resolved findings", "Snoozes about to end"
PAGE = "/savings"
_HOW = {ResolvedHow.SEEN_GONE: "gone in AWS", ResolvedHow.BY_HAND: "by hand"}


@dataclass(frozen=True, slots=True)
class _Event:
    """Something that happened to a finding, or will; `saving` is None without dollars."""

    standing: Standing
    what: str
    at: datetime | None
    saving: Decimal | None


@dataclass(frozen=True, slots=True)
class _Told:
    """How one kind of event is told: `verb` stands between how many and the dollars."""

    name: str
    title: str
    column: str
    at: str
    what: str
    page: str


def finding_sections(sources: Sources, scene: Scene) -> tuple[Section, ...]:
    """New, resolved, and snoozes about to end; one reading of the findings."""
    asked, window = scene.asked, scene.window
    only = FindingFilter(accounts=scene.accounts)
    question = FindingQuestion(
        only, statuses=tuple(FindingStatus), order=FindingOrder(limit=None), levels=asked.chosen.deviations
    )
    found = sources.waste.findings(asked.tenant, question)
    gaps = of_findings(sources, asked, only, found.failures)
    names = {account.id: account.name for account in sources.inventory.accounts(asked.tenant)}
    told = _Teller(scene, found, names)
    own = _Own.of(sources, scene)
    least = f"{asked.chosen.min_saving.normalize():f}" if asked.chosen.min_saving else ""
    new = told.section(
        _Told("new_findings", NEW, "new", "Since", "What", scene.page(PAGE, ("min_saving", least))),
        [event for each in found.items if (event := _new(each, scene, own))],
        lambda count, amount: f"{counted(count, 'new finding')} could save {amount} a month",
    )
    resolved = told.section(
        _Told("resolved_findings", RESOLVED, "resolved", "Resolved", "How", scene.page(PAGE, ("status", "resolved"))),
        [event for each in found.items if (event := _resolved(each, scene))],
        lambda count, amount: f"{counted(count, 'finding')} resolved, worth {amount} a month",
    )
    ends = day_text(window.following.date(), asked.today)
    be = {True: "snooze ends", False: "snoozes end"}
    snoozes = told.section(
        _Told("snoozes", SNOOZES, "", "Ends", "Why it was snoozed", scene.page(PAGE, ("status", "snoozed"))),
        [event for each in found.items if (event := _ending(each, scene))],
        lambda count, amount: f"{count:,} {be[count == 1]} before {ends}, worth {amount} a month",
    )
    return replace(new, gaps=gaps), resolved, snoozes


@dataclass(frozen=True, slots=True)
class _Own:
    """Checks of which the reader has thresholds of their own, and what those had flagged at the last mail already."""

    checks: frozenset[str]
    flagged: frozenset[str]

    @classmethod
    def of(cls, sources: Sources, scene: Scene) -> Self:
        levels = scene.asked.chosen.deviations
        if not levels:
            return cls(frozenset(), frozenset())
        flagged = sources.waste.flagged_before(scene.asked.tenant, levels, scene.window.since)
        return cls(frozenset(check for check, _ in levels), flagged)


def _new(each: Standing, scene: Scene, own: _Own) -> _Event | None:
    """A finding that waits for somebody since the last mail: flagged for the first time, or open again."""
    state = each.state
    if each.status not in STANDING:
        return None
    if each.status is FindingStatus.REOPENED and state is not None:
        return _Event(each, "open again", state.updated, _saving(each)) if scene.window.holds(state.updated) else None
    if each.finding.check_id not in own.checks:
        return _Event(each, "new", each.first_seen, _saving(each)) if scene.window.holds(each.first_seen) else None
    observed = each.finding.observed
    fresh = each.finding.fingerprint not in own.flagged and observed < scene.window.until
    return _Event(each, "new", observed, _saving(each)) if fresh else None


def _resolved(each: Standing, scene: Scene) -> _Event | None:
    state = each.state
    if state is None or each.status is not FindingStatus.RESOLVED or not scene.window.holds(state.resolved_at):
        return None
    how = _HOW[state.resolved_how] if state.resolved_how else ""
    return _Event(each, how, state.resolved_at, state.saving_when_resolved)


def _ending(each: Standing, scene: Scene) -> _Event | None:
    state = each.state
    if state is None or each.status is not FindingStatus.SNOOZED or state.until is None:
        return None
    return _Event(each, state.reason, state.until, _saving(each)) if state.until < scene.window.following else None


def _saving(each: Standing) -> Decimal | None:
    return None if each.finding.saving_basis is Basis.NONE else each.finding.monthly_saving


@dataclass(frozen=True, slots=True)
class _Teller:
    scene: Scene
    found: FindingList
    names: dict[str, str]

    def section(self, told: _Told, events: Sequence[_Event], sentence: Callable[[int, str], str]) -> Section:
        """The events over the reader's threshold; what is below it is counted in a note."""
        kept = [event for event in events if self._counts(event)]
        known = self.found.run is not None
        looked = f"{counted(self.found.total, 'finding')} looked at" if known else "no check has run yet"
        if not kept:
            below = f"; {counted(len(events), 'one', 'ones')} below your threshold" if events else ""
            return Section(told.title, f"{looked}{below}", known=known)
        amounts = self._amounts(told, kept)
        currency = max(amounts, key=lambda name: (amounts[name], name), default="USD")
        amount = round_money(amounts.get(currency, ZERO), currency) if amounts else "no dollars"
        table = self._table(told, kept, len(events) - len(kept))
        says = Says(sentence(len(kept), amount), amounts.get(currency, ZERO))
        tone = Tone.BETTER if told.column == "resolved" else Tone.PLAIN
        figure = Figure(f"{told.title}, a month", amount, counted(len(kept), "finding"), tone, amounts.get(currency))
        return Section(told.title, looked, table=table, says=says, figures=(figure,), accounts=self._sums(told, kept))

    def _counts(self, event: _Event) -> bool:
        """Whether it is worth telling: by its dollars, or without any by how grave it is."""
        least = self.scene.asked.chosen.min_saving
        if event.saving is None:
            return not least or event.standing.finding.severity == Severity.HIGH
        return event.saving >= least

    def _amounts(self, told: _Told, events: Sequence[_Event]) -> dict[str, Decimal]:
        """Savings by currency: of what is open nothing counts twice, as on Savings; of what is resolved, the sum."""
        if told.column == "new":
            return {name: each.net for name, each in totals(_findings(events)).by_currency.items()}
        found: dict[str, list[Decimal]] = {}
        for event in events:
            if event.saving is not None:
                found.setdefault(event.standing.finding.currency, []).append(event.saving)
        return {name: exact_sum(amounts) for name, amounts in found.items()}

    def _sums(self, told: _Told, events: Sequence[_Event]) -> tuple[Sum, ...]:
        if not told.column:
            return ()
        if told.column == "new":
            winners = (each for total in totals(_findings(events)).by_currency.values() for each in total.winners)
            return tuple(Sum(w.finding.account, "new", w.counted, w.finding.currency) for w in winners)
        return tuple(
            Sum(each.standing.finding.account, told.column, each.saving, each.standing.finding.currency)
            for each in events
            if each.saving is not None
        )

    def _table(self, told: _Told, events: Sequence[_Event], below: int) -> Table:
        rows = [self._row(event) for event in sorted(events, key=_order)]
        currencies = {event.standing.finding.currency for event in events}
        columns = (
            Column("title", "Finding"),
            Column("resource", "Resource"),
            Column("label", "Account"),
            Column("monthly_saving", "Saving a month", Kind.MONEY, currencies.pop() if len(currencies) == 1 else ""),
            Column("currency", "Currency"),
            Column("at", told.at, Kind.INSTANT),
            Column("what", told.what),
            Column("severity", "Severity"),
            Column("region", "Region"),
            Column("account", "Account id"),
            Column("resource_id", "Resource id"),
            Column("fingerprint", "Fingerprint"),
        )
        note = f"{counted(below, 'more one', 'more')} below your threshold left out." if below else ""
        return Table(told.name, told.title, columns, lambda: rows, len(rows), note, ("title", "resource"), told.page)

    def _row(self, event: _Event) -> Row:
        each = event.standing.finding
        place = (each.severity, each.region, each.account, each.resource_id, each.fingerprint)
        return (
            *(each.title, each.name or each.resource_id, account_label(self.names, each.account)),
            *(event.saving, each.currency, event.at, event.what, *place),
        )


def _findings(events: Sequence[_Event]) -> list[Finding]:
    return [event.standing.finding for event in events]


def _order(event: _Event) -> tuple[Decimal, str, str]:
    each = event.standing.finding
    return -(event.saving or ZERO), each.title, each.fingerprint
