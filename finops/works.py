"""Every kind of job: one call of a capability with plain arguments, and what follows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from finops.jobs import Assignment, Work
from finops.model.jobs import Outcome
from finops.waste import WORKSPACE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from finops.anomalies import Anomalies
    from finops.budgets.budgets import Budgets
    from finops.costs import Costs
    from finops.inventory import Inventory
    from finops.model.outcome import Failure
    from finops.tagging import Tagging
    from finops.waste import Waste

ALONE = "alone"
"""An argument of a refresh of costs: nothing follows it."""


@dataclass(frozen=True, slots=True)
class Doers:
    """The capabilities that jobs call."""

    costs: Costs
    inventory: Inventory
    waste: Waste
    tagging: Tagging
    anomalies: Anomalies
    budgets: Budgets


def works_of(
    doers: Doers,
    *,
    asks_bill: bool,
    asks_aws: Callable[[str], bool],
    alert: Callable[[str], tuple[Failure, ...]],
) -> dict[str, Work]:
    """The work of every kind of job. `asks_bill`: tag compliance may ask for the bill unasked, where that is free.

    `asks_aws` says for which tenants a refresh of costs asks for AWS's own anomalies too. `alert` queues the mails of
    budgets' thresholds that were crossed, and says which it could not.
    """
    works = _with_tags(_works(doers.costs, doers.inventory, doers.waste), doers.tagging, asks_bill=asks_bill)
    return _with_budgets(_with_anomalies(works, doers.anomalies, asks_aws), doers.budgets, alert)


def _works(costs: Costs, inventory: Inventory, waste: Waste) -> dict[str, Work]:
    """The works that stand alone."""

    def discover(job: Assignment) -> Outcome:
        chosen = {name: _texts(job.arguments.get(name)) for name in ("accounts", "regions", "services")}
        outcome = inventory.discover(job.tenant, **chosen, user=job.user, report=job.report)
        priced(costs, inventory, job.tenant)
        known = {account.id for account in inventory.accounts(job.tenant)}
        if costs.coverage(job.tenant) and known - set(costs.account_names(job.tenant)):
            costs.refresh(job.tenant, user=job.user)  # new accounts have costs that nobody has fetched
        return outcome

    def locks(tenant: str, arguments: Mapping[str, object]) -> tuple[str, ...]:
        return inventory.locks(tenant, _texts(arguments.get("accounts")))

    def split(tenant: str, arguments: Mapping[str, object]) -> tuple[dict[str, object], ...]:
        accounts = inventory.parts(tenant, _texts(arguments.get("accounts"))).items
        return tuple({**arguments, "accounts": [account]} for account in accounts)

    def refresh(job: Assignment) -> Outcome:
        result = costs.refresh(job.tenant, user=job.user)
        counts = {"requests": result.requests, "rows": result.rows, "days": result.days}
        return Outcome(counts, result.failures, nothing_done=result.status == "failed")

    def find(job: Assignment) -> Outcome:
        workspace = str(job.arguments.get("workspace") or WORKSPACE)
        chosen = _texts(job.arguments.get("checks"))
        return waste.run(job.tenant, chosen=chosen, workspace=workspace, user=job.user, report=job.report)

    return {
        "inventory.discover": Work(discover, locks, split),
        "costs.refresh": Work(refresh),
        "findings.run": Work(find, lambda tenant, _: waste.locks(tenant)),
    }


def _with_tags(works: Mapping[str, Work], tagging: Tagging, *, asks_bill: bool) -> dict[str, Work]:
    """The works, with that of tag compliance, which follows every discovery too.

    After a discovery the bill is asked only where that is free (`asks_bill`): nobody has asked for it.
    """

    def evaluate(job: Assignment) -> Outcome:
        asked = job.arguments.get("bill") is True
        return tagging.evaluate(job.tenant, bill=asked, user=job.user, report=job.report)

    def discover(job: Assignment) -> Outcome:
        outcome = works["inventory.discover"].run(job)
        if not outcome.nothing_done:
            told = tagging.evaluate(job.tenant, bill=asks_bill, user=job.user)
            outcome = replace(outcome, failures=(*outcome.failures, *(() if told.nothing_done else told.failures)))
        return outcome

    discovery = replace(works["inventory.discover"], run=discover)
    return {**works, "inventory.discover": discovery, "tags.evaluate": Work(evaluate, lambda *_: ("tags",))}


def _with_anomalies(
    works: Mapping[str, Work], anomalies: Anomalies, asks_aws: Callable[[str], bool]
) -> dict[str, Work]:
    """The works, with the detection of anomalies, which follows every refresh of costs too: it costs nothing.

    AWS's own are asked for by whoever says so (`aws`), and after a refresh where that is free or was allowed once.
    """

    def detect(job: Assignment) -> Outcome:
        outcome = anomalies.detect(job.tenant, report=job.report)
        if not job.arguments.get("aws"):
            return outcome
        failure = anomalies.ask_aws(job.tenant, user=job.user).failure
        return outcome if failure is None else replace(outcome, failures=(*outcome.failures, failure))

    def refresh(job: Assignment) -> Outcome:
        outcome = works["costs.refresh"].run(job)
        if not outcome.nothing_done and not job.arguments.get(ALONE):
            anomalies.detect(job.tenant)
            if asks_aws(job.tenant):
                anomalies.ask_aws(job.tenant, user=job.user)  # what came of it is kept, and told where it is shown
        return outcome

    refreshing = replace(works["costs.refresh"], run=refresh)
    detection = Work(detect, lambda tenant, _: anomalies.locks(tenant))
    return {**works, "costs.refresh": refreshing, "anomalies.detect": detection}


def _with_budgets(
    works: Mapping[str, Work], budgets: Budgets, alert: Callable[[str], tuple[Failure, ...]]
) -> dict[str, Work]:
    """The works, with the judging of budgets, which follows every refresh of costs too.

    AWS's own are asked for once a day, which is free; `aws` asks at once. A crossing is recorded before its mail is
    queued: whatever dies in between, the next evaluation queues it.
    """

    def evaluate(job: Assignment) -> Outcome:
        told = budgets.import_aws(job.tenant, user=job.user, unasked=not job.arguments.get("aws"))
        outcome = budgets.evaluate(job.tenant, report=job.report)
        refused = (told.failure,) if told is not None and told.failure is not None else ()
        return replace(outcome, failures=(*outcome.failures, *refused, *alert(job.tenant)))

    def refresh(job: Assignment) -> Outcome:
        outcome = works["costs.refresh"].run(job)
        if outcome.nothing_done or job.arguments.get(ALONE):
            return outcome
        budgets.import_aws(job.tenant, user=job.user, unasked=True)  # what came of it is told where budgets are shown
        told = budgets.evaluate(job.tenant)
        return replace(outcome, failures=(*outcome.failures, *told.failures, *alert(job.tenant)))

    refreshing = replace(works["costs.refresh"], run=refresh)
    evaluation = Work(evaluate, lambda tenant, _: budgets.locks(tenant))
    return {**works, "costs.refresh": refreshing, "budgets.evaluate": evaluation}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, list | tuple) else ()


def priced(costs: Costs, inventory: Inventory, tenant: str) -> None:
    """Keeps beside each asset what it cost of late, as far as the stored costs know resources."""
    if not inventory.version(tenant):
        return  # nothing has been listed yet: the discovery to come prices what it finds
    found = costs.resource_costs(tenant)
    inventory.price(tenant, found.amounts if found else {})
