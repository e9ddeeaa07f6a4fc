"""How tag compliance drifted since the last mail, in points and in dollars without a tag."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from finops.model.assets import AssetFilter
from finops.model.money import CENT, ZERO
from finops.model.reports import Column, Figure, Kind, Table, Tone
from finops.reports.digest.section import Says, Section
from finops.reports.digest.window import day_text
from finops.reports.parts.tags import compliance_text, compliances
from finops.reports.words import change_money, share
from finops.tagging.compliance import percent

if TYPE_CHECKING:
    from datetime import datetime

    from finops.model.reports import Row
    from finops.model.tagging import DayScore
    from finops.reports.definition import Sources
    from finops.reports.digest.section import Scene
    from finops.reports.parts.tags import Compliances
    from finops.tagging.compliance import Score

TITLE = "Compliance drift"
PAGE = "/tag_compliance"
POINTS = Decimal(1)
"""So many points of compliance are worth telling."""
DAYS = 400
_TENTH = Decimal("0.1")


def tag_section(sources: Sources, scene: Scene) -> Section:
    """The tenant's compliance now, held against the evaluation that was kept last before the last mail."""
    found = compliances(sources, scene.asked, AssetFilter())
    if not found.known:
        return Section(TITLE, "no asset could be judged", known=False, gaps=found.gaps)
    drifts = _drifts(sources, scene, found)
    if drifts is None:
        told = f"{compliance_text(found)}; there is no evaluation from before to hold it against"
        return Section(TITLE, told, gaps=found.gaps)
    if drifts[0].before.policy_version != found.policy.version:
        told = f"{compliance_text(found)}; the policy changed since, so nothing is compared"
        return Section(TITLE, told, gaps=found.gaps)
    news = [drift for drift in drifts if drift.counts(scene)]
    if not news:
        return Section(TITLE, compliance_text(found), gaps=found.gaps)
    fallen = sum(scene.window.holds(each.since) for each in sources.tagging.movement(scene.asked.tenant).drift)
    first = news[0]
    return Section(
        TITLE,
        compliance_text(found),
        table=_table(news, fallen, scene),
        says=Says(first.sentence(), abs(first.untagged or ZERO)),
        figures=(first.figure(),),
        gaps=found.gaps,
    )


@dataclass(frozen=True, slots=True)
class Drift:
    """One key, or all of them together (""): as it was kept, and as it is."""

    key: str
    before: DayScore
    now: Score

    @property
    def points(self) -> Decimal | None:
        """Points of compliance by count."""
        return _less(self.now.percent, percent(Decimal(self.before.compliant), Decimal(self.before.judged)))

    @property
    def cost_points(self) -> Decimal | None:
        """Points of compliance by cost; None where it is not known, or was of another currency."""
        return _less(self.now.cost_percent, self._cost_before) if self._same else None

    @property
    def untagged(self) -> Decimal | None:
        """What more of today's cost is without the tag than by the share of then: each sum is of days of its own."""
        cost, before = self.now.cost, self.before
        if cost is None or not self._same or not before.judged_cost:
            return None
        return (cost.untagged - before.untagged_cost * cost.judged / before.judged_cost).quantize(CENT, ROUND_HALF_EVEN)

    @property
    def _same(self) -> bool:
        return self.now.cost is not None and self.now.cost.currency == self.before.currency

    @property
    def _cost_before(self) -> Decimal | None:
        return percent(self.before.compliant_cost, self.before.judged_cost)

    @property
    def name(self) -> str:
        """The key, in words."""
        return self.key or "All keys"

    def counts(self, scene: Scene) -> bool:
        """Whether it is worth telling: a point by count or cost, or the reader's dollars."""
        moved = any(points is not None and abs(points) >= POINTS for points in (self.points, self.cost_points))
        return moved or (bool(self.untagged) and abs(self.untagged or ZERO) >= scene.asked.chosen.min_change)

    def sentence(self) -> str:
        """`Tag compliance fell by 2.1 points to 81.4 % of cost, +$820 without tags`."""
        by_cost = self.cost_points is not None
        points = (self.cost_points if by_cost else self.points) or ZERO
        now = self.now.cost_percent if by_cost else self.now.percent
        went = "fell" if points < 0 else "rose"
        moved = f"{went} by {abs(points):f} points to {share(now)}" if points else f"stayed at {share(now)}"
        what = "Tag compliance" if not self.key else f"Compliance of the tag {self.key}"
        told = f"{what} {moved} of {'cost' if by_cost else 'assets'}"
        currency = self.now.cost.currency if self.now.cost else ""
        return f"{told}, {change_money(self.untagged, currency)} without tags" if self.untagged else told

    def figure(self) -> Figure:
        """Compliance now, and by how many points it moved."""
        by_cost = self.cost_points is not None
        points = self.cost_points if by_cost else self.points
        now = self.now.cost_percent if by_cost else self.now.percent
        tone = Tone.PLAIN if not points else Tone.WORSE if points < 0 else Tone.BETTER
        label = f"Compliant by {'cost' if by_cost else 'count'}{f', {self.key}' if self.key else ''}"
        return Figure(label, share(now), f"{_signed(points)} points", tone, now)

    def row(self) -> Row:
        """The cells of its table."""
        cost = self.now.cost
        return (
            *(self.name, _signed(self.cost_points), _signed(self.points), self.untagged),
            *(self.now.cost_percent, self._cost_before if self._same else None),
            *(self.now.percent, percent(Decimal(self.before.compliant), Decimal(self.before.judged))),
            *(cost.untagged if cost else None, cost.currency if cost else "", self.before.evaluated),
        )


