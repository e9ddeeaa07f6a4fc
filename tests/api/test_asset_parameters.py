"""Parameters of the inventory: what is asked arrives as asked, what is wrong is named, nothing crashes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.api import asset_parameters as parameters
from finops.model.assets import AssetFilter, AssetQuestion, ChangeKind, Lifecycle, TagTerm
from finops.model.errors import InputError

KNOWN = ("asset_id", "name", "tags", "cost")
SINCE = ("since", "2026-11-16")


def fault(pairs) -> str:
    with pytest.raises(InputError) as caught:
        parameters.asset_request(pairs, "demo", columns=KNOWN)
    assert caught.value.field in caught.value.message
    return caught.value.field


def test_a_full_question():
    pairs = [
        ("search", "  Checkout API "),
        ("account", "111111111111,222222222222"),
        ("region", "eu-central-1"),
        ("region", "global"),
        ("service", "ec2, rds"),
        ("kind", "ec2:instance"),
        ("state", "in-use,"),
        ("lifecycle", "gone,active"),
        ("tag", "Environment=prod"),
        ("tag", "Environment=staging"),
        ("tag", "Owner"),
        ("tag", "url=https://a?b=c"),
        ("exclude_tag", "CostCenter="),
        ("older_than_days", "30"),
        ("newer_than_days", "365"),
        ("min_cost", "-0.5"),
        ("max_cost", "1000"),
        ("sort", "cost"),
        ("order", "desc"),
        ("limit", "1000"),
        ("facets", "true"),
        ("cursor", "abc"),
        ("format", "xlsx"),
        ("columns", "name,tag:Cost,Center,tag:Owner,cost,name"),
    ]
    assert parameters.asset_request(pairs, "acme", columns=KNOWN) == parameters.AssetRequest(
        AssetQuestion(
            "acme",
            AssetFilter(
                search="Checkout API",
                accounts=("111111111111", "222222222222"),
                regions=("eu-central-1", "global"),
                services=("ec2", "rds"),
                kinds=("ec2:instance",),
                states=("in-use", ""),
                lifecycles=(Lifecycle.GONE, Lifecycle.ACTIVE),
                tags=(
                    TagTerm("Environment", ("prod", "staging")),
                    TagTerm("Owner"),
                    TagTerm("url", ("https://a?b=c",)),
                    TagTerm("CostCenter", ("",), exclude=True),
                ),
                older_than_days=30,
                newer_than_days=365,
                min_cost=Decimal("-0.5"),
                max_cost=Decimal(1000),
            ),
            sort="cost",
            descending=True,
            limit=1000,
        ),
        format="xlsx",
        columns=("name", "tag:Cost,Center", "tag:Owner", "cost"),
        facets=True,
        cursor="abc",
    )


def test_nothing_asked_is_everything_that_may_still_run():
    request = parameters.asset_request([], "demo", columns=KNOWN)
    assert request == parameters.AssetRequest(AssetQuestion("demo", AssetFilter(), limit=100))
    assert request.question.filter.lifecycles == (Lifecycle.ACTIVE, Lifecycle.MISSING)


@pytest.mark.parametrize(
    ("pairs", "field"),
    [
        ([("search", "a"), ("search", "b")], "search"),
        ([("search", "x" * 10_000)], "search"),
        ([("search", "a " * 21)], "search"),
        ([("account", "")], "account"),
        ([("account", "111111111111,,2")], "account"),
        ([("kind", " ")], "kind"),
        ([("service", "x" * 1_025)], "service"),
        ([("region", ",".join(f"r{number}" for number in range(501)))], "region"),
        ([("lifecycle", "dead")], "lifecycle"),
        ([("lifecycle", "active,Gone")], "lifecycle"),
        ([("tag", "")], "tag"),
        ([("tag", "==")], "tag"),
        ([("tag", "=prod")], "tag"),
        ([("tag", "Owner"), ("tag", "Owner=ann")], "tag"),
        ([("exclude_tag", "Owner=ann"), ("exclude_tag", "Owner")], "exclude_tag"),
        ([("older_than_days", "-1")], "older_than_days"),
        ([("older_than_days", "1.5")], "older_than_days"),
        ([("older_than_days", "99999")], "older_than_days"),
        ([("newer_than_days", "\u0661")], "newer_than_days"),
        ([("older_than_days", "30"), ("newer_than_days", "30")], "newer_than_days"),
        ([("min_cost", "NaN")], "min_cost"),
        ([("min_cost", "1e3")], "min_cost"),
        ([("max_cost", "Infinity")], "max_cost"),
        ([("max_cost", "1" * 40)], "max_cost"),
        ([("min_cost", "2"), ("max_cost", "1.99")], "max_cost"),
        ([("sort", "tags")], "sort"),
        ([("order", "DESC")], "order"),
        ([("limit", "0")], "limit"),
        ([("limit", "1001")], "limit"),
        ([("facets", "yes")], "facets"),
        ([("format", "pdf")], "format"),
        ([("columns", "name,secret")], "columns"),
        ([("columns", "tag:")], "columns"),
        ([("columns", "")], "columns"),
        ([("columns", f"tag:{number}") for number in range(201)], "columns"),
    ],
)
def test_a_wrong_value_names_its_parameter(pairs, field):
    assert fault(pairs) == field


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-11-16", datetime(2026, 11, 16, tzinfo=UTC)),
        ("2026-11-16T09:30Z", datetime(2026, 11, 16, 9, 30, tzinfo=UTC)),
        ("2026-11-16T09:30:15.25+02:00", datetime(2026, 11, 16, 7, 30, 15, 250_000, tzinfo=UTC)),
    ],
)
def test_an_instant_is_a_day_or_carries_its_zone(text, found):
    assert parameters.changes_request([("since", text)]).since == found


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-16T09:30:00",
        "2026-11-16 09:30:00Z",
        "20261116",
        "2026-W47-1",
        "2026-02-30",
        "2026-11-16T25:00Z",
        "2026-11-16T09:30+99:00",
        "0001-01-01T00:00+14:00",
        "9999-12-31T23:59-14:00",
        "yesterday",
        "\u0662026-11-16",
        "2026-11-16\n2026-11-17",
    ],
)
def test_any_other_instant_is_refused(text):
    with pytest.raises(InputError) as caught:
        parameters.changes_request([("since", text)])
    assert caught.value.field == "since"


@pytest.mark.parametrize(
    ("pairs", "field"),
    [
        ([], "since"),
        ([SINCE, ("until", "2026-11-16")], "until"),
        ([SINCE, ("change", "vanished")], "change"),
        ([SINCE, ("limit", "5001")], "limit"),
        ([SINCE, SINCE], "since"),
    ],
)
def test_a_wrong_span_of_changes_names_its_parameter(pairs, field):
    with pytest.raises(InputError) as caught:
        parameters.changes_request(pairs)
    assert caught.value.field == field


def test_changes_are_of_what_is_gone_too():
    request = parameters.changes_request([SINCE, ("change", "gone,back"), ("tag", "Owner")])
    assert request.kinds == (ChangeKind.GONE, ChangeKind.BACK)
    assert request.filter == AssetFilter(lifecycles=tuple(Lifecycle), tags=(TagTerm("Owner"),))
    assert parameters.changes_request([SINCE, ("lifecycle", "active")]).filter.lifecycles == (Lifecycle.ACTIVE,)


@pytest.mark.parametrize(
    "text", [None, "", "x", "0123456789ABCDEF0123456789ABCDEF", "0" * 33, "0" * 32 + "\n", "\u0660" * 32]
)
def test_what_cannot_be_an_id_is_refused(text):
    with pytest.raises(InputError) as caught:
        parameters.asset_id(text)
    assert caught.value.field == "asset_id"


TAG_TEXTS = st.text(min_size=1, max_size=30)
KEYS = TAG_TEXTS.filter(lambda text: "=" not in text and text.strip())


VALUES = st.one_of(st.just([]), st.lists(st.text(max_size=20), min_size=1, max_size=3, unique=True))


@given(st.dictionaries(st.tuples(KEYS, st.booleans()), VALUES, max_size=4))
def test_tags_survive_the_query_string(wanted):
    pairs = [
        ("exclude_tag" if exclude else "tag", f"{key}={value}" if values else key)
        for (key, exclude), values in wanted.items()
        for value in (values or [""])
    ]
    sent = parse_qsl(urlencode(pairs), keep_blank_values=True)
    found = {(term.key, term.exclude): list(term.values) for term in parameters.asset_filter(sent).tags}
    assert found == wanted


@given(st.lists(st.sampled_from([*KNOWN, "tag:a", "tag:a b,c", "tag:name"]), min_size=1, max_size=6))
def test_columns_read_the_same_as_a_list_and_repeated(names):
    wanted = tuple(dict.fromkeys(names))
    assert parameters.chosen_columns([",".join(names)], KNOWN) == wanted
    assert parameters.chosen_columns(names, KNOWN) == wanted


NAMES = [*(parameter.name for parameter in parameters.FILTERS), "sort", "limit", "columns", "since", "until", "change"]


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.text(max_size=40)), max_size=6))
def test_whatever_is_sent_is_read_or_refused_by_name(pairs):
    for read in (parameters.changes_request, lambda pairs: parameters.asset_request(pairs, "demo", columns=KNOWN)):
        try:
            read(pairs)
        except InputError as error:
            named = error.field
        else:
            named = "since"
        assert named in NAMES
