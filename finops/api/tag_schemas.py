"""JSON Schemas of tag compliance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.api.shapes import COUNT, DAY, FLAG, INSTANT, MONEY, TEXT, answer, fields, items, maybe, one_of, reference
from finops.model.tagging import Activation, TagVerdict, ValueCase
from finops.tagging.autopsy import Cause

if TYPE_CHECKING:
    from finops.api.envelope import Document

_PERCENT: Document = {**maybe(MONEY), "description": "With two decimals; null: nothing can be judged."}
_SHARE: Document = {"type": "string", "pattern": r"^[01]\.[0-9]{4}$"}
_VERDICT = one_of(TagVerdict)
_ASSET: dict[str, Document] = {
    "asset_id": TEXT,
    "arn": TEXT,
    "resource_id": TEXT,
    "name": TEXT,
    "kind": TEXT,
    "service": TEXT,
    "account": TEXT,
    "account_name": TEXT,
    "region": TEXT,
    "lifecycle": TEXT,
    "created": maybe(INSTANT),
    "first_seen": INSTANT,
    "cost": maybe(MONEY),
    "currency": TEXT,
}
_COSTS: dict[str, Document] = dict.fromkeys(
    ("judged", "compliant", "violating", "untagged", "exempt", "untaggable", "unknown"), MONEY
)
_SCORE: dict[str, Document] = {
    **dict.fromkeys(("judged", "compliant", "violating", "untagged", "exempt", "untaggable", "unknown"), COUNT),
    "unpriced": {**COUNT, "description": "Judged ones of unknown cost: in no cost here."},
    "percent": _PERCENT,
    "cost_percent": _PERCENT,
    "costs": items(fields({"currency": TEXT, **_COSTS, "percent": _PERCENT})),
}
_PAGED: dict[str, Document] = {
    "total": {**COUNT, "description": "All items, whatever the page."},
    "next_cursor": maybe(TEXT),
}
_JUDGED: dict[str, Document] = {
    "policy_version": {**COUNT, "description": "0: the starter policy, which nobody has saved."},
    "cost_period": {**maybe(reference("Period")), "description": "The days that costs of assets are of."},
}
_TEXTS = items(TEXT)
_POLICY = fields(
    {"rules": items(reference("TagRule"))},
    {"untaggable": _TEXTS, "children": _TEXTS},
)
_ACCURACY = fields(
    {"signal": TEXT, "tagged": COUNT, "guessed": COUNT, "right": COUNT, "accuracy": maybe(_SHARE), "coverage": _SHARE}
)
_DAY = fields(
    {
        "day": DAY,
        "judged": COUNT,
        "compliant": COUNT,
        "unknown": COUNT,
        "currency": TEXT,
        "judged_cost": MONEY,
        "compliant_cost": MONEY,
        "untagged_cost": MONEY,
        "policy_version": COUNT,
    }
)
_VIOLATION = fields(
    {
        **_ASSET,
        "key": TEXT,
        "verdict": _VERDICT,
        "found_key": {**TEXT, "description": "The key that is there, the policy's or another spelling; empty: none."},
        "value": TEXT,
        "inherited": {**FLAG, "description": "The value is the account's."},
    }
)
_VERSION: dict[str, Document] = {"version": COUNT, "saved": maybe(INSTANT), "saved_by": TEXT, "note": TEXT}

TAG_SCHEMAS: dict[str, Document] = {
    "TagRule": fields(
        {"key": TEXT},
        {
            "aliases": _TEXTS,
            "kinds": {**_TEXTS, "description": "`*`, `ec2:*` or `ec2:instance`."},
            "required": FLAG,
            "required_kinds": {**_TEXTS, "description": "Where it is required; empty: wherever the rule applies."},
            "values": {**_TEXTS, "description": "Allowed values, one `*` in each at most."},
            "patterns": {**_TEXTS, "description": "Regular expressions that match a whole value."},
            "case": one_of(ValueCase),
            "inherit": {**FLAG, "description": "The account's tag counts where the asset has none."},
            "since": maybe(DAY),
            "exemptions": items(fields({"until": DAY, "reason": TEXT}, {"accounts": _TEXTS, "kinds": _TEXTS})),
            "enforced": _TEXTS,
            "children": {"type": "object", "additionalProperties": _TEXTS},
        },
    ),
    "TagPolicyDocument": _POLICY,
    "TagWhatIfRequest": fields({"policy": reference("TagPolicyDocument")}),
    "TagCompliance": answer(
        fields(
            {
                "targets": fields({"percent": MONEY, "cost_percent": MONEY}),
                "score": fields(_SCORE),
                "new": {**fields(_SCORE), "description": "First seen in the last 30 days, and not created before."},
                "keys": items(
                    fields({"key": TEXT, **_SCORE, "verdicts": fields({str(each): COUNT for each in TagVerdict})})
                ),
                "groups": items(fields({"group": TEXT, "name": TEXT, **_SCORE})),
                "drifted": {**COUNT, "description": "Assets and keys that were ok 30 days ago and violate now."},
                "fixed": {**COUNT, "description": "Violations mended in the last 90 days."},
                "median_days_to_fix": maybe(TEXT),
                "trend": items(_DAY),
                "items": items(_VIOLATION),
            }
        ),
        {**_PAGED, **_JUDGED},
    ),
    "TagPolicy": answer(
        fields(
            {
                **_VERSION,
                "policy": reference("TagPolicyDocument"),
                "aws": fields({"document": {"type": "object"}, "lost": items(fields({"field": TEXT, "reason": TEXT}))}),
                "starter": reference("TagPolicyDocument"),
                "versions": items(fields(_VERSION)),
            }
        )
    ),
    "TagWhatIf": answer(
        fields(
            {
                "before": fields(_SCORE),
                "after": fields(_SCORE),
                "moves": items(
                    fields({"key": TEXT, "before": maybe(_VERDICT), "after": maybe(_VERDICT), "assets": COUNT})
                ),
                "unreachable": items(fields({"key": TEXT, "field": TEXT, "reason": TEXT})),
                "items": items(fields({**_ASSET, "key": TEXT, "before": maybe(_VERDICT), "after": maybe(_VERDICT)})),
            }
        ),
        {**_PAGED, **_JUDGED},
    ),
    "TagAutopsy": answer(
        fields(
            {
                "key": TEXT,
                "activation": one_of(Activation),
                "untagged": {**maybe(MONEY), "description": "What the bill says, asked without the causes."},
                "explained": {**maybe(MONEY), "description": "What the causes add up to."},
                "reconciles": {
                    "type": ["boolean", "null"],
                    "description": "Whether the causes add up to the bill; null: nothing to hold them against.",
                },
                "total": maybe(MONEY),
                "parts": items(
                    fields(
                        {
                            "cause": one_of(Cause),
                            "cost": MONEY,
                            "resources": COUNT,
                            "unseen_cost": {
                                **MONEY,
                                "description": "Of resources that the inventory does not tell of.",
                            },
                            "top": items(fields({"name": TEXT, "cost": MONEY, "asset_id": maybe(TEXT)})),
                        }
                    )
                ),
            }
        ),
        {"cost_period": maybe(reference("Period"))},
    ),
    "TagSuggestions": answer(
        fields(
            {
                "key": TEXT,
                "untagged": COUNT,
                "overall": _ACCURACY,
                "signals": items(_ACCURACY),
                "items": items(
                    fields(
                        {
                            **_ASSET,
                            "verdict": _VERDICT,
                            "value": TEXT,
                            "signal": TEXT,
                            "agreeing": COUNT,
                            "votes": COUNT,
                            "confidence": _SHARE,
                            "evidence": TEXT,
                        }
                    )
                ),
            }
        ),
        {"total": COUNT, **_JUDGED},
    ),
}
