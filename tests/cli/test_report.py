"""`report list` and `report run`: files that appear whole or not at all, and what is missing said."""

from __future__ import annotations

import csv
import io
import json

import openpyxl
import pytest

from finops.reports.catalogue import definitions


def ran(run, out, *more, name="cost-by-service", form="csv"):
    return run("report", "run", name, "--format", form, "--out", str(out), *more)


def test_every_report_is_listed(house, run):
    said = run("report", "list", "--json")
    assert said.code == 0
    items = said.document["data"]["items"]
    assert [item["name"] for item in items] == sorted(definitions())
    assert all(item["title"] and item["rights"] and item["period"] for item in items)
    assert said.document["meta"]["total"] == len(items)
    plain = run("report", "list").out.splitlines()
    assert plain[0].split("\t") == ["name", "title", "period", "parameters"]
    assert len(plain) == len(items) + 1


def test_a_report_is_written_with_the_figures_of_the_command_line(own_house, run, tmp_path):
    out = tmp_path / "october.csv"
    said = ran(run, out)
    assert said.code == 0, said.err
    assert said.out.startswith("Tenant demo: Spend in October: $")
    assert f"{out}: {out.stat().st_size:,} bytes, 30 rows in by_service." in said.out
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8"))))
    costs = run("costs", "by-service", "--start", "2026-10-01", "--end", "2026-11-01", "--json").document["data"]
    assert {row["service"]: row["cost"] for row in rows if float(row["cost"])} == {
        item["service"]: item["cost"] for item in costs["items"]
    }
    assert [path.name for path in tmp_path.iterdir() if path.name != "data"] == ["october.csv"]


def test_json_tells_file_rows_and_period(own_house, run, tmp_path):
    out = tmp_path / "detail.xlsx"
    said = ran(run, out, "--json", "--start", "2026-10-01", "--end", "2026-10-04", name="cost-detail", form="xlsx")
    assert said.code == 0, said.err
    data, meta = said.document["data"], said.document["meta"]
    assert data["file"] == str(out)
    assert data["size"] == out.stat().st_size
    assert data["period"] == {"start": "2026-10-01", "end": "2026-10-04"}
    assert data["rows"].keys() == {"detail"}
    assert data["rows"]["detail"] > 100
    assert data["missing"] == []
    assert (meta["partial"], meta["source"], meta["currency"]) == (False, "cost_explorer", "USD")
    assert openpyxl.load_workbook(out).sheetnames


def test_a_report_that_lacks_something_ends_with_3_and_says_what(own_house, run, tmp_path):
    out = tmp_path / "savings.json"
    said = ran(run, out, "--json", name="savings", form="json")
    assert said.code == 3
    assert said.document["meta"]["partial"] is True
    assert {failure["code"] for failure in said.document["meta"]["failures"]} == {"no_run"}
    assert said.document["data"]["missing"] == ["Savings are not known: no check has run yet."]
    assert "no check has run yet" in said.err.lower() or "has run yet" in said.err
    assert json.loads(out.read_text("utf-8"))["meta"]["partial"] is True
    assert ran(run, tmp_path / "again.csv", name="savings").code == 3


def test_a_table_of_choice_and_filters(own_house, run, tmp_path):
    out = tmp_path / "days.csv"
    more = ("--account", "105810581058", "--filter", "exclude:tag:Environment=production")
    said = ran(run, out, "--table", "by_day", *more, name="cost-by-account")
    assert said.code == 0, said.err
    assert len(list(csv.DictReader(io.StringIO(out.read_text("utf-8"))))) == 31
    assert "31 rows in by_day" in said.out


@pytest.mark.parametrize(
    ("more", "field"),
    [
        (("--start", "2026-10-01"), "end"),
        (("--start", "2026-11-01", "--end", "2026-10-01"), "end"),
        (("--table", "nonsense"), "table"),
        (("--check", "aws.ec2.idle_instance"), "check"),
        (("--filter", "colour=red"), "colour"),
        (("--filter", "tag:Team"), "filter"),
        (("--metric", "gold"), "metric"),
    ],
)
def test_a_wrong_option_is_named_and_leaves_no_file(own_house, run, tmp_path, more, field):
    out = tmp_path / "never.csv"
    said = ran(run, out, "--json", *more)
    assert said.code == 2
    assert said.document["error"]["field"] == field
    assert not out.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_an_unknown_report_is_told(own_house, run, tmp_path):
    said = ran(run, tmp_path / "x.csv", name="nonsense")
    assert said.code == 2
    assert "cost-by-service" in said.err


@pytest.mark.parametrize("place", ["-", ".", "no/such/folder.csv"])
def test_out_must_be_a_file_in_a_folder_that_is_there(own_house, run, tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    said = ran(run, place, "--json")
    assert said.code == 2
    assert said.document["error"]["field"] == "out"
    assert said.document["error"].keys() >= {"detail"}


def test_a_file_that_was_there_stays_when_the_new_one_cannot_be_made(own_house, run, tmp_path):
    out = tmp_path / "kept.csv"
    out.write_text("before")
    assert ran(run, out, "--table", "nonsense").code == 2
    assert out.read_text() == "before"


def test_what_was_taken_away_is_in_the_audit_trail(own_house, run, tmp_path):
    ran(run, tmp_path / "a.csv", "--account", "105810581058")
    event = run("audit", "list", "--json").document["data"]["items"][0]
    assert event["action"] == "export.make"
    assert event["object"] == "a.csv"
    detail = event["detail"]
    assert (detail["report"], detail["scope"]) == ("cost-by-service", {"account": ["105810581058"]})
    assert detail["rows"]["by_service"] > 5
