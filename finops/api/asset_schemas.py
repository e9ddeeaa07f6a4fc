"""JSON Schemas of assets, their changes, accounts and jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.api.shapes import COUNT, INSTANT, MONEY, TEXT, answer, by_name, fields, items, maybe, one_of, reference
from finops.model.assets import FACETS, ChangeKind, Lifecycle
from finops.model.jobs import JobStatus

if TYPE_CHECKING:
    from finops.api.envelope import Document

_ASSET_ID: Document = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
_TAGS: Document = {**maybe(by_name(TEXT)), "description": "null: unknown, which is not the same as untagged."}
_IDENTITY: dict[str, Document] = {
    "asset_id": _ASSET_ID,
    "arn": TEXT,
    "resource_id": TEXT,
    "name": TEXT,
    "kind": {**TEXT, "examples": ["ec2:instance", "s3:bucket"]},
    "service": TEXT,
    "account": TEXT,
    "account_name": TEXT,
    "region": {**TEXT, "description": "`global` for what has none."},
    "state": TEXT,
    "lifecycle": one_of(Lifecycle),
}
_ASSET = fields(
    {
        **_IDENTITY,
        "created": maybe(INSTANT),
        "first_seen": INSTANT,
        "last_seen": INSTANT,
        "missing_since": maybe(INSTANT),
        "tags": _TAGS,
        "details": {"type": "object"},
        "cost": {
            **maybe(MONEY),
            "description": "Of meta.cost_period, the last 30 complete days as far as they are stored; null: unknown.",
        },
        "currency": {**TEXT, "description": "Of `cost`; empty while that is unknown."},
    }
)
_VALUES: dict[str, Document] = {
    "field": {**TEXT, "description": "What changed: state, name, tags, details; empty where nothing did."},
    "before": {"description": "The value before, null for none."},
    "after": {"description": "The value after, null for none."},
}
_PAGED: dict[str, Document] = {
    "total": {**COUNT, "description": "All items, whatever the page."},
    "next_cursor": maybe(TEXT),
}
_LISTINGS: dict[str, Document] = {
    "oldest": {**maybe(INSTANT), "description": "The complete listing longest ago of what this answer is about."},
    "accounts": fields({"visited": COUNT, "closed": COUNT, "failed": COUNT}),
    "cost_period": {**maybe(reference("Period")), "description": "The days that costs of assets are of; null: none."},
}

ASSET_SCHEMAS: dict[str, Document] = {
    "Asset": answer(
        fields(
            {
                "asset": reference("AssetRecord"),
                "relationships": items(
                    fields(
                        {
                            "relation": TEXT,
                            "direction": one_of(("outgoing", "incoming")),
                            "kind": TEXT,
                            "target": TEXT,
                            "asset_id": maybe(_ASSET_ID),
                            "name": TEXT,
                        }
                    )
                ),
                "history": items(fields({"at": INSTANT, "kind": one_of(ChangeKind), **_VALUES})),
            }
        ),
        _LISTINGS,
    ),
    "AssetRecord": _ASSET,
    "Assets": answer(
        fields(
            {"items": items(reference("AssetRecord"))},
            {"facets": fields({facet: by_name(COUNT) for facet in FACETS})},
        ),
        {**_PAGED, **_LISTINGS},
    ),
    "AssetChanges": answer(
        fields({"items": items(fields({"at": INSTANT, "change": one_of(ChangeKind), **_VALUES, **_IDENTITY}))}),
        {
            **_PAGED,
            "total": {**maybe(COUNT), "description": "All items, on the last page; null before it."},
            **_LISTINGS,
        },
    ),
    "Accounts": answer(
        fields(
            {
                "items": items(
                    fields(
                        {
                            "account": TEXT,
                            "name": TEXT,
                            "status": TEXT,
                            "email": {**TEXT, "description": "Masked; kept nowhere whole."},
                            "unit": {**TEXT, "description": "Organizational units from the root down, with `/`."},
                            "tags": _TAGS,
                            "role": {**TEXT, "description": "Assumed there; empty: that of the settings."},
                            "external_id": one_of(("set", "not set")),
                            "regions": {**maybe(items(TEXT)), "description": "Enabled there; null: not asked yet."},
                            "source": TEXT,
                            "joined": maybe(INSTANT),
                            "first_seen": maybe(INSTANT),
                            "last_seen": maybe(INSTANT),
                        }
                    )
                )
            }
        ),
        {"total": COUNT},
    ),
    "Jobs": answer(fields({"items": items(reference("JobRecord"))}), _PAGED),
    "JobRecord": fields(
        {
            "job_id": TEXT,
            "kind": TEXT,
            "status": one_of(JobStatus),
            "created": INSTANT,
            "started": maybe(INSTANT),
            "ended": maybe(INSTANT),
            "user": TEXT,
            "parent": {**maybe(TEXT), "description": "The job that this one is a part of."},
            "arguments": {"type": "object"},
            "progress": fields(
                {
                    "done": COUNT,
                    "total": {**COUNT, "description": "0: not known yet."},
                    "items": COUNT,
                    "calls": COUNT,
                    "failures": COUNT,
                    "seconds_left": maybe(COUNT),
                    "note": TEXT,
                }
            ),
            "counts": by_name({"type": "integer"}),
            "failures": items(reference("Failure")),
        }
    ),
}
