"""The forecast half of Forecast & budgets: the facade's figures, links that hold, what AWS says only when asked."""

from __future__ import annotations

import json
import shutil
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.model.costs import Metric
from finops.model.forecasts import DayForecast, Estimate, Forecast, ForecastQuestion, GroupForecast, MonthForecast
from finops.model.period import Period
from pages.ui import forecast_drivers, forecast_links, numbers
from pages.ui.forecast_view import MOST_AHEAD, TOTAL, Chart, ForecastView, Tab
from pages.ui.view import Offer
from tests import stocked
from tests.pages.conftest import ROOT, figures, link, opened, plain, settled, sound, words
from tests.pages.test_inventory import HOSTILE, button, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamlit.testing.v1 import AppTest

    from finops.facade import Finops

PAGE = "pages/forecast.py"
RDS = "Amazon Relational Database Service"
OFFER = Offer(
    held=Period(date(2026, 1, 1), date(2026, 11, 20)),
    complete_until=date(2026, 11, 18),
    dimensions=("service", "account", "region", "tag:Environment", "category:Team"),
    metrics=(Metric.UNBLENDED, Metric.AMORTIZED),
    values={"account": ("111", "222"), "service": ("Amazon EC2", RDS)},
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finops]:
    """The demo's bill; read only."""
    place = tmp_path_factory.mktemp("forecast") / "data"
    shutil.copytree(stocked.folder(), place)
    with settled(place) as finops:
        yield finops


def asked(finops: Finops, group_by: str = "service", months: int = 13, **more: Any) -> Forecast:
    return finops.forecasts.forecast("demo", ForecastQuestion(group_by, months=months, **more))


def alts(app: AppTest) -> str:
    return plain(" ".join(chart.proto.alt for chart in app.get("plotly_chart")))


def bases(app: AppTest) -> dict[str, str]:
    return {plain(metric.label): plain(metric.proto.delta_description) for metric in app.metric}


# What it shows


@pytest.mark.parametrize("persona", ["analyst", "manager"])
def test_it_opens_for_everyone_who_may_see_costs_and_asks_for_that_right(house: Finops, persona: str) -> None:
    app = opened(PAGE, persona=persona)
    assert sound(app)
    assert len(app.metric) == 4
    assert link(app) == {}
    assert "right=Right.VIEW_COSTS" in (ROOT / PAGE).read_text("utf-8")


def test_key_figures_are_the_facades_with_day_interval_and_past_error(house: Finops) -> None:
    app = opened(PAGE)
    total = asked(house).total
    assert total is not None
    assert total.month_end is not None
    shown, told = figures(app), bases(app)
    assert shown["November to date"] == numbers.short_money(total.to_date)
    assert told["November to date"] == "18 of 30 days, to 18 Nov"
    assert shown["November forecast"] == numbers.short_money(total.month_end.mean)
    low, high = (numbers.short_money(each) for each in (total.month_end.lower, total.month_end.upper))
    assert told["November forecast"] == f"80%: {low}–{high}"
    ahead = sum((each.cost.mean for each in total.months[1:]), Decimal(0))
    assert shown["Next 12 months"] == numbers.short_money(ahead)
    test = total.tests[0]
    assert shown["Forecast error"] == f"{test.percent_off:.1f}% off"
    assert told["Forecast error"] == f"inside {test.inside} of {len(test.months)} months"


def test_the_rows_are_the_groups_and_sum_to_the_total_to_the_cent(house: Finops) -> None:
    app = opened(PAGE)
    found = asked(house)
    assert found.total is not None
    assert found.total.month_end is not None
    rows = table(app)
    assert list(rows["forecast"]) == [float(each.month_end.mean) for each in found.groups if each.month_end]
    assert round(sum(rows["to_date"]), 2) == float(round(found.total.to_date, 2))
    whole = numbers.exact_money(found.total.month_end.mean)
    assert f"{len(found.groups)} rows sum to the total: {whole} forecast" in words(app)


