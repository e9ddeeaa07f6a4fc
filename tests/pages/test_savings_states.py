"""Savings when things are not as they should be: nothing listed, nothing run, nothing found, old, hostile, damaged."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from finops.model.outcome import Failure
from tests.pages.conftest import discovered, figures, opened, plain, settled, sound, words
from tests.pages.test_inventory import HOSTILE, button, table
from tests.pages.test_inventory_states import wait
from tests.pages.test_savings import PAGE, named
from tests.pages.wasteful import FIRST, RUNS, bucket, checked, instance, keep, volume

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from finops.facade import Finops


@pytest.fixture
def own_house(tmp_path: Path) -> Iterator[Finops]:
    """A copy of the demo's estate before any check ran."""
    shutil.copytree(discovered(), tmp_path / "data")
    with settled(tmp_path / "data") as finops:
        yield finops


def test_before_any_discovery_it_says_what_comes_first(empty_house: Finops) -> None:
    app = opened(PAGE)
    assert sound(app)
    assert "there has been none here yet" in words(app)
    assert not app.metric


def test_before_the_first_run_it_lists_the_checks_and_managers_can_start_them(own_house: Finops) -> None:
    reader = opened(PAGE)
    assert sound(reader)
    text = words(reader)
    assert f"**{len(own_house.waste.checks)} checks** will look for:" in text
    assert all(check.title in text for check in own_house.waste.checks)
    assert not [one for one in reader.button if "checks" in one.label]
    app = opened(PAGE, persona="manager")
    button(app, "Run checks").click().run()
    assert sound(app)
    job = wait(own_house)
    assert (job.kind, job.user) == ("findings.run", "persona:manager")
    app.run()
    assert sound(app)
    assert figures(app)["Open findings"] == f"{job.counts['flagged']:,}"


def test_nothing_found_says_how_much_was_looked_at(own_house: Finops) -> None:
    keep(own_house, [instance("busy", 60.0, peak=90.0)])
    app = opened(PAGE)
    assert sound(app)
    assert "Nothing found: 1 observation judged at 20 Nov, 09:00 UTC." in words(app)
    assert figures(app)["You could save"] == "—"
    assert figures(app)["Open findings"] == "0"


def test_it_says_when_it_was_checked_and_that_it_is_old(tmp_path: Path) -> None:
    shutil.copytree(checked(), tmp_path / "data")
    with settled(tmp_path / "data"):
        assert ":gray-badge[:material/schedule: Checked 20 Nov, 06:00 UTC]" in words(opened(PAGE))
    with settled(tmp_path / "data", FINOPS_NOW="2026-11-23T09:00:00Z"):
        text = words(opened(PAGE))
    assert ":orange-badge[:material/update: Checked 20 Nov, 06:00 UTC · 3 days ago]" in text


def test_one_run_makes_no_trend(own_house: Finops) -> None:
    keep(own_house, FIRST)
    app = opened(PAGE)
    assert not re.search(r"\$[0-9.,]+ since ", words(app))
    assert not app.warning, "everything was seen"


def test_it_works_before_any_cost_was_fetched(tmp_path: Path) -> None:
    with settled(tmp_path / "data", FINOPS_NOW=RUNS[-1]) as finops:
        keep(finops, FIRST)
        app = opened(PAGE)
    assert sound(app)
    assert not app.metric[0].delta
    assert "no bill names resources" in words(app)


def test_savings_in_two_currencies_are_never_added(own_house: Finops) -> None:
    euro = replace(volume("in-euro", 90, amounts={"bill": "1000.00"}), currency="EUR")
    keep(own_house, [*FIRST, euro])
    app = opened(PAGE)
    assert sound(app)
    assert figures(app)["You could save"] == "€1,000/mo"
    assert plain(app.metric[0].proto.delta_description) == "and $690/mo"
    assert list(table(app)["saving"])[:2] == ["€1,000", "$562"]


def test_hostile_names_tags_and_reasons_are_text_everywhere(own_house: Finops) -> None:
    bad = HOSTILE
    failure = Failure(bad[0], bad[1], "105810581058", bad[2], bad[0], bad[0])
    seen = [
        volume(f"{number}{each}", 90, amounts={"bill": "9.00"}, tags={"Owner": each}, facts={"volume_type": each})
        for number, each in enumerate(bad)
    ]
    keep(own_house, [*seen, *[bucket(f"b{each}") for each in bad]], (failure,))
    for each in seen:
        app = opened(PAGE, {"finding": [named(own_house, each.resource_id[:8]).finding.fingerprint]})
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
