"""Verdicts: each word of a rule by example, and whole estates against a second telling in plain Python."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.model.tagging import Exemption, Rule, TagVerdict, ValueCase
from finops.tagging.compliance import Score, compliance
from finops.tagging.evaluation import CODES, VERDICTS, evaluated
from finops.tagging.judging import Subject
from tests.tagging.kit import NOW, ONE, TODAY, TWO, estate_of, seen, told_plainly, version

if TYPE_CHECKING:
    from finops.model.assets import Seen

OWNER = Rule("Owner", aliases=("Team",), values=("data-*", "ops"))


def verdict(rule: Rule, asset: Seen, account: dict[str, str] | None = None, **more: Any) -> str | None:
    found = evaluated(estate_of([asset]), version(rule, **more), {ONE: account or {}}, TODAY)
    told = VERDICTS[found.verdicts[0][0]]
    return None if told is None else str(told)


@pytest.mark.parametrize(
    ("tags", "wanted"),
    [
        ({"Owner": "ops"}, "ok"),
        ({"Owner": "data-team"}, "ok"),
        ({}, "missing"),
        ({"owner": ""}, "empty"),
        ({"Owner": ""}, "empty"),
        ({"Owner": " \t"}, "empty"),
        ({"Owner": "", "Team": "ops"}, "alias"),
        ({"Owner": "OPS"}, "bad_case"),
        ({"Owner": "Data-Team"}, "bad_case"),
        ({"Owner": "sales"}, "bad_value"),
        ({"Owner": "xops"}, "bad_value"),
        ({"Owner": "ops\n"}, "bad_value"),
        ({"owner": "ops"}, "alias"),
        ({"OWNER": "whatever"}, "alias"),
        ({"team": "ops"}, "alias"),
        ({"Owner": "ops", "owner": "sales"}, "ok"),
        ({"Own er": "ops"}, "missing"),
        (None, "unknown"),
    ],
)
def test_each_verdict_by_example(tags, wanted):
    assert verdict(OWNER, seen(1, tags)) == wanted


def test_a_key_in_other_letters_is_never_the_key():
    rule = Rule("CostCenter", case=ValueCase.NORMALISE)
    assert verdict(rule, seen(1, {"costcenter": "1"})) == "alias"
    assert verdict(rule, seen(1, {"CostCenter": "1"})) == "ok"


def test_normalised_case_is_as_good():
    rule = Rule("Environment", values=("production",), case=ValueCase.NORMALISE)
    assert verdict(rule, seen(1, {"Environment": "PRODUCTION"})) == "ok"


def test_account_tags_count_where_the_asset_has_none():
    rule = Rule("Owner", values=("ops",), inherit=True)
    assert verdict(rule, seen(1, {}), {"Owner": "ops"}) == "ok"
    assert verdict(rule, seen(1, {"Owner": ""}), {"Owner": "ops"}) == "ok"
    assert verdict(rule, seen(1, {}), {"Owner": "sales"}) == "bad_value"
    assert verdict(rule, seen(1, {}), {"owner": "ops"}) == "missing"
    assert verdict(rule, seen(1, {"owner": "x"}), {"Owner": "ops"}) == "alias"
    assert verdict(rule, seen(1, {}, account=TWO), {"Owner": "ops"}) == "unknown"


def test_what_is_not_required_may_be_absent_but_not_wrong():
    rule = Rule("Backup", required=False, values=("daily",))
    assert verdict(rule, seen(1, {})) is None
    assert verdict(rule, seen(1, {"Backup": ""})) is None
    assert verdict(rule, seen(1, {"Backup": "never"})) == "bad_value"
    assert verdict(rule, seen(1, {"backup": "daily"})) == "alias"


def test_kinds_by_service_and_by_name():
    rule = Rule("Owner", kinds=("ec2:*", "s3:bucket"))
    assert verdict(rule, seen(1, {}, "ec2:volume")) == "missing"
    assert verdict(rule, seen(1, {}, "s3:bucket")) == "missing"
    assert verdict(rule, seen(1, {}, "rds:db")) is None


def test_required_in_some_kinds_only():
    rule = Rule("Owner", values=("ops",), required_kinds=("ec2:instance",))
    assert verdict(rule, seen(1, {})) == "missing"
    assert verdict(rule, seen(1, {}, "ec2:volume")) is None
    assert verdict(rule, seen(1, {"Owner": "x"}, "ec2:volume")) == "bad_value"


def test_since_forgives_what_is_older():
    rule = Rule("Owner", since=TODAY - timedelta(days=10))
    assert verdict(rule, seen(1, {}, created=NOW - timedelta(days=11))) == "exempt"
    assert verdict(rule, seen(1, {}, created=NOW - timedelta(days=10))) == "missing"
    assert verdict(rule, seen(1, {}, created=None)) == "missing"


def test_an_exemption_ends_by_itself():
    rule = Rule("Owner", exemptions=(Exemption(TODAY + timedelta(days=1), "moving", kinds=("ec2:*",)),))
    assert verdict(rule, seen(1, {})) == "exempt"
    assert verdict(rule, seen(1, {"Owner": "x"})) == "ok"
    over = Rule("Owner", exemptions=(Exemption(TODAY, "moving"),))
    assert verdict(over, seen(1, {})) == "missing"
    elsewhere = Rule("Owner", exemptions=(Exemption(date.max, "moving", accounts=(TWO,)),))
    assert verdict(elsewhere, seen(1, {})) == "missing"


def test_what_cannot_be_tagged_is_neither_missing_nor_fine():
    assert verdict(Rule("Owner"), seen(1, {}), untaggable=("ec2:*",)) == "untaggable"
    assert verdict(Rule("Owner"), seen(1, None, "iam:group")) == "untaggable"


# Against the second telling

_KEYS = ("Owner", "owner", "OWNER", "Team", "team", "Env", "CostCenter", "\u017ftage", "Ω", "aws:x")
_VALUES = ("", " ", "ops", "OPS", "Ops", "data-team", "data-", "x", "straße", "STRASSE", "İ", "a\nb", "=1")
_KINDS = ("ec2:instance", "ec2:volume", "s3:bucket", "rds:db", "iam:group")
_PATTERNS = ("*", "ec2:*", "ec2:instance", "s3:bucket", "rds:*")


@st.composite
def rules(draw: st.DrawFn, key: str) -> Rule:
    patterns = st.lists(st.sampled_from(_PATTERNS), min_size=1, max_size=2, unique=True).map(tuple)
    others = [each for each in _KEYS if each != key]
    exemption = st.builds(
        Exemption,
        st.sampled_from((TODAY, TODAY + timedelta(days=1), TODAY - timedelta(days=1))),
        st.just("why"),
        st.sampled_from(((), (ONE,), (TWO,))),
        patterns,
    )
    return Rule(
        key,
        aliases=draw(st.lists(st.sampled_from(others), max_size=2, unique=True).map(tuple)),
        kinds=draw(patterns),
        required=draw(st.booleans()),
        required_kinds=draw(st.just(()) | patterns),
        values=draw(st.lists(st.sampled_from(("ops", "data-*", "*x", "straße", "Ops")), max_size=2, unique=True)),
        patterns=draw(st.lists(st.sampled_from(("[a-z]+", "ops|x", "d.*")), max_size=1).map(tuple)),
        case=draw(st.sampled_from(ValueCase)),
        inherit=draw(st.booleans()),
        since=draw(st.none() | st.sampled_from((TODAY, TODAY - timedelta(days=30)))),
        exemptions=draw(st.lists(exemption, max_size=2).map(tuple)),
    )


_TAGS = st.none() | st.dictionaries(st.sampled_from(_KEYS), st.sampled_from(_VALUES), max_size=4)
_ASSETS = st.builds(
    lambda tags, kind, account, days: seen(
        1, tags, kind, account=account, created=None if days is None else NOW - timedelta(days=days)
    ),
    _TAGS,
    st.sampled_from(_KINDS),
    st.sampled_from((ONE, TWO)),
    st.none() | st.integers(0, 60),
)
_ACCOUNTS = st.fixed_dictionaries({ONE: _TAGS, TWO: _TAGS})


@settings(max_examples=300)
@given(
    st.tuples(rules("Owner"), rules("CostCenter")),
    st.lists(_ASSETS, max_size=12),
    _ACCOUNTS,
    st.sampled_from(((), ("ec2:volume",), ("rds:*",))),
)
def test_an_evaluation_is_what_the_rules_say_asset_by_asset(policy, assets, accounts, untaggable):
    found = evaluated(estate_of(assets), version(*policy, untaggable=untaggable), accounts, TODAY)
    for judge, codes in zip(found.rules, found.verdicts, strict=True):
        for asset, code in zip(assets, codes, strict=True):
            wanted = told_plainly(judge.rule, asset, accounts[asset.account], (*untaggable, "iam:group"))
            assert VERDICTS[code] == wanted, (judge.rule, asset)
            born = asset.created.date() if asset.created else TODAY
            subject = Subject(asset.kind, asset.account, asset.tags, accounts[asset.account], born)
            one = judge.judged(subject, TODAY)
            assert (None if one is None else one.verdict) == wanted


_COSTS = st.tuples(st.none() | st.integers(-(10**12), 10**15), st.sampled_from(("USD", "CNY")))
_VIOLATING = {"missing", "empty", "bad_value", "bad_case", "alias"}


def stands(verdicts: list[str | None]) -> str | None:
    """How an asset stands with all rules, as docs/tagging.md tells it."""
    if _VIOLATING & set(verdicts):
        return "violating"
    order = ("unknown", "ok", "exempt", "untaggable")
    return next((each for each in order if each in verdicts), None)


@settings(max_examples=150)
@given(
    st.tuples(rules("Owner"), rules("CostCenter")),
    st.lists(st.tuples(_ASSETS, _COSTS), min_size=1, max_size=12),
    _ACCOUNTS,
)
def test_figures_are_those_that_plain_sums_give(policy, priced, accounts):
    assets = [asset for asset, _ in priced]
    costs = [cost if cost[0] is not None else (None, "") for _, cost in priced]
    estate = estate_of(assets, costs=costs)
    evaluation = evaluated(estate, version(*policy), accounts, TODAY)
    found = compliance(evaluation, estate.among(range(1, len(assets) + 1)), by="account")
    told = [[told_plainly(rule, each, accounts[each.account], ("iam:group",)) for rule in policy] for each in assets]

    def holds(score: Score, wanted: list[int]) -> None:
        status = {place: stands(told[place]) for place in wanted}
        names = ("violating", "unknown", "exempt", "untaggable")
        assert [getattr(score, each) for each in names] == [list(status.values()).count(each) for each in names]
        assert score.compliant == list(status.values()).count("ok")
        lacking = [place for place in wanted if {"missing", "empty"} & set(told[place])]
        assert score.untagged == len(lacking)
        for cost in score.costs:
            for name, of in (("compliant", "ok"), *((each, each) for each in names)):
                micro = [
                    costs[place][0] or 0 for place in wanted if status[place] == of and costs[place][1] == cost.currency
                ]
                assert getattr(cost, name) * 1_000_000 == sum(micro)
            own = [costs[place][0] or 0 for place in lacking if costs[place][1] == cost.currency]
            assert cost.untagged * 1_000_000 == sum(own)

    holds(found.score, list(range(len(assets))))
    for group in found.groups:
        holds(group.score, [place for place, asset in enumerate(assets) if asset.account == group.group])
    for number, key in enumerate(found.keys):
        for verdict, count in key.verdicts.items():
            assert count == [each[number] for each in told].count(str(verdict))


def test_every_verdict_has_a_number():
    assert len(CODES) == len(TagVerdict) == 9
    assert all(VERDICTS[number] is each for each, number in CODES.items())
