"""Cost answers as documents. API and command line send the same ones, so their figures and fields cannot differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from export import comparison_records, cost_records
from finops.api.cursors import cursor, offset_of, stamp
from finops.api.envelope import Document, Meta, envelope
from finops.model.money import ZERO
from finops.model.outcome import Failure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from finops.api.parameters import CostRequest
    from finops.model.costs import Comparison, CostAnswer, Filter
    from finops.model.period import Period


def cost_by_service(answer: CostAnswer) -> Document:
    """`data.items[]`: `service`, `cost`, `currency`, `estimated`, `date` when bucketed; `data.total` beside them."""
    return envelope({"items": list(cost_records(answer)), **_totals(answer)}, cost_meta(answer))


def costs_page(answer: CostAnswer, request: CostRequest, *, version: str, names: Mapping[str, str]) -> Document:
    """One page of `/api/costs`. `meta.total` counts all items, `meta.next_cursor` is None on the last page.

    `data.total` is that of the whole answer, whatever the page. InputError for a cursor of another question, or of
    data that a refresh has replaced since.
    """
    sealed = stamp(request.question, version)
    start = offset_of(request.cursor, sealed)
    records = list(cost_records(answer, account_names=names))
    following = start + request.limit
    pages = {
        "total": len(records),
        "next_cursor": cursor(sealed, following) if following < len(records) else None,
    }
    return envelope({"items": records[start:following], **_totals(answer)}, cost_meta(answer, more=pages))


def comparison_document(comparison: Comparison, *, names: Mapping[str, str]) -> Document:
    """Groups of two periods joined: `cost`, `previous_cost`, `delta`, `percent`, `change`. Partial when either is."""
    current, previous = comparison.current, comparison.previous
    earlier = _totals(previous)
    data = {
        "items": list(comparison_records(comparison, account_names=names)),
        **_totals(current),
        "previous_total": earlier["total"],
        "previous_totals": earlier["totals"],
    }
    failures = tuple(dict.fromkeys((*reasons(current), *reasons(previous))))
    earlier_period = period_record(previous.question.period)
    more = {"total": len(comparison.rows), "next_cursor": None, "previous_period": earlier_period}
    return envelope(data, cost_meta(current, failures=failures, partial=current.partial or previous.partial, more=more))


def cost_meta(
    answer: CostAnswer,
    *,
    failures: tuple[Failure, ...] | None = None,
    partial: bool | None = None,
    more: Mapping[str, object] | None = None,
) -> Meta:
    """The provenance of an answer. `reconciles` is False when the parts do not sum to the source's own total."""
    origin, question = answer.provenance, answer.question
    return Meta(
        tenant=question.tenant,
        as_of=origin.fetched_at,
        currency=answer.currency or None,
        metric=str(origin.metric),
        source=origin.source or None,
        estimated=origin.estimated,
        partial=answer.partial if partial is None else partial,
        failures=reasons(answer) if failures is None else failures,
        more={
            "period": period_record(question.period),
            "granularity": str(question.granularity),
            "group_by": list(question.group_by),
            "filters": [filter_record(condition) for condition in question.filters],
            "covered": period_record(origin.covered) if origin.covered else None,
            "missing_days": origin.missing_days,
            "estimated_from": origin.estimated_from,
            "cube": origin.cube or None,
            "mapped_from": origin.mapped_from or None,
            "charge_types": list(origin.charge_types),
            "reconciles": answer.reconciles,
            "control": dict(answer.control),
            "notes": list(origin.notes),
            "command": origin.command or None,
            **(more or {}),
        },
    )


def reasons(answer: CostAnswer) -> tuple[Failure, ...]:
    """Why an answer is partial: its own failures, else what its provenance says. Never empty for a partial answer."""
    if answer.failures or not answer.partial:
        return answer.failures
    origin = answer.provenance
    told = " ".join(origin.notes)
    if not origin.source:
        return (Failure("no_data", told or "No stored data answers this question."),)
    return (Failure("missing_days", told or f"{origin.missing_days} days of the period hold no stored data."),)


def _totals(answer: CostAnswer) -> Document:
    """`total` in `currency` when there is one currency; several are listed in `totals` and never added up.

    Nothing to answer from gives no total at all; a period that is covered and cost nothing gives a total of zero.
    """
    totals = answer.totals if answer.provenance.source else {}
    single = next(iter(totals)) if len(totals) == 1 else None
    total = totals[single] if single else (ZERO if answer.provenance.source and not totals else None)
    return {"total": total, "currency": single or answer.question.currency, "totals": dict(totals)}


def period_record(period: Period) -> Document:
    """A period as `meta` tells it."""
    return {"start": period.start, "end": period.end}


def filter_record(condition: Filter) -> Document:
    """A filter as `meta.filters[]` tells it."""
    return {"dimension": condition.dimension, "values": list(condition.values), "exclude": condition.exclude}
