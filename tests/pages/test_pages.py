"""Every page over demo data: right asked first, figures as the facade has them, links that hold."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from finops.model.costs import CostQuestion, Granularity
from finops.model.people import Right
from finops.model.period import Period
from pages.ui import numbers
from tests.pages.conftest import PAGES, figures, link, opened, plain, sound, words

if TYPE_CHECKING:
    from finops.facade import Finops

OVERVIEW, ANALYSIS, INVENTORY, HEALTH = PAGES
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("persona", ["analyst", "manager", "admin"])
def test_every_page_opens_for_every_persona_without_navigation(house: Finops, path: str, persona: str) -> None:
    app = opened(path, persona=persona)
    assert sound(app)
    assert len(app.metric) == 4
    assert persona.capitalize() in words(app)
    assert ("read only" in words(app)) == (persona == "analyst")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_reached_past_the_navigation_still_asks_for_its_right(house: Finops, path: str) -> None:
    app = opened(path, {"tenant": ["demo"]}, persona="nobody", tenant="someone-elses")
    assert sound(app), "an unknown persona is the one who may least, an unknown tenant is not opened"
    assert "Analyst" in words(app)
    rights = {
        OVERVIEW: Right.VIEW_COSTS,
        ANALYSIS: Right.VIEW_COSTS,
        INVENTORY: Right.VIEW_INVENTORY,
        HEALTH: Right.VIEW_HEALTH,
    }
    with open(path, encoding="utf-8") as source:  # noqa: PTH123 - relative to the checkout, where pytest runs
        assert f"right=Right.{rights[path].name}" in source.read()


def test_overview_states_the_month_as_the_facade_has_it(house: Finops) -> None:
    shown = figures(opened(OVERVIEW))
    overview = house.costs.overview("demo")
    assert shown["November to date"] == numbers.short_money(overview.total.totals["USD"])
    assert overview.projection is not None
    assert shown["November at run rate"] == numbers.short_money(overview.projection.amount)
    assert shown["Last 28 days"].startswith("$")
    assert re.fullmatch(r"\d+\.\d%", shown["Tagged with Environment"])


def test_overview_says_how_far_its_data_reaches(house: Finops) -> None:
    text = words(opened(OVERVIEW))
    assert "Data to 18 Nov" in text
    assert "19–20 Nov still arriving" in text
    assert "8 of 8 accounts" in text


def test_overview_follows_its_filters(house: Finops) -> None:
    account = house.costs.choices("demo", "account")[0]
    shown = figures(opened(OVERVIEW, {"account": [account], "metric": ["amortized"]}))
    overview = house.costs.overview("demo", metric=house.costs.metrics("demo")[2], accounts=(account,))
    assert overview.metric == "amortized"
    assert shown["November to date"] == numbers.short_money(overview.total.totals["USD"])


def test_analysis_total_and_table_are_the_facades(house: Finops) -> None:
    app = opened(
        ANALYSIS, {"start": ["2026-10-01"], "end": ["2026-11-01"], "group_by": ["account"], "compare": ["none"]}
    )
    assert sound(app)
    frame = app.dataframe[0].value
    question = CostQuestion("demo", OCTOBER, Granularity.TOTAL, group_by=("account",))
    answer = house.costs.answer(question)
    assert figures(app)["October"] == numbers.short_money(answer.totals["USD"])
    assert sum(Decimal(str(cost)) for cost in frame["cost"]) == pytest.approx(answer.totals["USD"])
    names = house.costs.account_names("demo")
    assert list(frame["name"]) == [names[row.keys[0]] for row in answer.rows]


def test_analysis_splits_the_change_into_kinds(house: Finops) -> None:
    app = opened(ANALYSIS, {"start": ["2026-11-01"], "end": ["2026-11-19"]})
    frame = app.dataframe[0].value
    kinds = {kind for cell in frame["change"] for kind in cell}
    assert {"Grown", "Shrunk"} <= kinds <= {"New", "Gone", "Grown", "Shrunk", "Same"}
    assert re.search(r"Grown \+\$[\d.,]+K? \(\d+\) · Shrunk −\$", words(app))
    previous, delta = frame["cost"] - frame["delta"], frame["previous"]
    assert list(previous) == pytest.approx(list(delta))


def test_a_link_reproduces_the_view_and_the_widgets_show_it(house: Finops) -> None:
    params = {
        "period": ["90d"],
        "compare": ["same_days"],
        "group_by": ["tag:Environment"],
        "metric": ["net_amortized"],
        "chart": ["lines"],
        "granularity": ["monthly"],
        "tag:Environment": ["", "production"],
    }
    app = opened(ANALYSIS, params)
    assert sound(app)
    assert app.selectbox(key="cost.preset").value == "90d"
    assert app.selectbox(key="cost.group_by").value == "tag:Environment"
    assert app.selectbox(key="cost.metric").value == "net_amortized"
    assert app.multiselect(key="cost.tag:Environment").value == ["", "production"]
    assert link(app) == params
    assert set(app.dataframe[0].value["name"]) == {"Untagged", "production"}


def test_a_widget_rewrites_the_link(house: Finops) -> None:
    app = opened(ANALYSIS)
    assert not link(app)
    app.selectbox(key="cost.group_by").select("account").run()
    app.multiselect(key="cost.account").select(house.costs.choices("demo", "account")[1]).run()
    assert link(app)["group_by"] == ["account"]
    assert link(app)["account"] == [house.costs.choices("demo", "account")[1]]
    assert len(app.dataframe[0].value) == 1


def test_a_widget_put_back_to_the_usual_empties_the_link(house: Finops) -> None:
    app = opened(ANALYSIS, {"group_by": ["account"]})
    app.selectbox(key="cost.group_by").select("service").run()
    assert link(app) == {}
    assert app.selectbox(key="cost.group_by").value == "service"


def test_a_hostile_link_falls_back_with_a_notice(house: Finops) -> None:
    hostile = "![x](https://host.invalid/a.png)"
    params = {
        "group_by": [hostile],
        "account": [hostile],
        "period": ["'; drop table"],
        hostile: ["1"],
        "open": [hostile],
    }
    app = opened(ANALYSIS, params)
    assert sound(app)
    assert "is not among the groupings of this bill" in words(app)
    assert app.selectbox(key="cost.group_by").value == "service"
    assert not any("](https" in str(part.value) for part in [*app.markdown, *app.info])


def test_a_question_nothing_stored_answers_says_why_and_what_to_do(house: Finops) -> None:
    app = opened(ANALYSIS, {"group_by": ["region"], "account": [house.costs.choices("demo", "account")[0]]})
    assert sound(app)
    assert "Import a FOCUS export" in words(app)
    assert "$0" not in figures(app).values()


def test_opening_a_service_shows_its_usage_types(house: Finops) -> None:
    service = house.costs.choices("demo", "service")[0]
    app = opened(ANALYSIS, {"open": [service]})
    assert sound(app)
    assert any(plain(heading.value).startswith("Usage types of") for heading in app.subheader)
    drill = app.dataframe[1].value
    chosen = app.dataframe[0].value
    whole = chosen.loc[chosen["name"] == "EC2", "cost"].iloc[0] if "EC2" in set(chosen["name"]) else None
    if whole is not None and service.startswith("Amazon Elastic Compute Cloud"):
        assert sum(drill["cost"]) == pytest.approx(whole)
    assert link(app)["open"] == [service]


def test_provenance_is_one_click_away(house: Finops) -> None:
    text = words(opened(ANALYSIS))
    assert "**Metric:** Unblended cost" in text
    assert "AWS Cost Explorer" in text
    assert re.search(r"\d+ parts sum to \$[\d,]+\.\d\d, the source's own total", text)
    assert "**Charge types:**" in text
    assert "aws ce get-cost-and-usage" in text


def test_days_still_arriving_are_named_and_left_out_of_the_comparison(house: Finops) -> None:
    params = {"start": ["2026-11-08"], "end": ["2026-11-21"]}
    compared = opened(ANALYSIS, params)
    assert "19–20 Nov still arriving: drawn hatched and left out of all figures" in words(compared)
    assert "8–18 Nov" in figures(compared)
    alone = opened(ANALYSIS, params | {"compare": ["none"]})
    assert "counted as far as they are known" in words(alone)
    assert "8–20 Nov" in figures(alone)


def test_health_shows_sources_meter_and_ceiling(house: Finops) -> None:
    app = opened(HEALTH)
    shown = figures(app)
    assert shown["Mode"] == "Demo"
    report = house.health.report("demo")
    assert shown["Cost Explorer requests"] == numbers.exact_money(report.spent)
    tables = [table.value for table in app.dataframe]
    assert "AWS Cost Explorer" in set(tables[0]["Source"])
    assert list(tables[1]["Job"]) == ["Discovery"] * 3
    assert tables[2]["Requests"].sum() == sum(line.requests for line in report.meter)


def test_health_shows_the_last_jobs_and_what_failed_in_them(house: Finops) -> None:
    app = opened(HEALTH)
    table = app.dataframe[1].value
    last = house.jobs.jobs("demo")[0][0]
    assert list(table["Status"]) == [["Partial"]] * 3
    assert f"{last.counts['seen']:,} assets seen" in table["Result"][0]
    assert table["Failures"][0] == len(last.failures) > 0
    assert set(table["Who"]) == {"admin"}
    assert plain(app.expander[0].label) == f"Discovery, 20 Nov, 06:00 UTC: {len(last.failures)} failures"
    assert "grant `lambda:ListFunctions`" in words(app)


def test_no_page_sends_a_paid_request(house: Finops) -> None:
    before = house.health.report("demo").spent
    for path in PAGES:
        opened(path)
    assert house.health.report("demo").spent == before
