"""`bill import` and `bill reconcile`, on a real, anonymised export."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[1] / "data" / "focus_sample.csv"
AUTUMN = ("--start", "2024-09-01", "--end", "2024-10-01")


@pytest.fixture
def empty_house(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("FINOPS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("FINOPS_NOW", "2026-11-20T09:00:00Z")
    return tmp_path / "data"


def test_an_imported_bill_answers_with_its_own_figures(empty_house, run):
    said = run("bill", "import", str(SAMPLE), "--json")
    data = said.document["data"]
    assert said.code == 0
    assert (data["imported"], data["rejected"], data["replaced"]) == (1000, 0, 0)
    assert data["periods"] == ["2024-09", "2024-10"]
    assert data["totals"]["billed"] == {"USD": "20.52022672899"}
    assert said.document["meta"]["tenant"] == "default"
    shown = run("costs", "by-service", *AUTUMN, "--json")  # without --tenant: `default` holds data now
    assert shown.code == 0
    assert shown.document["meta"]["tenant"] == "default"
    assert (shown.document["meta"]["source"], shown.document["meta"]["metric"]) == ("focus", "billed")
    assert Decimal(shown.document["data"]["total"]) == Decimal("20.52022672899")


def test_a_mapped_metric_says_so(empty_house, run):
    run("bill", "import", str(SAMPLE))
    shown = run("costs", "by-service", *AUTUMN, "--metric", "net_amortized", "--json").document
    assert "EffectiveCost" in shown["meta"]["mapped_from"]
    assert Decimal(shown["data"]["total"]) == Decimal("14.97651418586")


def test_a_metric_that_a_bill_lacks_names_those_it_has(empty_house, run):
    run("bill", "import", str(SAMPLE))
    said = run("costs", "by-service", *AUTUMN, "--metric", "blended", "--json")
    assert said.code == 2
    assert said.document["error"]["field"] == "metric"
    assert all(name in said.err for name in ("billed", "effective", "list", "contracted"))


def test_a_second_import_replaces_the_first(empty_house, run):
    first, second = (run("bill", "import", str(SAMPLE), "--json").document["data"] for _ in range(2))
    assert (second["imported"], second["replaced"]) == (1000, 1000)
    assert first["totals"] == second["totals"]
    assert "1000 lines of earlier imports were replaced." in run("bill", "import", str(SAMPLE)).err


def test_lines_that_cannot_be_read_are_told_and_kept_and_the_rest_counts(empty_house, run, tmp_path):
    lines = SAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    broken = tmp_path / "broken.csv"
    broken.write_text("".join([*lines[:20], lines[20].replace("USD", "dollars"), *lines[21:40]]), encoding="utf-8")
    said = run("bill", "import", str(broken), "--json")
    data = said.document["data"]
    assert said.code == 3
    assert (data["imported"], data["rejected"]) == (38, 1)
    assert said.document["meta"]["partial"] is True
    assert "1 line could not be read" in said.document["meta"]["failures"][0]["message"]
    assert Path(data["rejects_file"]).exists()
    assert data["rejects_file"] in said.err


def test_one_file_of_two_that_is_no_bill_leaves_the_other(empty_house, run, tmp_path):
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    said = run("bill", "import", str(tmp_path / "notes.csv"), str(SAMPLE), "--json")
    assert said.code == 3
    assert said.document["data"]["imported"] == 1000
    assert "notes.csv" in said.document["meta"]["failures"][0]["message"]


@pytest.mark.parametrize("arguments", [("bill", "import", "no-such-file.csv"), ("bill", "import")])
def test_nothing_to_read_is_wrong_use(empty_house, run, arguments):
    said = run(*arguments, "--json")
    assert said.code == 2
    assert said.document["error"]["status"] == 400


def test_a_real_bill_never_mixes_with_made_up_data(empty_house, run):
    said = run("bill", "import", str(SAMPLE), "--tenant", "demo", "--json")
    assert said.code == 2
    assert said.document["error"]["field"] == "tenant"
    assert run("costs", "by-service", *AUTUMN, "--tenant", "demo").code == 3


def test_tenants_see_their_own_bills_only(empty_house, run):
    run("bill", "import", str(SAMPLE), "--tenant", "acme")
    assert run("costs", "by-service", *AUTUMN, "--tenant", "acme").code == 0
    assert run("costs", "by-service", *AUTUMN, "--tenant", "other").code == 3


def test_an_imported_bill_reconciles_with_itself(empty_house, run):
    run("bill", "import", str(SAMPLE))
    said = run("bill", "reconcile", "--json")
    assert said.code == 0
    assert said.document["data"]["agrees"] is True
    assert {item["month"] for item in said.document["data"]["items"]} == {"2024-09"}  # when the charges occurred
    assert {item["metric"] for item in said.document["data"]["items"]} == {"billed", "effective", "list", "contracted"}
    one = run("bill", "reconcile", "--month", "2024-09", "--json").document["data"]
    assert one["items"] == said.document["data"]["items"]
    assert "All figures agree to the cent." in run("bill", "reconcile").err


def test_nothing_to_reconcile_is_partial(empty_house, run):
    said = run("bill", "reconcile", "--tenant", "acme", "--json")
    assert said.code == 3
    assert said.document["meta"]["failures"][0]["message"]


@pytest.mark.parametrize("month", ["2024-13", "2024-9", "September", "2024-09-01", ""])
def test_a_month_has_one_spelling(empty_house, run, month):
    said = run("bill", "reconcile", "--month", month, "--json")
    assert said.code == 2
    assert said.document["error"]["field"] == "month"
