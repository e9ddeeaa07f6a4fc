"""Settings: what a person changes is kept for them alone, acts on their pages, and loses to no other window unheard."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from finops.model.costs import Metric
from finops.model.thresholds import GENERAL
from pages.ui import numbers
from tests.pages.conftest import discovered, figures, link, opened, plain, settled, sound, words
from tests.pages.test_inventory import button
from tests.pages.wasteful import IDLE
from user_prefs import Preferences, UserPreferences

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from finops.facade import Finops

PAGE, OVERVIEW, ANALYSIS = "pages/settings.py", "pages/overview.py", "pages/cost_analysis.py"
ANN = "persona:analyst"
CPU = f"{IDLE}.cpu_average"
FIELD = f"settings.threshold.{CPU}"


@pytest.fixture
def own_house(tmp_path: Path) -> Iterator[Finops]:
    shutil.copytree(discovered(), tmp_path / "data")
    with settled(tmp_path / "data") as finops:
        yield finops


@pytest.fixture
def preferences(own_house: Finops) -> UserPreferences:
    return UserPreferences.of(own_house.settings)


def keep(preferences: UserPreferences, **choices: object) -> None:
    preferences.change(ANN, lambda kept: replace(kept, **choices))  # type: ignore[arg-type]


def searched(text: str) -> AppTest:
    app = opened(PAGE)
    app.text_input(key="settings.search").set_value(text).run()
    assert sound(app)
    return app


def save(app: AppTest) -> AppTest:
    app.button(key="settings.save.top").click().run()
    assert sound(app)
    return app


@pytest.mark.parametrize("persona", ["analyst", "manager", "admin"])
def test_everybody_has_settings_of_their_own(own_house: Finops, persona: str) -> None:
    app = opened(PAGE, persona=persona)
    assert sound(app)
    assert "Nothing to save" in words(app)
    app.selectbox(key="settings.theme").select("dark").run()
    save(app)
    preferences = UserPreferences.of(own_house.settings)
    assert preferences.kept(f"persona:{persona}") == Preferences(theme="dark")
    others = {"analyst", "manager", "admin"} - {persona}
    assert all(preferences.kept(f"persona:{other}") == Preferences() for other in others)


def test_nothing_is_kept_until_save_and_discard_forgets(preferences: UserPreferences) -> None:
    app = opened(PAGE)
    app.selectbox(key="settings.metric").select("amortized").run()
    app.selectbox(key="settings.period").select("90d").run()
    assert "2 changes not saved" in words(app)
    assert preferences.kept(ANN) == Preferences()
    button(app, "Discard").click().run()
    assert "Nothing to save" in words(app)
    assert app.selectbox(key="settings.metric").value == ""
    app.selectbox(key="settings.metric").select("amortized").run()
    save(app)
    assert "Saved: 1 change." in plain(app.success[0].value)
    assert preferences.kept(ANN) == Preferences(metric="amortized")
    assert opened(PAGE).selectbox(key="settings.metric").value == "amortized"


def test_every_field_is_kept(own_house: Finops, preferences: UserPreferences) -> None:
    account = own_house.costs.choices("demo", "account")[0]
    charge = own_house.costs.choices("demo", "charge_type")[0]
    app = opened(PAGE)
    app.multiselect(key="settings.accounts").select(account).run()
    app.multiselect(key="settings.charge_types").select(charge).run()
    app.multiselect(key="settings.tag_keys").select("Environment").run()
    app.multiselect(key="settings.reports").select("savings").run()
    app.selectbox(key="settings.currency_format").select("whole").run()
    save(app)
    assert preferences.kept(ANN) == Preferences(
        accounts=(account,),
        charge_types=(charge,),
        tag_keys=("Environment",),
        reports=("savings",),
        currency_format="whole",
    )
    app.selectbox(key="settings.currency_format").select("compact").run()
    save(app)
    assert preferences.kept(ANN).currency_format == ""


def test_widgets_are_hidden_and_moved_and_overview_obeys(preferences: UserPreferences) -> None:
    app = opened(PAGE)
    app.checkbox(key="settings.widget.projected").uncheck().run()
    app.button(key="settings.Up.tagged").click().run()
    app.checkbox(key="settings.widget.daily").uncheck().run()
    app.button(key="settings.Down.changes").click().run()
    save(app)
    assert preferences.kept(ANN).widgets == ("to_date", "tagged", "recent", "services", "changes", "accounts")
    shown = opened(OVERVIEW)
    assert sound(shown)
    assert list(figures(shown)) == ["November to date", "Tagged with Environment", "Last 28 days"]
    assert [one.value for one in shown.subheader] == ["Top services", "What changed", "Accounts"]
    assert [one.label for one in opened(OVERVIEW, persona="manager").metric][1] == "November at run rate"
    app.checkbox(key="settings.widget.projected").check().run()
    for name in ("to_date", "recent", "tagged", "projected", "services", "changes"):
        app.checkbox(key=f"settings.widget.{name}").uncheck().run()
    assert app.checkbox(key="settings.widget.accounts").disabled, "something is always shown"
    save(app)
    only = opened(OVERVIEW)
    assert sound(only)
    assert not only.metric
    assert [one.value for one in only.subheader] == ["Accounts"]


def test_the_usual_order_put_back_is_no_choice(preferences: UserPreferences) -> None:
    app = opened(PAGE)
    app.button(key="settings.Down.to_date").click().run()
    app.button(key="settings.Up.to_date").click().run()
    assert "Nothing to save" in words(app)


def test_pages_open_with_what_was_chosen_and_a_link_wins(own_house: Finops, preferences: UserPreferences) -> None:
    first, second = own_house.costs.choices("demo", "account")[:2]
    keep(preferences, metric="amortized", accounts=(first, "999999999999"), period="28d")
    app = opened(OVERVIEW)
    assert sound(app)
    assert link(app) == {"metric": ["amortized"], "account": [first], "period": ["28d"]}
    overview = own_house.costs.overview("demo", metric=Metric.AMORTIZED, accounts=(first,))
    assert overview.recent is not None
    recent = sum(row.current for row in overview.recent.rows)
    assert figures(app)["22 Oct–18 Nov"] == figures(app)["Last 28 days"] == numbers.short_money(recent)
    linked = opened(OVERVIEW, {"account": [second]})
    assert link(linked) == {"account": [second]}
    whole = own_house.costs.overview("demo", accounts=(second,))
    assert figures(linked)["November to date"] == numbers.short_money(whole.total.totals["USD"])
    analysis = opened(ANALYSIS)
    assert sound(analysis)
    assert link(analysis) == {"metric": ["amortized"], "account": [first]}
    assert link(opened(ANALYSIS, {"period": ["7d"]})) == {"period": ["7d"]}


def test_what_the_reader_takes_back_stays_taken_back(own_house: Finops, preferences: UserPreferences) -> None:
    keep(preferences, metric="amortized", period="7d")
    app = opened(OVERVIEW)
    app.selectbox(key="overview.metric").select(Metric.UNBLENDED).run()
    app.selectbox(key="overview.period").select("month").run()
    assert link(app) == {}
    app.run()
    assert "November to date" in figures(app)


@pytest.mark.parametrize("period", ["month", "last_month", "7d", "28d", "90d", "6m", "12m"])
def test_overview_holds_for_every_period(own_house: Finops, period: str) -> None:
    app = opened(OVERVIEW, {"period": [period]})
    assert sound(app)
    assert len(app.metric) == 4
    assert "The parts sum" not in words(app)


@pytest.mark.parametrize(
    ("style", "figure"), [("", r"\$\d+K"), ("whole", r"\$\d{3},\d{3}"), ("cents", r"\$\d{3},\d{3}\.\d\d")]
)
def test_money_is_written_as_the_person_likes(preferences: UserPreferences, style: str, figure: str) -> None:
    keep(preferences, currency_format=style)
    shown = opened(OVERVIEW)
    assert sound(shown)
    assert re.fullmatch(figure, figures(shown)["November to date"])
    assert re.fullmatch(r"\$\d+K", figures(opened(OVERVIEW, persona="manager"))["November to date"])


def test_a_threshold_is_found_set_and_reset(preferences: UserPreferences) -> None:
    app = searched("idle ec2 instance cpu average")
    field = app.number_input(key=FIELD)
    assert (field.min, field.max, field.value) == (0, 25, 5)
    text = words(app)
    assert "0 to 25 %, built-in 5 %" in text
    assert "Built-in" in text
    field.set_value(3.5).run()
    assert ":blue-badge[:material/person: Yours]" in words(app)
    save(app)
    assert preferences.kept(ANN).thresholds == {CPU: 3.5}
    app.toggle(key="settings.mine").set_value(True).run()
    app.text_input(key="settings.search").set_value("").run()
    assert [one.key for one in app.number_input] == [FIELD]
    app.button(key=f"settings.threshold.reset.{CPU}").click().run()
    assert "1 change not saved" in words(app)
    save(app)
    assert preferences.kept(ANN) == Preferences()


def test_all_thresholds_are_reset_at_once(preferences: UserPreferences) -> None:
    keep(preferences, thresholds={CPU: 3.0, "anomaly.sensitivity": "high", "gone.check.of.old": 1.0}, metric="blended")
    app = opened(PAGE)
    app.button(key="settings.reset.all").click().run()
    assert "3 changes not saved" in words(app)
    save(app)
    assert preferences.kept(ANN) == Preferences(metric="blended")


def test_whose_value_holds_is_said_and_a_lock_cannot_be_changed(preferences: UserPreferences) -> None:
    keep(preferences, thresholds={CPU: 3.0})
    shared = preferences.change_tenant("demo", lambda kept: kept.with_default(f"{IDLE}.cpu_maximum", 20.0))
    preferences.change_tenant("demo", lambda _: shared.with_lock(CPU, 7.0))
    app = searched("idle ec2 instance cpu")
    assert (app.number_input(key=FIELD).value, app.number_input(key=FIELD).disabled) == (7, True)
    assert app.number_input(key=f"settings.threshold.{IDLE}.cpu_maximum").value == 20
    text = words(app)
    assert "Locked by admin" in text
    assert ":violet-badge[:material/groups: Tenant]" in text
    assert not [one for one in app.button if one.key == f"settings.threshold.reset.{CPU}"]


def test_the_value_that_would_hold_anyway_is_no_choice(preferences: UserPreferences) -> None:
    app = searched("idle ec2 instance cpu average")
    app.number_input(key=FIELD).set_value(9.0).run()
    app.number_input(key=FIELD).set_value(5.0).run()
    assert "Nothing to save" in words(app)


def test_general_thresholds_are_there_and_a_choice_is_a_list(preferences: UserPreferences) -> None:
    app = searched("anomalies")
    app.selectbox(key="settings.threshold.anomaly.sensitivity").select("high").run()
    save(app)
    assert preferences.kept(ANN).thresholds == {"anomaly.sensitivity": "high"}
    for each in GENERAL:
        found = searched(each.key)
        assert [one for one in (*found.number_input, *found.selectbox) if one.key == f"settings.threshold.{each.key}"]


def test_a_search_without_a_hit_says_so(own_house: Finops) -> None:
    assert "No threshold fits." in words(searched("![x](http://h/a.png)"))


# Two windows, damage


def test_another_windows_save_is_told_before_and_after(preferences: UserPreferences) -> None:
    app = opened(PAGE)
    app.selectbox(key="settings.metric").select("amortized").run()
    keep(preferences, metric="blended", theme="dark", thresholds={CPU: 2.0})
    app.run()
    assert "Another window saved since you began: Default metric, Theme, Idle EC2 instance, cpu average" in words(app)
    save(app)
    text = words(app)
    assert "yours holds now: Default metric (was Blended cost)." in text
    assert "kept: Theme, Idle EC2 instance, cpu average." in text
    assert preferences.kept(ANN) == Preferences(metric="amortized", theme="dark", thresholds={CPU: 2.0})


def test_a_window_without_changes_follows_the_other(preferences: UserPreferences) -> None:
    app = opened(PAGE)
    keep(preferences, metric="blended")
    app.run()
    assert app.selectbox(key="settings.metric").value == "blended"
    assert "Nothing to save" in words(app)


def test_another_persona_does_not_see_the_draft(preferences: UserPreferences) -> None:
    app = opened(PAGE)
    app.selectbox(key="settings.metric").select("amortized").run()
    app.selectbox(key="persona").select("manager").run()
    assert "Nothing to save" in words(app)
    assert app.selectbox(key="settings.metric").value == ""


def test_a_damaged_file_is_named_until_it_is_understood(own_house: Finops, preferences: UserPreferences) -> None:
    keep(preferences, metric="amortized")
    (path,) = (own_house.settings.data_dir / "prefs").glob("*.json")
    path.write_bytes(b'{"version": 2, "metric": 7}')
    assert "was damaged, so the usual ones serve" in words(opened(OVERVIEW))
    app = opened(PAGE)
    assert sound(app)
    aside = preferences.read(ANN).set_aside
    assert app.code[0].value == aside
    assert (path.parent / aside).exists()
    button(app, "Understood").click().run()
    assert "damaged" not in words(app)
    assert app.selectbox(key="settings.metric").value == ""


def test_what_cannot_be_kept_is_said_and_stays_drafted(own_house: Finops, preferences: UserPreferences) -> None:
    app = opened(PAGE)
    app.selectbox(key="settings.metric").select("amortized").run()
    folder = own_house.settings.data_dir / "prefs"
    shutil.rmtree(folder)
    folder.write_text("no folder", "utf-8")
    app.button(key="settings.save.top").click().run()
    assert not app.exception
    assert "the preferences cannot be kept" in plain(app.error[0].value)
    assert "1 change not saved" in words(app)


def test_it_works_before_any_cost_was_fetched(empty_house: Finops) -> None:
    app = opened(PAGE)
    assert sound(app)
    app.selectbox(key="settings.metric").select("amortized").run()
    save(app)


def test_choices_of_another_version_or_tenant_do_no_harm(preferences: UserPreferences) -> None:
    keep(preferences, metric="dearest", period="1000y", theme="pink", widgets=("glow",), accounts=("<b>",))
    app = opened(PAGE)
    assert sound(app)
    assert len(opened(OVERVIEW).metric) == 4
    assert sound(opened(ANALYSIS))
