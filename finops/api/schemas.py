"""JSON Schemas of what the API sends, by name, as the OpenAPI description lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.costs import Change, Granularity, Metric

if TYPE_CHECKING:
    from finops.api.envelope import Document

_TEXT: Document = {"type": "string"}
_FLAG: Document = {"type": "boolean"}
_COUNT: Document = {"type": "integer", "minimum": 0}
_MONEY: Document = {"type": "string", "pattern": r"^-?\d+\.\d{2,}$", "description": "An exact decimal, never a float."}
_INSTANT: Document = {"type": "string", "format": "date-time"}
_DAY: Document = {"type": "string", "format": "date"}


def _maybe(schema: Document) -> Document:
    return {"anyOf": [schema, {"type": "null"}]}


def _ref(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: dict[str, Document], optional: dict[str, Document] | None = None) -> Document:
    return {"type": "object", "required": list(required), "properties": {**required, **(optional or {})}}


def _list(schema: Document) -> Document:
    return {"type": "array", "items": schema}


def _map(schema: Document) -> Document:
    return {"type": "object", "additionalProperties": schema}


def _answer(data: Document, more: dict[str, Document] | None = None) -> Document:
    meta: Document = {"allOf": [_ref("Meta"), _object(more)]} if more else _ref("Meta")
    return _object({"data": data, "meta": meta})


_TOTALS: dict[str, Document] = {
    "total": {**_maybe(_MONEY), "description": "null when nothing could answer, or when there are several currencies."},
    "currency": _maybe(_TEXT),
    "totals": {**_map(_MONEY), "description": "Total per currency; currencies are never added up."},
}
_FIGURE: dict[str, Document] = {"cost": _MONEY, "currency": _TEXT, "estimated": _FLAG}
_COST_ITEM: Document = {
    **_object(_FIGURE, {"date": _DAY, "account_name": _TEXT}),
    "description": "One figure, the keys of its group under the names in group_by; an empty key: no such value.",
    "additionalProperties": _TEXT,
}
_COMPARED_ITEM: Document = {
    **_object(
        {
            "cost": _MONEY,
            "previous_cost": _MONEY,
            "delta": _MONEY,
            "percent": _maybe(_MONEY),
            "change": {"type": "string", "enum": [str(value) for value in Change]},
            "currency": _TEXT,
        },
        {"account_name": _TEXT},
    ),
    "description": "One group in two periods.",
    "additionalProperties": _TEXT,
}

SCHEMAS: dict[str, Document] = {
    "CostByService": _answer(
        _object({"items": _list(_object({"service": _TEXT, **_FIGURE}, {"date": _DAY})), **_TOTALS})
    ),
    "Costs": _answer(
        {
            "anyOf": [
                _object({"items": _list(_COST_ITEM), **_TOTALS}),
                _object(
                    {
                        "items": _list(_COMPARED_ITEM),
                        **_TOTALS,
                        "previous_total": _maybe(_MONEY),
                        "previous_totals": _map(_MONEY),
                    }
                ),
            ]
        },
        {"total": {**_COUNT, "description": "All items, whatever the page."}, "next_cursor": _maybe(_TEXT)},
    ),
    "Meta": _object(
        {
            "tenant": _TEXT,
            "as_of": {**_maybe(_INSTANT), "description": "When the facts were fetched."},
            "currency": _maybe(_TEXT),
            "metric": _maybe({"type": "string", "enum": [str(value) for value in Metric]}),
            "source": _maybe(_TEXT),
            "estimated": _FLAG,
            "partial": _FLAG,
            "failures": _list(_ref("Failure")),
        },
        {
            "period": _ref("Period"),
            "previous_period": _ref("Period"),
            "granularity": {"type": "string", "enum": [str(value) for value in Granularity]},
            "group_by": _list(_TEXT),
            "filters": _list(_object({"dimension": _TEXT, "values": _list(_TEXT), "exclude": _FLAG})),
            "covered": _maybe(_ref("Period")),
            "missing_days": _COUNT,
            "estimated_from": _maybe(_DAY),
            "cube": _maybe(_TEXT),
            "mapped_from": _maybe(_TEXT),
            "charge_types": _list(_TEXT),
            "reconciles": {**_FLAG, "description": "Whether the parts sum to the source's own total."},
            "control": _map(_MONEY),
            "notes": _list(_TEXT),
            "command": {**_maybe(_TEXT), "description": "The equal `aws ce get-cost-and-usage` command."},
        },
    ),
    "Period": _object({"start": _DAY, "end": {**_DAY, "description": "Exclusive."}}),
    "Failure": _object(
        {"code": _TEXT, "message": _TEXT, "account": _TEXT, "region": _TEXT, "service": _TEXT, "missing_action": _TEXT}
    ),
    "Problem": _object(
        {"type": _TEXT, "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT},
        {"field": {**_TEXT, "description": "The parameter or header at fault."}, "right": _TEXT, "instance": _TEXT,
         "reference": _TEXT, "variable": _TEXT, "code": _TEXT, "service": _TEXT, "missing_action": _TEXT},
    ),
    "Health": _object({"status": {"const": "ok"}}),
    "Description": {"type": "object", "description": "An OpenAPI 3.1 document."},
}  # fmt: skip
