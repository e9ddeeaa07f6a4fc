"""Tag compliance when things are not as they should be: nothing listed, nothing violates, unknown, hostile, damaged."""

from __future__ import annotations

import re
import shutil
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from finops.model.period import Period
from finops.model.tagging import Activation, BilledKey, Rule, UntaggedCharge
from tests.pages.conftest import discovered, figures, opened, plain, settled, sound, words
from tests.pages.tagged import TENANT, TWO, estate, seen
from tests.pages.test_inventory import HOSTILE, table
from tests.pages.test_inventory_states import wait
from tests.pages.test_tag_compliance import PAGE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from finops.facade import Finops

OWNER = Rule("Owner")


@pytest.fixture
def own_house(tmp_path: Path) -> Iterator[Finops]:
    """A copy of the demo's estate, to write in."""
    shutil.copytree(discovered(), tmp_path / "data")
    with settled(tmp_path / "data") as finops:
        yield finops


@pytest.fixture
def bare_house(tmp_path: Path) -> Iterator[Finops]:
    """A house in which nothing is listed or billed."""
    with settled(tmp_path / "data") as finops:
        yield finops


def test_before_any_discovery_it_says_what_comes_first(bare_house: Finops) -> None:
    app = opened(PAGE)
    assert sound(app)
    assert "The clock starts the first one by itself" in words(app)
    assert not app.metric


def test_nothing_violates_says_how_much_was_judged(bare_house: Finops) -> None:
    estate(bare_house, [seen(1, {"Owner": "a"}), seen(2, None)], OWNER)
    app = opened(PAGE)
    assert sound(app)
    assert "Nothing violates the policy: 1 asset judged. 1 of unknown tags could not be judged." in words(app)
    assert figures(app)["Compliant by count"] == "100.0%"
    assert figures(app)["Unknown"] == "1 asset"
    assert "Nothing violates here." in words(app)


def test_unknown_tags_are_named_in_the_title_and_never_compliant(bare_house: Finops) -> None:
    estate(bare_house, [seen(1, None), seen(2, {})], OWNER)
    app = opened(PAGE)
    assert "The tags of **1 asset** could not be read: account 1 (1)." in words(app)
    assert figures(app)["Compliant by count"] == "0.0%"


def test_without_costs_dollars_are_a_dash_and_not_zero(bare_house: Finops) -> None:
    estate(bare_house, [seen(1, {}), seen(2, {"Owner": "a"})], OWNER)
    app = opened(PAGE)
    assert sound(app)
    shown = figures(app)
    assert (shown["Compliant by cost"], shown["Untagged"]) == ("—", "—")
    assert table(app)["cost"].isna().all()
    assert "No untagged charges are stored by resource" in words(app)
    assert "No evaluation is kept yet." in words(app)


def test_nearly_everything_never_reads_as_all_of_it(bare_house: Finops) -> None:
    many = [seen(number, {"Owner": "a"}) for number in range(3_000)]
    estate(bare_house, [*many, seen(3_000, {})], OWNER)
    assert figures(opened(PAGE))["Compliant by count"] == "99.9%"


def test_costs_in_two_currencies_are_never_added(bare_house: Finops) -> None:
    assets = [seen(1, {}), seen(2, {}, account=TWO), seen(3, {"Owner": "a"})]
    estate(bare_house, assets, OWNER, costs={"instance-1": "10.00"})
    bare_house.inventory.price(
        TENANT, {"instance-1": (Decimal("10.00"), "USD"), "instance-2": (Decimal("30.00"), "EUR")}
    )
    app = opened(PAGE)
    assert sound(app)
    shown = figures(app)
    assert shown["Compliant by cost"] == "—"
    assert "€" in shown["Untagged"]
    assert "$" in plain(app.metric[2].proto.delta_description)


def billed(finops: Finops, untagged: str) -> None:
    """What Cost Explorer is said to have told of Owner."""
    today = finops.now().date()
    period = Period(today.replace(day=1), today)
    charges = (UntaggedCharge("instance-1", "Usage", Decimal("10.00")), UntaggedCharge("", "Tax", Decimal("2.50")))
    told = BilledKey("Owner", Activation.ACTIVE, finops.now(), period, "USD", charges, Decimal(untagged))
    finops.store.tag_scores.keep_billed(TENANT, [told])


@pytest.mark.parametrize(("untagged", "said"), [("12.50", ""), ("13.00", "$0.50 is unexplained")])
def test_causes_that_do_not_add_up_are_told_in_red(bare_house: Finops, untagged: str, said: str) -> None:
    estate(bare_house, [seen(1, {})], OWNER, costs={"instance-1": "10.00"})
    billed(bare_house, untagged)
    app = opened(PAGE)
    assert not app.exception
    told = [plain(one.value) for one in app.error]
    assert told == (
        [] if not said else [f"**The causes do not add up.** They are $12.50, the bill says $13.00: {said}."]
    )


def test_hostile_names_tags_keys_and_notes_are_text_everywhere(bare_house: Finops) -> None:
    bad = [each[:128] for each in HOSTILE]
    assets = [seen(number, {"Owner": each, each: each}) for number, each in enumerate(bad)]
    rules = [Rule(each, values=(f"x{number}",)) for number, each in enumerate(bad)]
    estate(bare_house, assets, Rule("Owner", values=("team", *bad[1:])), *rules, costs={"instance-0": "9.00"})
    for asset in bare_house.tagging.violations(TENANT).items[:4]:
        app = opened(PAGE, {"asset": [asset.asset.asset_id], "key": [bad[0]]}, persona="manager")
        assert sound(app)
        parts = [*app.markdown, *app.warning, *app.info, *app.subheader]
        texts = [str(part.value) for part in parts] + [one.label for one in (*app.button, *app.multiselect)]
        texts += [str(cell) for one in app.table for cell in one.value.to_numpy().ravel()]
        outside = [re.sub(r"`[^`]*`", "", text.replace("\\`", "")) for text in texts]
        assert not any(re.search(r"(?<!\\)\]\(|(?<!\\)<img|(?<!\\)\$x", text) for text in outside), outside


def test_old_listings_turn_the_badge_orange(tmp_path: Path) -> None:
    with settled(tmp_path / "data") as finops:
        estate(finops, [seen(1, {})], OWNER)
    with settled(tmp_path / "data", FINOPS_NOW="2026-11-25T09:00:00Z"):
        assert ":orange-badge[:material/update: Checked 20 Nov, 09:00 UTC · 5 days ago]" in words(opened(PAGE))


def test_a_broken_store_is_an_error_in_its_place_and_not_a_traceback(tmp_path: Path) -> None:
    with settled(tmp_path / "data") as finops:
        finops.store.database.close()
        (tmp_path / "data" / "finops.db").write_bytes(b"not a database")
        app = opened(PAGE)
    assert not app.exception
    assert "could not be shown" in app.error[0].value


def test_a_manager_evaluates_and_the_trend_and_the_autopsy_follow(own_house: Finops) -> None:
    assert not [one for one in opened(PAGE).button if one.label == "Evaluate now"], "readers may not"
    before = len(own_house.tagging.trend(TENANT))
    app = opened(PAGE, persona="manager")
    app.button(key="tags.run.start").click().run()
    assert sound(app)
    job = wait(own_house)
    assert (job.kind, job.user) == ("tags.evaluate", "persona:manager")
    app.run()
    assert sound(app)
    assert len(own_house.tagging.trend(TENANT)) == before, "the same day again"
    assert "add up to the bill's own sum" in words(app)
