"""Forecast & budgets when things are not as they should be: no costs, too few days, old ones, other rights."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests import stocked
from tests.pages.conftest import figures, opened, settled, sound, words
from tests.pages.test_anomalies_states import import_days
from tests.pages.test_forecast import PAGE

if TYPE_CHECKING:
    from pathlib import Path

    from finops.facade import Finops


def test_before_any_cost_it_says_how_to_get_some(empty_house: Finops) -> None:
    app = opened(PAGE)
    assert sound(app)
    assert not app.metric
    assert "Preparing fourteen months of made-up costs" in words(app)


def test_of_too_few_days_nothing_is_forecast_and_it_says_what_it_takes(tmp_path: Path) -> None:
    with settled(tmp_path / "data", FINOPS_TENANT="default", FINOPS_NOW="2026-10-07T09:00:00Z") as finops:
        import_days(finops, tmp_path, 5)
        app = opened(PAGE, {"tenant": ["default"]})
        assert sound(app)
        assert "No forecast yet" in [each.value for each in app.subheader]
        assert "complete days: it takes 7" in words(app)
        assert not app.metric, "nothing known is no figure, least of all zero"


@pytest.mark.parametrize("days", [20])
def test_a_short_history_is_called_a_wide_guess_and_no_error_is_claimed(tmp_path: Path, days: int) -> None:
    with settled(tmp_path / "data", FINOPS_TENANT="default", FINOPS_NOW="2026-10-22T09:00:00Z") as finops:
        import_days(finops, tmp_path, days)
        app = opened(PAGE, {"tenant": ["default"]})
        assert sound(app)
        text = words(app)
        assert "fewer than 56 days are known" in text
        assert "no past month could be tested yet" in text
        assert figures(app)["Forecast error"] == "—"


def test_old_costs_are_said_to_be_old(tmp_path: Path) -> None:
    shutil.copytree(stocked.folder(), tmp_path / "data")
    with settled(tmp_path / "data", FINOPS_NOW="2026-11-29T09:00:00Z"):
        app = opened(PAGE)
        assert sound(app)
        assert "Updated 9" in words(app)
        assert "The last complete day is" in words(app)


def test_a_view_that_nothing_stored_can_tell_says_how_to_ask_otherwise(tmp_path: Path) -> None:
    shutil.copytree(stocked.folder(), tmp_path / "data")
    with settled(tmp_path / "data"):
        app = opened(PAGE, {"group_by": ["category:Team"], "service": ["Amazon Redshift"]})
        assert sound(app)
        assert "No forecast of this view" in [each.value for each in app.subheader]
        assert "do not carry category:Team and service together" in words(app)
        assert "Take a filter away" in words(app)
        assert not app.code, "more of the past would not help"
