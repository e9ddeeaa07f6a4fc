"""A link reproduces a view; whatever else a link says is reported and left out."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from finops.model.costs import Granularity, Metric
from finops.model.period import Period
from pages.ui import links
from pages.ui.time_charts import Kind
from pages.ui.view import Compare, Offer, Preset, View, asked_period, compared_period, default_view

HELD = Period(date(2025, 9, 1), date(2026, 11, 21))
OFFER = Offer(
    held=HELD,
    complete_until=date(2026, 11, 19),
    dimensions=("service", "account", "tag:Environment"),
    metrics=(Metric.UNBLENDED, Metric.AMORTIZED),
    values={
        "account": ("111111111111", "222222222222"),
        "service": ("Amazon Bedrock", "AWS Lambda", "![x](http://h/a.png)"),
        "tag:Environment": ("production", "", "a&b=c"),
    },
    currencies=("EUR", "USD"),
)
DAYS = st.dates(HELD.start, HELD.last_day)


@st.composite
def views(draw: st.DrawFn) -> View:
    preset = draw(st.sampled_from(Preset))
    start = draw(DAYS)
    custom = Period(start, start + timedelta(days=draw(st.integers(1, 400))))
    chosen = {
        dimension: tuple(draw(st.lists(st.sampled_from(values), unique=True)))
        for dimension, values in OFFER.values.items()
    }
    return View(
        preset=preset,
        custom=custom if preset is Preset.CUSTOM else None,
        compare=draw(st.sampled_from(Compare)),
        group_by=draw(st.sampled_from(OFFER.dimensions)),
        granularity=draw(st.sampled_from([None, Granularity.DAILY, Granularity.MONTHLY])),
        metric=draw(st.none() | st.sampled_from(OFFER.metrics)),
        kind=draw(st.sampled_from(Kind)),
        currency=draw(st.sampled_from(["", *OFFER.currencies])),
        filters=tuple((dimension, values) for dimension, values in chosen.items() if values),
        opened=draw(st.none() | st.text(max_size=9)),
    )


@given(views())
def test_a_link_reproduces_the_view(view: View) -> None:
    assert links.read(links.write(view, OFFER), OFFER) == (view, ())


PARAMS = st.dictionaries(
    st.sampled_from(sorted(links.known_names(OFFER))) | st.text(max_size=8), st.lists(st.text(max_size=30), max_size=3)
)


@given(PARAMS)
def test_any_link_gives_a_view_that_is_on_offer(params: dict[str, list[str]]) -> None:
    view, _ = links.read(params, OFFER)
    assert view.group_by in OFFER.dimensions
    assert view.metric in {None, *OFFER.metrics}
    assert all(set(values) <= set(OFFER.values[dimension]) for dimension, values in view.filters)
    period = asked_period(view, OFFER)
    assert period.days <= links.LONGEST_DAYS
    compared_period(view, period)


def test_what_cannot_be_had_is_said_and_falls_back() -> None:
    params = {
        "group_by": ["<script>"],
        "metric": ["effective"],
        "start": ["2026-11-20"],
        "end": ["2026-11-01"],
        "account": ["111111111111", "999999999999"],
        "colour": ["red"],
    }
    view, notices = links.read(params, OFFER)
    assert view.group_by == default_view(OFFER).group_by
    assert view.chosen("account") == ("111111111111",)
    assert len(notices) == 5
    assert any("metric must be one of unblended, amortized" in notice for notice in notices)
    assert any("colour" in notice for notice in notices)


def period(view: View) -> Period:
    return asked_period(view, OFFER)


def test_presets_end_with_the_last_complete_day() -> None:
    assert period(View()) == Period(date(2026, 10, 22), date(2026, 11, 19))
    assert period(View(preset=Preset.MONTH_TO_DATE)) == Period(date(2026, 11, 1), date(2026, 11, 19))
    assert period(View(preset=Preset.LAST_MONTH)) == Period(date(2026, 10, 1), date(2026, 11, 1))
    assert period(View(preset=Preset.MONTHS_12)) == Period(date(2025, 11, 1), date(2026, 11, 1))


def test_whole_months_are_compared_with_whole_months() -> None:
    october = Period(date(2026, 10, 1), date(2026, 11, 1))
    assert compared_period(View(), october) == Period(date(2026, 9, 1), date(2026, 10, 1))
    assert compared_period(View(), Period(date(2026, 10, 22), date(2026, 11, 19))) == Period(
        date(2026, 9, 24), date(2026, 10, 22)
    )
    same = View(compare=Compare.SAME_DAYS)
    assert compared_period(same, Period(date(2026, 11, 1), date(2026, 11, 19))) == Period(
        date(2026, 10, 1), date(2026, 10, 19)
    )
    assert compared_period(View(compare=Compare.NONE), october) is None


def test_on_the_first_of_a_month_month_to_date_is_the_month_before() -> None:
    offer = Offer(HELD, date(2026, 11, 1), ("service",), (Metric.UNBLENDED,), {})
    assert asked_period(View(preset=Preset.MONTH_TO_DATE), offer) == Period(date(2026, 10, 1), date(2026, 11, 1))
