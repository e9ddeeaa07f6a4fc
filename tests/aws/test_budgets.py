"""AWS's budgets as ours: what they count is taken over exactly, or named as what cannot be."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from finops.aws.budget_filters import Unmapped, scope_of
from finops.aws.budgets import budget_of, described
from finops.aws.calls import Calls
from finops.budgets.scopes import within
from finops.model.budgets import BudgetSource, Cadence, Planned
from finops.model.costs import Filter, Metric
from finops.model.errors import AwsError
from finops.model.metering import Caller
from tests.aws.wire import NOW, PocketMeter, Reply, Wire, error, sessions

HUB = "111111111111"
TOLD: dict[str, Any] = {
    "BudgetName": "prod",
    "BudgetLimit": {"Amount": "1000.0", "Unit": "USD"},
    "BudgetType": "COST",
    "TimeUnit": "MONTHLY",
    "TimePeriod": {"Start": datetime(2024, 3, 1, tzinfo=UTC), "End": datetime(2087, 6, 15, tzinfo=UTC)},
    "CalculatedSpend": {"ActualSpend": {"Amount": "250.5", "Unit": "USD"}},
}


def budget(**more: Any) -> Any:
    return budget_of({**TOLD, **more}, HUB, "default")


def test_a_budget_comes_with_its_limit_and_aws_s_own_figures() -> None:
    found = budget()
    assert (found.name, found.amount, found.currency, found.cadence) == ("prod", Decimal(1000), "USD", Cadence.MONTHLY)
    assert (found.start, found.end, found.metric) == (date(2024, 3, 1), None, Metric.UNBLENDED)
    assert found.source is BudgetSource.AWS
    assert (found.aws.actual, found.aws.forecast, found.aws.comparable) == (Decimal("250.5"), None, True)
    assert found.budget_id == budget().budget_id != budget_of(TOLD, "222222222222", "default").budget_id


def test_planned_limits_hold_from_their_period_on() -> None:
    months = {"1793491200": {"Amount": "5", "Unit": "USD"}, "1790812800": {"Amount": "3", "Unit": "USD"}}
    found = budget(PlannedBudgetLimits=months)
    assert found.planned == (Planned(date(2026, 10, 1), Decimal(3)), Planned(date(2026, 11, 1), Decimal(5)))


@pytest.mark.parametrize(
    ("told", "groups"),
    [
        ({}, ()),
        ({"CostFilters": {}}, ()),
        ({"CostFilters": {"Service": ["a", "b"], "LinkedAccount": ["1"]}},
         ((Filter("service", ("a", "b")), Filter("account", ("1",))),)),
        ({"CostFilters": {"TagKeyValue": ["user:Team$x", "user:Team$a$b"]}}, ((Filter("tag:Team", ("x", "a$b")),),)),
        ({"CostFilters": {"TagKeyValue": ["Team$"]}}, ((Filter("tag:Team", ("",)),),)),
        ({"CostFilters": {"CostCategory": ["Product$A"], "Region": ["us-east-1"]}},
         ((Filter("category:Product", ("A",)), Filter("region", ("us-east-1",))),)),
        ({"CostTypes": {"IncludeTax": False, "IncludeCredit": False, "IncludeRefund": True}},
         ((Filter("charge_type", ("Tax", "Credit"), exclude=True),),)),
        ({"FilterExpression": {"Dimensions": {"Key": "SERVICE", "Values": ["a"], "MatchOptions": ["EQUALS"]}},
          "CostTypes": {"IncludeTax": False}},
         ((Filter("service", ("a",)), Filter("charge_type", ("Tax",), exclude=True)),)),
        ({"FilterExpression": {"Tags": {"Key": "Team", "MatchOptions": ["ABSENT"]}}}, ((Filter("tag:Team", ("",)),),)),
    ],
)  # fmt: skip
def test_what_a_budget_counts_is_taken_over(told: dict[str, Any], groups: Any) -> None:
    found = budget(**told)
    assert found.scope.groups == groups
    assert found.aws.unmapped == ()


def expression() -> dict[str, Any]:
    def leaf(key: str, *values: str) -> dict[str, Any]:
        return {"Dimensions": {"Key": key, "Values": list(values)}}

    either = {"Or": [leaf("SERVICE", "a"), {"Tags": {"Key": "Team", "Values": ["x"]}}]}
    return {"And": [leaf("LINKED_ACCOUNT", "1", "2"), {"Not": {"And": [leaf("REGION", "r"), either]}}]}


def test_a_filter_expression_means_what_it_says() -> None:
    unmapped = Unmapped()
    groups = scope_of({"FilterExpression": expression()}, unmapped).groups
    assert unmapped.sentences == ()
    for account in "123":
        for region in "rs":
            for service in "ab":
                for team in "xy":
                    inside = account in "12" and not (region == "r" and (service == "a" or team == "x"))
                    cost = {"account": account, "region": region, "service": service, "tag:Team": team}
                    assert within(groups, cost) is inside, cost


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"BudgetType": "USAGE"}, "budget of usage"),
        ({"BudgetType": "SAVINGS_PLANS_COVERAGE"}, "savings plans coverage"),
        ({"TimeUnit": "DAILY"}, "Its periods are daily"),
        ({"BudgetLimit": {"Amount": "0", "Unit": "USD"}}, "no limit above zero"),
        ({"BudgetLimit": None}, "no limit above zero"),
        ({"CostFilters": {"InstanceType": ["m5.large"]}}, "InstanceType"),
        ({"CostFilters": {"TagKeyValue": ["user:A$x", "user:B$y"]}}, "several tag keys at once: A, B"),
        ({"CostFilters": {"TagKeyValue": ["nothing"]}}, "cannot be read"),
        ({"CostTypes": {"IncludeSupport": False}}, "leaves out support charges"),
        ({"FilterExpression": {"Dimensions": {"Key": "AZ", "Values": ["a"]}}}, "AZ"),
        ({"FilterExpression": {"Tags": {"Key": "T", "Values": ["a"], "MatchOptions": ["STARTS_WITH"]}}}, "STARTS_WITH"),
        ({"FilterExpression": {"ProductAttributes": {"Key": "p", "Values": ["a"]}}}, "ProductAttributes"),
        ({"Metrics": ["UsageQuantity"]}, "no cost metric"),
        ({"BillingViewArn": f"arn:aws:billing::{HUB}:billingview/custom-1"}, "billing view"),
    ],
)
def test_what_cannot_be_taken_over_is_named(more: dict[str, Any], said: str) -> None:
    found = budget(**more)
    assert said in " ".join(found.aws.unmapped)
    assert not found.aws.comparable


@pytest.mark.parametrize(
    ("more", "metric"),
    [
        ({"CostTypes": {"UseAmortized": True}}, Metric.AMORTIZED),
        ({"CostTypes": {"UseBlended": True}}, Metric.BLENDED),
        ({"Metrics": ["NetAmortizedCost"]}, Metric.NET_AMORTIZED),
    ],
)
def test_the_metric_is_that_of_the_budget(more: dict[str, Any], metric: Metric) -> None:
    assert budget(**more).metric is metric


def asked(*replies: Reply) -> tuple[Calls, Wire]:
    left = list(replies)
    wire = Wire(lambda _: left.pop(0))
    return Calls(sessions(wire.hook), PocketMeter(), now=lambda: NOW), wire


def test_every_page_is_read_and_the_account_is_asked_for_its_newer_filters() -> None:
    one = {
        "BudgetName": "a",
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": "1", "Unit": "USD"},
    }
    calls, wire = asked(Reply({"Budgets": [one], "NextToken": "t"}), Reply({"Budgets": [{**one, "BudgetName": "b"}]}))
    found = described(calls, Caller(), HUB, "default")
    assert [each.name for each in found] == ["a", "b"]
    assert wire.requests[0] == {"AccountId": HUB, "MaxResults": 100, "ShowFilterExpression": True}
    assert wire.requests[1]["NextToken"] == "t"


def test_an_account_without_budgets_has_none_and_a_refusal_names_the_permission() -> None:
    calls, _ = asked(Reply({"Budgets": []}))
    assert described(calls, Caller(), HUB, "default") == ()
    calls, _ = asked(error("AccessDeniedException", "no"))
    with pytest.raises(AwsError) as caught:
        described(calls, Caller(), HUB, "default")
    assert caught.value.missing_action == "budgets:ViewBudget"
    calls, _ = asked(Reply({}))  # neither a list nor a request id: broken, not empty
    with pytest.raises(AwsError, match="lacks Budgets"):
        described(calls, Caller(), HUB, "default")