def test_the_explanation_names_parts_growth_and_every_tested_month(house: Finops) -> None:
    app = opened(PAGE)
    total = asked(house).total
    assert total is not None
    text = words(app)
    assert "Largest parts: **EC2**" in text
    assert "Still to come: " in text
    assert total.tests[0].sentence in text
    tested = app.table[0].value
    assert list(tested["Month"]) == [f"{each.month:%b %Y}" for each in reversed(total.tests[0].months)]
    assert [("yes" in told) for told in tested["Inside"]] == [each.inside for each in reversed(total.tests[0].months)]


def test_a_row_opens_its_own_chart_and_figures(house: Finops) -> None:
    app = opened(PAGE, {"part": [RDS]})
    assert sound(app)
    group = next(each for each in asked(house).groups if each.key == RDS)
    assert group.month_end is not None
    assert figures(app)["November forecast"] == numbers.short_money(group.month_end.mean)
    assert numbers.short_money(group.to_date) in alts(app)
    assert link(app.run()) == {"part": [RDS]}


def test_the_months_look_back_a_year_and_as_far_ahead_as_asked(house: Finops) -> None:
    app = opened(PAGE, {"chart": ["year"], "ahead": ["3"]})
    assert sound(app)
    assert "Next 3 months" in figures(app)
    assert "February 2027 is expected to cost" in alts(app)
    drawn = json.loads(app.get("plotly_chart")[0].proto.spec)["data"]
    assert len(drawn[0]["x"]) == 13, "twelve months and what is spent of the running one"
    assert drawn[1]["x"][-1] == "February 2027"
    assert len(drawn[1]["error_y"]["array"]) == 4


def test_days_still_arriving_are_hatched_and_in_no_figure(house: Finops) -> None:
    app = opened(PAGE)
    drawn = {trace["name"]: trace for trace in json.loads(app.get("plotly_chart")[0].proto.spec)["data"]}
    assert drawn["Still arriving"]["marker"]["pattern"]["shape"] == "/"
    assert {"Spent", "Forecast", "80% interval"} <= set(drawn)
    assert drawn["Forecast"]["line"]["dash"] == "dot"
    assert "through 18 Nov" in alts(app)


# Links and filters

EVERYTHING = {
    "group_by": ["account"],
    "service": [RDS],
    "account": ["105810581058"],
    "metric": ["amortized"],
    "ahead": ["6"],
    "chart": ["year"],
}


def test_a_link_reproduces_every_filter_and_the_widgets_show_it(house: Finops) -> None:
    app = opened(PAGE, EVERYTHING)
    assert sound(app)
    assert link(app) == EVERYTHING
    assert app.multiselect(key="forecast.service").value == [RDS]
    assert app.selectbox(key="forecast.metric").value is Metric.AMORTIZED
    assert link(app.run()) == EVERYTHING, "nothing drifts when the page is drawn again"


def test_another_question_closes_the_part_and_the_other_half_leaves_filters_alone(house: Finops) -> None:
    app = opened(PAGE, {"part": [RDS], "account": ["105810581058"]})
    app.selectbox(key="forecast.group_by").select("account").run()
    assert link(app) == {"group_by": ["account"], "account": ["105810581058"]}
    app.segmented_control(key="forecast.tab").set_value(Tab.BUDGETS).run()
    assert link(app) == {"view": ["budgets"], "group_by": ["account"], "account": ["105810581058"]}
    app.run()
    app.segmented_control(key="forecast.tab").set_value(Tab.FORECAST).run()
    assert link(app) == {"group_by": ["account"], "account": ["105810581058"]}


def test_a_hostile_link_falls_back_with_a_notice(house: Finops) -> None:
    bad = HOSTILE[0]
    app = opened(PAGE, {name: [bad] for name in (*sorted(forecast_links.KNOWN - {"part"}), bad)})
    assert sound(app)
    assert "it is left out" in words(app)
    assert link(app) == {}
    assert "has no costs here" in words(opened(PAGE, {"part": [bad]}))


