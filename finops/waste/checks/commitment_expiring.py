"""A reservation or a Savings Plan that ends soon: from then on the same usage costs its on-demand price.

It is flagged when it ends within 60 days, and pressing within 30. Reservations of EC2, RDS, ElastiCache, OpenSearch and
Redshift are looked for where their service is used, Savings Plans in every account. The saving is the discount that
ends, the on-demand list price less what the reservation costs, if all of it is used. The discount of a Savings Plan
depends on what it is used for, so no dollars are claimed for one. Where AWS gives no answer, that is said.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from finops.aws.calls import Ask
from finops.model.assets import GLOBAL
from finops.model.findings import Action, ActionType, Category, Effort, Severity, Threshold
from finops.model.outcome import Failure
from finops.waste.accounts import ACCOUNT, BILLING_REGION, UNANSWERED, Subject, observation_about
from finops.waste.check import Check
from finops.waste.commitments import SOURCES
from finops.waste.judging import counted, fine, flagged, not_applicable, number, undetermined
from finops.waste.savings import estimated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.model.findings import Fact, Judgement, Levels, Observation
    from finops.waste.commitments import Commitment, Source
    from finops.waste.context import Context

ID = "aws.commitment.expiring"
DAYS = Threshold("days_left", "it ends within this many days", 60, 1, 365, "days")
URGENT = Threshold("urgent_days", "it is pressing within this many days", 30, 0, 365, "days")

Where: TypeAlias = "tuple[Source, str, str]"


def measure(context: Context) -> Iterator[Observation | Failure]:
    """Every active commitment; and what could not be asked, account by account."""
    asks = [(where, _ask(*where)) for where in _places(context)]
    dark: dict[tuple[str, str], list[Failure]] = {}
    for (source, account, region), found in context.reads.each(asks, lambda ask: _pages(context, *ask)):
        if isinstance(found, Failure):
            yield found
            dark.setdefault((account, source.kind), []).append(found)
            continue
        for item in (item for page in found for item in page[source.items]):
            commitment = source.read(item, context.prices, region)
            if commitment is not None:
                yield _observed(context, source, Subject(account, region, source.kind), commitment)
    for (account, kind), failures in dark.items():
        told: dict[str, Fact] = {UNANSWERED: failures[0].message, "regions": [one.region for one in failures]}
        yield observation_about(ID, Subject(account), told, issue=kind)


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Ending soon, or very soon."""
    days = number(seen, "days_left")
    if seen.kind == ACCOUNT or days is None:
        return undetermined(f"Whether something ends is not known: {seen.facts.get(UNANSWERED)}")
    if days < 0:
        return not_applicable("It has ended.")
    words = f"{seen.facts.get('covers')} ends on {seen.facts.get('ends')}, in {counted(int(days), 'day')}"
    if days > levels["days_left"]:
        return fine(f"{words}.")
    cost, on_demand = seen.amounts.get("list"), seen.amounts.get("on_demand")
    discount = None if cost is None or on_demand is None else on_demand - cost
    told = (
        "what its discount is worth is not known" if discount is None else f"its discount is ${discount:,.2f} a month"
    )
    severity = Severity.HIGH if days <= levels["urgent_days"] else None
    return replace(flagged(f"{words}; {told}.", estimated(seen, discount)), severity=severity)


def _places(context: Context) -> Iterator[Where]:
    """Where each kind may be: accounts and regions in which its service was listed."""
    states = context.estate.places(*(source.near for source in SOURCES if source.near))
    for source in SOURCES:
        near = {(one.place.account, one.place.region) for one in states if one.place.kind == source.near}
        every = {(one.place.account, GLOBAL) for one in states}
        for account, region in sorted(near if source.near else every):
            yield source, account, region


def _ask(source: Source, account: str, region: str) -> tuple[Source, Ask]:
    where = BILLING_REGION if region == GLOBAL else region
    return source, Ask(source.operation, source.params, (source.items,), account, where)


def _pages(context: Context, source: Source, ask: Ask) -> list[dict[str, Any]]:
    calls, caller = context.reads.calls, context.reads.caller
    return list(calls.pages(ask, caller, tokens=source.tokens)) if source.paged else [calls.call(ask, caller)]


def _observed(context: Context, source: Source, subject: Subject, found: Commitment) -> Observation:
    facts: dict[str, Fact] = {
        "covers": found.covers,
        "ends": found.ends.date().isoformat(),
        "days_left": (found.ends - context.now).days,
        "service": source.operation.service,
    }
    whole = replace(subject, resource_id=found.commitment_id, arn=found.arn, name=found.covers, created=found.starts)
    return observation_about(ID, whole, facts, amounts={"list": found.cost, "on_demand": found.on_demand})


CHECK = Check(
    check_id=ID,
    title="Commitment that ends soon",
    explanation=__doc__,
    category=Category.COMMITMENT,
    severity=Severity.MEDIUM,
    kinds=(),
    action=Action(ActionType.COMMIT, Effort.LOW, restart_needed=False, rollback_possible=False),
    measure=measure,
    judge=judge,
    console="costmanagement/home?region={region}#/home",
    command=(
        "ce",
        "get-savings-plans-purchase-recommendation",
        "--savings-plans-type=COMPUTE_SP",
        "--term-in-years=ONE_YEAR",
        "--payment-option=NO_UPFRONT",
        "--lookback-period-in-days=THIRTY_DAYS",
    ),
    thresholds=(DAYS, URGENT),
    operations=tuple(source.operation for source in SOURCES),
    aged=False,
    source_url="https://docs.aws.amazon.com/savingsplans/latest/userguide/what-is-savings-plans.html",
)
