"""`anomalies detect` over the demo's bill, `anomalies score` over any file."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.anomalies.series import steady, with_added
from tests.anomalies.test_series_file import HEAD, lines_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def series(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    values = lines_of("web", with_added(steady(), 150, 151, 80)).splitlines(keepends=True)
    path.write_text(HEAD + "".join([*values[:90], *values[92:]]) + lines_of("young", steady(days=30)), encoding="utf-8")
    return path


def test_detect_keeps_and_lists_with_the_cause(own_house, run):
    said = run("anomalies", "detect", "--kind", "spike", "leak", "--min-impact", "2300", "--json")
    assert said.code == 0
    items = said.document["data"]["items"]
    assert {each["kind"] for each in items} == {"spike", "leak"}
    assert all(each["detected"] == "2026-11-20T09:00:00Z" for each in items)
    assert said.document["meta"]["series"] > 100
    jobs = run("jobs", "list", "--json").document["data"]["items"]
    assert jobs[0]["kind"] == "anomalies.detect"


def test_a_pipe_gets_a_table(own_house, run):
    said = run("anomalies", "detect", "--since", "2026-11-01", "--direction", "up")
    header, *lines = said.out.splitlines()
    assert header.startswith("anomaly_id\tkind\tdirection")
    assert all("\t2026-1" in line for line in lines)
    assert "us-east-1 Requests-Tier1" in said.out
    assert "complete through 2026-11-18" in said.err


def test_a_table_names_what_aws_found_too(own_house, run):
    said = run("anomalies", "detect", "--aws")
    header, *lines = said.out.splitlines()
    found = [line.split("\t")[header.split("\t").index("aws")] for line in lines]
    told = [json.loads(cell) for cell in found if cell]
    assert told
    assert all(Decimal(each["impact"]) and each["link"].startswith("https://") for each in told)


@pytest.mark.parametrize("option", [("--kind", "bump"), ("--min-impact", "x"), ("--limit", "0"), ("--since", "now")])
def test_a_wrong_option_is_usage(house, run, option):
    said = run("anomalies", "detect", *option)
    assert said.code == 2
    assert option[0].strip("-").replace("-", "_") in said.err


def test_nothing_stored_is_told(own_house, run):
    said = run("anomalies", "detect", "--tenant", "acme", "--json")
    assert said.code == 3
    assert said.document["meta"]["failures"][0]["code"] == "not_stored"


def test_score_writes_one_line_for_each_row(house, run, series, tmp_path):
    out = tmp_path / "out.csv"
    said = run("anomalies", "score", str(series), "--out", str(out), "--json")
    assert said.code == 0
    data = said.document["data"]
    assert (data["rows"], data["series"], data["flagged"], data["learning"]) == (228, 2, 1, 1)
    assert data["gaps"] == [{"series_id": "web", "missing_days": 2}]
    with out.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert len(rows) == 228
    assert list(rows[0]) == ["series_id", "date", "cost", "expected", "lower", "upper", "score", "direction", "flagged"]
    assert [row["direction"] for row in rows if row["flagged"] == "1"] == ["up"]
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_score_says_what_is_missing_and_what_is_learnt(house, run, series, tmp_path):
    said = run("anomalies", "score", str(series), "--out", str(tmp_path / "out.csv"))
    assert "228 rows of 2 series scored" in said.out
    assert "2 days are missing in 1 series, taken as unknown: web (2)." in said.out
    assert "1 series are still being learnt" in said.out


def test_scores_repeat_to_the_byte_and_may_replace_their_own_input(house, run, series, tmp_path):
    for name in ("one.csv", "two.csv"):
        assert run("anomalies", "score", str(series), "--out", str(tmp_path / name)).code == 0
    first = (tmp_path / "one.csv").read_bytes()
    assert first == (tmp_path / "two.csv").read_bytes()
    assert run("anomalies", "score", str(series), "--out", str(series)).code == 0
    assert series.read_bytes() == first


def test_a_file_that_cannot_be_read_is_usage_and_writes_nothing(house, run, tmp_path):
    bad, out = tmp_path / "bad.csv", tmp_path / "out.csv"
    bad.write_text(HEAD + "a,2026-01-01,1\na,2026-01-02,one\n")
    said = run("anomalies", "score", str(bad), "--out", str(out), "--json")
    assert said.code == 2
    assert said.document["error"]["field"] == "cost"
    assert "line 3, field cost: 'one' is not a number" in said.err
    assert not out.exists()


def test_an_out_that_cannot_be_written_is_usage(house, run, series, tmp_path):
    said = run("anomalies", "score", str(series), "--out", str(tmp_path / "none" / "out.csv"))
    assert said.code == 2
    assert "cannot be written" in said.err


def test_incomplete_days_can_be_told(house, run, tmp_path):
    values = steady()
    values[-6:] *= 0.2
    path, out = tmp_path / "in.csv", tmp_path / "out.csv"
    path.write_text(HEAD + lines_of("web", values))
    flagged = []
    for days in ("0", "2", "6"):
        said = run("anomalies", "score", str(path), "--out", str(out), "--incomplete-days", days, "--json")
        flagged.append(said.document["data"]["flagged"])
    assert flagged == [5, 3, 0]
