"""JSON Schemas of what the API sends, by name, as the OpenAPI description lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.api.anomaly_documents import ANOMALY_SCHEMAS
from finops.api.asset_schemas import ASSET_SCHEMAS
from finops.api.budget_schemas import BUDGET_SCHEMAS
from finops.api.export_documents import EXPORT_SCHEMAS
from finops.api.finding_schemas import FINDING_SCHEMAS
from finops.api.forecast_documents import FORECAST_SCHEMAS
from finops.api.schedule_documents import SCHEDULE_SCHEMAS
from finops.api.shapes import (
    COUNT,
    DAY,
    FLAG,
    INSTANT,
    MONEY,
    TEXT,
    answer,
    by_name,
    fields,
    items,
    maybe,
    one_of,
    reference,
)
from finops.api.tag_schemas import TAG_SCHEMAS
from finops.model.costs import Change, Granularity, Metric

if TYPE_CHECKING:
    from finops.api.envelope import Document

_TOTALS: dict[str, Document] = {
    "total": {**maybe(MONEY), "description": "null when nothing could answer, or when there are several currencies."},
    "currency": maybe(TEXT),
    "totals": {**by_name(MONEY), "description": "Total per currency; currencies are never added up."},
}
_FIGURE: dict[str, Document] = {"cost": MONEY, "currency": TEXT, "estimated": FLAG}
_COST_ITEM: Document = {
    **fields(_FIGURE, {"date": DAY, "account_name": TEXT}),
    "description": "One figure, the keys of its group under the names in group_by; an empty key: no such value.",
    "additionalProperties": TEXT,
}
_COMPARED_ITEM: Document = {
    **fields(
        {
            "cost": MONEY,
            "previous_cost": MONEY,
            "delta": MONEY,
            "percent": maybe(MONEY),
            "change": one_of(Change),
            "currency": TEXT,
        },
        {"account_name": TEXT},
    ),
    "description": "One group in two periods.",
    "additionalProperties": TEXT,
}

SCHEMAS: dict[str, Document] = {
    **ASSET_SCHEMAS,
    **FINDING_SCHEMAS,
    **ANOMALY_SCHEMAS,
    **BUDGET_SCHEMAS,
    **FORECAST_SCHEMAS,
    **TAG_SCHEMAS,
    **EXPORT_SCHEMAS,
    **SCHEDULE_SCHEMAS,
    "CostByService": answer(
        fields({"items": items(fields({"service": TEXT, **_FIGURE}, {"date": DAY})), **_TOTALS})
    ),
    "Costs": answer(
        {
            "anyOf": [
                fields({"items": items(_COST_ITEM), **_TOTALS}),
                fields(
                    {
                        "items": items(_COMPARED_ITEM),
                        **_TOTALS,
                        "previous_total": maybe(MONEY),
                        "previous_totals": by_name(MONEY),
                    }
                ),
            ]
        },
        {"total": {**COUNT, "description": "All items, whatever the page."}, "next_cursor": maybe(TEXT)},
    ),
    "Meta": fields(
        {
            "tenant": TEXT,
            "as_of": {**maybe(INSTANT), "description": "When the facts were fetched."},
            "currency": maybe(TEXT),
            "metric": maybe(one_of(Metric)),
            "source": maybe(TEXT),
            "estimated": FLAG,
            "partial": FLAG,
            "failures": items(reference("Failure")),
        },
        {
            "period": reference("Period"),
            "previous_period": reference("Period"),
            "granularity": one_of(Granularity),
            "group_by": items(TEXT),
            "filters": items(fields({"dimension": TEXT, "values": items(TEXT), "exclude": FLAG})),
            "covered": maybe(reference("Period")),
            "missing_days": COUNT,
            "estimated_from": maybe(DAY),
            "cube": maybe(TEXT),
            "mapped_from": maybe(TEXT),
            "charge_types": items(TEXT),
            "reconciles": {**FLAG, "description": "Whether the parts sum to the source's own total."},
            "control": by_name(MONEY),
            "notes": items(TEXT),
            "command": {**maybe(TEXT), "description": "The equal `aws ce get-cost-and-usage` command."},
        },
    ),
    "Period": fields({"start": DAY, "end": {**DAY, "description": "Exclusive."}}),
    "Failure": fields(
        {"code": TEXT, "message": TEXT, "account": TEXT, "region": TEXT, "service": TEXT, "missing_action": TEXT}
    ),
    "Problem": fields(
        {"type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": TEXT},
        {"field": {**TEXT, "description": "The parameter or header at fault."}, "right": TEXT, "instance": TEXT,
         "reference": TEXT, "variable": TEXT, "job_id": TEXT, "code": TEXT, "service": TEXT, "missing_action": TEXT},
    ),
    "Health": fields({"status": {"const": "ok"}}),
    "Description": {"type": "object", "description": "An OpenAPI 3.1 document."},
}  # fmt: skip
