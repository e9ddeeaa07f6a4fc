"""An account without a budget, or without a monitor for cost anomalies.

The account that this product runs in, as a rule the one that pays for the organization, is asked for both: AWS Budgets
and Cost Anomaly Detection. It is flagged when it has none. Nothing is saved by having them, but runaway cost is seen
early. Budgets of other accounts are not looked at. Asking for the monitors costs $0.01 a run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.aws.budgets import DESCRIBE_BUDGETS as BUDGETS
from finops.aws.calls import Ask
from finops.aws.cost_anomalies import GET_ANOMALY_MONITORS
from finops.aws.failures import Place, failure_of
from finops.model.errors import AwsError, CeilingReached
from finops.model.findings import Action, ActionType, Category, Effort, Severity
from finops.model.outcome import Failure
from finops.waste.accounts import BILLING_REGION, UNANSWERED, Subject, hub_account, observation_about
from finops.waste.check import Check
from finops.waste.judging import counted, fine, flagged, number, undetermined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.model.findings import Fact, Judgement, Levels, Observation
    from finops.waste.context import Context

ID = "aws.account.no_guardrail"
MONITORS = GET_ANOMALY_MONITORS
BUDGET, MONITOR = "budget", "anomaly-monitor"
_WORDS = {BUDGET: "budget", MONITOR: "cost anomaly monitor"}
_PAGES: dict[str, dict[str, Fact]] = {
    BUDGET: {"page": "budgets", "service": "budgets", "create": "create-budget"},
    MONITOR: {"page": "anomaly-detection", "service": "ce", "create": "create-anomaly-monitor"},
}


def measure(context: Context) -> Iterator[Observation | Failure]:
    """One page of each, from the account of the product's own credentials: one budget or monitor is enough."""
    hub = hub_account(context)
    if isinstance(hub, Failure):
        yield hub
        return
    name = next((account.name for account in context.estate.accounts if account.id == hub), "")
    for issue, found in ((BUDGET, _budgets(context, hub)), (MONITOR, _monitors(context))):
        if isinstance(found, Failure):
            yield found
        told: Fact = found.message if isinstance(found, Failure) else None
        count: Fact = None if isinstance(found, Failure) else found
        facts = {"defined": count, UNANSWERED: told, **_PAGES[issue]}
        yield observation_about(ID, Subject(hub, name=name), facts, issue=issue)


def judge(seen: Observation, levels: Levels) -> Judgement:  # noqa: ARG001 - no threshold: one is there or none
    """None defined."""
    defined, words = number(seen, "defined"), _WORDS.get(seen.issue, "guardrail")
    if defined is None:
        return undetermined(f"Whether there is a {words} is not known: {seen.facts.get(UNANSWERED)}")
    if defined:
        return fine(f"There is at least {counted(int(defined), words)}.")
    return flagged(f"There is no {words}.")


def _budgets(context: Context, account: str) -> int | Failure:
    ask = Ask(BUDGETS, {"AccountId": account, "MaxResults": 100}, (), region=BILLING_REGION)
    answer = context.reads.answers([(account, ask)])[0][1]
    if isinstance(answer, Failure):
        return answer
    # The list is optional by the API's model. Where it is left out, AWS's request id tells an answer from a broken one.
    if "Budgets" not in answer and not answer.get("ResponseMetadata", {}).get("RequestId"):
        place = Place(BUDGETS, account, BILLING_REGION)
        return failure_of(place.error(AwsError.MALFORMED, "Malformed", "It lacks Budgets."))
    return len(answer.get("Budgets", ()))


def _monitors(context: Context) -> int | Failure:
    ask = Ask(MONITORS, {"MaxResults": 10}, ("AnomalyMonitors",), region=BILLING_REGION)
    try:
        answer = context.reads.answers([("", ask)])[0][1]
    except CeilingReached as refusal:
        return Failure("CeilingReached", f"Asking costs money, and {refusal}.", region=BILLING_REGION, service="ce")
    return answer if isinstance(answer, Failure) else len(answer["AnomalyMonitors"])


CHECK = Check(
    check_id=ID,
    title="No budget or anomaly monitor",
    explanation=__doc__,
    category=Category.GUARDRAIL,
    severity=Severity.MEDIUM,
    kinds=(),
    action=Action(ActionType.CONFIGURE, Effort.VERY_LOW, restart_needed=False, rollback_possible=True),
    measure=measure,
    judge=judge,
    console="costmanagement/home?region={region}#/{page}",
    command=("{service}", "{create}", "--cli-input-json", "file://guardrail.json"),
    operations=(BUDGETS, MONITORS),
    aged=False,
    source_url="https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html",
)
