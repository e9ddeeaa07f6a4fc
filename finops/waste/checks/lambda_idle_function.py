"""A Lambda function that nobody invokes, or provisioned concurrency that is not used.

A function is flagged when it was not invoked in the last 30 days and has been there that long. One that does nothing
costs nothing, so no dollars are claimed, unless concurrency is provisioned for it. Provisioned concurrency of a version
or alias is flagged when no more than a tenth of it was ever in use: the saving is the list price of the part that never
was.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops.aws.cloudwatch import GET_METRIC_DATA
from finops.aws.fields import moment
from finops.model.findings import (
    HOURS_A_MONTH,
    NO_SAVING,
    Action,
    ActionType,
    Category,
    Effort,
    Severity,
    Threshold,
)
from finops.model.outcome import Failure
from finops.waste.activity import absent_is_zero, use
from finops.waste.check import Check, measuring
from finops.waste.context import Gauge
from finops.waste.judging import fine, flagged, number, recent, too_few, undetermined, whole_cost
from finops.waste.savings import estimated

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from finops.model.assets import Asset
    from finops.model.findings import Fact, Judgement, Levels, Observation
    from finops.waste.context import Context

ID = "aws.lambda.idle_function"
DAYS = Threshold("window_days", "the last days that are looked at", 30, 7, 90, "days")
IN_USE = Threshold("concurrency_used", "of its provisioned concurrency no more than this was ever used", 10, 0, 90, "%")
PROVISIONED = measuring("lambda", "ListProvisionedConcurrencyConfigs", "provisioned concurrency that is not used")
INVOCATIONS = Gauge(
    "invocations", "AWS/Lambda", "Invocations", "Sum", lambda asset: (("FunctionName", asset.resource_id),)
)
SECONDS_A_MONTH = HOURS_A_MONTH * 3600


@dataclass(frozen=True, slots=True)
class Provisioned:
    """Concurrency that is provisioned for a version or an alias of a function."""

    qualifier: str
    allocated: int

    @property
    def gauge(self) -> Gauge:
        """How much of it was in use, a share of 1."""
        qualifier = self.qualifier
        return Gauge(
            "utilization",
            "AWS/Lambda",
            "ProvisionedConcurrencyUtilization",
            "Maximum",
            lambda asset: (("FunctionName", asset.resource_id), ("Resource", f"{asset.resource_id}:{qualifier}")),
        )


def measure(context: Context) -> Iterator[Observation | Failure]:
    """The invocations of every function, and the use of whatever concurrency is provisioned."""
    assets = context.estate.of("lambda:function")
    measured = context.metrics(assets, (INVOCATIONS,), int(DAYS.maximum))
    yield from measured.failures
    # "Invocations: the number of times that your function code is invoked", recorded as it is invoked: no data is none.
    # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    measured = absent_is_zero(measured, assets, _there_since)
    asks = [(asset, context.ask(PROVISIONED, {"FunctionName": asset.resource_id}, asset)) for asset in assets]
    for asset, pages in context.reads.pages(asks):
        if isinstance(pages, Failure):
            yield pages
        provisioned = None if isinstance(pages, Failure) else _provisioned(pages)
        allocated = None if provisioned is None else sum(one.allocated for one in provisioned)
        facts: dict[str, Fact] = {
            "memory_mb": asset.details.get("memory_mb"),
            "runtime": asset.details.get("runtime"),
            "last_modified": asset.details.get("last_modified"),
            "provisioned_concurrency": allocated,
        }
        amounts = {"list": _month(context, asset, allocated or 0) if allocated is not None else None}
        yield context.observation(ID, asset, facts, measured=measured, amounts=amounts)
        yield from _concurrency(context, asset, provisioned or ())


def judge(seen: Observation, levels: Levels) -> Judgement:
    """Never invoked; or with provisioned concurrency that was hardly used."""
    if seen.issue:
        return _concurrency_judged(seen, levels)
    used = use(seen, {"invocations": "invocations a day"}, levels["window_days"])
    if used is not None:
        return used
    words = f"It was not invoked in the last {levels['window_days']:.0f} days"
    allocated = number(seen, "provisioned_concurrency")
    if allocated is None:
        return flagged(f"{words}; whether concurrency is provisioned for it is not known.")
    if not allocated:
        return flagged(f"{words}.")
    return flagged(f"{words}, and concurrency is provisioned for it: {allocated:.0f}.", whole_cost(seen))


def _concurrency_judged(seen: Observation, levels: Levels) -> Judgement:
    share, allocated = recent(seen, "utilization", levels["window_days"]), number(seen, "provisioned_concurrency")
    if allocated is None:
        return undetermined("AWS does not tell how much concurrency is provisioned.")
    if not share.values or (not share.enough and share.maximum * 100 <= levels["concurrency_used"]):
        return too_few("The use of its provisioned concurrency", share)
    most = share.maximum
    words = f"{most * 100:.0f} % of {allocated:.0f} provisioned executions were in use at most in {share.days} days"
    if most * 100 > levels["concurrency_used"]:
        return fine(f"{words}.")
    price, needed = seen.amounts.get("execution"), math.ceil(most * allocated)
    saving = NO_SAVING if price is None else estimated(seen, price * (int(allocated) - needed))
    return flagged(f"{words}.", saving)


def _there_since(asset: Asset) -> datetime:
    """AWS does not tell when a function was made: it was there when it was last changed, and when it was first seen."""
    changed = moment(asset.details.get("last_modified"))
    return min(asset.first_seen, changed) if changed else asset.first_seen


def _provisioned(pages: Sequence[dict[str, Any]]) -> tuple[Provisioned, ...]:
    configured = [one for page in pages for one in page.get("ProvisionedConcurrencyConfigs", ())]
    return tuple(
        Provisioned(
            str(one.get("FunctionArn", "")).rpartition(":")[2],
            one.get("AllocatedProvisionedConcurrentExecutions", one.get("RequestedProvisionedConcurrentExecutions", 0)),
        )
        for one in configured
    )


def _concurrency(context: Context, asset: Asset, found: Sequence[Provisioned]) -> Iterator[Observation | Failure]:
    for one in found:
        measured = context.metrics((asset,), (one.gauge,), int(DAYS.maximum))
        yield from measured.failures
        facts: dict[str, Fact] = {
            "qualifier": one.qualifier,
            "provisioned_concurrency": one.allocated,
            "memory_mb": asset.details.get("memory_mb"),
        }
        amounts = {"list": _month(context, asset, one.allocated), "execution": _month(context, asset, 1)}
        issue = f"provisioned-concurrency:{one.qualifier}"
        yield context.observation(ID, asset, facts, measured=measured, amounts=amounts, issue=issue)


def _month(context: Context, asset: Asset, executions: int) -> Decimal | None:
    """What so many provisioned executions cost a month: https://aws.amazon.com/lambda/pricing/."""
    memory, built = asset.details.get("memory_mb"), asset.details.get("architectures")
    arm = isinstance(built, list) and "arm64" in built
    price = context.prices.of(f"lambda.provisioned:gb-second{'-arm' if arm else ''}", asset.region)
    if price is None or not isinstance(memory, int):
        return None
    return price * Decimal(memory) / 1024 * executions * SECONDS_A_MONTH


CHECK = Check(
    check_id=ID,
    title="Idle Lambda function",
    explanation=__doc__,
    category=Category.IDLE,
    severity=Severity.LOW,
    kinds=("lambda:function",),
    action=Action(ActionType.DELETE, Effort.LOW, restart_needed=False, rollback_possible=False),
    measure=measure,
    judge=judge,
    console="lambda/home?region={region}#/functions/{id}",
    command=("lambda", "delete-function", "--function-name", "{id}"),
    thresholds=(DAYS, IN_USE),
    operations=(GET_METRIC_DATA, PROVISIONED),
    stands_on=(("invocations", ""), ("utilization", "")),
    source_url="https://docs.aws.amazon.com/lambda/latest/dg/monitoring-concurrency.html",
)
