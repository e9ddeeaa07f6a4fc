"""Tag compliance asked for and told: what its report and the executive summary share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.model.reports import Column, Figure, Kind, Provenance, Table, Tone
from finops.reports.gaps import Gaps, of_inventory
from finops.reports.words import UNKNOWN, counted, days_text, moment_text, round_money, share

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from decimal import Decimal

    from finops.model.assets import AssetFilter
    from finops.model.period import Period
    from finops.model.reports import Cell, Row
    from finops.model.tagging import PolicyVersion
    from finops.reports.definition import Asked, Sources
    from finops.tagging.compliance import Compliance, Score

SCORES = (
    Column("judged", "Judged", Kind.NUMBER),
    Column("compliant", "Compliant", Kind.NUMBER),
    Column("violating", "Violating", Kind.NUMBER),
    Column("untagged", "Untagged", Kind.NUMBER),
    Column("exempt", "Exempt", Kind.NUMBER),
    Column("untaggable", "Cannot be tagged", Kind.NUMBER),
    Column("unknown", "Tags unknown", Kind.NUMBER),
    Column("unpriced", "Cost unknown", Kind.NUMBER),
    Column("percent", "Compliant in %", Kind.PERCENT),
    Column("judged_cost", "Cost judged", Kind.MONEY),
    Column("compliant_cost", "Cost compliant", Kind.MONEY),
    Column("violating_cost", "Cost violating", Kind.MONEY),
    Column("untagged_cost", "Cost untagged", Kind.MONEY),
    Column("cost_percent", "Cost compliant in %", Kind.PERCENT),
    Column("currency", "Currency"),
)
"""How assets stand. Costs are empty where they are in several currencies, which are never added up."""


@dataclass(frozen=True, slots=True)
class Compliances:
    """How tags stand now."""

    asked: Asked
    figures: Compliance
    policy: PolicyVersion
    gaps: Gaps
    checked: datetime | None
    cost_period: Period | None

    @property
    def known(self) -> bool:
        """Whether anything could be judged."""
        return self.figures.score.judged > 0


def compliances(sources: Sources, asked: Asked, only: AssetFilter, *, by: str = "") -> Compliances:
    """The figures of a filter's assets, in groups."""
    standing = sources.inventory.standing(asked.tenant, only)
    figures = sources.tagging.compliance(asked.tenant, only, by=by)
    gaps = of_inventory(asked, standing, only)
    unknown = figures.score.unknown
    if unknown:
        gaps += Gaps(missing=(f"The tags of {counted(unknown, 'asset')} could not be asked: they count nowhere.",))
    policy = sources.tagging.policy(asked.tenant)
    period = sources.costs.resource_period(asked.tenant)
    return Compliances(asked, figures, policy, gaps, standing.checked, period)


def compliance_figures(found: Compliances) -> tuple[Figure, ...]:
    """Compliance by cost and by count, held against the reader's targets."""
    score, chosen = found.figures.score, found.asked.chosen
    currency = score.cost.currency if score.cost else ""
    untagged = score.cost.untagged if score.cost else None
    return (
        _target("Compliant by cost", score.cost_percent, chosen.target_cost),
        _target("Compliant by count", score.percent, chosen.target_count),
        _violating(score.violating if found.known else None),
        Figure("Untagged cost", round_money(untagged, currency), "of the last days, at most 30", exact=untagged),
    )


def compliance_text(found: Compliances) -> str:
    """`Tags: 61.2 % of cost and 74.0 % of assets comply`."""
    score = found.figures.score
    if not found.known:
        return "Tag compliance is not known: no asset could be judged"
    if score.cost_percent is None:
        return f"Tags: {share(score.percent)} of assets comply"
    return f"Tags: {share(score.cost_percent)} of cost and {share(score.percent)} of assets comply"


def score_table(name: str, title: str, groups: tuple[Column, ...], scores: Iterable[tuple[Row, Score]]) -> Table:
    """One row a group; none of a group in which no asset stands in any way, which is not known to comply."""
    rows = [(*cells, *score_cells(score)) for cells, score in scores if _stands(score)]
    return Table(name, title, (*groups, *SCORES), lambda: rows, len(rows), about=(groups[-1].name,))


def _stands(score: Score) -> bool:
    return bool(score.judged or score.exempt or score.untaggable or score.unknown)


def score_cells(score: Score) -> tuple[Cell, ...]:
    """The cells of `SCORES`."""
    cost = score.cost
    counts = (score.judged, score.compliant, score.violating, score.untagged)
    apart = (score.exempt, score.untaggable, score.unknown, score.unpriced)
    amounts: tuple[Cell, ...] = (None,) * 4 if cost is None else (
        cost.judged, cost.compliant, cost.violating, cost.untagged
    )  # fmt: skip
    return (*counts, *apart, score.percent, *amounts, score.cost_percent, cost.currency if cost else "")


def compliance_provenance(found: Compliances) -> Provenance:
    """Which policy judged what, listed when."""
    policy = found.policy
    version = f"version {policy.version}" if policy.version else "the starter policy, which nobody has saved"
    chosen = found.asked.chosen
    score = found.figures.score
    lines = [
        ("Policy", f"{version}: {', '.join(policy.policy.keys)}"),
        ("Targets", f"{share(chosen.target_cost)} of cost, {share(chosen.target_count)} of assets"),
        ("Listed", moment_text(found.checked)),
        ("Costs of", days_text(found.cost_period, found.asked.today) if found.cost_period else "unknown days"),
        *(("Note", note) for note in found.figures.notes),
    ]
    currency = score.cost.currency if score.cost else ""
    return Provenance(source="tags", currency=currency, fetched_at=found.checked, facts=tuple(lines))


def _violating(count: int | None) -> Figure:
    return Figure("Violating", UNKNOWN if count is None else f"{count:,}", exact=count)


def _target(label: str, percent: Decimal | None, target: Decimal) -> Figure:
    if percent is None:
        return Figure(label, UNKNOWN, f"target {share(target)}")
    tone = Tone.BETTER if percent >= target else Tone.WORSE
    return Figure(label, share(percent), f"target {share(target)}", tone, percent)
