"""Inventory when things are not as they should be: nothing discovered, denied, old, hostile, damaged."""

from __future__ import annotations

import re
import shutil
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from finops.model.assets import AssetFilter, AssetQuestion, Listed, Place, Seen
from finops.model.outcome import Failure
from pages.ui import asset_table
from tests.api import estate
from tests.pages.conftest import discovered, figures, opened, plain, settled, sound, words
from tests.pages.test_inventory import HOSTILE, PAGE, assets, button, table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from finops.facade import Finops


@pytest.fixture
def own_house(tmp_path: Path) -> Iterator[Finops]:
    """A copy of the demo's estate that a test may write to."""
    shutil.copytree(discovered(), tmp_path / "data")
    with settled(tmp_path / "data") as finops:
        yield finops


def test_it_says_when_it_was_checked_and_that_it_is_old(own_house: Finops, tmp_path: Path) -> None:
    assert "Checked 20 Nov, 06:00 UTC" in words(opened(PAGE))
    assert ":orange-badge[:material/update:" not in words(opened(PAGE))
    own_house.close()
    with settled(tmp_path / "data", FINOPS_NOW="2026-11-23T09:00:00Z"):
        text = words(opened(PAGE))
    assert ":orange-badge[:material/update: Checked 20 Nov, 06:00 UTC · 3 days ago]" in text


def test_it_works_before_any_cost_was_fetched(tmp_path: Path) -> None:
    with settled(tmp_path / "data") as finops:
        finops.jobs.run("inventory.discover", "demo", {}, user="persona:admin")
        app = opened(PAGE)
        total = assets(finops)[1]
    assert sound(app)
    assert f"1–50 of {total:,}" in words(app)
    assert set(table(app)["cost"]) == {None}
    assert app.selectbox(key="inventory.sort").value == "name"
    assert figures(app)["Appeared, 7 days"] == "0", "the first look is no news"
    assert "since the first look, 20 Nov" in plain(app.metric[1].proto.delta_description)


def test_fifty_accounts_of_which_three_are_denied_are_named(tmp_path: Path) -> None:
    shutil.copytree(estate.folder(), tmp_path / "data")
    with settled(tmp_path / "data", FINOPS_TENANT=estate.TENANT) as finops:
        app = opened(PAGE)
        total = finops.inventory.page(AssetQuestion(estate.TENANT)).total
    assert sound(app)
    assert plain(app.warning[0].value).startswith("**3 of 50 accounts could not be read.**")
    text = words(app)
    for account in estate.DENIED:
        assert account in text
    assert "grant `sts:AssumeRole` on the account's role" in text
    assert f"of {total:,}" in text, "the 47 others are shown"


def test_before_the_first_discovery_readers_are_told_and_managers_can_start_it(empty_house: Finops) -> None:
    reader = opened(PAGE)
    assert sound(reader)
    assert "python -m finops inventory discover" in words(reader)
    assert not reader.metric
    assert not [one for one in reader.button if "iscover" in one.label]
    app = opened(PAGE, persona="manager")
    button(app, "Discover now").click().run()
    assert sound(app)
    assert wait(empty_house).counts["seen"] > 2000
    app.run()
    assert sound(app)
    assert figures(app)["Active assets"] != "0"
    assert "since the first look, 20 Nov" in plain(app.metric[1].proto.delta_description)


def wait(finops: Finops) -> Any:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        jobs, _ = finops.jobs.jobs("demo")
        if jobs and not jobs[0].status.open:
            return jobs[0]
        time.sleep(0.1)
    raise AssertionError("the discovery did not end")


def test_accounts_that_failed_can_be_read_again_alone(own_house: Finops) -> None:
    app = opened(PAGE, persona="manager")
    button(app, "Only the 2 accounts read in part").click().run()
    job = wait(own_house)
    assert job.arguments["accounts"] == list(own_house.inventory.standing("demo").failed)
    assert job.user == "persona:manager"


def test_a_tenant_that_aws_does_not_answer_for_cannot_be_discovered(tmp_path: Path) -> None:
    bill = "tests/data/focus_sample.csv"
    with settled(tmp_path / "data") as finops:
        finops.costs.import_bill("default", [bill])
        app = opened(PAGE, persona="manager", tenant="default")
    assert sound(app)
    assert "Discovery keeps its assets in tenant `demo`" in words(app)
    assert not [one for one in app.button if "iscover" in one.label]


