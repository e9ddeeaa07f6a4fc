"""Anomalies over the demo's bill: figures as the facade has them, links that hold, what people say, thresholds."""

from __future__ import annotations

import csv
import io
import shutil
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from finops.anomalies import AnomalyQuestion
from finops.model.anomalies import (
    AnomalyKind,
    AnomalyStatus,
    Direction,
    Sensitivity,
    Thresholds,
)
from finops.model.money import exact_sum
from pages.ui import anomaly_links, anomaly_names, anomaly_table, numbers
from pages.ui.anomaly_view import AnomalyView, Span
from tests import stocked
from tests.api.conftest import client_of
from tests.pages.conftest import ROOT, figures, link, opened, plain, settled, sound, words
from tests.pages.test_inventory import HOSTILE, addresses, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamlit.testing.v1 import AppTest

    from finops.facade import Finops
    from finops.model.anomalies import Standing

PAGE = "pages/anomalies.py"
PROD = "105810581058"
TODAY = date(2026, 11, 20)
MINE = Thresholds(Decimal(50), Decimal(20), Sensitivity.MEDIUM)


@pytest.fixture(scope="module")
def anomaly_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finops]:
    """The demo's bill, and what AWS says of it; read only."""
    place = tmp_path_factory.mktemp("anomalies") / "data"
    shutil.copytree(stocked.folder(), place)
    with settled(place) as finops:
        finops.anomalies.ask_aws("demo")
        yield finops


def listed(finops: Finops, thresholds: Thresholds = MINE, **more: Any) -> tuple[Standing, ...]:
    asked = {"since": TODAY - timedelta(days=90), **more}
    return finops.anomalies.list("demo", AnomalyQuestion(thresholds, **asked)).items


def alts(app: AppTest) -> str:
    return plain(" ".join(chart.proto.alt for chart in app.get("plotly_chart")))


@pytest.mark.parametrize("persona", ["analyst", "manager", "admin"])
def test_it_opens_for_everyone_who_may_see_anomalies_and_asks_for_that_right(
    anomaly_house: Finops, persona: str
) -> None:
    app = opened(PAGE, persona=persona)
    assert sound(app)
    assert len(app.metric) == 7, "four key figures, and three of the thresholds tried"
    assert "right=Right.VIEW_ANOMALIES" in (ROOT / PAGE).read_text("utf-8")


# What it shows


def test_the_list_is_the_facades_by_the_persons_thresholds_largest_first(anomaly_house: Finops) -> None:
    app = opened(PAGE)
    assert sound(app)
    found = listed(anomaly_house)
    assert list(table(app)["impact"]) == [float(one.anomaly.impact) for one in found]
    assert list(table(app)["number"]) == [str(number) for number in range(1, len(found) + 1)]
    assert 0 < len(found) < len(listed(anomaly_house, Thresholds()))
    assert f"{len(found)} anomalies" in words(app)


def test_key_figures_are_sums_of_the_list(anomaly_house: Finops) -> None:
    shown, found = figures(opened(PAGE)), listed(anomaly_house)
    going = [one for one in found if one.anomaly.status is not AnomalyStatus.OVER]
    up = exact_sum(one.anomaly.impact for one in found if one.anomaly.direction is Direction.UP)
    month = exact_sum(one.anomaly.impact_month or Decimal(0) for one in found if one.anomaly.direction is Direction.UP)
    assert shown["Open anomalies"] == str(len(going))
    assert shown["More than expected"] == numbers.signed_money(up)
    assert shown["A month if it stays"] == numbers.signed_money(month)
    assert shown["Explained"] == "100.0%"


def test_the_timeline_numbers_the_anomalies_as_the_list_does(anomaly_house: Finops) -> None:
    app = opened(PAGE)
    first = listed(anomaly_house)[0].anomaly
    assert anomaly_names.title(first) in alts(app)
    figure = app.get("plotly_chart")[0].proto.spec
    assert '"triangle-down"' in figure
    assert '"text":["' in figure


def test_filters_narrow_list_and_timeline_and_stand_in_the_link(anomaly_house: Finops) -> None:
    app = opened(PAGE, {"account": [PROD], "kind": ["spike"], "period": ["365d"]})
    assert sound(app)
    found = listed(
        anomaly_house,
        replace(MINE, kinds=(AnomalyKind.SPIKE,)),
        accounts=(PROD,),
        since=TODAY - timedelta(days=365),
    )
    assert list(table(app)["impact"]) == [float(one.anomaly.impact) for one in found]
    assert set(table(app)["account"]) == {"prod-core"}
    assert link(app) == {"account": [PROD], "kind": ["spike"], "period": ["365d"]}


def test_below_my_thresholds_shows_everything_that_was_detected(anomaly_house: Finops) -> None:
    app = opened(PAGE, {"below": ["true"]})
    assert len(table(app)) == len(listed(anomaly_house, Thresholds()))


def test_a_link_with_nonsense_says_what_it_left_out(anomaly_house: Finops) -> None:
    app = opened(PAGE, {"kind": ["odd"], "period": ["3w"], "below": ["maybe"], "x": ["1"], "anomaly": [HOSTILE[0]]})
    assert sound(app)
    text = words(app)
    for told in ("kind must be among", "period must be one of", "below must be true or false", "x is not known here"):
        assert told in text
    assert len(table(app)) == len(listed(anomaly_house))


