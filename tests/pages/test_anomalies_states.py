"""Anomalies when things are not as they should be: no costs, too few days, old ones, nothing found, nothing asked."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from finops.model.aws_anomalies import AwsFindings, AwsState
from finops.model.outcome import Failure
from pages.ui import anomaly_aws
from tests import stocked
from tests.pages.conftest import figures, opened, plain, settled, sound, words
from tests.pages.test_anomalies import PAGE
from tests.pages.test_inventory import button, table

if TYPE_CHECKING:
    from pathlib import Path

    from finops.facade import Finops


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A copy of the demo's bill."""
    shutil.copytree(stocked.folder(), tmp_path / "data")
    return tmp_path / "data"


def import_days(finops: Finops, folder: Path, days: int) -> None:
    """A bill of one service over the first days of October."""
    header = "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,"
    header += "BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ServiceName,SubAccountId,ProviderName"
    lines = [header]
    for day in range(1, days + 1):
        start, end = f"2026-10-{day:02d}T00:00:00Z", f"2026-10-{day + 1:02d}T00:00:00Z"
        month = "2026-10-01T00:00:00Z,2026-11-01T00:00:00Z"
        lines.append(f"10,10,10,10,USD,{start},{end},{month},Usage,AWS Lambda,111111111111,AWS")
    file = folder / "bill.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    finops.costs.import_bill("default", [str(file)])


def test_before_any_cost_it_says_how_to_get_some(empty_house: Finops) -> None:
    app = opened(PAGE)
    assert sound(app)
    assert not app.metric
    assert "Preparing fourteen months of made-up costs" in words(app)


def test_old_costs_are_said_to_be_old(place: Path) -> None:
    with settled(place):
        assert "Complete to" in words(opened(PAGE))
        assert " old]" not in words(opened(PAGE))
    with settled(place, FINOPS_NOW="2026-11-25T09:00:00Z"):
        app = opened(PAGE)
        assert sound(app)
        assert ":orange-badge[:material/update: Costs 5 days old]" in words(app)


def test_nothing_within_the_filters_says_what_was_looked_at_and_which_filter_keeps_how_many_away(place: Path) -> None:
    with settled(place):
        app = opened(PAGE, {"period": ["28d"], "kind": ["leak"]})
        assert sound(app)
        assert "No anomaly here: " in words(app)
        assert figures(app)["Open anomalies"] == "0"
        assert figures(app)["Explained"] == "—", "nothing of nothing is unknown, not zero"
        drop = next(each for each in app.button if plain(each.label).startswith("Drop kind Slow leak: "))
        drop.click().run()
        assert len(table(app)) > 0


def test_where_everything_is_still_learnt_no_anomaly_is_no_good_news(tmp_path: Path) -> None:
    with settled(tmp_path / "data", FINOPS_TENANT="default") as finops:
        import_days(finops, tmp_path, 20)
        app = opened(PAGE, {"tenant": ["default"]})
        assert sound(app)
        assert "Still learning: 1 series with " in words(app)
        assert "does not mean that there was none" in words(app)


def test_awss_findings_are_told_as_not_asked_until_somebody_does(place: Path) -> None:
    with settled(place):
        app = opened(PAGE)
        assert "AWS was never asked for its own findings." in words(app)
        assert anomaly_aws.COMMAND in words(app)
        assert "AWS told of" not in words(app)


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (AwsFindings(AwsState.NO_MONITORS), "had no monitor of AWS Cost Anomaly Detection"),
        (
            AwsFindings(AwsState.DENIED, failure=Failure("denied", "No.")),
            "AWS refused to tell its findings: No.",
        ),
        (AwsFindings(AwsState.FAILED, failure=Failure("ceiling", "No room.")), "AWS could not be asked: No room."),
        (AwsFindings(AwsState.TOLD, monitors=2), "AWS told of 0 anomalies, by 2 monitors"),
    ],
)
def test_every_state_of_awss_findings_is_told_apart(stocked_folder: Path, known: AwsFindings, told: str) -> None:
    with settled(stocked_folder) as finops:
        assert told in anomaly_aws.state_words(known, finops.now())


def test_a_damaged_answer_of_aws_is_an_error_that_says_what_to_do_and_never_nothing(place: Path) -> None:
    with settled(place) as finops:
        finops.anomalies.ask_aws("demo")
        [file] = [each for each in (place / "aws_anomalies").iterdir() if each.suffix == ".json"]
        file.write_text(json.dumps({"version": 1}), encoding="utf-8")
        app = opened(PAGE)
        assert "cannot be read, ask again" in words(app)
        assert button(app, "Try again")