def _drifts(sources: Sources, scene: Scene, found: Compliances) -> list[Drift] | None:
    """All keys together, then each; None without anything to hold them against."""
    scores = [("", found.figures.score), *((each.key, each.score) for each in found.figures.keys)]
    days = (scene.asked.now - scene.window.since).days + DAYS
    drifts = []
    for key, score in scores:
        kept = sources.tagging.trend(scene.asked.tenant, key, days=days)
        before = _before(kept, scene.window.since)
        if before is None and not key:
            return None
        drifts += [Drift(key, before, score)] if before is not None else []
    return drifts


def _before(kept: tuple[DayScore, ...], since: datetime) -> DayScore | None:
    """The last one evaluated before an instant."""
    return max((each for each in kept if each.evaluated <= since), key=lambda each: each.evaluated, default=None)


def _table(drifts: list[Drift], fallen: int, scene: Scene) -> Table:
    currencies = {drift.now.cost.currency for drift in drifts if drift.now.cost}
    single = currencies.pop() if len(currencies) == 1 else ""
    columns = (
        Column("key", "Tag"),
        Column("cost_points", "Points by cost"),
        Column("points", "Points by count"),
        Column("delta_untagged", "Untagged cost", Kind.MONEY, single),
        Column("cost_percent", "Cost compliant now, in %", Kind.PERCENT),
        Column("cost_percent_before", "Cost compliant before, in %", Kind.PERCENT),
        Column("percent", "Compliant now, in %", Kind.PERCENT),
        Column("percent_before", "Compliant before, in %", Kind.PERCENT),
        Column("untagged_cost", "Cost untagged", Kind.MONEY, single),
        Column("currency", "Currency"),
        Column("evaluated", "Held against", Kind.INSTANT),
    )
    rows = [drift.row() for drift in drifts]
    day = day_text(drifts[0].before.evaluated.date(), scene.asked.today)
    told = [f"Held against the evaluation of {day}, by the costs of now: those of at most the last 30 days."]
    if fallen:
        were, are = ("asset was", "is") if fallen == 1 else ("assets were", "are")
        told.append(f"{fallen:,} {were} compliant and {are} not any more.")
    if scene.accounts:
        told.append("Of the whole tenant, whatever the filter.")
    return Table(
        "compliance", TITLE, columns, lambda: rows, len(rows), " ".join(told), ("key", "cost_points"), scene.page(PAGE)
    )


def _less(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    if now is None or before is None:
        return None
    return (now - before).quantize(_TENTH, ROUND_HALF_EVEN)


def _signed(points: Decimal | None) -> str:
    """`+1.2`, `−0.4`; a dash for what is not known."""
    if points is None:
        return "—"
    return f"{'+' if points > 0 else chr(0x2212) if points < 0 else ''}{abs(points):f}"
