"""Anomalies that were found, or ended, since the last mail, by the reader's thresholds."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from finops.anomalies import AnomalyQuestion
from finops.anomalies.episodes import GAP_DAYS, SPIKE_DAYS
from finops.model.anomalies import AnomalyStatus
from finops.model.money import ZERO, exact_sum
from finops.model.reports import Column, Figure, Kind, Table, Tone
from finops.model.service_names import short_service
from finops.reports.accounts import account_label
from finops.reports.digest.section import Says, Section
from finops.reports.digest.window import day_text
from finops.reports.gaps import of_detection
from finops.reports.parts.anomalies import cause_text
from finops.reports.words import change_money, counted, round_money

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from finops.anomalies import AnomalyList
    from finops.model.anomalies import Anomaly
    from finops.model.reports import Row
    from finops.reports.definition import Sources
    from finops.reports.digest.section import Scene

TITLE = "Anomalies"
PAGE = "/anomalies"
NEW, ENDED = "new", "ended"
BACKFILLED = timedelta(days=7)
"""What was found now but was over that long before the window is of a bill read anew, and no news."""


def anomaly_section(sources: Sources, scene: Scene) -> Section:
    """New and ended ones, the largest impact first."""
    levels = scene.asked.chosen.anomalies
    found = sources.anomalies.list(scene.asked.tenant, AnomalyQuestion(levels, accounts=scene.accounts))
    gaps = of_detection(found.detection)
    if not found.detection.series:
        return Section(TITLE, "no daily cost is stored", known=False, gaps=gaps)
    events = [(what, each.anomaly) for each in found.items for what in (_event(each.anomaly, scene),) if what]
    if not events:
        return Section(TITLE, _looked(found), gaps=gaps)
    names = sources.costs.account_names(scene.asked.tenant)
    new = [anomaly for what, anomaly in events if what == NEW]
    return Section(
        TITLE,
        _looked(found),
        table=_table(events, names, scene),
        says=_says(new, len(events), names, scene),
        figures=(_figure(new, len(events) - len(new)),),
        gaps=gaps,
    )


def _looked(found: AnomalyList) -> str:
    detection = found.detection
    through = f", complete days through {detection.through}" if detection.through else ""
    return f"{counted(detection.series, 'series', 'series')} of daily cost{through}"


def _event(anomaly: Anomaly, scene: Scene) -> str:
    """What is new about it, "" for nothing."""
    window, days = scene.window, scene.window.days
    if window.holds(anomaly.detected):
        return NEW if anomaly.last_seen >= window.since.date() - BACKFILLED else ""
    if days is None:
        return ""
    if anomaly.detected is None and days.start <= anomaly.flagged_first < days.end:
        return NEW
    over = anomaly.status is AnomalyStatus.OVER and days.start <= _over_since(anomaly) < days.end
    return ENDED if over else ""


def _over_since(anomaly: Anomaly) -> date:
    """The day on which the detection could tell that it is over: at once after a short one, else after a few days."""
    short = (anomaly.last_seen - anomaly.start).days + 1 < SPIKE_DAYS
    return anomaly.last_seen + timedelta(days=1 if short else GAP_DAYS + 1)


def _says(new: Sequence[Anomaly], count: int, names: Mapping[str, str], scene: Scene) -> Says:
    """The one with the largest impact, a month of it where it goes on."""
    if not new:
        return Says(f"{counted(count, 'anomaly', 'anomalies')} ended")
    first = new[0]
    more = "more" if first.impact >= 0 else "less"
    where = f"{short_service(first.service)} in {account_label(names, first.account)}"
    amount = round_money(abs(first.impact), first.currency)
    since = day_text(first.start, scene.asked.today)
    weight = abs(first.impact_month) if first.impact_month is not None else abs(first.impact)
    return Says(f"{where} cost {amount} {more} than expected since {since}", weight)


def _figure(new: Sequence[Anomaly], ended: int) -> Figure:
    if not new:
        return Figure("Anomalies ended", f"{ended:,}", exact=ended)
    currencies = {each.currency for each in new}
    more = exact_sum(each.impact for each in new if each.impact > ZERO)
    so_far = f"{change_money(more, currencies.pop())} so far" if more and len(currencies) == 1 else ""
    told = ", ".join(filter(None, (so_far, f"{ended:,} ended" if ended else "")))
    tone = Tone.WORSE if more else Tone.PLAIN
    return Figure("New anomalies", f"{len(new):,}", told, tone, len(new))


def _table(events: Sequence[tuple[str, Anomaly]], names: Mapping[str, str], scene: Scene) -> Table:
    currencies = {each.currency for _, each in events}
    single = currencies.pop() if len(currencies) == 1 else ""
    columns = (
        Column("label", "Where"),
        Column("what", "What"),
        Column("impact", "Impact", Kind.MONEY, single),
        Column("impact_month", "A month, if it stays", Kind.MONEY, single),
        Column("start", "Since", Kind.DAY),
        Column("last_seen", "Last seen", Kind.DAY),
        Column("currency", "Currency"),
        Column("cause", "Where it comes from"),
        Column("account", "Account id"),
        Column("service", "Service"),
        Column("anomaly_id", "Anomaly id"),
    )
    rows = [_row(what, each, names) for what, each in events]
    return Table("anomalies", TITLE, columns, lambda: rows, len(rows), "", ("label", "what"), scene.page(PAGE))


def _row(what: str, each: Anomaly, names: Mapping[str, str]) -> Row:
    return (
        *(f"{short_service(each.service)}, {account_label(names, each.account)}", f"{what}, {each.kind}", each.impact),
        *(each.impact_month, each.start, each.last_seen, each.currency, cause_text(each.cause)),
        *(each.account, each.service, each.anomaly_id),
    )
