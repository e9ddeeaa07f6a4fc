"""Which stored figures answer: one source, the smallest cross-section, most of the period; or a reason in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from finops.costs.planner import NoRoute, Route, route
from finops.model.costs import CostQuestion, Coverage, CubeSpec, Filter, Granularity, Metric
from finops.model.errors import InputError
from finops.model.period import Period

FETCHED = datetime(2026, 11, 20, 9, tzinfo=UTC)
TODAY = date(2026, 11, 20)
CE = (Metric.UNBLENDED, Metric.NET_UNBLENDED, Metric.AMORTIZED, Metric.NET_AMORTIZED, Metric.BLENDED)
FOCUS = (Metric.BILLED, Metric.EFFECTIVE, Metric.LIST, Metric.CONTRACTED)
YEAR = Period(date(2025, 10, 1), date(2026, 11, 21))
OLDER = Period(date(2023, 10, 1), date(2025, 10, 1))
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))


def ce(name: str, *dimensions: str, rows: int = 100, period: Period = YEAR, **more: Any) -> Coverage:
    entry = Coverage(
        "cost_explorer", CubeSpec(name, dimensions), Granularity.DAILY, period, CE, ("USD",), FETCHED, rows=rows
    )
    return replace(entry, **more)


def focus(name: str, *dimensions: str, rows: int = 100, period: Period = OCTOBER) -> Coverage:
    return Coverage("focus", CubeSpec(name, dimensions), Granularity.DAILY, period, FOCUS, ("USD",), FETCHED, rows=rows)


CONTROL = ce("charge_type_service", "charge_type", "service", rows=500)
STORED = (
    CONTROL,
    ce("account_service", "account", "service", rows=900),
    ce("service_region", "service", "region", rows=300),
    ce("tag:Owner", "tag:Owner", "account", rows=200),
)
IMPORTED = (
    focus("account_service", "account", "service", "charge_type", "charge_category", "provider"),
    focus(
        "lines",
        "service",
        "account",
        "region",
        "usage_type",
        "charge_type",
        "charge_category",
        "provider",
        "resource",
        rows=9999,
    ),
)


def ask(*group_by: str, period: Period = OCTOBER, **more: Any) -> CostQuestion:
    return replace(CostQuestion("acme", period, group_by=group_by), **more)


def found(question: CostQuestion, *stored: Coverage) -> Route:
    answer = route(question, stored, TODAY)
    assert isinstance(answer, Route)
    return answer


def reason(question: CostQuestion, *stored: Coverage) -> str:
    answer = route(question, stored, TODAY)
    assert isinstance(answer, NoRoute)
    return answer.reason


@pytest.mark.parametrize(
    ("group_by", "cube"),
    [
        ((), "charge_type_service"),
        (("service",), "charge_type_service"),
        (("account",), "tag:Owner"),
        (("region",), "service_region"),
        (("account", "service"), "account_service"),
        (("tag:Owner", "account"), "tag:Owner"),
    ],
)
def test_the_control_cube_answers_what_it_can_and_else_the_smallest(group_by: tuple[str, ...], cube: str) -> None:
    assert found(ask(*group_by), *STORED).cube.name == cube


def test_filters_need_their_dimensions_too() -> None:
    question = ask("service", filters=(Filter("account", ("1",)),))
    assert found(question, *STORED).cube.name == "account_service"
    assert "region and tag:Owner together" in reason(ask("region", filters=(Filter("tag:Owner", ("",)),)), *STORED)


def test_an_imported_bill_wins_a_tie_and_loses_when_it_knows_less_of_the_period() -> None:
    assert found(ask("service"), *STORED, *IMPORTED).source == "focus"
    longer = Period(date(2026, 10, 1), date(2026, 11, 10))
    assert found(ask("service", period=longer), *STORED, *IMPORTED).source == "cost_explorer"
    assert found(ask("service", period=longer, source="focus"), *STORED, *IMPORTED).source == "focus"


def test_the_metric_decides_the_source_before_the_days_do() -> None:
    assert found(ask("service", metric=Metric.AMORTIZED), *STORED, *IMPORTED).source == "cost_explorer"
    assert found(ask("service", metric=Metric.LIST, period=YEAR), *STORED, *IMPORTED).source == "focus"
    assert found(ask("service", metric=Metric.NET_UNBLENDED), *IMPORTED).reading.mapped_from.startswith(
        "BilledCost (FOCUS)"
    )


def test_the_default_metric_is_that_of_the_source_which_answers() -> None:
    assert found(ask("service"), *STORED).reading.metric is Metric.UNBLENDED
    assert found(ask("service"), *IMPORTED).reading.metric is Metric.BILLED


@pytest.mark.parametrize(("metric", "stored"), [(Metric.UNBLENDED, IMPORTED), (Metric.LIST, STORED)])
def test_a_metric_no_source_has_is_an_error_not_another_figure(metric: Metric, stored: tuple[Coverage, ...]) -> None:
    with pytest.raises(InputError, match="metrics available"):
        route(ask("service", metric=metric), stored, TODAY)
    with pytest.raises(InputError, match="source cost_explorer cannot tell list"):
        route(ask("service", metric=Metric.LIST, source="cost_explorer"), (*STORED, *IMPORTED), TODAY)


def test_dimensions_only_the_bill_carries_with_a_metric_it_lacks_are_explained() -> None:
    text = reason(ask("account", "region", metric=Metric.UNBLENDED), *STORED, *IMPORTED)
    assert "the imported bill" in text
    assert "billed, net_unblended" in text


def test_line_items_answer_any_tag() -> None:
    assert found(ask("tag:Anything", "region"), *IMPORTED).cube.name == "lines"
    assert found(ask("resource"), *IMPORTED).cube.name == "lines"


def test_a_gap_inside_is_missing_and_named() -> None:
    gap = Period(date(2026, 10, 5), date(2026, 10, 7))
    answer = found(ask(), replace(CONTROL, missing=(gap,)))
    assert answer.missing == (gap,)
    assert [piece.period for piece in answer.pieces] == [Period(OCTOBER.start, gap.start), Period(gap.end, OCTOBER.end)]
    assert "2 days are not stored: 2026-10-05 to 2026-10-06." in answer.notes


def test_a_cube_that_holds_the_days_is_preferred_to_a_smaller_one_that_does_not() -> None:
    short = ce("a", "service", rows=1, period=Period(date(2026, 10, 9), date(2026, 11, 1)))
    assert found(ask("service"), short, ce("b", "service", rows=999)).cube.name == "b"


def test_months_and_days_are_joined_where_the_question_allows() -> None:
    older = replace(CONTROL, grain=Granularity.MONTHLY, period=OLDER)
    both = Period(date(2025, 8, 1), date(2025, 11, 1))
    pieces = found(ask(period=both), CONTROL, older).pieces
    assert [(piece.grain, piece.period) for piece in pieces] == [
        (Granularity.MONTHLY, Period(both.start, OLDER.end)),
        (Granularity.DAILY, Period(OLDER.end, both.end)),
    ]
    daily = found(ask(period=both, granularity=Granularity.DAILY), CONTROL, older)
    assert daily.missing == (Period(both.start, OLDER.end),)
    assert any("monthly figures" in note for note in daily.notes)
    cut = found(ask(period=Period(date(2025, 8, 15), date(2025, 11, 1))), CONTROL, older)
    assert cut.missing == (Period(date(2025, 8, 15), date(2025, 9, 1)),)
    assert any("whole months" in note for note in cut.notes)


def test_a_comparison_prefers_the_source_that_knows_both_periods() -> None:
    september = Period(date(2026, 9, 1), date(2026, 10, 1))
    answer = route(ask("service"), (*STORED, *IMPORTED), TODAY, also=september)
    assert isinstance(answer, Route)
    assert answer.source == "cost_explorer"


def test_resources_without_line_items_say_what_to_import() -> None:
    assert "line items" in reason(ask("resource"), *STORED)
