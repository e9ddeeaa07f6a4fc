"""Tag compliance over the demo's estate: figures as the facade has them, links that hold, what to do for an asset."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from finops.model.assets import AssetFilter
from finops.model.tagging import VIOLATIONS, TagVerdict
from finops.tagging import ViolationQuestion
from pages.ui import numbers, tag_table
from tests.pages.conftest import ROOT, discovered, figures, link, opened, plain, settled, sound, words
from tests.pages.test_inventory import HOSTILE, addresses, button, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamlit.testing.v1 import AppTest

    from finops.facade import Finops
    from finops.tagging import Violation

PAGE = "pages/tag_compliance.py"
PROD = "105810581058"


@pytest.fixture(scope="module")
def tag_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finops]:
    """The demo, evaluated at each of its discoveries; read only."""
    place = tmp_path_factory.mktemp("tags") / "data"
    shutil.copytree(discovered(), place)
    with settled(place) as finops:
        yield finops


def violations(finops: Finops, only: AssetFilter | None = None, **more: Any) -> tuple[Violation, ...]:
    return finops.tagging.violations("demo", ViolationQuestion(only or AssetFilter(), **more)).items


def alts(app: AppTest) -> str:
    return plain(" ".join(chart.proto.alt for chart in app.get("plotly_chart")))


def help_of(app: AppTest, label: str) -> str:
    return plain(next(metric.proto.help for metric in app.metric if plain(metric.label) == label))


@pytest.mark.parametrize("persona", ["analyst", "manager", "admin"])
def test_it_opens_for_everyone_who_may_see_tags_and_asks_for_that_right(tag_house: Finops, persona: str) -> None:
    app = opened(PAGE, persona=persona)
    assert sound(app)
    assert len(app.metric) == 6, "four key figures, and two of the rules under work"
    assert "right=Right.VIEW_TAGS" in (ROOT / PAGE).read_text("utf-8")


# What it shows


def test_both_percentages_are_the_facades_and_held_against_targets(tag_house: Finops) -> None:
    app = opened(PAGE)
    assert sound(app)
    score = tag_house.tagging.compliance("demo").score
    shown = figures(app)
    assert shown["Compliant by count"] == numbers.percent(score.percent)
    assert shown["Compliant by cost"] == numbers.percent(score.cost_percent)
    assert score.percent is not None
    assert plain(app.metric[0].delta) == f"{score.percent - 95:+.1f} pp"
    assert [plain(app.metric[place].proto.delta_description) for place in (0, 1)] == ["target 95%", "target 98%"]


def test_untagged_dollars_are_a_month_and_exact_in_the_help(tag_house: Finops) -> None:
    app = opened(PAGE)
    cost, period = tag_house.tagging.compliance("demo").score.cost, tag_house.costs.resource_period("demo")
    assert cost is not None
    assert period is not None
    assert figures(app)["Untagged"] == f"{numbers.short_money(cost.untagged / period.days * 365 / 12)}/mo"
    assert numbers.exact_money(cost.untagged) in help_of(app, "Untagged")
    assert plain(app.metric[2].delta) == f"{numbers.percent(cost.untagged / cost.judged * 100)} of cost"


def test_help_tells_of_new_assets_drift_and_fixes(tag_house: Finops) -> None:
    moved, found = tag_house.tagging.movement("demo"), tag_house.tagging.compliance("demo")
    told = help_of(opened(PAGE), "Compliant by count")
    assert f"New assets: {numbers.percent(found.new.percent)} of {found.new.judged:,} comply." in told
    assert f"Drift: {len(moved.drift)} tags" in told
    assert f"{moved.fixed} mended in 90 days, after {moved.median_days:g} days in the median." in told


def test_the_table_shows_the_dearest_first_fifty_at_a_time(tag_house: Finops) -> None:
    app = opened(PAGE)
    wanted = violations(tag_house, limit=50)
    rows = table(app)
    assert list(rows.columns) == list(tag_table.COLUMNS)
    assert list(rows["key"]) == [one.key for one in wanted]
    assert list(rows["asset"]) == [one.asset.name or one.asset.resource_id for one in wanted]
    assert rows["cost"].is_monotonic_decreasing
    total = tag_house.tagging.violations("demo").total
    assert f"1–50 of {total:,} violations" in words(app)


def test_beside_the_table_each_key_stands_by_count_cost_and_dollars(tag_house: Finops) -> None:
    app = opened(PAGE)
    keys = tag_house.tagging.compliance("demo").keys
    worst = min(keys, key=lambda each: each.score.percent or 0)
    assert f"{worst.key} complies least: {numbers.percent(worst.score.percent)} by count" in alts(app)
    assert list(app.dataframe[1].value["violating"]) == [each.score.violating for each in keys]


def test_the_trend_is_of_kept_evaluations_and_the_autopsy_adds_up(tag_house: Finops) -> None:
    app = opened(PAGE, {"autopsy": ["Owner"]})
    days = tag_house.tagging.trend("demo")
    assert len(days) == 3
    assert "since 9 Nov" in alts(app)
    found = tag_house.tagging.autopsy("demo", "Owner")
    assert found.reconciles
    text = words(app)
    assert f"**{numbers.exact_money(found.untagged)}** of {numbers.exact_money(found.total)} untagged" in text
    assert "add up to the bill's own sum, to the cent" in text
    assert "Tagged later is the largest cause" in alts(app)


def test_another_key_is_explained_when_chosen(tag_house: Finops) -> None:
    app = opened(PAGE)
    assert link(app) == {}
    app.selectbox(key="tags.autopsy").select("Owner").run()
    assert link(app) == {"autopsy": ["Owner"]}
    found = tag_house.tagging.autopsy("demo", "Owner")
    assert numbers.exact_money(found.untagged) in words(app)
    assert link(app.run()) == {"autopsy": ["Owner"]}


def test_who_must_act_is_told_cause_by_cause(tag_house: Finops) -> None:
    app = opened(PAGE, {"autopsy": ["Owner"]}, **{"fold.tags.autopsy": True})
    assert sound(app)
    assert "Whoever pays the bill" not in words(app), "a cause without dollars is not told"
    assert "The resource's owner sets the tag." in words(app)
    part = tag_house.tagging.autopsy("demo", "Owner").parts[0]
    first = next(one for one in app.button if one.key == "tags.autopsy.not_tagged.0" or part.top[0].name in one.label)
    first.click().run()
    assert link(app)["asset"][0]


def test_the_worst_groups_are_accounts_services_or_owners(tag_house: Finops) -> None:
    app = opened(PAGE)
    assert "prod-core stands worst" in alts(app)
    app.segmented_control(key="tags.by").set_value("owner").run()
    assert link(app) == {"by": ["owner"]}
    assert "No owner stands worst" in alts(app)


def test_spellings_are_clustered(tag_house: Finops) -> None:
    found = tag_house.tagging.variants("demo")
    shown = next(one.value for one in opened(PAGE).dataframe if "canonical" in one.value.columns)
    assert len(shown) == len(found.keys) + sum(len(clusters) for _, clusters in found.values)
    assert shown["assets"].is_monotonic_decreasing


def test_the_title_names_the_age_what_is_partial_and_the_policy(tag_house: Finops) -> None:
    app = opened(PAGE)
    text = words(app)
    assert "Checked 20 Nov, 06:00 UTC" in text
    assert "Starter policy" in text
    assert "2 of 8 accounts partly read" in plain(app.warning[0].value)


# Links and filters

EVERYTHING = {
    "search": ["core"],
    "key": ["Environment", "Owner"],
    "account": [PROD],
    "service": ["ec2"],
    "region": ["us-east-1"],
    "kind": ["ec2:instance"],
    "owner": [""],
    "verdict": ["missing", "alias"],
    "by": ["service"],
    "autopsy": ["Owner"],
}


def test_a_link_reproduces_every_filter_and_the_widgets_show_it(tag_house: Finops) -> None:
    app = opened(PAGE, EVERYTHING)
    assert sound(app)
    assert link(app) == EVERYTHING
    assert app.multiselect(key="tags.key").value == ["Environment", "Owner"]
    assert app.multiselect(key="tags.owner").value == [""]
    assert set(table(app)["key"]) <= {"Environment", "Owner"}
    assert table(app)["owner"].isna().all()
    assert link(app.run()) == EVERYTHING, "nothing drifts when the page is drawn again"


def test_a_widget_rewrites_the_link_and_figures_follow_the_key(tag_house: Finops) -> None:
    app = opened(PAGE)
    app.multiselect(key="tags.key").select("Owner").run()
    assert link(app) == {"key": ["Owner"]}
    key = next(each for each in tag_house.tagging.compliance("demo").keys if each.key == "Owner")
    assert figures(app)["Compliant by count"] == numbers.percent(key.score.percent)
    app.multiselect(key="tags.account").select(PROD).run()
    assert link(app) == {"account": [PROD], "key": ["Owner"]}
    only = AssetFilter(accounts=(PROD,))
    wanted = violations(tag_house, only, keys=("Owner",), limit=50)
    assert list(table(app)["asset"]) == [one.asset.name or one.asset.resource_id for one in wanted]


def test_an_empty_list_says_which_filter_to_loosen_and_does_it(tag_house: Finops) -> None:
    app = opened(PAGE, {"search": ["no such thing at all"], "key": ["Owner"]})
    assert sound(app)
    assert "Nothing matches **Search** “no such thing at all”, **Key** Owner." in words(app)
    wanted = len(violations(tag_house, keys=("Owner",), limit=5000))
    button(app, f"Drop search “no such thing at all”: {wanted:,} rows").click().run()
    assert link(app) == {"key": ["Owner"]}


def test_a_hostile_link_falls_back_with_a_notice(tag_house: Finops) -> None:
    bad = HOSTILE[0]
    wrong = {name: [bad] for name in ("key", "verdict", "page", "asset", "by", "autopsy", bad)}
    app = opened(PAGE, wrong)
    assert sound(app)
    assert "names a key that no rule of the policy is about" in words(app)
    assert not re.search(r"(?<!\\)!\[", words(app).replace(plain(bad), ""))
    assert link(app) == {}


def test_a_link_to_an_asset_that_is_gone_says_so(tag_house: Finops) -> None:
    app = opened(PAGE, {"asset": ["abc123"]})
    assert sound(app)
    assert "is not in this inventory" in words(app)


# One asset


def test_an_asset_shows_every_rule_likely_values_and_a_command(tag_house: Finops) -> None:
    first = violations(tag_house)[0]
    app = opened(PAGE, {"asset": [first.asset.asset_id]})
    assert sound(app)
    rules = app.table[0].value
    assert [plain(key).strip("*") for key in rules["key"]] == list(tag_house.tagging.policy("demo").policy.keys)
    text = words(app)
    fixes = [fix for fix in tag_house.tagging.fix_list("demo") if fix.asset.asset_id == first.asset.asset_id]
    assert fixes
    for fix in fixes:
        assert plain(f"**{fix.key}**: {fix.value}") in text
        assert fix.reason in text
    assert "This tool changes nothing in AWS." in text
    command = app.code[0].value
    assert "aws resourcegroupstaggingapi tag-resources" in command
    assert first.asset.arn in command


def test_a_value_that_only_has_another_spelling_is_its_own(tag_house: Finops) -> None:
    one = violations(tag_house, verdicts=(TagVerdict.BAD_CASE,))[0]
    app = opened(PAGE, {"asset": [one.asset.asset_id]})
    assert ":green-badge[its own value]" in words(app)


def test_closing_goes_back_to_the_keys(tag_house: Finops) -> None:
    app = opened(PAGE, {"asset": [violations(tag_house)[0].asset.asset_id]})
    button(app, "Close").click().run()
    assert link(app) == {}
    assert "complies least" in alts(app)


# Files


def test_files_are_of_exactly_the_list(tag_house: Finops) -> None:
    params = {"key": ["Owner"], "account": [PROD], "owner": [""], "verdict": ["missing"]}
    app = opened(PAGE, params, **{"tags.popover.export": True})
    assert sound(app)
    found = [one for one in addresses(app) if one.startswith("/api/tag-compliance")]
    assert [parse_qs(urlsplit(one).query, keep_blank_values=True) for one in found] == [
        {
            "tenant": ["demo"],
            "key": ["Owner"],
            "account": [PROD],
            "verdict": ["missing"],
            "tag": ["Owner="],
            "format": [end],
        }
        for end in ("csv", "xlsx")
    ]
    labels = {one.proto.label for one in app.get("download_button")}
    assert {"Tag Editor CSV", "AWS CLI"} <= labels
    accuracy = tag_house.tagging.suggestions("demo", "Owner").overall.accuracy
    assert f"Guesses were right on tagged assets: Owner {accuracy:.0%}." in words(app)


def test_usual_rows_are_violations(tag_house: Finops) -> None:
    assert {one.verdict for one in violations(tag_house, limit=5000)} <= set(VIOLATIONS)
    app = opened(PAGE, {"verdict": ["ok"]})
    assert "verdicts" in words(app)
    assert {cell[0] for cell in table(app)["verdict"]} == {"OK"}
