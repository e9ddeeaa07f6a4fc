"""Guardrails of the hub account: a budget and an anomaly monitor."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from finops.model.errors import CeilingReached
from finops.model.findings import Basis, Verdict
from finops.waste.checks.account_no_guardrail import CHECK, MONITORS
from tests.aws.standins import Refusal
from tests.waste.kit import OWN, desk, judgement

BUDGETS: dict[str, Any] = {
    "Budgets": [{"BudgetName": "all", "TimeUnit": "MONTHLY", "BudgetType": "COST"}],
}
MONITOR: dict[str, Any] = {"AnomalyMonitors": [{"MonitorName": "services", "MonitorType": "DIMENSIONAL"}]}


@pytest.mark.parametrize("issue", ["budget", "anomaly-monitor"])
@pytest.mark.parametrize(("defined", "verdict"), [(0, Verdict.FLAGGED), (1, Verdict.OK), (None, Verdict.UNDETERMINED)])
def test_one_is_enough(issue: str, defined: int | None, verdict: Verdict) -> None:
    found = judgement(CHECK, {"defined": defined}, issue=issue)

    assert (found.verdict, found.saving.basis) == (verdict, Basis.NONE)


def test_both_are_asked_once_in_the_hub() -> None:
    answers = {"DescribeBudgets": lambda _: BUDGETS, "GetAnomalyMonitors": lambda _: {"AnomalyMonitors": []}}
    at = desk([], answers)

    observations, failures = at.measured(CHECK)

    assert failures == []
    assert [(one.kind, one.resource_id, one.account) for one in observations] == [("account", OWN, OWN)] * 2
    assert at.wire.operations == ["DescribeBudgets", "GetAnomalyMonitors"]
    assert at.wire.regions == ["aws-global", "aws-global"]  # what botocore makes of us-east-1 for them
    assert dict(at.wire.asked)["DescribeBudgets"]["AccountId"] == OWN
    assert {name: one.verdict for name, one in at.verdicts(CHECK).items()} == {
        f"{OWN}#budget": Verdict.OK,
        f"{OWN}#anomaly-monitor": Verdict.FLAGGED,
    }
    assert MONITORS.price == Decimal("0.01")


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ({"Budgets": []}, Verdict.FLAGGED),
        ({"ResponseMetadata": {"RequestId": "0a1b"}}, Verdict.FLAGGED),
        ({}, Verdict.UNDETERMINED),
        (Refusal("AccessDeniedException"), Verdict.UNDETERMINED),
    ],
)
def test_only_an_answer_of_aws_says_that_there_is_none(answer: Any, verdict: Verdict) -> None:
    at = desk([], {"DescribeBudgets": lambda _: answer, "GetAnomalyMonitors": lambda _: MONITOR})

    found = at.verdicts(CHECK)

    assert found[f"{OWN}#budget"].verdict is verdict
    assert found[f"{OWN}#anomaly-monitor"].verdict is Verdict.OK
    assert len(at.measured(CHECK)[1]) == (1 if verdict is Verdict.UNDETERMINED else 0)


def test_a_refusal_names_the_permission() -> None:
    denied = {name: lambda _: Refusal("AccessDeniedException") for name in ("DescribeBudgets", "GetAnomalyMonitors")}
    failures = desk([], denied).measured(CHECK)[1]

    assert [failure.missing_action for failure in failures] == ["budgets:ViewBudget", "ce:GetAnomalyMonitors"]


def test_a_spent_ceiling_is_a_failure_and_no_missing_monitor() -> None:
    at = desk([], {"DescribeBudgets": lambda _: BUDGETS, "GetAnomalyMonitors": lambda _: MONITOR})
    meter: Any = at.context.reads.calls._meter  # noqa: SLF001 - a spent budget, without a thousand calls
    meter.ceiling = Decimal(0)

    with pytest.raises(CeilingReached):
        meter.reserve(Decimal("0.01"), at.context.reads.caller)
    found = at.verdicts(CHECK)

    assert found[f"{OWN}#anomaly-monitor"].verdict is Verdict.UNDETERMINED
    assert [failure.code for failure in at.measured(CHECK)[1]] == ["CeilingReached"]
    assert "GetAnomalyMonitors" not in at.wire.operations


def test_remedies_lead_to_each() -> None:
    at = desk([], {"DescribeBudgets": lambda _: BUDGETS, "GetAnomalyMonitors": lambda _: MONITOR})

    remedies = [CHECK.remedy(one) for one in at.measured(CHECK)[0]]

    assert [one.console.rpartition("#/")[2] for one in remedies] == ["budgets", "anomaly-detection"]
    assert remedies[0].command.startswith("aws budgets create-budget ")
