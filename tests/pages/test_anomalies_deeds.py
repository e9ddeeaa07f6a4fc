"""What people do on Anomalies: judge them, plan activity, keep thresholds as theirs; each in a house of its own."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from finops.model.anomalies import FeedbackVerdict
from finops.model.preferences import TenantSettings
from tests import stocked
from tests.pages.conftest import opened, settled, sound, words
from tests.pages.test_anomalies import MINE, PAGE, listed
from tests.pages.test_inventory import button, table
from user_prefs import UserPreferences

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from finops.facade import Finops


@pytest.fixture
def own_house(tmp_path: Path) -> Iterator[Finops]:
    """The same to write to."""
    shutil.copytree(stocked.folder(), tmp_path / "data")
    with settled(tmp_path / "data") as finops:
        yield finops


def test_an_analyst_says_yes_and_it_stands_with_name_and_time(own_house: Finops) -> None:
    one = listed(own_house)[0].anomaly
    app = opened(PAGE, {"anomaly": [one.anomaly_id]}, persona="analyst")
    button(app, "Yes").click().run()
    assert sound(app)
    said = own_house.store.anomalies.feedback("demo")[one.anomaly_id]
    assert (said.verdict, said.by) == (FeedbackVerdict.YES, "persona:analyst")
    assert "**Real**, said analyst on 20 Nov, 09:00 UTC." in words(app)
    assert ["Real"] in list(table(app)["said"])


def test_planned_until_a_day_with_a_note_silences_it(own_house: Finops) -> None:
    one = listed(own_house)[0].anomaly
    app = opened(PAGE, {"anomaly": [one.anomaly_id]}, persona="analyst")
    before = len(table(app))
    next(each for each in app.text_input if str(each.key).endswith("note.planned")).set_value("load <b>test</b>")
    next(iter(app.date_input)).set_value(date(2026, 12, 24))
    next(each for each in app.button if str(each.key).endswith("do.planned")).click().run()
    assert sound(app)
    said = own_house.store.anomalies.feedback("demo")[one.anomaly_id]
    assert (said.verdict, said.until, said.note) == (FeedbackVerdict.PLANNED, date(2026, 12, 24), "load <b>test</b>")
    assert len(table(app)) < before
    assert "**Planned** until 24 Dec 2026, said analyst" in words(app)
    shown = opened(PAGE, {"silenced": ["true"]})
    assert len(table(shown)) == before


def test_keep_as_mine_keeps_them_and_the_list_follows(own_house: Finops) -> None:
    app = opened(PAGE, persona="analyst")
    assert button(app, "Keep as mine").disabled
    next(each for each in app.select_slider if each.key == "anomalies.try.min_impact").set_value(2000.0).run()
    button(app, "Keep as mine").click().run()
    assert sound(app)
    kept = UserPreferences.of(own_house.settings).kept("persona:analyst")
    assert dict(kept.thresholds) == {"anomaly.min_impact_usd": 2000.0}
    found = listed(own_house, replace(MINE, min_impact=Decimal(2000)))
    assert len(table(opened(PAGE, persona="analyst"))) == len(found)


def test_what_the_tenant_locks_cannot_be_moved_and_says_so(own_house: Finops) -> None:
    locks = TenantSettings(locks={"anomaly.min_impact_usd": 500.0})
    UserPreferences.of(own_house.settings).change_tenant("demo", lambda _: locks)
    app = opened(PAGE)
    slider = next(each for each in app.select_slider if each.key == "anomalies.try.min_impact")
    assert (slider.value, slider.disabled) == (500.0, True)
    assert "Locked by the tenant: impact." in words(app)
    assert len(table(app)) == len(listed(own_house, replace(MINE, min_impact=Decimal(500))))
