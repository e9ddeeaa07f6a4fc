"""Tag compliance as documents: scores, verdicts, policies, autopsies. API and command line send the same ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from finops.api.asset_documents import inventory_meta
from finops.api.envelope import Document, Meta, envelope
from finops.model.outcome import Failure
from finops.tagging.aws_policy import exported
from finops.tagging.compliance import TARGET_COST, TARGET_COUNT
from finops.tagging.policy import STARTER, policy_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from finops.facade import Finops
    from finops.model.assets import AssetFilter
    from finops.model.tagging import DayScore, PolicyVersion, TaggedAsset
    from finops.tagging import Suggestions, Violation, WhatIf
    from finops.tagging.autopsy import Autopsy
    from finops.tagging.compliance import Compliance, CostScore, Score
    from finops.tagging.history import Movement
    from finops.tagging.suggestions import Accuracy
    from finops.tagging.violations import ViolationPage

SOURCE = "tags"
NOT_RECONCILED = "not_reconciled"
ASSET_FIELDS = (
    *("asset_id", "arn", "resource_id", "name", "kind", "service", "account", "account_name", "region", "lifecycle"),
    *("created", "first_seen", "cost", "currency"),
)
VIOLATION_FIELDS = (*ASSET_FIELDS, "key", "verdict", "found_key", "value", "inherited")
"""The fields of every verdict, in order."""


def tag_meta(finops: Finops, tenant: str, only: AssetFilter, **more: object) -> Meta:
    """What an answer about tags says about itself: that of the inventory, and which policy judged."""
    period = finops.costs.resource_period(tenant)
    meta = inventory_meta(tenant, finops.inventory.standing(tenant, only), only, cost_period=period)
    told = {"policy_version": finops.tagging.policy(tenant).version, **more}
    return replace(meta, source=SOURCE, more={**meta.more, **told})


def compliance_page(
    figures: Compliance,
    moved: Movement,
    trend: Sequence[DayScore],
    page: ViolationPage,
    names: Mapping[str, str],
) -> Document:
    """`data` of `/api/tag-compliance`: scores, groups, drift, fixes, trend, and a page of verdicts in `items`."""
    return {
        "targets": {"percent": TARGET_COUNT, "cost_percent": TARGET_COST},
        "score": score_record(figures.score),
        "new": score_record(figures.new),
        "keys": [
            {
                "key": each.key,
                **score_record(each.score),
                "verdicts": {str(verdict): count for verdict, count in each.verdicts.items()},
            }
            for each in figures.keys
        ],
        "groups": [
            {"group": each.group, "name": names.get(each.group, ""), **score_record(each.score)}
            for each in figures.groups
        ],
        "drifted": len(moved.drift),
        "fixed": moved.fixed,
        "median_days_to_fix": None if moved.median_days is None else f"{moved.median_days:.2f}",
        "trend": [_day_record(each) for each in trend],
        "items": [violation_record(each, names) for each in page.items],
    }


def score_record(score: Score) -> Document:
    """How assets stand, counted and weighted by cost."""
    return {
        "judged": score.judged,
        "compliant": score.compliant,
        "violating": score.violating,
        "untagged": score.untagged,
        "exempt": score.exempt,
        "untaggable": score.untaggable,
        "unknown": score.unknown,
        "unpriced": score.unpriced,
        "percent": score.percent,
        "cost_percent": score.cost_percent,
        "costs": [_cost_record(each) for each in score.costs],
    }


def _cost_record(cost: CostScore) -> Document:
    return {
        "currency": cost.currency,
        "judged": cost.judged,
        "compliant": cost.compliant,
        "violating": cost.violating,
        "untagged": cost.untagged,
        "exempt": cost.exempt,
        "untaggable": cost.untaggable,
        "unknown": cost.unknown,
        "percent": cost.percent,
    }


def _day_record(score: DayScore) -> Document:
    return {
        "day": score.day,
        "judged": score.judged,
        "compliant": score.compliant,
        "unknown": score.unknown,
        "currency": score.currency,
        "judged_cost": score.judged_cost,
        "compliant_cost": score.compliant_cost,
        "untagged_cost": score.untagged_cost,
        "policy_version": score.policy_version,
    }


def asset_fields(asset: TaggedAsset, names: Mapping[str, str]) -> Document:
    """Which asset it is, since when, and what it costs."""
    named = names.get(asset.account, "")
    return {name: named if name == "account_name" else getattr(asset, name) for name in ASSET_FIELDS}


def violation_record(violation: Violation, names: Mapping[str, str]) -> Document:
    """One verdict; see `VIOLATION_FIELDS`."""
    return asset_fields(violation.asset, names) | {
        "key": violation.key,
        "verdict": str(violation.verdict),
        "found_key": violation.found_key,
        "value": violation.value,
        "inherited": violation.inherited,
    }


def policy_page(version: PolicyVersion, versions: Sequence[PolicyVersion], tenant: str) -> Document:
    """A policy, its versions, AWS's words for it, and the starter policy."""
    aws = exported(version.policy)
    data = {
        "version": version.version,
        "saved": version.saved,
        "saved_by": version.saved_by,
        "note": version.note,
        "policy": policy_document(version.policy),
        "aws": {"document": aws.document, "lost": [{"field": field, "reason": told} for field, told in aws.lost]},
        "starter": policy_document(STARTER),
        "versions": [
            {"version": each.version, "saved": each.saved, "saved_by": each.saved_by, "note": each.note}
            for each in versions
        ],
    }
    return envelope(data, Meta(tenant=tenant, as_of=version.saved, source=SOURCE))


