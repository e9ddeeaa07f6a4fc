"""What Cost Explorer refuses, with the code and the words that its users report."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_session import AwsSessions
    from finops.demo.estate import Estate

SERVICE = {"Type": "DIMENSION", "Key": "SERVICE"}
TAX = {"Dimensions": {"Key": "SERVICE", "Values": ["Tax"]}}


def refusal(call: Callable[..., Any], **params: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**params)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def question(start: str = "2026-10-01", end: str = "2026-11-01", granularity: str = "DAILY", **more: Any) -> Any:
    return {
        "TimePeriod": {"Start": start, "End": end},
        "Granularity": granularity,
        "Metrics": ["UnblendedCost"],
        **more,
    }


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (question("2026-11-01", "2026-11-01"), "Start date (and hour) should be before end date (and hour)"),
        (question("2026-11-02", "2026-11-01"), "Start date (and hour) should be before end date (and hour)"),
        (question("2026-11-01", "2026-12-02"), "end date past the beginning of next month"),
        (
            question("2025-09-19"),
            "To retrieve data beyond the past 14 months, your start date needs to be the first day of the month.",
        ),
        (
            question("2024-03-02", granularity="MONTHLY"),
            "To retrieve data beyond the past 14 months, your start date needs to be the first day of the month.",
        ),
        (question("2025-08-01"), "Data beyond the past 14 months is only available at monthly granularity."),
        (
            question("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"),
            "Hourly timePeriod is not supported for this request",
        ),
        (
            question("2026-11-05T00:00:00Z", "2026-11-06T00:00:00Z", "HOURLY"),
            "start date is too old for hourly, the max supported days for hourly granularity is 14 days.",
        ),
        (question("2026-02-30"), "Start time 2026-02-30 is invalid. Valid format is: yyyy-MM-dd."),
        (question("20261001"), "Start time 20261001 is invalid. Valid format is: yyyy-MM-dd."),
        (question(end="soon"), "End time soon is invalid. Valid format is: yyyy-MM-dd."),
        (question(GroupBy=[{"Type": "SERVICE", "Key": "SERVICE"}]), "Group Definition type is invalid."),
        (question(GroupBy=[{"Key": "SERVICE"}]), "Group Definition type is invalid."),
        (question(GroupBy=[{"Type": "TAG"}]), "Group Definition key is missing."),
        (
            question(GroupBy=[{"Type": "DIMENSION", "Key": "PAYER_ACCOUNT"}]),
            "Group Definition dimension is invalid: PAYER_ACCOUNT",
        ),
        (
            question(GroupBy=[SERVICE, {"Type": "DIMENSION", "Key": "REGION"}, {"Type": "TAG", "Key": "Owner"}]),
            "The maximum number of group definitions is 2.",
        ),
        (
            question(GroupBy=[{"Type": "DIMENSION", "Key": "RESOURCE_ID"}]),
            "RESOURCE_ID is only supported by GetCostAndUsageWithResources.",
        ),
        (question(Filter={}), "Expression must have exactly one root operator."),
        (question(Filter={**TAX, "Not": TAX}), "Expression must have exactly one root operator."),
        (question(Filter={"And": [TAX]}), "Expression And must have at least 2 operands."),
        (question(Filter={"Not": {"Or": [TAX]}}), "Expression Or must have at least 2 operands."),
        (question(Filter={"Dimensions": {"Key": "SERVICE", "Values": []}}), "Filter values must not be empty."),
        (question(Filter={"Tags": {"Values": ["x"]}}), "The key of Tags is missing."),
        (
            question(Filter={"Dimensions": {"Key": "SERVICE", "MatchOptions": ["ABSENT"]}}),
            "Match options ['ABSENT'] are not supported for Dimensions.",
        ),
        (
            question(Filter={"Tags": {"Key": "Owner", "Values": ["ml"], "MatchOptions": ["STARTS_WITH"]}}),
            "Match options ['STARTS_WITH'] are not supported for Tags.",
        ),
        (
            question(Filter={"Tags": {"Key": "Owner", "Values": ["ml"], "MatchOptions": ["ABSENT"]}}),
            "Values must be empty when the match option is ABSENT.",
        ),
        (
            question(Filter={"Dimensions": {"Key": "RESERVATION_ID", "Values": ["x"]}}),
            "Filter on Dimensions RESERVATION_ID is not supported for this operation.",
        ),
    ],
)
def test_questions_against_the_rules_are_refused_in_words(ce: Any, asked: dict[str, Any], words: str) -> None:
    assert refusal(ce.get_cost_and_usage, **asked) == ("ValidationException", words)


@pytest.mark.parametrize("metrics", [[], ["Cost"], ["UnblendedCost", "unblendedcost"]])
def test_unknown_metrics_are_refused_with_the_known_ones(ce: Any, metrics: list[str]) -> None:
    code, words = refusal(ce.get_cost_and_usage, **{**question(), "Metrics": metrics})
    assert code == "ValidationException"
    assert "NetAmortizedCost" in words


def test_hourly_figures_are_not_enabled(ce: Any) -> None:
    asked = question("2026-11-18T00:00:00Z", "2026-11-19T00:00:00Z", "HOURLY")
    assert refusal(ce.get_cost_and_usage, **asked)[0] == "DataUnavailableException"


@pytest.mark.parametrize(
    ("today", "end", "accepted"),
    [("2026-12-31", "2027-01-01", True), ("2026-12-31", "2027-01-02", False), ("2026-12-01", "2027-01-01", True)],
)
def test_the_end_may_reach_the_first_of_next_month_across_the_year(
    estate: Estate, open_sessions: Callable[..., AwsSessions], today: str, end: str, accepted: bool
) -> None:
    now = datetime.fromisoformat(today).replace(hour=23, tzinfo=UTC)
    ce = open_sessions(estate, now=now).client("ce")
    asked = question("2026-12-01", end, "MONTHLY")
    if accepted:
        assert ce.get_cost_and_usage(**asked)["ResultsByTime"][0]["Estimated"] is True
    else:
        assert refusal(ce.get_cost_and_usage, **asked)[0] == "ValidationException"


def test_the_first_day_of_the_history_needs_no_first_of_month(ce: Any) -> None:
    answer = ce.get_cost_and_usage(**question("2025-09-20", "2025-09-21"))
    assert answer["ResultsByTime"][0]["Total"]["UnblendedCost"]["Amount"] != "0"


def test_a_token_belongs_to_its_request(estate: Estate, open_sessions: Callable[..., AwsSessions]) -> None:
    sessions = open_sessions(estate, page_size=50)
    ce = sessions.client("ce")
    token = ce.get_cost_and_usage(**question(GroupBy=[SERVICE]))["NextPageToken"]
    assert ce.get_cost_and_usage(**question(GroupBy=[SERVICE], NextPageToken=token))["ResultsByTime"]
    for changed in (
        question("2026-10-02", GroupBy=[SERVICE], NextPageToken=token),
        question(GroupBy=[SERVICE], Filter=TAX, NextPageToken=token),
        question(granularity="MONTHLY", GroupBy=[SERVICE], NextPageToken=token),
    ):
        assert refusal(ce.get_cost_and_usage, **changed)[0] == "RequestChangedException"
    member = sessions.client("ce", account=estate.members[1].account_id)
    stolen = question(GroupBy=[SERVICE], NextPageToken=token)
    assert refusal(member.get_cost_and_usage, **stolen)[0] == "RequestChangedException"


@pytest.mark.parametrize("token", ["", "x", "AAAA", "bm90OmE6dG9rZW4=", "ü", "a:b:c"])
def test_text_that_is_no_token_is_refused(ce: Any, token: str) -> None:
    asked = question(GroupBy=[SERVICE], NextPageToken=token)
    assert refusal(ce.get_cost_and_usage, **asked)[0] == "InvalidNextTokenException"


def test_values_are_limited_only_when_sorted(ce: Any) -> None:
    period = {"Start": "2026-10-01", "End": "2026-11-01"}
    code, _ = refusal(ce.get_dimension_values, TimePeriod=period, Dimension="SERVICE", MaxResults=3)
    assert code == "ValidationException"
    code, _ = refusal(ce.get_dimension_values, TimePeriod=period, Dimension="SERVICE", SortBy=[{"Key": "Cost"}])
    assert code == "ValidationException"
    code, _ = refusal(ce.get_dimension_values, TimePeriod=period, Dimension="RESERVATION_ID")
    assert code == "ValidationException"
    code, _ = refusal(ce.get_dimension_values, TimePeriod=period, Dimension="SERVICE", Context="RESERVATIONS")
    assert code == "DataUnavailableException"
