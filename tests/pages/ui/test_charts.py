"""Figures.

What is drawn adds up, colours stay with their service, arriving days are marked, figures carry no markup.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.model.costs import CostAnswer, CostQuestion, CostRow, Granularity, Metric, Provenance
from finops.model.period import Period
from pages.ui import palette, series
from pages.ui.bar_charts import Bar, moves, ranking, waterfall
from pages.ui.time_charts import Earlier, Kind, cost_over_time

PERIOD = Period(date(2026, 11, 1), date(2026, 11, 21))
SERVICES = [*palette.HOME_SLOTS, "Amazon Athena", "AWS Glue", "Amazon SageMaker", "Tax", "Azure <b>VM</b>"]
AMOUNTS = st.decimals(-500, 5000, places=2, allow_nan=False)


def answered(amounts: dict[tuple[str, int], Decimal]) -> CostAnswer:
    rows = tuple(
        CostRow((service,), PERIOD.start + timedelta(days=day), amount, "USD")
        for (service, day), amount in amounts.items()
    )
    total = {"USD": sum((row.amount for row in rows), Decimal(0))}
    question = CostQuestion("demo", PERIOD, Granularity.DAILY, group_by=("service",))
    origin = Provenance(
        "cost_explorer", "account_service", Metric.UNBLENDED, fetched_at=datetime(2026, 11, 20, tzinfo=UTC)
    )
    return CostAnswer(question, rows, total, total, origin)


ANSWERS = st.dictionaries(
    st.tuples(st.sampled_from(SERVICES), st.integers(0, PERIOD.days - 1)), AMOUNTS, max_size=60
).map(answered)


@given(ANSWERS)
def test_what_is_drawn_adds_up_to_the_answer(answer: CostAnswer) -> None:
    axis = series.buckets(answer, monthly=False, arriving_from=None)
    drawn = series.by_group(answer.rows, axis, palette.slots("service", SERVICES), str)
    assert sum((one.total for one in drawn), Decimal(0)) == answer.totals["USD"]
    assert len(drawn) <= 8
    assert len({one.slot for one in drawn}) == len(drawn)
    assert sum(series.totals(drawn, PERIOD.days)) == answer.totals["USD"]


ONE_SPELLING = [
    service for service in SERVICES if service not in {"Amazon CloudWatch", "Amazon Elastic Kubernetes Service"}
]


@given(st.sets(st.sampled_from(ONE_SPELLING), min_size=1))
def test_a_service_keeps_its_colour_under_any_filter(shown: set[str]) -> None:
    seats = palette.slots("service", ONE_SPELLING)
    placed = palette.guest_slots(seats, sorted(shown))
    assert all(placed[service] == seats[service] for service in shown if service in seats)


def test_home_services_have_their_fixed_colours() -> None:
    seats = palette.slots("service", ["Amazon Bedrock", "Mystery", "Amazon Elastic Compute Cloud - Compute"])
    assert seats == {"Amazon Elastic Compute Cloud - Compute": 1, "Amazon Bedrock": 3, "Mystery": 2}


def test_days_still_arriving_are_hatched() -> None:
    answer = answered({("AWS Lambda", day): Decimal(10) for day in range(20)})
    axis = series.buckets(answer, monthly=False, arriving_from=date(2026, 11, 19))
    drawn = series.by_group(answer.rows, axis, {}, str)
    bars = [trace for trace in cost_over_time(drawn, axis, currency="USD").data if trace.type == "bar"]
    assert list(bars[0].marker.pattern.shape) == [""] * 18 + ["/", "/"]


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_draws_every_day(kind: Kind) -> None:
    answer = answered({(service, day): Decimal(10) for day in range(20) for service in SERVICES[:4]})
    axis = series.buckets(answer, monthly=False, arriving_from=None)
    drawn = series.by_group(answer.rows, axis, palette.slots("service", SERVICES), str)
    figure = cost_over_time(drawn, axis, currency="USD", kind=kind, earlier=Earlier("before", (Decimal(5),) * 20))
    assert all(len(trace.x) == 20 for trace in figure.data)
    if kind is Kind.SHARE:
        assert all(abs(sum(values) - 100) < 1e-6 for values in zip(*(trace.y for trace in figure.data), strict=True))


def test_the_hover_box_starts_with_the_total() -> None:
    answer = answered({(service, 3): Decimal(10) for service in SERVICES[:3]})
    axis = series.buckets(answer, monthly=False, arriving_from=None)
    first = cost_over_time(series.by_group(answer.rows, axis, {}, str), axis, currency="USD").data[0]
    assert "Total" in first.name
    assert max(first.y) == 30


@given(st.lists(AMOUNTS, max_size=20))
def test_the_waterfall_ends_at_the_net_change(changes: list[Decimal]) -> None:
    net = sum(changes, Decimal(0))
    steps = moves([Bar(str(number), change) for number, change in enumerate(changes)], net)
    assert abs(sum((step.amount for step in steps), Decimal(0)) - net) < Decimal("0.005")
    assert len(steps) <= 7
    trace = waterfall(steps, currency="USD").data[0]
    assert trace.x[-1] == pytest.approx(float(net), abs=0.005)
    assert trace.base[-1] == 0


def test_red_costs_more_and_green_costs_less() -> None:
    colours = waterfall([Bar("up", Decimal(5)), Bar("down", Decimal(-2))], currency="USD").data[0].marker.color
    assert list(colours) == [palette.WORSE, palette.BETTER, palette.INK]


def test_foreign_names_are_no_markup_in_figures() -> None:
    figure = ranking([Bar("<a href='http://host.invalid'>x</a>", Decimal(5), "%{x}")], currency="USD", height=200)
    assert "<a" not in figure.to_json().replace("\\u003c", "<")
    answer = answered({("Azure <b>VM</b>", 1): Decimal(1), ("%{fullData.name}", 1): Decimal(1)})
    axis = series.buckets(answer, monthly=False, arriving_from=None)
    drawn = series.by_group(answer.rows, axis, {}, str)
    names = [trace.name for trace in cost_over_time(drawn, axis, currency="USD").data[1:]]
    assert not any("<" in name or "%{" in name for name in names)
