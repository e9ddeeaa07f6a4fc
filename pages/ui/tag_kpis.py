"""The key figures of Tag compliance: by count, by cost, what is untagged, and what cannot be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pages.ui import numbers, tag_names
from pages.ui.kpis import Kpi

if TYPE_CHECKING:
    from decimal import Decimal

    from finops.tagging.compliance import Compliance, Score
    from finops.tagging.history import Movement
    from pages.ui.tag_answers import Answers
    from pages.ui.tag_view import TagView


def score_of(figures: Compliance, key: str) -> Score:
    """The score of one key, or (empty) of assets as a whole, where any violation counts."""
    return next((each.score for each in figures.keys if each.key == key), figures.score)


def strip(answers: Answers, view: TagView) -> list[Kpi]:
    """The four cards."""
    figures = answers.compliance(view.only)
    score = score_of(figures, view.key)
    return [
        _by_count(score, figures, moved=answers.movement(view.only), target=answers.targets.count),
        _by_cost(answers, score),
        _untagged(answers, score),
        _apart(score),
    ]


def against(percent: Decimal | None, target: Decimal) -> tuple[str, str]:
    """The distance from the target as `st.metric` reads it, and `target 95%`; no distance without a figure."""
    base = f"target {target.normalize():f}%"
    if percent is None:
        return "", base
    points = percent - target
    return f"{points:+.1f} pp" if points else "", base


def _by_count(score: Score, figures: Compliance, *, moved: Movement, target: Decimal) -> Kpi:
    delta, base = against(score.percent, target)
    fresh = figures.new
    told = [
        f"{score.compliant:,} of {numbers.counted(score.judged, 'asset')} that can be judged.",
        f"New assets: {tag_names.percent_words(fresh.percent)} of {fresh.judged:,} comply.",
        f"Drift: {numbers.counted(len(moved.drift), 'tag')} complied 30 days ago and not any more.",
    ]
    if moved.median_days is not None:
        told.append(f"{moved.fixed:,} mended in 90 days, after {moved.median_days:g} days in the median.")
    else:
        told.append("Nothing was mended in 90 days.")
    return Kpi(
        "Compliant by count",
        tag_names.percent_words(score.percent),
        delta=delta,
        base=base,
        colour="normal" if delta else "gray",
        help=" ".join(told),
    )


def _by_cost(answers: Answers, score: Score) -> Kpi:
    delta, base = against(score.cost_percent, answers.targets.cost)
    cost = score.cost
    told = "Weighted by what assets cost; only cost that can be judged is in the denominator."
    if cost is not None:
        days = f", {answers.cost_days}" if answers.cost_days else ""
        compliant, judged = (numbers.exact_money(each, cost.currency) for each in (cost.compliant, cost.judged))
        told = f"{compliant} of {judged}{days}. {told}"
    elif score.costs:
        told = "There are several currencies, which are never added."
    if score.unpriced:
        told += f" {numbers.counted(score.unpriced, 'asset')} of unknown cost {_are(score.unpriced)} left out."
    return Kpi(
        "Compliant by cost",
        tag_names.percent_words(score.cost_percent),
        delta=delta,
        base=base,
        colour="normal" if delta else "gray",
        help=told,
    )


def _untagged(answers: Answers, score: Score) -> Kpi:
    label = "Untagged"
    told = "Cost of assets without any value of a key that is asked for, also under another spelling."
    if not score.costs:
        return Kpi(label, numbers.UNKNOWN, base="no cost is known", help=told)
    largest = max(score.costs, key=lambda cost: cost.untagged)
    share = numbers.share(largest.untagged, largest.judged)
    days = f" in {answers.cost_days}" if answers.cost_days else ""
    others = [
        f"{numbers.short_money(answers.month(cost.untagged), cost.currency)}/mo"
        for cost in score.costs
        if cost is not largest
    ]
    return Kpi(
        label,
        f"{numbers.short_money(answers.month(largest.untagged), largest.currency)}/mo",
        delta=f"{numbers.percent(share)} of cost" if share is not None else "",
        base=f"and {', '.join(others)}" if others else "",
        help=f"{numbers.exact_money(largest.untagged, largest.currency)}{days}, as a month. {told}",
    )


def _apart(score: Score) -> Kpi:
    parts = [f"{score.untaggable:,} untaggable"]
    if score.exempt:
        parts.append(f"{score.exempt:,} exempt")
    return Kpi(
        "Unknown",
        numbers.counted(score.unknown, "asset"),
        base=", ".join(parts),
        help="Unknown: the tags could not be read. Untaggable: AWS has no tags for it. Exempt: the policy forgives it "
        "for now. All three are apart: never counted as compliant, and in no denominator.",
    )


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