def what_if_page(found: WhatIf, meta: Meta, names: Mapping[str, str], *, next_cursor: str | None) -> Document:
    """Both scores, the changed verdicts counted and one by one, and rules that nothing can reach."""
    data = {
        "before": score_record(found.before),
        "after": score_record(found.after),
        "moves": [
            {"key": each.key, "before": _verdict(each.before), "after": _verdict(each.after), "assets": each.assets}
            for each in found.moves
        ],
        "unreachable": [{"key": each.key, "field": each.field, "reason": each.reason} for each in found.unreachable],
        "items": [
            asset_fields(each.asset, names)
            | {"key": each.key, "before": _verdict(each.before), "after": _verdict(each.after)}
            for each in found.changes
        ],
    }
    more = {"total": found.changed, "next_cursor": next_cursor}
    return envelope(data, replace(meta, more={**meta.more, **more}))


def autopsy_document(found: Autopsy, tenant: str) -> Document:
    """The six causes. Partial where nothing could answer, and where the parts are not the whole."""
    failures = found.failures
    if found.reconciles is False:
        told = f"The causes add up to {found.explained}, and the bill says {found.untagged}: something is unexplained."
        failures = (*failures, Failure(NOT_RECONCILED, told))
    days = {"start": found.period.start, "end": found.period.end} if found.period else None
    data = {
        "key": found.key,
        "activation": str(found.activation),
        "untagged": found.untagged,
        "explained": found.explained if found.source else None,
        "reconciles": found.reconciles,
        "total": found.total,
        "parts": [
            {
                "cause": str(part.cause),
                "cost": part.amount,
                "resources": part.resources,
                "unseen_cost": part.unseen,
                "top": [
                    {"name": item.name, "cost": item.amount, "asset_id": item.asset_id or None} for item in part.top
                ],
            }
            for part in found.parts
        ],
    }
    more = {"cost_period": days, "notes": list(found.notes)}
    meta = Meta(
        tenant=tenant,
        as_of=found.fetched,
        currency=found.currency or None,
        metric=found.metric or None,
        source=found.source or None,
        partial=bool(failures),
        failures=failures,
        more=more,
    )
    return envelope(data, meta)


def suggestions_page(found: Suggestions, meta: Meta, names: Mapping[str, str]) -> Document:
    """Likely values, each with its evidence, and how good the signals are on tagged assets."""
    data = {
        "key": found.key,
        "untagged": found.untagged,
        "overall": _accuracy(found.overall),
        "signals": [_accuracy(each) for each in found.signals],
        "items": [
            asset_fields(each.asset, names)
            | {
                "verdict": str(each.verdict),
                "value": each.guess.value,
                "signal": each.guess.signal,
                "agreeing": each.guess.agreeing,
                "votes": each.guess.votes,
                "confidence": f"{each.guess.confidence:.4f}",
                "evidence": each.guess.evidence,
            }
            for each in found.items
        ],
    }
    return envelope(data, replace(meta, more={**meta.more, "total": len(found.items)}))


def _accuracy(accuracy: Accuracy) -> Document:
    return {
        "signal": accuracy.signal,
        "tagged": accuracy.tagged,
        "guessed": accuracy.guessed,
        "right": accuracy.right,
        "accuracy": None if accuracy.accuracy is None else f"{accuracy.accuracy:.4f}",
        "coverage": f"{accuracy.coverage:.4f}",
    }


def _verdict(verdict: object) -> str | None:
    return None if verdict is None else str(verdict)
