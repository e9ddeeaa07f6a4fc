"""Budgets made, changed and removed on the page: by whom, with faults at their field; and the page without any."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from finops.model.budgets import Basis, Budget, BudgetSource, Cadence, Scope, Threshold
from finops.model.costs import Filter
from tests import stocked
from tests.pages.conftest import opened, plain, settled, sound, words
from tests.pages.test_budgets import MANAGER, VIEW, standing
from tests.pages.test_forecast import PAGE
from tests.pages.test_inventory import button, table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from finops.facade import Finops


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Finops]:
    """The demo's bill without any budget."""
    shutil.copytree(stocked.folder(), tmp_path / "data")
    with settled(tmp_path / "data") as finops:
        yield finops


def own(finops: Finops, name: str = "Everything", amount: int = 150_000, **more: Any) -> Budget:
    made = Budget("", "demo", name, Cadence.MONTHLY, Decimal(amount), date(2026, 1, 1), **more)
    return finops.budgets.save(made, by="persona:manager")


def fill(app: AppTest, **fields: str) -> AppTest:
    for name, text in fields.items():
        app.text_input(key=f"budget.edit.{name}").input(text)
    return button(app, "Save").click().run()


def test_without_any_it_explains_and_offers_the_two_ways_to_who_may(house: Finops) -> None:
    app = opened(PAGE, VIEW, persona=MANAGER)
    assert sound(app)
    assert "No budgets yet" in [each.value for each in app.subheader]
    assert {"Add a budget", "Import from AWS Budgets"} <= {each.label for each in app.button}
    reader = opened(PAGE, VIEW)
    assert "Adding one needs the right to edit budgets" in words(reader)
    assert "Add a budget" not in {each.label for each in reader.button}


def test_a_budget_is_added_for_an_account_and_a_tag_and_stands_at_once(house: Finops) -> None:
    app = button(opened(PAGE, VIEW, persona=MANAGER), "Add a budget").click().run()
    app.multiselect(key="budget.edit.of.account").select("105810581058")
    app.selectbox(key="budget.edit.of.tag").select("tag:Environment").run()
    app.multiselect(key="budget.edit.of.tag:Environment").select("production")
    fill(app, name="Production", amount="40,000")
    assert sound(app)
    kept = standing(house, "Production")
    assert kept.budget.amount == 40_000
    assert kept.budget.owner == "persona:manager"
    assert kept.budget.scope == Scope(
        ((Filter("account", ("105810581058",)), Filter("tag:Environment", ("production",))),)
    )
    assert kept.budget.thresholds[0] == Threshold(Basis.ACTUAL, Decimal(80))
    assert list(table(app)["name"]) == ["Production"]
    assert "Save" not in [each.label for each in app.button], "the dialog is closed"


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"name": "", "amount": "10"}, "name must have 1 to 120 characters"),
        ({"name": "A", "amount": "a lot"}, "amount must be a number"),
        ({"name": "A", "amount": "-5"}, "amount must be above zero"),
    ],
)
def test_a_fault_is_told_at_its_field_and_nothing_is_kept(house: Finops, fields: dict[str, str], fault: str) -> None:
    app = fill(button(opened(PAGE, VIEW, persona=MANAGER), "Add a budget").click().run(), **fields)
    assert any(fault in plain(each.value) for each in app.error)
    assert house.budgets.list("demo") == ()


def test_another_budgets_name_is_refused(house: Finops) -> None:
    own(house, "Everything")
    app = fill(button(opened(PAGE, VIEW, persona=MANAGER), "Add a budget").click().run(), name="Everything", amount="5")
    assert "another budget has this name" in words(app)
    assert standing(house, "Everything").budget.amount == 150_000


def test_a_budget_is_changed_and_removed_by_who_may(house: Finops) -> None:
    kept = own(house, thresholds=(Threshold(Basis.ACTUAL, Decimal(75)),), recipients=())
    reader = opened(PAGE, VIEW)
    assert "Change" not in [each.label for each in reader.button]
    app = button(opened(PAGE, VIEW, persona=MANAGER), "Change").click().run()
    assert app.text_input(key="budget.edit.amount").value == "150000"
    assert app.multiselect(key="budget.edit.at.actual").value == ["75"]
    fill(app, amount="160000")
    assert sound(app)
    changed = house.budgets.budget("demo", kept.budget_id)
    assert (changed.amount, changed.thresholds, changed.start) == (160_000, kept.thresholds, kept.start)
    app = button(opened(PAGE, VIEW, persona=MANAGER), "Change").click().run()
    button(app, "Remove it").click().run()
    assert house.budgets.list("demo") == ()


def test_a_scope_that_the_dialog_cannot_show_is_kept_as_it_is(house: Finops) -> None:
    scope = Scope(((Filter("account", ("105810581058",)),), (Filter("service", ("AWS Lambda",), exclude=True),)))
    kept = own(house, scope=scope)
    app = button(opened(PAGE, VIEW, persona=MANAGER), "Change").click().run()
    assert "This scope can be changed on the API only." in words(app)
    fill(app, name="Renamed")
    assert house.budgets.budget("demo", kept.budget_id).scope == scope
    assert standing(house, "Renamed").budget.source is BudgetSource.OWN


def test_without_costs_the_page_says_how_to_get_some(empty_house: Finops) -> None:
    app = opened(PAGE, VIEW)
    assert sound(app)
    assert not app.metric
    assert "Preparing fourteen months of made-up costs" in words(app)


def test_a_hostile_name_stays_text(house: Finops) -> None:
    own(house, "![x](https://evil.example/x.png) $1$ <b>")
    app = opened(PAGE, VIEW)
    assert sound(app)
    marked = "\n".join(str(each.value) for each in (*app.markdown, *app.subheader))
    assert "![x](" not in marked
