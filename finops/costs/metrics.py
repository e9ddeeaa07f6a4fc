"""Which stored column answers a question about a metric, and the words that say so.

Cost Explorer and FOCUS name the same two ideas differently. AWS documents for its FOCUS export that BilledCost is
"inclusive of all reduced rates and discounts while excluding the amortization of upfront charges", which is net
unblended cost, and that EffectiveCost amortizes them, which is net amortized cost. docs/metrics.md has the whole
table. Nothing else is ever mapped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.model.costs import Metric
from finops.model.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SAME_IDEA: dict[Metric, Metric] = {
    Metric.BILLED: Metric.NET_UNBLENDED,
    Metric.NET_UNBLENDED: Metric.BILLED,
    Metric.EFFECTIVE: Metric.NET_AMORTIZED,
    Metric.NET_AMORTIZED: Metric.EFFECTIVE,
}
"""The documented equals, read in both directions."""

_SPELLED = {
    Metric.BILLED: "BilledCost (FOCUS)",
    Metric.EFFECTIVE: "EffectiveCost (FOCUS)",
    Metric.NET_UNBLENDED: "NetUnblendedCost (Cost Explorer)",
    Metric.NET_AMORTIZED: "NetAmortizedCost (Cost Explorer)",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """How a metric is read: the metric answered for, the stored column, and the mapping in words when they differ."""

    metric: Metric
    column: Metric
    mapped_from: str = ""


def reading(asked: Metric | None, stored: Sequence[Metric]) -> Reading | None:
    """How a source that stores these metrics answers; None when it cannot.

    No metric asked means `unblended` where it is stored, else `billed`, else the first one stored.
    """
    if asked is None:
        return next((Reading(metric, metric) for metric in _by_preference(stored)), None)
    if asked in stored:
        return Reading(asked, asked)
    equal = SAME_IDEA.get(asked)
    if equal is not None and equal in stored:
        return Reading(asked, equal, f"{_SPELLED[equal]} read as {asked}")
    return None


def answerable(stored: Iterable[Metric]) -> tuple[Metric, ...]:
    """Every metric that the stored ones answer, mapped ones included, the default first."""
    known = set(stored)
    known |= {SAME_IDEA[metric] for metric in known if metric in SAME_IDEA}
    return _by_preference(tuple(known))


def lacking(asked: Metric, stored: Iterable[Metric], *, source: str = "") -> InputError:
    """The error for a metric that no stored figure answers, naming those that can be asked."""
    names = ", ".join(answerable(stored)) or "none"
    where = f"source {source}" if source else "stored costs"
    return InputError("metric", f"{where} cannot tell {asked}; metrics available: {names}")


def _by_preference(metrics: Sequence[Metric]) -> tuple[Metric, ...]:
    first = (Metric.UNBLENDED, Metric.BILLED)
    preferred = [metric for metric in first if metric in metrics][:1]
    return (*preferred, *(metric for metric in Metric if metric in metrics and metric not in preferred))
