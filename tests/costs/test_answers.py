"""Answers equal the bill they come from, for every metric, grouping, filter and bucket, or say what is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops.demo.estate import TAG_KEYS
from finops.model.costs import CostQuestion, Filter, Granularity, Metric
from finops.model.errors import InputError
from finops.model.period import Period
from tests.costs.standin import TENANT, Bench, Truth, value_of

if TYPE_CHECKING:
    from hypothesis.strategies import DataObject

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 19))
HELD = Period(date(2025, 10, 1), date(2026, 11, 21))
CE_METRICS = (Metric.UNBLENDED, Metric.NET_UNBLENDED, Metric.AMORTIZED, Metric.NET_AMORTIZED, Metric.BLENDED)
TOGETHER = (
    ("charge_type", "service"),
    ("charge_type", "account"),
    ("account", "service"),
    ("service", "region"),
    ("service", "usage_type"),
    ("tag:Owner", "account"),
    ("tag:Environment", "account"),
    ("category:Team", "account"),
)


def ask(*group_by: str, period: Period = NOVEMBER, **more: Any) -> CostQuestion:
    return replace(CostQuestion(TENANT, period, group_by=group_by), **more)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_answer_equals_the_bill_row_by_row(stored: Bench, truth: Truth, data: DataObject) -> None:
    carried = data.draw(st.sampled_from(TOGETHER))
    group_by = data.draw(st.lists(st.sampled_from(carried), unique=True, max_size=2))
    start = HELD.start + timedelta(days=data.draw(st.integers(0, HELD.days - 2)))
    end = data.draw(st.integers(1, min(70, (HELD.end - start).days)))
    filters = []
    for name in data.draw(st.lists(st.sampled_from(carried), unique=True, max_size=2)):
        known = sorted({value_of(line, name) for line in truth.ledger.lines} | {"nothing like it"})
        values = data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=3, unique=True))
        filters.append(Filter(name, tuple(values), exclude=data.draw(st.booleans())))
    question = CostQuestion(
        TENANT,
        Period(start, start + timedelta(days=end)),
        data.draw(st.sampled_from(list(Granularity))),
        data.draw(st.sampled_from(CE_METRICS)),
        tuple(group_by),
        tuple(filters),
    )
    answer = stored.costs.answer(question)
    expected = truth.figures(question)
    assert {(row.keys, row.day): row.amount for row in answer.rows if row.amount} == expected
    assert answer.totals == {"USD": sum(expected.values(), Decimal(0))}
    assert answer.reconciles
    assert not answer.partial


def test_an_answer_says_where_it_comes_from(stored: Bench) -> None:
    provenance = stored.costs.answer(ask("service")).provenance
    assert (provenance.source, provenance.metric, provenance.mapped_from) == ("cost_explorer", Metric.UNBLENDED, "")
    assert provenance.fetched_at == stored.clock.at
    assert provenance.covered == NOVEMBER
    assert provenance.estimated
    assert provenance.estimated_from == NOVEMBER.start
    assert {"Usage", "Tax", "Refund", "Credit", "SavingsPlanNegation"} <= set(provenance.charge_types)
    assert provenance.command.startswith("aws ce get-cost-and-usage --time-period Start=2026-11-01,End=2026-11-19")


def test_a_settled_month_is_not_estimated(stored: Bench) -> None:
    answer = stored.costs.answer(ask("service", period=Period(date(2026, 9, 1), date(2026, 10, 1))))
    assert not answer.provenance.estimated
    assert not any(row.estimated for row in answer.rows)


def test_the_equal_command_stays_within_what_aws_accepts(stored: Bench) -> None:
    command = stored.costs.answer(ask("service", period=Period(date(2026, 11, 1), date(2027, 1, 1)))).provenance.command
    assert "Start=2026-11-01,End=2026-11-21" in command


def test_the_equal_command_carries_filters_and_absent_tags(stored: Bench) -> None:
    filters = (Filter("service", ("AWS Lambda",), exclude=True), Filter("charge_type", ("Usage",)))
    command = stored.costs.answer(ask("service", filters=filters)).provenance.command
    assert '"Not":{"Dimensions":{"Key":"SERVICE","Values":["AWS Lambda"]}}' in command
    untagged = stored.costs.answer(ask("account", filters=(Filter("tag:Owner", ("", "ml-team")),))).provenance.command
    assert '"MatchOptions":["ABSENT"]' in untagged


def test_billed_is_read_from_net_unblended_and_says_so(stored: Bench) -> None:
    billed = stored.costs.answer(ask(metric=Metric.BILLED))
    assert billed.totals == stored.costs.answer(ask(metric=Metric.NET_UNBLENDED)).totals
    assert billed.provenance.metric is Metric.BILLED
    assert billed.provenance.mapped_from == "NetUnblendedCost (Cost Explorer) read as billed"


def test_a_metric_nobody_stores_is_an_error_naming_those_there_are(stored: Bench) -> None:
    with pytest.raises(InputError, match=r"cannot tell list.*unblended.*net_amortized.*effective") as caught:
        stored.costs.answer(ask(metric=Metric.LIST))
    assert caught.value.field == "metric"
    assert stored.costs.metrics(TENANT)[0] is Metric.UNBLENDED


def test_what_no_cross_section_carries_is_partial_with_the_next_step_never_zero(stored: Bench) -> None:
    answer = stored.costs.answer(ask("account", "region"))
    assert (answer.rows, answer.totals, answer.provenance.source) == ((), {}, "")
    assert answer.partial
    assert "account and region together" in answer.failures[0].message
    assert "FOCUS" in answer.failures[0].message


def test_a_filter_that_matches_nothing_is_a_clean_zero_that_says_so(stored: Bench) -> None:
    answer = stored.costs.answer(ask("service", filters=(Filter("service", ("Amazon Nonsense",)),)))
    assert answer.totals == {"USD": Decimal(0)}
    assert answer.reconciles
    assert not answer.partial
    assert "No cost matches service = Amazon Nonsense between 2026-11-01 and 2026-11-18." in answer.provenance.notes


def test_days_before_the_history_are_missing_not_zero(stored: Bench) -> None:
    answer = stored.costs.answer(ask(period=Period(date(2020, 1, 1), date(2020, 2, 1))))
    assert answer.totals == {}
    assert answer.partial
    assert "2020-01-01" in answer.failures[0].message


def test_days_to_come_are_not_missing(stored: Bench) -> None:
    month = stored.costs.answer(ask(period=Period(date(2026, 11, 1), date(2026, 12, 1))))
    assert month.provenance.missing_days == 0
    future = stored.costs.answer(ask(period=Period(date(2027, 1, 1), date(2027, 2, 1))))
    assert future.partial
    assert "has not happened yet" in future.failures[0].message


def test_older_months_answer_by_month_and_say_why_not_by_day(stored: Bench, truth: Truth) -> None:
    september = Period(date(2025, 9, 1), date(2025, 10, 1))
    monthly = stored.costs.answer(ask("service", period=september, granularity=Granularity.MONTHLY))
    assert {(row.keys, row.day): row.amount for row in monthly.rows if row.amount} == truth.figures(monthly.question)
    assert monthly.reconciles
    across = stored.costs.answer(ask("service", period=Period(date(2025, 9, 1), date(2025, 11, 4))))
    assert {(row.keys, row.day): row.amount for row in across.rows if row.amount} == truth.figures(across.question)
    assert across.reconciles
    daily = stored.costs.answer(
        ask("service", period=Period(date(2025, 9, 20), date(2025, 10, 4)), granularity=Granularity.DAILY)
    )
    assert daily.provenance.missing_days == 11
    assert daily.partial
    half = stored.costs.answer(ask(period=Period(date(2025, 9, 10), date(2025, 10, 1))))
    assert half.partial
    assert not half.totals


def test_choices_come_largest_first_and_name_the_untagged(stored: Bench) -> None:
    services = stored.costs.choices(TENANT, "service", NOVEMBER)
    assert services[0] == "Amazon Elastic Compute Cloud - Compute"
    assert len(services) > 25
    assert "" in stored.costs.choices(TENANT, "tag:Owner")
    assert set(stored.costs.account_names(TENANT)) == set(stored.costs.choices(TENANT, "account"))
    with pytest.raises(InputError):
        stored.costs.choices(TENANT, "tags")


def test_dimensions_are_those_that_can_be_grouped_by(stored: Bench) -> None:
    dimensions = stored.costs.dimensions(TENANT)
    assert dimensions[:5] == ("service", "account", "region", "usage_type", "charge_type")
    assert set(dimensions[5:]) == {*(f"tag:{key}" for key in TAG_KEYS), "category:Team"}
    for name in dimensions:
        assert stored.costs.answer(ask(name)).reconciles


def test_resources_need_line_items_and_say_so(stored: Bench) -> None:
    answer = stored.costs.resources(ask(filters=(Filter("service", ("AWS Lambda",)),)))
    assert answer.partial
    assert "line items" in answer.failures[0].message


def test_an_unknown_tag_key_is_told_how_to_be_kept(stored: Bench) -> None:
    answer = stored.costs.answer(ask("tag:Nobody"))
    assert "FINOPS_TAG_KEYS" in answer.failures[0].message


@pytest.mark.parametrize("name", ["Service", "tag:", "services", ""])
def test_what_is_no_dimension_is_an_error(stored: Bench, name: str) -> None:
    with pytest.raises(InputError):
        stored.costs.answer(ask(name))
    with pytest.raises(InputError):
        stored.costs.answer(ask(filters=(Filter(name, ("x",)),)))


def test_a_source_nobody_knows_is_an_error_and_one_without_data_a_reason(stored: Bench) -> None:
    with pytest.raises(InputError, match="cost_explorer, focus"):
        stored.costs.answer(ask(source="azure"))
    answer = stored.costs.answer(ask(source="focus"))
    assert answer.partial
    assert "imported bill" in answer.failures[0].message


def test_a_tenant_without_costs_is_told_what_to_do(stored: Bench) -> None:
    answer = stored.costs.answer(CostQuestion("empty", NOVEMBER))
    assert answer.partial
    assert "costs refresh" in answer.failures[0].message
    assert "bill import" in answer.failures[0].message
    assert stored.costs.tenants() == (TENANT,)
    assert stored.costs.choices("empty", "service") == ()


def test_reading_sends_nothing(stored: Bench) -> None:
    before = stored.calls.counts()
    stored.costs.overview(TENANT)
    stored.costs.answer(ask("service", granularity=Granularity.DAILY, period=HELD))
    assert stored.calls.counts() == before


def test_another_currency_matches_nothing(stored: Bench) -> None:
    assert stored.costs.answer(ask("service", currency="EUR")).totals == {"EUR": Decimal(0)}
