"""The policy card: what other rules would say before anybody saves them, faults at their field, versions, files."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from streamlit.testing.v1 import AppTest

from finops.model.tagging import Exemption, Policy, Rule
from finops.tagging.policy import STARTER
from tests.pages.conftest import figures, opened, plain, settled, sound, words
from tests.pages.tagged import TENANT, TWO, document, estate, seen
from tests.pages.test_inventory import button
from tests.pages.test_tag_compliance import PAGE
from user_prefs import UserPreferences

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from finops.facade import Finops

OWNER, STAGE = Rule("Owner", aliases=("Team",)), Rule("Stage", values=("prod", "test"))
ASSETS = (
    seen(1, {"Owner": "a", "Stage": "prod"}),
    seen(2, {"Owner": "b", "Stage": "PROD"}),
    seen(3, {"Team": "c", "Stage": "test"}, account=TWO),
    seen(4, {}),
)
COSTS = {"instance-1": "70.00", "instance-2": "20.00", "instance-3": "6.00", "instance-4": "4.00"}


@pytest.fixture
def house_of_two_rules(tmp_path: Path) -> Iterator[Finops]:
    with settled(tmp_path / "data") as finops:
        estate(finops, ASSETS, OWNER, STAGE, costs=COSTS)
        yield finops


@pytest.fixture
def house_of_none(tmp_path: Path) -> Iterator[Finops]:
    with settled(tmp_path / "data") as finops:
        estate(finops, ASSETS, costs=COSTS)
        yield finops


def rule(app: AppTest, name: str, kind: str = "multiselect") -> Any:
    """The field of the rule that is open."""
    return getattr(app, kind)(key=f"tags.rule.{app.session_state['tags.rule']}.{name}")


def choose(app: AppTest, key: str) -> AppTest:
    """Opens another rule."""
    box = app.selectbox(key="tags.rule")
    draft = app.session_state["tags.draft"]
    return box.select(next(one.number for one in draft.rules if one.document["key"] == key)).run()


def trial(app: AppTest) -> dict[str, str]:
    """The percentages of the rules under work."""
    return {name: figures(app)[name] for name in ("By count", "By cost")}


def test_a_change_shows_both_percentages_and_what_moves_before_saving(house_of_two_rules: Finops) -> None:
    app = opened(PAGE, persona="manager")
    assert sound(app)
    assert trial(app) == {"By count": "25.0%", "By cost": "70.0%"}
    assert "As saved. Change a rule" in words(app)
    choose(app, "Stage")
    rule(app, "case", "segmented_control").set_value("normalise").run()
    assert sound(app)
    assert trial(app) == {"By count": "50.0%", "By cost": "90.0%"}
    assert "**1 verdict** would change" in words(app)
    assert "- **Stage**: Bad case to OK, 1 asset" in words(app)
    assert house_of_two_rules.tagging.policy(TENANT).version == 1, "nothing was saved"


def test_saving_keeps_a_version_with_its_note_and_figures_follow(house_of_two_rules: Finops) -> None:
    app = opened(PAGE, persona="manager")
    choose(app, "Stage")
    rule(app, "case", "segmented_control").set_value("normalise").run()
    app.text_input(key="tags.note").set_value("letters do not matter").run()
    app.button(key="tags.save").click().run()
    assert sound(app)
    held = house_of_two_rules.tagging.policy(TENANT)
    assert (held.version, held.saved_by, held.note) == (2, "persona:manager", "letters do not matter")
    assert figures(app)["Compliant by count"] == "50.0%"
    assert "**Version 2**" in words(app)
    assert any("Version 2 holds: 2 rules" in plain(one.value) for one in app.toast)


def test_readers_try_out_but_cannot_save(house_of_two_rules: Finops) -> None:
    app = opened(PAGE)
    choose(app, "Stage")
    rule(app, "case", "segmented_control").set_value("normalise").run()
    assert trial(app)["By count"] == "50.0%"
    assert "A manager or administrator can save it." in words(app)
    assert not [one for one in app.button if one.key == "tags.save"]


def test_a_faulty_rule_is_named_at_its_field_and_cannot_be_saved(house_of_two_rules: Finops) -> None:
    app = opened(PAGE, persona="manager")
    choose(app, "Stage")
    rule(app, "values").set_value(["a*b*c"]).run()
    assert [plain(one.value) for one in app.error] == [
        "a value has at most one *",
        "**Stage** is not sound yet: a value has at most one *.",
    ]
    assert app.button(key="tags.save").disabled
    rule(app, "values").set_value(["prod", "te*"]).run()
    assert sound(app)
    choose(app, "Owner")
    rule(app, "key", "text_input").set_value("Stage").run()
    assert "is about the key 'Stage' already" in plain(app.error[0].value)


def test_a_new_rule_needs_a_key_and_an_unreachable_one_is_named(house_of_two_rules: Finops) -> None:
    app = opened(PAGE, persona="manager")
    button(app, "Add").click().run()
    assert "**the new rule** is not sound yet" in words(app)
    rule(app, "key", "text_input").set_value("CostCenter").run()
    assert sound(app)
    rule(app, "kinds").set_value(["rds:db"]).run()
    assert "**CostCenter** says nothing of any asset: no asset is of kind rds:db." in words(app)
    button(app, "Remove").click().run()
    assert "As saved." in words(app)


def test_an_exemption_has_a_day_a_reason_and_accounts(house_of_two_rules: Finops) -> None:
    app = opened(PAGE, persona="manager")
    choose(app, "Owner")
    rule(app, "until", "date_input").set_value(date(2027, 1, 1)).run()
    assert "is not sound yet" in words(app), "a reason is missing"
    rule(app, "reason", "text_input").set_value("migration").run()
    rule(app, "accounts").set_value([TWO]).run()
    assert sound(app)
    assert "- **Owner**: Other key to Exempt, 1 asset" in words(app)
    app.button(key="tags.save").click().run()
    kept = house_of_two_rules.tagging.policy(TENANT).policy.rules[0]
    assert kept.exemptions == (Exemption(date(2027, 1, 1), "migration", (TWO,)),)


def test_start_again_brings_the_saved_rules_back(house_of_two_rules: Finops) -> None:
    app = opened(PAGE, persona="manager")
    button(app, "Remove").click().run()
    assert "would change" in words(app)
    button(app, "Start again").click().run()
    assert "As saved." in words(app)
    assert app.selectbox(key="tags.rule").options == ["Owner", "Stage"]


def test_another_save_meanwhile_is_not_overwritten(house_of_two_rules: Finops) -> None:
    app = opened(PAGE, persona="manager")
    choose(app, "Stage")
    rule(app, "required", "toggle").set_value(False).run()
    house_of_two_rules.tagging.save(TENANT, Policy((OWNER,)), over=1, by="ann")
    app.button(key="tags.save").click().run()
    assert "It was not saved" in words(app) or "Someone saved version 2 meanwhile" in words(app)
    assert house_of_two_rules.tagging.policy(TENANT).version == 2


def test_without_a_policy_the_starter_is_offered_and_saved(house_of_none: Finops) -> None:
    app = opened(PAGE, persona="manager")
    assert sound(app)
    assert "No policy is kept yet" in words(app)
    button(app, "Save as version 1").click().run()
    held = house_of_none.tagging.policy(TENANT)
    assert (held.version, held.policy) == (1, STARTER)
    assert "No policy is kept yet" not in words(app)


def test_an_aws_policy_is_put_into_the_editor_and_not_saved(house_of_two_rules: Finops) -> None:
    app = opened(PAGE, persona="manager")
    aws = {"tags": {"project": {"tag_key": {"@@assign": "Project"}, "tag_value": {"@@assign": ["x*"]}}}}
    app.text_area(key="tags.import.text").set_value(json.dumps(aws)).run()
    app.button(key="tags.import.go").click().run()
    assert sound(app)
    assert app.selectbox(key="tags.rule").options == ["Project"]
    assert rule(app, "values").value == ["x*"]
    assert house_of_two_rules.tagging.policy(TENANT).version == 1


def test_a_file_that_is_no_policy_says_where_it_is_wrong(house_of_two_rules: Finops) -> None:
    app = opened(PAGE, persona="manager")
    for text, told in (("{", "the file is not JSON"), ('{"tags": {"a": {"b": 1}}}', "tags.a.b")):
        app.text_area(key="tags.import.text").set_value(text).run()
        app.button(key="tags.import.go").click().run()
        assert told in words(app)
    assert app.selectbox(key="tags.rule").options == ["Owner", "Stage"]


def test_our_own_document_is_taken_too(house_of_two_rules: Finops) -> None:
    app = opened(PAGE, persona="manager")
    app.text_area(key="tags.import.text").set_value(json.dumps(document(Rule("Team")))).run()
    app.button(key="tags.import.go").click().run()
    assert app.selectbox(key="tags.rule").options == ["Team"]


def test_the_export_says_what_aws_cannot(house_of_two_rules: Finops) -> None:
    text = words(opened(PAGE))
    assert "**What AWS cannot say:**" in text
    assert "rules[0].aliases" in text


def test_an_older_version_is_put_into_the_editor(house_of_two_rules: Finops) -> None:
    house_of_two_rules.tagging.save(TENANT, Policy((OWNER,)), over=1, by="ann", note="![x](https://host.invalid/a)")
    app = opened(PAGE, persona="manager")
    assert app.selectbox(key="tags.rule").options == ["Owner"]
    app.button(key="tags.version.1").click().run()
    assert sound(app)
    assert app.selectbox(key="tags.rule").options == ["Owner", "Stage"]
    assert "would change" in words(app)


def test_targets_are_the_persons_own(house_of_two_rules: Finops) -> None:
    preferences = UserPreferences.of(house_of_two_rules.settings)
    own = {"tags.target_count_percent": 20.0}
    preferences.change("persona:manager", lambda kept: replace(kept, thresholds=own))
    app = opened(PAGE, persona="manager")
    assert plain(app.metric[0].proto.delta_description) == "target 20%"
    assert plain(app.metric[0].delta) == "+5.0 pp"


def test_rules_under_work_never_reach_another_tenant(house_of_two_rules: Finops) -> None:
    held = house_of_two_rules.tagging.policy(TENANT)
    stale = AppTest.from_function(_draft_of_another_tenant)
    stale.session_state["held"] = held
    app = stale.run()
    assert not app.exception
    assert app.text[0].value == "acme None demo Owner,Stage"


def _draft_of_another_tenant() -> None:
    import streamlit as st

    from finops.model.tagging import Policy, Rule
    from pages.ui import tag_draft

    first = tag_draft.begin("acme", Policy((Rule("Theirs"),)), held=st.session_state["held"])
    now = tag_draft.current("demo", st.session_state["held"])
    keys = ",".join(rule.document["key"] for rule in now.rules)
    st.text(f"{first.tenant} {now.place(first.rules[0].number)} {now.tenant} {keys}")