def test_an_unknown_anomaly_is_told_and_nothing_is_open(anomaly_house: Finops) -> None:
    app = opened(PAGE, {"anomaly": ["0" * 32]})
    assert "The anomaly that the link opens is not known here." in words(app)
    assert "anomaly" not in link(app)


# One anomaly


def spike(finops: Finops) -> Standing:
    return next(one for one in listed(finops) if one.anomaly.kind is AnomalyKind.SPIKE and one.aws is not None)


def test_an_open_anomaly_says_what_it_cost_instead_of_what_and_why(anomaly_house: Finops) -> None:
    one = spike(anomaly_house).anomaly
    app = opened(PAGE, {"anomaly": [one.anomaly_id]})
    assert sound(app)
    text = words(app)
    money = [numbers.short_money(amount) for amount in (one.actual, one.expected)]
    assert f"{money[0]} instead of {money[1]} on {one.day:%a} {one.day.day} {one.day:%b}." in text
    assert f"{numbers.signed_money(one.impact)} in all" in text
    [part] = one.cause.parts
    assert f"Change a day, all of it in {part.region}." in text
    assert part.usage_type in alts(app)
    assert f"/api/anomalies/{one.anomaly_id}?tenant=demo" in text
    assert "python -m finops --tenant demo anomalies detect" in text


def test_a_lasting_one_is_told_a_day_since_when_and_what_a_month_comes_to(anomaly_house: Finops) -> None:
    one = next(each.anomaly for each in listed(anomaly_house) if each.anomaly.impact_month is not None)
    text = words(opened(PAGE, {"anomaly": [one.anomaly_id]}))
    assert f" a day instead of {numbers.short_money(one.expected_total / ((one.last_seen - one.start).days + 1))}" in (
        text
    )
    assert f"{numbers.signed_money(one.impact_month)} a month if it stays." in text


def test_awss_finding_stands_beside_ours_with_its_link(anomaly_house: Finops) -> None:
    one = spike(anomaly_house)
    assert one.aws is not None
    app = opened(PAGE, {"anomaly": [one.anomaly.anomaly_id]})
    assert f"**{numbers.exact_money(one.aws.impact)}** more than AWS expected" in words(app)
    assert one.aws.link in addresses(app)
    assert anomaly_table.AWS_TOO in [chip for chips in table(app)["aws"] for chip in chips]


def test_what_only_aws_found_is_listed_apart(anomaly_house: Finops) -> None:
    app = opened(PAGE)
    unmatched = anomaly_house.anomalies.list("demo").aws.unmatched
    assert list(app.dataframe[1].value["link"]) == [each.link for each in unmatched]
    assert "AWS told of" in words(app)


def test_its_costs_are_a_click_away_with_account_service_and_days(anomaly_house: Finops) -> None:
    one = spike(anomaly_house).anomaly
    app = opened(PAGE, {"anomaly": [one.anomaly_id]})
    [address] = [each for each in addresses(app) if each.startswith("/cost_analysis?")]
    asked = parse_qs(urlsplit(address).query)
    assert (asked["account"], asked["service"], asked["group_by"]) == ([one.account], [one.service], ["usage_type"])
    assert asked["end"] == [(one.last_seen + timedelta(days=1)).isoformat()]


# Thresholds


def tried(app: AppTest) -> str:
    return next(line for line in words(app).splitlines() if line.startswith("**With these:"))


def test_thresholds_start_as_mine_and_say_at_once_what_others_would_tell(anomaly_house: Finops) -> None:
    app = opened(PAGE)
    assert "the same ones." in tried(app)
    now = sum(anomaly_house.anomalies.back_test("demo", MINE, now=MINE).now.values())
    other = replace(MINE, min_impact=Decimal(2000))
    wanted = anomaly_house.anomalies.back_test("demo", other, now=MINE)
    next(each for each in app.select_slider if each.key == "anomalies.try.min_impact").set_value(2000.0).run()
    assert sound(app)
    shown = f"With these: {numbers.counted(sum(wanted.tried.values()), 'alert')} in 90 days instead of {now}"
    assert shown in tried(app)
    assert f"Would no longer be told: {len(wanted.fewer)}" in [plain(each.label) for each in app.expander]


# Files


def test_the_file_is_exactly_the_list_in_its_order(anomaly_house: Finops) -> None:
    view = AnomalyView(accounts=(PROD,), kinds=(AnomalyKind.SPIKE,), span=Span.DAYS_365)
    address = anomaly_links.file_address(view, MINE, tenant="demo", today=TODAY, extension="csv")
    app = opened(PAGE, anomaly_links.write(view))
    assert address in addresses(app)
    with client_of(anomaly_house) as client:
        answer = client.get(address)
        book = client.get(address.replace("format=csv", "format=xlsx"))
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [float(row["impact"]) for row in rows] == list(table(app)["impact"])
    assert {row["account"] for row in rows} == {PROD}
    assert any(row["aws_anomaly_id"] for row in rows)
    assert book.content.startswith(b"PK")


@pytest.mark.parametrize(
    "view",
    [
        AnomalyView(),
        AnomalyView(("1", "2"), ("AWS Lambda",), (AnomalyKind.LEAK,), (Direction.UP,), (AnomalyStatus.OVER,)),
        AnomalyView(span=Span.ALL, everything=True, silenced=True, opened="a" * 32),
    ],
)
def test_a_view_comes_back_from_its_link(view: AnomalyView) -> None:
    assert anomaly_links.read(anomaly_links.write(view)) == (view, ())
