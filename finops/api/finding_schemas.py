"""JSON Schemas of findings, of what people do with them, of checks and of figures over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from finops.model.findings import (
    ActionType,
    Basis,
    Category,
    Effort,
    FindingStatus,
    Following,
    ResolvedHow,
    Severity,
    Verdict,
)
from finops.waste.gold_tables import KPIS
from finops.waste.lifecycle import PERSONS_DEEDS

if TYPE_CHECKING:
    from finops.api.envelope import Document

_NUMBER: Document = {"type": "number"}
_PRINT: Document = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
_RUN: dict[str, Document] = {
    "workspace": TEXT,
    "run_id": {**maybe(TEXT), "description": "The latest run; null: there is none."},
}
_PAGED: dict[str, Document] = {
    "total": {**COUNT, "description": "All items, whatever the page."},
    "next_cursor": maybe(TEXT),
}
_TOTAL: Document = {
    **fields({"gross": MONEY, "net": MONEY, "cash": MONEY, "commitment": MONEY, "findings": COUNT}),
    "description": "`gross` adds up every finding; `net` one for each resource, never more than that costs; `cash` and "
    "`commitment` (usage that a reservation or plan covers) make the net.",
}
_FINDING: dict[str, Document] = {
    "fingerprint": {**_PRINT, "description": "The same issue in every run."},
    "finding_id": {**_PRINT, "description": "Its appearance on one day."},
    "check_id": TEXT,
    "title": TEXT,
    "account": TEXT,
    "region": TEXT,
    "resource_id": TEXT,
    "resource_arn": TEXT,
    "verdict": one_of(Verdict),
    "status": one_of(FindingStatus),
    "severity": one_of(Severity),
    "category": one_of(Category),
    "monthly_saving": MONEY,
    "saving_basis": {**one_of(Basis), "description": "none: it promises no dollars."},
    "currency": TEXT,
    "message": TEXT,
    "evidence": {"type": "object", "description": "`facts`, `series` (a value a day), `amounts`, `window`."},
    "first_seen": {**maybe(INSTANT), "description": "When it was first flagged; null: never."},
    "last_seen": maybe(INSTANT),
    "name": TEXT,
    "kind": TEXT,
    "monthly_cost": {**maybe(MONEY), "description": "null: unknown."},
    "action_type": one_of(ActionType),
    "implementation_effort": one_of(Effort),
    "restart_needed": FLAG,
    "rollback_possible": FLAG,
    "source": TEXT,
    "owner": {**TEXT, "description": "Who it is assigned to; empty: nobody."},
    "until": {**maybe(INSTANT), "description": "When its snooze ends."},
    "remedy": {
        **fields({"console": TEXT, "command": TEXT}),
        "description": "Where and how a person acts; this product runs neither.",
    },
}
_ACTUAL: Document = {
    **fields(
        {
            "cost_7d": maybe(MONEY),
            "cost_30d": maybe(MONEY),
            "currency": maybe(TEXT),
            "attribution": fields({"source": maybe(TEXT), "method": maybe(TEXT), "confidence": TEXT}),
        }
    ),
    "description": "What the resource really cost in the last 7 and 30 complete days; null: so many are not stored.",
}
_RECORD = fields({"check_id": TEXT, "currency": TEXT, "count": COUNT, "undetermined": COUNT, "estimate": MONEY,
                  "realised": maybe(MONEY), "ratio": maybe(MONEY)})  # fmt: skip
_ENTRY = fields(
    {
        "fingerprint": _PRINT,
        "check_id": TEXT,
        "account": TEXT,
        "region": TEXT,
        "resource_id": TEXT,
        "resolved_at": INSTANT,
        "estimate": maybe(MONEY),
        "before_daily": maybe(MONEY),
        "after_daily": maybe(MONEY),
        "days_followed": COUNT,
        "realised_month": maybe(MONEY),
        "currency": TEXT,
        "state": one_of(Following),
    }
)
_MORE: dict[str, Document] = {
    "issue": TEXT,
    "observed": INSTANT,
    "run_date": DAY,
    "created": maybe(INSTANT),
    "tags": {**maybe(by_name(TEXT)), "description": "null: unknown."},
    "reason": TEXT,
    "notes": COUNT,
    "resolved_at": maybe(INSTANT),
    "resolved_how": maybe(one_of(ResolvedHow)),
}
_EVENT = fields({"at": INSTANT, "by": TEXT, "action": TEXT, "before": TEXT, "after": TEXT, "text": TEXT})
_COUNT_OF = fields({"findings": COUNT, "saving": MONEY})
_BACK_TEST_DAY = fields({"day": DAY, "now": _COUNT_OF, "tried": _COUNT_OF})
_THRESHOLD = fields(
    {
        "name": TEXT,
        "text": {**TEXT, "description": "Completes the sentence: flagged when …"},
        "default": _NUMBER,
        "value": {**_NUMBER, "description": "In force for the tenant."},
        "minimum": _NUMBER,
        "maximum": _NUMBER,
        "unit": TEXT,
        "step": _NUMBER,
    }
)

FINDING_SCHEMAS: dict[str, Document] = {
    "FindingRecord": fields(_FINDING, {"actual": _ACTUAL}),
    "TrackRecord": answer(fields({"checks": items(_RECORD), "items": items(_ENTRY)}), {"total": COUNT}),
    "Findings": answer(
        fields({"items": items(reference("FindingRecord")), "totals": by_name(_TOTAL), "without_basis": COUNT}),
        {**_PAGED, **_RUN},
    ),
    "Finding": answer(fields({"finding": fields({**_FINDING, **_MORE}), "history": items(_EVENT)}), _RUN),
    "FindingAction": {
        **fields(
            {"fingerprints": {**items(_PRINT), "minItems": 1, "maxItems": 1_000}, "action": one_of(PERSONS_DEEDS)},
            {
                "until": {**TEXT, "description": "Of a snooze: the day (its start, UTC) or instant at which it ends."},
                "reason": {**TEXT, "description": "Needed to snooze and to dismiss."},
                "owner": {**TEXT, "description": "Of an assignment; empty: nobody."},
                "text": {**TEXT, "description": "Of a comment."},
            },
        ),
        "additionalProperties": False,
    },
    "FindingStates": answer(
        fields(
            {
                "items": items(
                    fields(
                        {
                            "fingerprint": _PRINT,
                            "status": one_of(FindingStatus),
                            "until": maybe(INSTANT),
                            "reason": TEXT,
                            "owner": TEXT,
                            "notes": COUNT,
                            "updated": INSTANT,
                            "updated_by": TEXT,
                        }
                    )
                )
            }
        ),
        {"total": COUNT},
    ),
    "IdleInstances": answer(
        fields(
            {
                "items": items(
                    fields(
                        {
                            "account": TEXT,
                            "region": TEXT,
                            "instance_id": TEXT,
                            "name": TEXT,
                            "instance_type": TEXT,
                            "cpu_average": {**maybe(_NUMBER), "description": "Percent; null: not one day is known."},
                            "cpu_maximum": maybe(_NUMBER),
                            "days": {**COUNT, "description": "Days of the window whose CPU is known."},
                            "verdict": one_of(Verdict),
                            "monthly_saving": MONEY,
                            "saving_basis": one_of(Basis),
                            "currency": TEXT,
                            "message": TEXT,
                            "fingerprint": _PRINT,
                        }
                    )
                )
            }
        ),
        {**_PAGED, **_RUN, "thresholds": by_name(_NUMBER)},
    ),
    "Checks": answer(
        fields(
            {
                "items": items(
                    fields(
                        {
                            "check_id": TEXT,
                            "title": TEXT,
                            "explanation": TEXT,
                            "category": one_of(Category),
                            "severity": one_of(Severity),
                            "kinds": items(TEXT),
                            "action_type": one_of(ActionType),
                            "implementation_effort": one_of(Effort),
                            "restart_needed": FLAG,
                            "rollback_possible": FLAG,
                            "source": TEXT,
                            "source_url": TEXT,
                            "thresholds": items(_THRESHOLD),
                            "operations": items(fields({"service": TEXT, "operation": TEXT, "action": TEXT})),
                        }
                    )
                )
            }
        ),
        {"total": COUNT},
    ),
    "BackTest": answer(
        fields(
            {
                "check_id": TEXT,
                "levels": by_name(_NUMBER),
                "tried": by_name(_NUMBER),
                "today": {**maybe(_BACK_TEST_DAY), "description": "The latest run date; null: there is none."},
                "days": items(_BACK_TEST_DAY),
                "more": {**items(TEXT), "description": "Resources that would be flagged beside those that are."},
                "fewer": {**items(TEXT), "description": "Resources that would no longer be."},
            }
        ),
        _RUN,
    ),
    "Kpis": answer(
        fields(
            {
                "items": items(
                    fields(
                        {
                            "period": {**DAY, "description": "The run date."},
                            "kpi": one_of(KPIS),
                            "key": TEXT,
                            "findings": COUNT,
                            "saving": MONEY,
                            "currency": TEXT,
                            "rank": {**maybe(COUNT), "description": "Of `top` only."},
                            "fingerprint": maybe(_PRINT),
                        }
                    )
                )
            }
        ),
        {**_PAGED, "workspace": TEXT},
    ),
}
