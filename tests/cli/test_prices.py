"""`prices`: refreshed through the demo's AWS, shown with where they come from."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING

import pytest

from finops.cli.prices import refresh_report
from finops.facade import open_finops
from finops.model.outcome import Failure
from finops.waste.price_file import FILE
from finops.waste.price_refresh import PriceRefresh
from finops.waste.prices import shipped_prices
from tests import stocked

if TYPE_CHECKING:
    from pathlib import Path

SERVICES = ("ec2", "rds", "secretsmanager")
NAT = "ec2.natgateway:hour"
DAY = date(2026, 11, 20)
DENIED = Failure("AccessDeniedException", "AWS denied it.", missing_action="pricing:GetProducts")
TODAY = "AWS Price List Query API, 2026-11-20"


@pytest.fixture(scope="module")
def discovered(tmp_path_factory) -> Path:
    """A house in which some services were discovered once: read it only."""
    place = tmp_path_factory.mktemp("discovered")
    with closing(open_finops(stocked.settings(place))) as finops:
        finops.inventory.discover("demo", services=SERVICES)
    return place


@pytest.fixture
def house(discovered, tmp_path, monkeypatch) -> Path:
    """A copy to write to."""
    place = tmp_path / "data"
    shutil.copytree(discovered, place)
    for name, value in {**stocked.ENVIRON, "FINOPS_DATA_DIR": str(place)}.items():
        monkeypatch.setenv(name, value)
    return place


def test_a_refresh_says_what_it_came_to_and_the_next_run_goes_by_it(run, house):
    before = run("prices", "show", NAT, "--json").document["data"]
    said = run("prices", "refresh", "--json")
    after = run("prices", "show", NAT, "--json").document["data"]

    data = said.document["data"]
    assert said.code == 0
    assert data["asked"] == data["found"] + len(data["missing"]) > 50
    assert 0 < data["changed"] < data["found"]
    assert (data["unanswered"], data["malformed"], data["as_of"], data["source"]) == (0, 0, "2026-11-20", TODAY)
    assert (before["price"], after["price"]) == ("0.045", "0.055")
    assert (after["as_of"], after["source"]) == ("2026-11-20", TODAY)
    with closing(open_finops(stocked.settings(house))) as finops:
        assert finops.waste.prices.source == TODAY
        assert finops.waste.sight.prices().of(NAT, "us-east-1") == finops.waste.prices.of(NAT, "us-east-1")


def test_made_up_prices_are_kept_apart_from_those_of_a_real_bill(run, house):
    run("prices", "refresh")

    assert (house / "demo" / FILE).is_file()
    assert not (house / FILE).exists()


def test_a_second_refresh_changes_nothing(run, house):
    run("prices", "refresh")
    text = (house / "demo" / FILE).read_text()

    assert run("prices", "refresh", "--json").document["data"]["changed"] == 0
    assert (house / "demo" / FILE).read_text() == text


def test_people_read_sentences(run, house):
    said = run("prices", "refresh")

    assert "List prices of 2026-11-20:" in said.out
    assert str(house / "demo" / FILE) in said.out


def test_show_lists_what_was_refreshed_over_what_was_shipped(run, house):
    shipped = run("prices", "show", "--json").document["data"]
    run("prices", "refresh")
    data = run("prices", "show", "--json").document["data"]

    assert (shipped["refreshed"], shipped["as_of"], shipped["price"]) == ([], "2025-03-02", None)
    assert (data["as_of"], data["source"]) == ("2026-11-20", TODAY)
    assert {"item": NAT, "region": "eu-central-1", "price": "0.062", "as_of": "2026-11-20"} in data["refreshed"]
    assert "as of 2025-03-02" in run("prices", "show").err


def test_a_pipe_gets_exact_prices(run, house):
    assert (
        run("prices", "show", "ec2.address:hour").out.splitlines()[1]
        == "ec2.address:hour\tus-east-1\t0.005\t2025-03-02"
    )


def test_a_price_that_nobody_knows_is_told(run, house):
    said = run("prices", "show", NAT, "--region", "mars-north-1", "--json")

    assert said.code == 3
    assert said.document["data"]["price"] is None
    assert said.document["meta"]["partial"] is True


def test_a_region_needs_an_item(run, house):
    assert run("prices", "show", "--region", "us-east-1").code == 2


def test_an_empty_inventory_needs_none(run, tmp_path, monkeypatch, house):
    monkeypatch.setenv("FINOPS_DATA_DIR", str(tmp_path / "empty"))

    said = run("prices", "refresh")

    assert said.code == 0
    assert "0 asked for" in said.out
    assert "inventory discover" in said.out
    assert not (tmp_path / "empty" / "demo").exists()


@pytest.mark.parametrize(
    ("result", "code", "failures"),
    [
        (PriceRefresh(DAY, asked=2, found=2), 0, 0),
        (PriceRefresh(DAY, asked=2, found=1, missing=((NAT, "eu-west-1"),)), 0, 0),
        (PriceRefresh(DAY, asked=2, found=2, malformed=1), 0, 1),
        (PriceRefresh(DAY, asked=2, found=1, unanswered=1, failures=(DENIED,)), 3, 1),
        (PriceRefresh(DAY, asked=2, missing=((NAT, "eu-west-1"),), unanswered=1, failures=(DENIED,)), 3, 1),
        (PriceRefresh(DAY, asked=2, unanswered=2, failures=(DENIED,)), 1, 1),
    ],
)
def test_the_exit_code_says_whether_everything_could_be_asked(result: PriceRefresh, code: int, failures: int):
    said = refresh_report(result, shipped_prices(), "demo")

    assert (said.code, len(said.failures)) == (code, failures)


def test_a_damaged_file_does_not_stop_anything(run, house):
    (house / "demo").mkdir(exist_ok=True)
    (house / "demo" / FILE).write_text("{")

    assert json.loads(run("prices", "show", NAT, "--json").out)["data"]["price"] == "0.045"
