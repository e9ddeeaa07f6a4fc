"""Forecasts as records and as schemas: the same fields on API and command line."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from finops.api.documents import filter_record, period_record
from finops.api.envelope import Document, Meta, envelope
from finops.api.shapes import COUNT, DAY, FLAG, MONEY, TEXT, answer, fields, items, maybe, reference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from finops.model.forecasts import AwsForecast, BackTest, Estimate, Forecast, GroupForecast

MONTH_FORMAT = "%Y-%m"
_TENTH = Decimal("0.1")
_MONTH: Document = {"type": "string", "pattern": r"^\d{4}-\d{2}$"}
_BAND: dict[str, Document] = {
    "mean": MONEY,
    "lower": {**MONEY, "description": "`lower` to `upper` holds what comes four times of five."},
    "upper": MONEY,
}
_TEST = fields(
    {
        "days": {**COUNT, "description": "Forecast after so many days of each month."},
        "tested": COUNT,
        "inside": {**COUNT, "description": "How many came out inside of the interval."},
        "percent_off": {**maybe(MONEY), "description": "How far off on average; null: nothing was spent."},
        "sentence": TEXT,
        "months": items(
            fields(
                {"month": _MONTH, "as_of": DAY, **_BAND, "actual": MONEY, "percent_off": maybe(MONEY), "inside": FLAG}
            )
        ),
    }
)
_GROUP: dict[str, Document] = {
    "to_date": {**MONEY, "description": "Exact: the complete days of the running month."},
    "month_end": fields(_BAND),
    "months": items(fields({"month": _MONTH, **_BAND})),
    "days": items(
        fields(
            {
                "date": DAY,
                "cost": {**maybe(MONEY), "description": "null: yet to come, or still arriving."},
                **_BAND,
            }
        )
    ),
    "back_tests": items(_TEST),
    "learning": {**FLAG, "description": "Fewer than 56 days are known: the interval is a wide guess."},
    "reason": TEXT,
}
_ITEM: Document = {
    **fields(_GROUP, {"account_name": TEXT}),
    "description": "One group, its key under the name in group_by; an empty key: no such value.",
    "additionalProperties": TEXT,
}
FORECAST_SCHEMAS: dict[str, Document] = {
    "Forecast": answer(
        fields({"items": items(_ITEM), "total": {**maybe(fields(_GROUP)), "description": "null: see meta.failures."}}),
        {
            "month": {**maybe(reference("Period")), "description": "The running month."},
            "through": {**maybe(DAY), "description": "The last complete day: later ones are forecast."},
            "learning": {**COUNT, "description": "Groups with fewer than 56 known days."},
        },
    )
}


def forecast_document(found: Forecast, tenant: str, names: Mapping[str, str]) -> Document:
    """`data.items[]` by group, largest first, and `data.total`, which they sum to."""
    dimension = found.question.group_by
    data = {
        "items": [_item(each, dimension, names) for each in found.groups],
        "total": _record(found.total) if found.total else None,
    }
    return envelope(data, forecast_meta(found, tenant))


def forecast_meta(found: Forecast, tenant: str) -> Meta:
    """What a forecast says about itself."""
    origin, question = found.provenance, found.question
    return Meta(
        tenant=tenant,
        as_of=origin.fetched_at,
        currency=found.currency or None,
        metric=str(origin.metric),
        source=origin.source or None,
        estimated=found.total is not None,
        partial=found.partial,
        failures=found.failures,
        more={
            "group_by": [question.group_by] if question.group_by else [],
            "filters": [filter_record(condition) for condition in question.filters],
            "months": question.months,
            "month": period_record(found.month) if found.month else None,
            "through": found.through,
            "learning": sum(each.learning for each in found.groups),
            "notes": list(found.notes),
        },
    )


def aws_record(found: AwsForecast) -> Document:
    """AWS's own forecast, as it came."""
    return {
        "metric": str(found.metric),
        "currency": found.currency,
        "total": found.total,
        "months": [{**period_record(each.period), **_band(each.cost)} for each in found.months],
        "price": found.price,
    }


def _item(group: GroupForecast, dimension: str, names: Mapping[str, str]) -> Document:
    named = {"account_name": names.get(group.key, "")} if dimension == "account" else {}
    return {dimension: group.key, **named, **_record(group)}


def _record(group: GroupForecast) -> Document:
    return {
        "to_date": group.to_date,
        "month_end": _band(group.months[0].cost),
        "months": [{"month": f"{each.month:{MONTH_FORMAT}}", **_band(each.cost)} for each in group.months],
        "days": [{"date": each.day, "cost": each.actual, **_band(each.expected)} for each in group.days],
        "back_tests": [_test(each) for each in group.tests],
        "learning": group.learning,
        "reason": group.reason,
    }


def _test(test: BackTest) -> Document:
    return {
        "days": test.days,
        "tested": len(test.months),
        "inside": test.inside,
        "percent_off": _percent(test.percent_off),
        "sentence": test.sentence,
        "months": [
            {
                "month": f"{each.month:{MONTH_FORMAT}}",
                "as_of": each.as_of,
                **_band(each.forecast),
                "actual": each.actual,
                "percent_off": _percent(each.percent_off),
                "inside": each.inside,
            }
            for each in test.months
        ],
    }


def _band(estimate: Estimate) -> Document:
    return {"mean": estimate.mean, "lower": estimate.lower, "upper": estimate.upper}


def _percent(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(_TENTH, ROUND_HALF_EVEN)
