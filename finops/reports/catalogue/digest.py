"""Digest: what changed since the last mail to this reader, over all accounts, and what was looked at without news."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from finops.model.errors import FinopsError
from finops.model.money import exact_sum
from finops.model.people import Right
from finops.model.reports import Column, Figure, Kind, Provenance, Report, Table
from finops.reports.accounts import COLUMNS, account_cells
from finops.reports.definition import Definition
from finops.reports.digest import budgets, costs, failures, findings, tags, unusual
from finops.reports.digest.section import Scene, unread, weightiest
from finops.reports.digest.window import day_text, window_of
from finops.reports.gaps import Gaps
from finops.reports.parts.savings import ACCOUNT
from finops.reports.words import UNKNOWN, last_days

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from decimal import Decimal

    from finops.reports.definition import Asked, Sources
    from finops.reports.digest.section import Section

DAYS = 7
MOST_FIGURES = 6

PARTS: tuple[tuple[str, Callable[[Sources, Scene], Sequence[Section]]], ...] = (
    ("Budgets", lambda sources, scene: (budgets.budget_section(sources, scene),)),
    (costs.TITLE, lambda sources, scene: (costs.mover_section(sources, scene),)),
    (unusual.TITLE, lambda sources, scene: (unusual.anomaly_section(sources, scene),)),
    ("Findings", findings.finding_sections),
    (tags.TITLE, lambda sources, scene: (tags.tag_section(sources, scene),)),
    ("Failures", lambda sources, scene: (failures.failure_section(sources, scene),)),
)
"""What is read one after the other; one that cannot be read hides no other."""


def make(sources: Sources, asked: Asked) -> Report:
    """Every section, those with news as tables, the others named."""
    scene = Scene(asked, window_of(asked, sources.costs.complete_until(asked.tenant)), asked.scope.listed("account"))
    sections = [section for title, read in PARTS for section in _read(sources, scene, title, read)]
    news = [section for section in sections if section.table is not None]
    gaps = sum((section.gaps for section in sections), Gaps())
    return Report(
        asked.request,
        f"What changed since {day_text(scene.window.since.date(), asked.today)}",
        _headline(sections, scene),
        asked.now,
        scene.window.period if asked.interval else asked.period,
        figures=_figures(sections),
        tables=(
            *_by_account(news, sources, scene),
            *(section.table for section in news if section.table is not None),
            *_checked(sections),
        ),
        charts=tuple(chart for section in news for chart in section.charts),
        provenance=_provenance(scene),
        failures=gaps.failures,
        missing=gaps.missing,
        page="/",
        unchanged=not news,
    )


def _read(
    sources: Sources, scene: Scene, title: str, read: Callable[[Sources, Scene], Sequence[Section]]
) -> Sequence[Section]:
    """The sections of a part, or that it could not be read: the mail goes out all the same, and names it."""
    try:
        return read(sources, scene)
    except FinopsError as error:
        return (unread(title, str(error)),)


def _headline(sections: Sequence[Section], scene: Scene) -> str:
    """The sentence about most dollars; without news that there is none, as far as that is known."""
    said = weightiest(sections)
    if said is not None:
        return said.text
    since = day_text(scene.window.since.date(), scene.asked.today)
    if not any(section.known for section in sections if section.title in _DATA):
        return f"What changed since {since} is not known"
    gaps = any(section.gaps != Gaps() for section in sections)
    return f"Nothing new since {since}{' in what could be read' if gaps else ''}"


_DATA = {costs.TITLE, unusual.TITLE, findings.NEW, tags.TITLE}
"""Sections that are known only where something was ever fetched."""


def _figures(sections: Sequence[Section]) -> tuple[Figure, ...]:
    """Those of the sections with news, that of the headline first; else how many sections have none."""
    news = [section for section in sections if section.figures]
    if not news:
        known = sum(section.known for section in sections)
        return (Figure("Sections without news", f"{known} of {len(sections)}" if known else UNKNOWN, exact=known),)
    ranked = sorted(news, key=lambda section: -(section.says.weight if section.says else 0))
    return tuple(figure for section in ranked for figure in section.figures)[:MOST_FIGURES]


def _checked(sections: Sequence[Section]) -> tuple[Table, ...]:
    """What has no news, and what was looked at."""
    rows = [(section.title, section.looked) for section in sections if section.table is None and section.known]
    if not rows:
        return ()
    columns = (Column("section", "Part"), Column("looked", "Looked at"))
    return (Table("checked", "Checked, nothing new", columns, lambda: rows, len(rows), "", ("section", "looked")),)


def _by_account(news: Sequence[Section], sources: Sources, scene: Scene) -> tuple[Table, ...]:
    """What the sections say of each account, where there is news of several; none in several currencies."""
    sums: dict[str, dict[str, list[Decimal]]] = {}
    found = [each for section in news for each in section.accounts]
    for each in found:
        sums.setdefault(each.account, {}).setdefault(each.column, []).append(each.amount)
    currencies = {each.currency for each in found}
    if len(sums) <= 1 or len(currencies) > 1:
        return ()
    currency = currencies.pop()
    names = sources.costs.account_names(scene.asked.tenant)
    columns = (
        *COLUMNS,
        Column("delta_month", "Cost movers", Kind.MONEY, currency),
        Column("new_savings", "New savings", Kind.MONEY, currency),
        Column("resolved_savings", "Resolved", Kind.MONEY, currency),
    )
    totals = {account: {name: exact_sum(amounts) for name, amounts in each.items()} for account, each in sums.items()}
    ordered = sorted(totals.items(), key=lambda each: (-max(map(abs, each[1].values())), each[0]))
    rows = [(*account_cells(names, account), *_amounts(each)) for account, each in ordered]
    note = "Dollars a month of what is listed below; nothing where there is no news."
    return (Table("by_account", "By account", columns, lambda: rows, len(rows), note, ("label",)),)


def _amounts(sums: Mapping[str, Decimal]) -> tuple[Decimal | None, ...]:
    return tuple(sums.get(name) for name in ("change", "new", "resolved"))


def _provenance(scene: Scene) -> Provenance:
    """Since when, by whose thresholds, which days."""
    chosen, today = scene.asked.chosen, scene.asked.today
    least = f"savings from {chosen.min_saving.normalize():f}, changes from {chosen.min_change.normalize():f} a month"
    own = f"{least} and {chosen.min_change_percent.normalize():f} %"
    levels = chosen.anomalies
    facts = (
        ("Since", scene.window.told()),
        ("Costs compared", scene.window.compared(today)),
        ("Told from", f"{own}; anomalies from {levels.min_impact:f} and {levels.min_percent:f} % on"),
        ("Next", f"snoozes that end before {day_text(scene.window.following.date(), today)} are told"),
    )
    return Provenance(facts=facts)


REPORT = Definition(
    name="digest",
    title="Digest",
    help="What changed since the last mail to the reader: findings, costs, anomalies, budgets, tags, failures.",
    rights=(
        *(Right.VIEW_COSTS, Right.VIEW_FINDINGS, Right.VIEW_TAGS, Right.VIEW_ANOMALIES),
        *(Right.VIEW_BUDGETS, Right.VIEW_HEALTH),
    ),
    parameters=(ACCOUNT,),
    make=make,
    usual=partial(last_days, days=DAYS),
    usual_text="the last 7 days",
    changes=True,
)
