"""`forecast` over the demo's bill, `forecast series` over any file."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from tests.budgets.series import steady
from tests.budgets.test_series_file import HEAD, lines_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def series(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    path.write_text(HEAD + lines_of("web", steady()) + lines_of("young", steady(days=30)), encoding="utf-8")
    return path


def test_the_document_is_that_of_the_api(house, run):
    said = run("forecast", "--months", "2", "--group-by", "service", "--json")
    assert said.code == 0
    data, meta = said.document["data"], said.document["meta"]
    assert [each["month"] for each in data["total"]["months"]] == ["2026-11", "2026-12"]
    assert data["items"][0]["service"] == "Amazon Elastic Compute Cloud - Compute"
    assert meta["through"] == "2026-11-18"
    assert "aws" not in data


def test_a_pipe_gets_a_table_and_how_right_it_was(house, run):
    said = run("forecast", "--months", "1", "--group-by", "account")
    header, *lines = said.out.splitlines()
    assert header == "account\tto_date\t2026-11\t2026-11 lower\t2026-11 upper"
    assert len(lines) > 5
    assert "complete through 2026-11-18" in said.err
    assert "As of day 15, last 6 months: " in said.err


def test_filters(house, run):
    told = run("forecast", "--filter", "service=AWS Lambda", "--json").document["data"]["total"]
    rest = run("forecast", "--filter", "exclude:service=AWS Lambda", "--json").document["data"]["total"]
    whole = run("forecast", "--json").document["data"]["total"]
    assert float(told["to_date"]) + float(rest["to_date"]) == pytest.approx(float(whole["to_date"]))


@pytest.mark.parametrize(
    ("options", "field"),
    [
        (("--months", "0"), "months"),
        (("--months", "many"), "months"),
        (("--group-by", "colour"), "group_by"),
        (("--filter", "service"), "filter"),
        (("--filter", "colour=red"), "filter"),
        (("--filter", "months=5"), "filter"),
        (("--metric", "guess"), "metric"),
    ],
)
def test_a_wrong_option_is_usage(house, run, options, field):
    said = run("forecast", *options, "--json")
    assert said.code == 2
    assert said.document["error"]["field"] == field


def test_nothing_stored_is_told(house, run):
    said = run("forecast", "--tenant", "acme", "--json")
    assert said.code == 3
    assert said.document["data"]["total"] is None


def test_aws_is_asked_when_told_to_and_counted(own_house, run):
    said = run("forecast", "--aws", "--months", "3", "--json")
    aws = said.document["data"]["aws"]
    assert (aws["price"], len(aws["months"]), aws["months"][0]["start"]) == ("0.01", 3, "2026-11-20")
    assert "Asking it cost 0.01 USD" in run("forecast", "--aws").err


def test_aws_is_not_asked_for_another_tenant_of_the_demo(own_house, run):
    assert run("forecast", "--aws", "--tenant", "acme").code == 2


def test_series_writes_the_days_after_the_last_one(house, run, series, tmp_path):
    out = tmp_path / "out.csv"
    said = run("forecast", "series", str(series), "--horizon", "14", "--out", str(out), "--json")
    assert said.code == 0
    data = said.document["data"]
    assert (data["series"], data["horizon"], data["written"], data["learning"]) == (2, 14, 28, 1)
    with out.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [len(rows), list(rows[0])] == [28, ["series_id", "date", "mean", "lower", "upper"]]
    assert (rows[0]["date"], rows[14]["date"]) == ("2026-11-07", "2026-01-31")
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_the_options_of_all_commands_may_stand_before_series(house, run, series, tmp_path):
    out = str(tmp_path / "out.csv")
    said = run("forecast", "--json", "--tenant", "acme", "series", str(series), "--horizon", "1", "--out", out)
    assert said.code == 0
    assert said.document["meta"]["tenant"] == "acme"


def test_series_say_what_is_learnt(house, run, series, tmp_path):
    said = run("forecast", "series", str(series), "--horizon", "3", "--out", str(tmp_path / "out.csv"))
    assert "2 series of 340 rows continued by 3 days" in said.out
    assert "1 series have fewer than 56 days" in said.out


def test_forecasts_repeat_to_the_byte(house, run, series, tmp_path):
    for name in ("one.csv", "two.csv"):
        assert run("forecast", "series", str(series), "--horizon", "9", "--out", str(tmp_path / name)).code == 0
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def test_a_file_that_cannot_be_read_is_usage_and_writes_nothing(house, run, tmp_path):
    bad, out = tmp_path / "bad.csv", tmp_path / "out.csv"
    bad.write_text(HEAD + "a,2026-01-01,1\na,2026-01-02,one\n")
    said = run("forecast", "series", str(bad), "--horizon", "3", "--out", str(out), "--json")
    assert said.code == 2
    assert said.document["error"]["field"] == "cost"
    assert not out.exists()


@pytest.mark.parametrize("horizon", ["0", "-1", "732", "x"])
def test_a_horizon_that_is_none_is_usage(house, run, series, tmp_path, horizon):
    said = run("forecast", "series", str(series), "--horizon", horizon, "--out", str(tmp_path / "out.csv"))
    assert said.code == 2
    assert "horizon" in said.err


def test_an_out_that_cannot_be_written_is_usage(house, run, series, tmp_path):
    out = str(tmp_path / "none" / "out.csv")
    said = run("forecast", "series", str(series), "--horizon", "3", "--out", out)
    assert said.code == 2
    assert "cannot be written" in said.err
