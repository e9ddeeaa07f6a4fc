"""Recommendations that AWS makes itself, as observations: what is recommended, for which resource, for how much.

They are one more source. Where an own check flags the same resource for the same action, the own finding stands and the
imported one says so: nothing is counted twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.model.findings import Action, ActionType, Basis, Category, Effort, Observation, Saving, Verdict
from finops.model.money import CENT
from finops.waste.judging import fine, flagged, not_applicable, undetermined
from finops.waste.running import NOT_ENABLED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from finops.model.findings import Fact, Judgement, Levels
    from finops.waste.context import Context
    from finops.waste.running import Judged

_CATEGORIES = {
    ActionType.DELETE: Category.IDLE,
    ActionType.STOP: Category.IDLE,
    ActionType.UPGRADE: Category.OUTDATED,
    ActionType.MIGRATE_TO_GRAVITON: Category.OUTDATED,
    ActionType.COMMIT: Category.COMMITMENT,
    ActionType.RESERVE: Category.COMMITMENT,
}
_KINDS = {
    "Ec2Instance": "ec2:instance",
    "EbsVolume": "ec2:volume",
    "LambdaFunction": "lambda:function",
    "EcsService": "ecs:service",
    "Ec2AutoScalingGroup": "autoscaling:group",
    "RdsDbInstance": "rds:db",
    "RdsDbInstanceStorage": "rds:db",
}
IMPORTED = frozenset({"CostOptimizationHub", "ComputeOptimizer", "CostExplorer"})
"""Sources of findings that are not this product's own."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One recommendation as AWS words it. `effort` and `action` are spelled as Cost Optimization Hub does."""

    account: str
    region: str
    resource_type: str
    resource_id: str
    arn: str
    action: str
    now: str
    then: str
    effort: str
    restart_needed: bool
    rollback_possible: bool
    source: str
    saving: str  # decimal text, dollars a month
    cost: str
    currency: str = "USD"


def observed(context: Context, check_id: str, told: Recommendation) -> Observation:
    """The recommendation as an observation, with name, age and tags where the inventory knows the resource."""
    kind = _KINDS.get(told.resource_type, f"aws:{told.resource_type.lower() or 'resource'}")
    asset = context.estate.named(kind, told.account, told.region, told.arn or told.resource_id)
    resource_id = asset.resource_id if asset else told.resource_id or told.arn or told.account
    facts: dict[str, Fact] = {
        "action": told.action,
        "now": told.now,
        "recommended": told.then,
        "effort": told.effort,
        "restart_needed": told.restart_needed,
        "rollback_possible": told.rollback_possible,
        "recommended_by": told.source,
    }
    return Observation(
        check_id=check_id,
        account=told.account,
        region=told.region or "global",
        kind=kind,
        resource_id=resource_id,
        arn=asset.arn if asset else told.arn,
        name=asset.name if asset else "",
        issue=told.action,
        created=asset.created if asset else None,
        tags=asset.tags if asset else None,
        facts=facts,
        amounts={
            name: Decimal(text) for name, text in (("recommended_saving", told.saving), ("list", told.cost)) if text
        },
        currency=told.currency or "USD",
    )


def judge(seen: Observation, levels: Levels) -> Judgement:  # noqa: ARG001 - AWS has judged; the guards of all checks apply
    """What AWS recommends is flagged, at the saving that AWS estimates."""
    facts = seen.facts
    if facts.get(NOT_ENABLED):
        return not_applicable("It is not switched on here: nothing is imported.")
    saving = seen.amounts.get("recommended_saving")
    if saving is None or not facts.get("action"):
        return undetermined("AWS does not tell what it would save.")
    action = _action(facts)
    if saving < CENT:
        return fine("AWS sees nothing to save.")
    said = flagged(_words(facts), Saving(saving.quantize(CENT), Basis.DERIVED, seen.currency))
    return replace(said, action=action, category=_CATEGORIES.get(action.action_type, Category.OVERSIZED))


def without_doubles(said: Sequence[Judged]) -> tuple[Judged, ...]:
    """Judgements in which an imported finding gives way to an own one about the same resource and action."""
    own = {
        (name, _group(one)): one.check.title
        for one in said
        if one.judgement.verdict is Verdict.FLAGGED and not _is_imported(one)
        for name in (one.observation.arn, f"{one.observation.account} {one.observation.resource_id}")
        if name
    }
    return tuple(_yielding(one, own) if _is_imported(one) else one for one in said)


def _yielding(one: Judged, own: Mapping[tuple[str, str], str]) -> Judged:
    seen = one.observation
    for name in (seen.arn, f"{seen.account} {seen.resource_id}"):
        title = own.get((name, _group(one)))
        if title and one.judgement.verdict is Verdict.FLAGGED:
            return replace(one, judgement=not_applicable(f"“{title}” says the same of it."))
    return one


def _is_imported(one: Judged) -> bool:
    return one.check.action.source in IMPORTED


def _group(one: Judged) -> str:
    """Actions that come to the same: a resource is done away with, made smaller, or made newer."""
    action = (one.judgement.action or one.check.action).action_type
    if action in {ActionType.DELETE, ActionType.STOP}:
        return "away"
    return "newer" if action in {ActionType.UPGRADE, ActionType.MIGRATE_TO_GRAVITON} else str(action)


def _words(facts: Mapping[str, object]) -> str:
    now, then = facts.get("now"), facts.get("recommended")
    change = f": {now} → {then}" if now and then else f": {now or then}" if now or then else ""
    return f"{facts.get('recommended_by')} recommends {facts.get('action')}{change}."


def _action(facts: Mapping[str, object]) -> Action:
    actions, efforts = {str(each): each for each in ActionType}, {str(each): each for each in Effort}
    return Action(
        action_type=actions.get(str(facts.get("action")), ActionType.RIGHTSIZE),
        implementation_effort=efforts.get(str(facts.get("effort")), Effort.MEDIUM),
        restart_needed=bool(facts.get("restart_needed")),
        rollback_possible=bool(facts.get("rollback_possible")),
        source=str(facts.get("recommended_by") or "CostOptimizationHub"),
    )
