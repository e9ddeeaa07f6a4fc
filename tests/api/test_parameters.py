"""Query parameters: what is asked arrives as asked, what is wrong is named, nothing crashes."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.api import parameters
from finops.model.costs import PLAIN_DIMENSIONS, CostQuestion, Filter, Granularity, Metric
from finops.model.errors import InputError
from finops.model.period import Period

PERIOD = [("start", "2026-10-01"), ("end", "2026-11-01")]
KEYS = st.text(min_size=1, max_size=40)
DIMENSIONS = st.one_of(st.sampled_from(PLAIN_DIMENSIONS), KEYS.map("tag:{}".format), KEYS.map("category:{}".format))


def fault(pairs, **more) -> InputError:
    with pytest.raises(InputError) as caught:
        parameters.cost_question([*PERIOD, *pairs], "demo", **more)
    return caught.value


def test_a_full_question():
    question = parameters.cost_question(
        [
            *PERIOD,
            ("granularity", "DAILY"),
            ("metric", "NetAmortizedCost"),
            ("group_by", "service,tag:Environment"),
            ("group_by", "account"),
            ("account", "111111111111,222222222222"),
            ("service", "Red Hat, Inc."),
            ("service", "AmazonS3"),
            ("exclude:charge_type", "Tax"),
            ("tag:Environment", ""),
            ("currency", "USD"),
            ("source", "focus"),
        ],
        "acme",
    )
    assert question == CostQuestion(
        tenant="acme",
        period=Period(date(2026, 10, 1), date(2026, 11, 1)),
        granularity=Granularity.DAILY,
        metric=Metric.NET_AMORTIZED,
        group_by=("service", "tag:Environment", "account"),
        filters=(
            Filter("account", ("111111111111", "222222222222")),
            Filter("service", ("Red Hat, Inc.", "AmazonS3")),
            Filter("charge_type", ("Tax",), exclude=True),
            Filter("tag:Environment", ("",)),
        ),
        currency="USD",
        source="focus",
    )


@pytest.mark.parametrize(
    ("pairs", "field"),
    [
        ([("metric", "cheapest")], "metric"),
        ([("metric", "")], "metric"),
        ([("metric", "billed"), ("metric", "list")], "metric"),
        ([("granularity", "hourly")], "granularity"),
        ([("group_by", "colour")], "group_by"),
        ([("group_by", "service,colour")], "group_by"),
        ([("currency", "usd")], "currency"),
        ([("currency", "USD\n")], None),  # blanks around a value are no fault
        ([("source", "../etc")], "source"),
        ([("start", "2026-10-02")], "start"),  # given twice
    ],
)
def test_a_wrong_value_names_its_parameter(pairs, field):
    if field is None:
        assert parameters.cost_question([*PERIOD, *pairs], "demo").currency == "USD"
    else:
        assert fault(pairs).field == field


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        (None, "2026-11-01", "start"),
        ("2026-10-01", None, "end"),
        ("2026-10-01", "2026-10-01", "end"),
        ("2026-10-02", "2026-10-01", "end"),
        ("2026-02-30", "2026-10-01", "start"),
        ("20261001", "2026-11-01", "start"),
        ("2026-W01-1", "2026-11-01", "start"),
        ("01/10/2026", "2026-11-01", "start"),
        ("\u0662026-10-01", "2026-11-01", "start"),
        ("0001-01-01", "2026-11-01", "start"),
        ("2026-10-01", "9999-12-31", "end"),
    ],
)
def test_a_period_that_makes_no_sense_names_its_end(start, end, field):
    with pytest.raises(InputError) as caught:
        parameters.period(start, end)
    assert caught.value.field == field


@given(st.dates(date(2000, 1, 1), date(2099, 12, 30)), st.integers(1, 3000))
def test_every_sensible_period_is_read_and_can_be_compared(first, days):
    end = min(date.fromordinal(first.toordinal() + days), date(2100, 1, 1))
    period = parameters.period(first.isoformat(), end.isoformat())
    assert (period.start, period.end) == (first, end)
    assert all(compare.earlier(period).end <= end for compare in parameters.Compare)


@given(st.lists(DIMENSIONS, max_size=4, unique=True))
def test_dimensions_given_one_by_one_arrive_unchanged(names):
    # A tag key that itself spells `…,service` would read as two dimensions, as documented.
    clear = tuple(name for name in names if "," not in name)
    assert parameters.groups(clear) == clear


@given(st.lists(st.sampled_from([*PLAIN_DIMENSIONS, "tag:cost,center", "category:a b "]), min_size=1, max_size=6))
def test_a_comma_list_reads_like_repeats(names):
    assert parameters.groups([",".join(names)]) == parameters.groups(names) == tuple(dict.fromkeys(names))


@given(
    st.dictionaries(
        st.tuples(DIMENSIONS, st.booleans()), st.lists(st.text(max_size=30), min_size=1, max_size=3), max_size=4
    )
)
def test_filters_survive_the_query_string(wanted):
    pairs = [
        (f"{parameters.EXCLUDE if exclude else ''}{name}", value)
        for (name, exclude), values in wanted.items()
        for value in values
        if name != "account"
    ]
    sent = parse_qsl(urlencode(pairs), keep_blank_values=True)
    found = {(each.dimension, each.exclude): each.values for each in parameters.filters(sent)}
    assert found == {key: tuple(dict.fromkeys(values)) for key, values in wanted.items() if key[0] != "account"}


@given(
    st.lists(
        st.tuples(
            st.one_of(
                st.text(max_size=12),
                st.sampled_from(
                    [
                        "start",
                        "end",
                        "metric",
                        "group_by",
                        "account",
                        "limit",
                        "cursor",
                        "compare",
                        "format",
                        "tag:x",
                        "exclude:service",
                    ]
                ),
            ),
            st.one_of(
                st.text(max_size=12), st.sampled_from(["2026-10-01", "2026-11-01", "service", "csv", "previous"])
            ),
        ),
        max_size=8,
    )
)
def test_any_query_string_is_a_question_or_a_named_fault(pairs):
    try:
        parameters.refuse_unknown(pairs, ("start", "end", "metric"), filters=True)
        request = parameters.cost_request(pairs, "demo")
    except InputError as error:
        named = error.field
    else:
        named = f"{request.question.period.days} days"
    assert named


def test_unknown_parameters_are_all_named():
    with pytest.raises(InputError, match=r"unknown parameter: colour, shape \(known: end, start\)") as caught:
        parameters.refuse_unknown([("shape", "x"), ("start", ""), ("colour", "")], ("start", "end"))
    assert caught.value.field == "colour"


def test_filters_are_unknown_where_a_path_has_none():
    with pytest.raises(InputError, match="tag:Owner"):
        parameters.refuse_unknown([("tag:Owner", "x")], ("start",))
    parameters.refuse_unknown([("tag:Owner", "x"), ("exclude:region", "y")], ("start",), filters=True)


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "1e3", "50001", "\u0665", "", "9" * 50])
def test_a_limit_is_a_whole_number_in_range(text):
    with pytest.raises(InputError, match="limit"):
        parameters.limit(text)


def test_a_comparison_is_of_whole_periods():
    with pytest.raises(InputError) as caught:
        parameters.cost_request([*PERIOD, ("compare", "previous"), ("granularity", "daily")], "demo")
    assert caught.value.field == "granularity"


@pytest.mark.parametrize(
    ("compare", "start", "end"),
    [("previous", (2026, 10, 1), (2026, 11, 1)), ("same_days", (2026, 10, 1), (2026, 10, 31))],
)
def test_what_a_period_is_compared_with(compare, start, end):
    period = Period(date(2026, 11, 1), date(2026, 12, 1))
    earlier = parameters.Compare(compare).earlier(period)
    assert earlier == Period(date(*start) if compare == "same_days" else date(2026, 10, 2), date(*end))


@pytest.mark.parametrize("name", ["", "Demo", "-x", "a" * 64, "a\n", "tenant_id=*", "../x", "ä"])
def test_a_tenant_that_is_no_name_is_refused(name):
    with pytest.raises(InputError, match="tenant must match"):
        parameters.tenant_name(name)
