"""The budgets half of Forecast & budgets: how all stand, one in full, what-ifs."""

from __future__ import annotations

import json
import shutil
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from finops.model.budgets import BudgetStatus, Growth
from finops.model.jobs import JobStatus
from pages.ui import budget_editor, budget_names, numbers
from tests import stocked
from tests.pages.conftest import figures, link, opened, plain, settled, sound, words
from tests.pages.test_forecast import PAGE, alts
from tests.pages.test_inventory import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.facade import Finops
    from finops.model.budgets import BudgetStanding

VIEW = {"view": ["budgets"]}
MANAGER = "manager"


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finops]:
    """The demo's bill with AWS's own budgets taken over; read only."""
    place = tmp_path_factory.mktemp("budgets") / "data"
    shutil.copytree(stocked.folder(), place)
    with settled(place) as finops:
        job = finops.jobs.run("budgets.evaluate", "demo", {"aws": True}, user="persona:manager")
        assert job.status is JobStatus.COMPLETED
        yield finops


def standing(finops: Finops, name: str) -> BudgetStanding:
    return next(each for each in finops.budgets.list("demo") if each.budget.name == name)


def one(finops: Finops, name: str) -> dict[str, list[str]]:
    return VIEW | {"budget": [standing(finops, name).budget.budget_id]}


# How they stand


def test_the_worst_come_first_with_a_word_for_each_and_unknown_is_never_good_news(imported: Finops) -> None:
    app = opened(PAGE, VIEW)
    assert sound(app)
    rows, found = table(app), imported.budgets.list("demo")
    assert len(rows) == len(found)
    order = list(budget_names.STATUS_NAMES.values())
    told = [status[0] for status in rows["status"]]
    assert told == sorted(told, key=order.index)
    unknown = [each for each in found if each.status is BudgetStatus.UNKNOWN]
    assert unknown
    assert figures(app)["Unknown"] == f"{len(unknown)}"
    assert rows.set_index("name")["percent"][[each.budget.name for each in unknown]].isna().all()
    over = [each for each in found if each.status is BudgetStatus.OVER]
    assert figures(app)["Over"] == f"{len(over)}"


def test_one_budget_shows_its_burn_down_scope_crossings_and_awss_figures(imported: Finops) -> None:
    app = opened(PAGE, one(imported, "staging-compute"))
    assert sound(app)
    seen = standing(imported, "staging-compute")
    assert seen.spent is not None
    assert seen.forecast is not None
    gap = numbers.short_money(seen.forecast.mean - seen.limit)
    assert f"{numbers.short_money(seen.forecast.mean)} expected by 30 Nov: {gap} over." in alts(app)
    names = {trace.get("name") for trace in json.loads(app.get("plotly_chart")[0].proto.spec)["data"]}
    assert names == {"80% interval", "Forecast", "Pace", "Spent", "Still arriving"}
    lines = {plain(row["label"]): plain(row["value"]) for _, row in app.table[0].value.iterrows()}
    assert lines[":gray[Spent]"] == numbers.exact_money(seen.spent)
    assert lines[":gray[Of]"] == "account staging and service EC2"
    assert "AWS Budgets, read only" in lines[":gray[Whose]"]
    assert "100% spent on 20 Nov" in words(app)
    theirs = app.table[1].value
    assert seen.budget.aws is not None
    assert plain(theirs["AWS"][0]) == numbers.exact_money(seen.budget.aws.actual)
    assert plain(theirs["Ours"][0]) == numbers.exact_money(seen.spent)


def test_what_cannot_be_compared_says_why_and_offers_no_trial(imported: Finops) -> None:
    app = opened(PAGE, one(imported, "large-instances"))
    assert sound(app)
    assert "It filters on InstanceType" in words(app)
    assert "nothing can be tried" in words(app)
    assert not app.slider


def test_a_link_to_a_budget_that_is_gone_says_so_and_the_worst_is_open(imported: Finops) -> None:
    app = opened(PAGE, VIEW | {"budget": ["f" * 32]})
    assert sound(app)
    assert "is not kept here" in words(app)
    assert link(app) == VIEW
    assert standing(imported, "staging-compute").budget.name in [plain(each.value) for each in app.subheader]


def test_awss_budgets_are_read_only_even_for_who_may_edit(imported: Finops) -> None:
    app = opened(PAGE, one(imported, "production"), persona=MANAGER)
    assert "Change" not in [each.label for each in app.button]
    open_dialog = opened(
        PAGE,
        one(imported, "production"),
        persona=MANAGER,
        **{budget_editor.OPEN: one(imported, "production")["budget"][0]},
    )
    assert sound(open_dialog)
    assert "Save" not in [each.label for each in open_dialog.button]


# What if


def test_growth_names_the_first_period_that_breaks_and_by_how_much(imported: Finops) -> None:
    app = opened(PAGE, one(imported, "organization-monthly"))
    assert sound(app)
    budget = standing(imported, "organization-monthly").budget
    quiet = imported.budgets.what_if("demo", budget.budget_id, Growth())
    assert quiet.breaks is None
    assert "Within the budget in" in words(app)
    app.slider(key=f"budget.try.growth.{budget.budget_id}").set_value(20).run()
    tried = imported.budgets.what_if("demo", budget.budget_id, Growth(Decimal(20)))
    assert tried.breaks is not None
    month = numbers.days(tried.breaks.period, today=date(2026, 11, 20))
    assert plain(f"Breaks first in {month}, by {numbers.short_money(tried.breaks.over)}") in words(app)


def test_a_single_amount_needs_no_growth_to_break_this_month(imported: Finops) -> None:
    budget = standing(imported, "organization-monthly").budget
    app = opened(PAGE, one(imported, "organization-monthly"))
    slider = app.slider(key=f"budget.try.once.{budget.budget_id}")
    slider.set_value(slider.max).run()
    assert "Breaks first in November, by" in words(app)
    assert imported.budgets.budget("demo", budget.budget_id) == budget, "nothing is kept"