def test_columns_are_remembered_for_one_person_in_a_new_session(own_house: Finops) -> None:
    app = opened(PAGE)
    app.multiselect(key="inventory.columns").set_value(["region", "tag:Owner", "first_seen"]).run()
    chosen = ["name", "region", "tag:Owner", "first_seen"]
    assert list(table(app).columns) == chosen
    again = opened(PAGE)
    assert list(table(again).columns) == chosen
    assert again.multiselect(key="inventory.columns").value == chosen[1:]
    assert list(table(opened(PAGE, persona="manager")).columns) == list(asset_table.DEFAULT)
    again.multiselect(key="inventory.columns").set_value([]).run()
    assert list(table(again).columns) == list(asset_table.DEFAULT), "none chosen brings the usual ones back"


def test_a_window_opened_earlier_does_not_undo_what_a_later_one_chose(own_house: Finops) -> None:
    first, second = opened(PAGE), opened(PAGE)
    second.multiselect(key="inventory.columns").set_value(["region"]).run()
    first.text_input(key="inventory.search").set_value("a").run()
    assert list(table(first).columns) == ["name", "region"]
    assert list(table(opened(PAGE)).columns) == ["name", "region"]


def test_damaged_preferences_leave_the_usual_columns(own_house: Finops) -> None:
    app = opened(PAGE)
    app.multiselect(key="inventory.columns").set_value(["region"]).run()
    folder = own_house.settings.data_dir / "prefs"
    for path in folder.glob("*.json"):
        path.write_bytes(b"{")
    again = opened(PAGE)
    assert sound(again)
    assert list(table(again).columns) == list(asset_table.DEFAULT)


def test_hostile_names_tags_and_values_are_text_everywhere(own_house: Finops) -> None:
    store, now = own_house.store.assets, own_house.now()
    account = own_house.inventory.accounts("demo")[0].id
    place = Place(account, "us-east-1", "acme:thing")
    seen = tuple(
        Seen(
            *("acme:thing", "acme", account, "us-east-1", f"id-{number}{bad}", bad, f"arn:aws:acme:::{number}{bad}"),
            state=bad[:40],
            tags={bad: bad, "Owner": bad},
            details={"engine": bad},
        )
        for number, bad in enumerate(HOSTILE)
    )
    failure = Failure(HOSTILE[0], HOSTILE[1], account, HOSTILE[2], HOSTILE[0], HOSTILE[0])
    store.store("demo", [Listed(place, seen, failure)], at=now - timedelta(hours=1), gone_after=timedelta(days=7))
    changed = tuple(replace(one, state="x", tags={"Owner": "y"}) for one in seen)
    store.store("demo", [Listed(place, changed, failure)], at=now, gone_after=timedelta(days=7))
    for asset in assets(own_house, AssetFilter(kinds=("acme:thing",)))[0]:
        params = {"kind": ["acme:thing"], "asset": [asset.asset_id], "tag": [f"{HOSTILE[0]}"], "exclude_tag": ["a"]}
        for app in (opened(PAGE, params), opened(PAGE, {"kind": ["acme:thing"], "asset": [asset.asset_id]})):
            assert sound(app)
            parts = [*app.markdown, *app.warning, *app.info, *app.subheader]
            texts = [str(part.value) for part in parts] + [one.label for one in (*app.button, *app.multiselect)]
            texts += [str(cell) for one in app.table for cell in one.value.to_numpy().ravel()]
            outside = [re.sub(r"`[^`]*`", "", text.replace("\\`", "")) for text in texts]
            assert not any(re.search(r"(?<!\\)\]\(|(?<!\\)<img|(?<!\\)\$x", text) for text in outside), outside


def test_a_broken_store_is_an_error_in_its_place_and_not_a_traceback(tmp_path: Path) -> None:
    with settled(tmp_path / "data") as finops:
        finops.store.database.close()
        (tmp_path / "data" / "finops.db").write_bytes(b"not a database")
        app = opened(PAGE)
    assert not app.exception
    assert "could not be shown" in app.error[0].value


def test_all_of_many_events_are_counted(own_house: Finops) -> None:
    account, now = own_house.inventory.accounts("demo")[0].id, own_house.now()
    place = Place(account, "us-east-1", "acme:thing")
    many = tuple(Seen("acme:thing", "acme", account, "us-east-1", f"id-{number}", tags={}) for number in range(1_100))
    for at, items in ((now - timedelta(hours=1), ()), (now, many)):
        own_house.store.assets.store("demo", [Listed(place, items)], at=at, gone_after=timedelta(days=7))
    app = opened(PAGE, {"service": ["acme"]})
    assert sound(app)
    assert figures(app)["Active assets"] == "1,100"
    assert figures(app)["Appeared, 7 days"] == "1,100"
    assert figures(app)["Disappeared, 7 days"] == "0"
    assert [plain(label) for label in app.pills(key="inventory.change").options] == ["Appeared 1,100"]
