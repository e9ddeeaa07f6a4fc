"""People: an administrator sees who deviates, tries a change out, makes it, and the audit trail has it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from finops.waste.checks import check_named
from pages.ui import people_trial
from pages.ui.people_work import Scope
from tests.pages.conftest import discovered, figures, opened, plain, settled, sound, words
from tests.pages.test_inventory import button
from tests.pages.wasteful import IDLE, checked
from user_prefs import Preferences, TenantSettings, UserPreferences

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from finops.facade import Finops
    from finops.model.findings import AuditEvent

PAGE, SETTINGS = "pages/people.py", "pages/settings.py"
ANN, MAX = "persona:analyst", "persona:manager"
CPU, PEAK, LEAST = f"{IDLE}.cpu_average", f"{IDLE}.cpu_maximum", f"{IDLE}.min_saving"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Finops]:
    shutil.copytree(checked(), tmp_path / "data")
    with settled(tmp_path / "data") as finops:
        yield finops


@pytest.fixture
def preferences(house: Finops) -> UserPreferences:
    return UserPreferences.of(house.settings)


def tuning(scope: Scope = Scope.PERSON, person: str = ANN, check: str = IDLE) -> AppTest:
    app = opened(PAGE, persona="admin")
    app.selectbox(key="people.person").select(person).run()
    app.selectbox(key="people.owner").select(check).run()
    app.segmented_control(key="people.scope").select(scope).run()
    assert sound(app)
    return app


def put(app: AppTest, key: str, value: float, scope: Scope = Scope.PERSON, person: str = ANN) -> AppTest:
    app.number_input(key=f"people.{scope}.{person}.{key}").set_value(value).run()
    assert sound(app)
    return app


def save(app: AppTest) -> AppTest:
    app.button(key="people.save").click().run()
    assert sound(app)
    return app


def events(finops: Finops) -> list[AuditEvent]:
    return list(finops.store.audit.list("demo")[0])


@pytest.mark.parametrize("persona", ["analyst", "manager", None])
def test_nobody_but_an_administrator_opens_it(house: Finops, persona: str | None) -> None:
    app = opened(PAGE, **({"persona": persona} if persona else {}))
    assert not app.exception
    assert "may not do that" in plain(app.error[0].value)
    assert not app.number_input
    assert not app.dataframe


def test_it_lists_everyone_and_in_what_they_deviate(house: Finops, preferences: UserPreferences) -> None:
    preferences.change(ANN, lambda kept: kept.with_threshold(CPU, 3.0).with_threshold("anomaly.sensitivity", "high"))
    preferences.change(MAX, lambda kept: kept.with_threshold(CPU, 7.0))
    preferences.change_tenant("demo", lambda kept: kept.with_default(CPU, 7.0).with_lock(PEAK, 20.0))
    app = opened(PAGE, persona="admin")
    assert sound(app)
    assert figures(app) | {"Now": "", "With these": ""} == {
        "People": "3",
        "Deviate": "1",
        "Tenant defaults": "1",
        "Locked": "1",
        "Now": "",
        "With these": "",
    }
    rows = app.dataframe[0].value
    assert list(rows["Person"]) == ["Analyst", "Manager", "Admin"]
    assert list(rows["Own"]) == [2, 0, 0], "a value that equals the tenant's is no deviation"
    assert rows["Deviates in"][0] == "Idle EC2 instance, cpu average: 3 %, Anomalies, sensitivity: high"
    assert list(app.table[0].value["Theirs"]) == ["3 %", "high"]
    assert list(app.table[0].value["Tenant's"]) == ["7 %", "medium"]


def test_a_change_is_tried_before_it_is_saved(house: Finops, preferences: UserPreferences) -> None:
    app = tuning()
    assert "Analyst has 2 findings of this check." in words(app)
    put(app, CPU, 10.0)
    text = words(app)
    assert "With these, Analyst would have had 3 findings instead of 2 today." in text
    assert "Over 90 days (3 run dates): 3.0 on average instead of 2.0, at most 3 instead of 2." in text
    assert "Would be added: 1" in [plain(one.label) for one in app.expander]
    assert figures(app)["With these"] == "3"
    assert preferences.kept(ANN) == Preferences()
    assert events(house) == []
    button(app, "Discard").click().run()
    assert "Analyst has 2 findings of this check." in words(app)


def test_the_trial_starts_from_what_holds_for_the_person_not_from_the_built_in(
    house: Finops, preferences: UserPreferences
) -> None:
    preferences.change(ANN, lambda kept: kept.with_threshold(CPU, 10.0))
    app = tuning()
    assert "Analyst has 3 findings" in words(app)
    put(app, CPU, 2.0)
    assert "would have had 1 finding instead of 3 today" in words(app)
    assert "Would be dropped: 2" in [plain(one.label) for one in app.expander]
    assert "Manager has 2 findings" in words(tuning(person=MAX))


def test_a_trial_agrees_with_the_back_test_of_each_side(house: Finops) -> None:
    check = check_named(IDLE)
    now, tried = {**check.defaults, "cpu_average": 2.0}, {**check.defaults, "cpu_average": 10.0}
    found = people_trial.trial(house, "demo", IDLE, now=now, tried=tried)
    for levels, side in ((now, "now"), (tried, "tried")):
        days = house.waste.back_test("demo", IDLE, levels).days
        assert [getattr(day, side) for day in found.days] == [day.tried for day in days]
    assert len(found.added) == 2
    assert found.dropped == ()
    back = people_trial.trial(house, "demo", IDLE, now=tried, tried=now)
    assert (back.added, back.dropped) == ((), found.added)


def test_a_save_is_kept_acts_on_settings_and_is_audited(house: Finops, preferences: UserPreferences) -> None:
    save(put(tuning(), CPU, 10.0))
    assert preferences.kept(ANN).thresholds == {CPU: 10.0}
    (event,) = events(house)
    assert (event.by, event.action, event.object) == ("persona:admin", "preferences.change", ANN)
    assert event.detail == {"changes": [{"choice": "thresholds", "name": CPU, "before": None, "after": 10.0}]}
    app = opened(SETTINGS)
    app.text_input(key="settings.search").set_value("idle ec2 instance cpu average").run()
    assert app.number_input(key=f"settings.threshold.{CPU}").value == 10


def test_a_tenants_default_reaches_whoever_has_no_value_of_their_own(
    house: Finops, preferences: UserPreferences
) -> None:
    preferences.change(ANN, lambda kept: kept.with_threshold(CPU, 10.0))
    app = tuning(Scope.DEFAULT)
    assert "Values of their own here: Analyst; they stay." in words(app)
    put(app, CPU, 2.0, Scope.DEFAULT)
    assert "Analyst has 3 findings" in words(app), "theirs holds"
    save(app)
    assert preferences.tenant("demo").chosen == TenantSettings({CPU: 2.0})
    (event,) = events(house)
    assert (event.action, event.object) == ("thresholds.change", "demo")
    assert "Manager has 1 finding" in words(tuning(person=MAX))
    back = tuning(Scope.DEFAULT)
    back.button(key=f"people.default.{ANN}.reset.{CPU}").click().run()
    save(back)
    assert preferences.tenant("demo").chosen == TenantSettings()


def test_a_lock_overrules_everyone_and_can_be_put_at_the_value_that_holds(
    house: Finops, preferences: UserPreferences
) -> None:
    preferences.change(ANN, lambda kept: kept.with_threshold(CPU, 10.0))
    app = tuning(Scope.LOCK)
    assert "Values of their own here: Analyst; a lock overrules them." in words(app)
    app.button(key=f"people.lock.{ANN}.offer.{CPU}").click().run()
    assert "would have had 2 findings instead of 3 today" in words(app)
    save(app)
    assert preferences.tenant("demo").chosen == TenantSettings({}, {CPU: 5.0})
    person = tuning()
    assert person.number_input(key=f"people.person.{ANN}.{CPU}").disabled
    assert "Locked" in words(person)
    unlocked = tuning(Scope.LOCK)
    unlocked.button(key=f"people.lock.{ANN}.reset.{CPU}").click().run()
    save(unlocked)
    assert preferences.tenant("demo").chosen == TenantSettings()
    assert [event.detail["changes"][0]["after"] for event in events(house)] == [None, 5.0]  # type: ignore[index]


def test_several_scopes_and_checks_are_saved_together(house: Finops, preferences: UserPreferences) -> None:
    app = put(tuning(), CPU, 10.0)
    app.segmented_control(key="people.scope").select(Scope.LOCK).run()
    put(app, LEAST, 50.0, Scope.LOCK)
    app.selectbox(key="people.owner").select("anomaly").run()
    app.selectbox(key=f"people.lock.{ANN}.anomaly.sensitivity").select("low").run()
    assert "There is nothing stored yet that this could be tried on." in words(app)
    assert "3 changes not saved" in words(app)
    save(app)
    assert preferences.kept(ANN).thresholds == {CPU: 10.0}
    assert preferences.tenant("demo").chosen.locks == {LEAST: 50.0, "anomaly.sensitivity": "low"}
    assert len(events(house)) == 2


def test_another_person_waits_until_the_draft_is_saved(house: Finops) -> None:
    app = put(tuning(), CPU, 10.0)
    assert app.selectbox(key="people.person").disabled
    save(app)
    app.selectbox(key="people.person").select(MAX).run()
    assert "Manager has 2 findings" in words(app)


def test_another_administrators_save_is_told(house: Finops, preferences: UserPreferences) -> None:
    app = put(tuning(Scope.LOCK), CPU, 3.0, Scope.LOCK)
    preferences.change_tenant("demo", lambda kept: kept.with_lock(CPU, 4.0).with_default(PEAK, 15.0))
    app.run()
    assert "Another window saved since you began: Default of Idle EC2 instance, cpu maximum" in words(app)
    save(app)
    text = words(app)
    assert "yours holds now: Lock of Idle EC2 instance, cpu average (was 4 %)." in text
    assert "kept: Default of Idle EC2 instance, cpu maximum." in text
    assert preferences.tenant("demo").chosen == TenantSettings({PEAK: 15.0}, {CPU: 3.0})
    assert events(house)[0].detail["changes"] == [{"choice": "locks", "name": CPU, "before": 4.0, "after": 3.0}]


def test_damage_to_the_tenants_file_is_said_until_it_is_understood(house: Finops, preferences: UserPreferences) -> None:
    preferences.change_tenant("demo", lambda kept: kept.with_lock(CPU, 4.0))
    (path,) = (house.settings.data_dir / "prefs").glob("tenant-*.json")
    path.write_bytes(b"\xff")
    app = opened(PAGE, persona="admin")
    assert "was damaged and set aside as" in plain(app.warning[0].value)
    button(app, "Understood").click().run()
    assert not app.warning


def test_before_the_first_run_there_is_nothing_to_try(tmp_path: Path) -> None:
    shutil.copytree(discovered(), tmp_path / "data")
    with settled(tmp_path / "data"):
        app = tuning()
        assert "has not run in the last 90 days" in words(app)
        save(put(app, CPU, 10.0))