ahead = st.integers(1, MOST_AHEAD)
views = st.builds(
    ForecastView,
    tab=st.sampled_from(Tab),
    group_by=st.sampled_from(["service", "account", "tag:Environment", "category:Team", TOTAL]),
    accounts=st.sampled_from([(), ("111",), ("222", "111")]),
    services=st.sampled_from([(), (RDS,)]),
    metric=st.sampled_from([None, Metric.AMORTIZED]),
    ahead=ahead,
    chart=st.sampled_from(Chart),
    part=st.none() | st.text(max_size=60),
    budget=st.sampled_from(["", "a" * 32]),
)


@given(views)
def test_a_view_is_the_same_after_its_link(view: ForecastView) -> None:
    assert forecast_links.read(forecast_links.write(view, OFFER), OFFER) == (view, ())


# What drives it


def estimate(mean: int) -> Estimate:
    return Estimate(Decimal(mean), Decimal(mean) - 1, Decimal(mean) + 1)


def group(key: str, days: dict[int, int]) -> GroupForecast:
    """A group whose days of November are expected to cost so much."""
    made = tuple(DayForecast(date(2026, 11, day), None, estimate(cost)) for day, cost in sorted(days.items()))
    whole = estimate(sum(days.values()))
    return GroupForecast(key, Decimal(0), (MonthForecast(date(2026, 11, 1), whole),), made)


def test_a_charge_is_what_a_day_to_come_costs_beyond_its_usual_day() -> None:
    steady = group("EC2", dict.fromkeys(range(1, 31), 100))
    fee = group("Support", dict.fromkeys(range(1, 31), 0) | {3: 500, 28: 700})
    batch = group("Glue", dict.fromkeys(range(1, 31), 10) | {25: 60, 28: 20})
    found = forecast_drivers.charges((steady, fee, batch), date(2026, 11, 18))
    assert [(each.key, each.day.day, each.amount) for each in found] == [("Glue", 25, 50), ("Support", 28, 700)]


def test_a_young_forecast_says_that_it_is_a_wide_guess() -> None:
    young = GroupForecast("", Decimal(5), learning=True)
    found = Forecast(ForecastQuestion(), young, (), None)  # type: ignore[arg-type]
    assert "fewer than 56 days" in forecast_drivers.learning_words(found, young)


# AWS's own, and files


def test_aws_is_asked_at_a_button_only_by_who_may_and_stands_beside_ours(house: Finops) -> None:
    before = spent(house)
    reader = opened(PAGE)
    assert "Asking for it needs the right to refresh costs." in words(reader)
    app = opened(PAGE, {"ahead": ["2"]}, persona="manager")
    assert "**$0.01**" in words(app)
    assert spent(house) == before, "a view sends no paid request"
    button(app, "Ask for $0.01").click().run()
    assert sound(app)
    assert spent(house) == before + 1
    shown = next(one.value for one in app.table if "Ours less AWS" in one.value.columns)
    assert list(shown["Days"]) == ["20–30\u00a0Nov", "December", "January\u00a02027"]
    total = asked(house).total
    assert total is not None
    assert plain(shown["Ours"][1]) == numbers.short_money(total.months[1].cost.mean)
    assert "AWS: " in words(app)


def spent(finops: Finops) -> int:
    """How many paid forecasts were asked for."""
    return sum(line.requests for line in finops.store.meter.lines("2026-11") if line.operation == "GetCostForecast")


def test_a_refusal_of_aws_is_told_in_its_place(house: Finops) -> None:
    app = opened(PAGE, {"metric": ["billed"]}, persona="manager")
    button(app, "Ask for $0.01").click().run()
    assert "AWS could not be asked." in words(app)
    assert "AWS forecasts" in words(app)
    assert len(app.metric) == 4, "the rest of the page stays"


def test_the_report_of_this_view_is_made_as_a_file_at_a_button(house: Finops) -> None:
    app = opened(PAGE, {"group_by": ["account"]}, persona="analyst")
    button(app, "Make CSV").click().run()
    assert sound(app)
    kept = house.exports.of_owner("demo", "persona:analyst")
    assert len(kept) == 1
    with house.exports.opened(kept[0]) as file:
        lines = file.read().decode("utf-8").splitlines()
    assert lines[0].startswith("account,")
    assert len(lines) == 1 + len(asked(house, "account").groups)
    assert any("/api/exports/" in one.proto.url for one in app.get("link_button"))
