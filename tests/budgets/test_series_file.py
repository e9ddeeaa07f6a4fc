"""The contract of `forecast series`: N days after each series' last one, or a word on what is wrong."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from finops.budgets.series_file import FORECAST_COLUMNS, continue_file
from finops.model.errors import InputError
from tests.budgets.series import DAYS, FIRST, days_of, steady

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "series_id,date,cost\n"
LAST = FIRST + timedelta(days=DAYS - 1)


def lines_of(name: str, values) -> str:
    return "".join(f"{name},{day},{value:.4f}\n" for day, value in zip(days_of(len(values)), values, strict=True))


def write(folder: Path, text: str) -> Path:
    path = folder / "in.csv"
    path.write_text(text, encoding="utf-8")
    return path


def rows_of(path: Path, horizon: int = 28, **more: int) -> list[dict[str, str]]:
    text = "".join(continue_file(path, horizon=horizon, **more).pieces)
    return list(csv.DictReader(io.StringIO(text)))


def test_each_series_goes_on_the_day_after_its_last_one(tmp_path):
    path = write(tmp_path, HEAD + lines_of("web", steady()) + lines_of("old", steady(50, days=200)))
    rows = rows_of(path)
    assert tuple(rows[0]) == FORECAST_COLUMNS
    assert [row["series_id"] for row in rows] == ["web"] * 28 + ["old"] * 28
    assert [row["date"] for row in rows[:28]] == [str(LAST + timedelta(days=ahead)) for ahead in range(1, 29)]
    assert rows[28]["date"] == str(FIRST + timedelta(days=200))
    assert all(float(row["lower"]) <= float(row["mean"]) <= float(row["upper"]) for row in rows)
    assert np.mean([float(row["mean"]) for row in rows[:28]]) == pytest.approx(100, rel=0.03)
    assert np.mean([float(row["mean"]) for row in rows[28:]]) == pytest.approx(50, rel=0.03)


def test_a_fee_of_the_first_is_expected_on_the_first(tmp_path):
    fee = np.array([900.0 if day.day == 1 else 0.0 for day in days_of()])
    rows = rows_of(write(tmp_path, HEAD + lines_of("web", steady() + fee)), 60)
    dear = [row["date"] for row in rows if float(row["mean"]) > 500]
    assert dear == ["2026-12-01", "2027-01-01"]


def test_incomplete_days_teach_nothing_and_the_horizon_stays(tmp_path):
    values = steady()
    values[-5:] *= 0.1
    path = write(tmp_path, HEAD + lines_of("web", values))
    rows = rows_of(path, incomplete_days=5)
    assert rows[0]["date"] == str(LAST + timedelta(days=1))
    assert float(rows[0]["mean"]) == pytest.approx(100, rel=0.05)
    assert float(rows_of(path)[0]["mean"]) < 50


def test_one_row_is_enough_to_go_on_from_and_said_to_be_little(tmp_path):
    found = continue_file(write(tmp_path, HEAD + "a,2026-03-31,12\n"), horizon=2)
    assert found.learning == 1
    rows = list(csv.DictReader(io.StringIO("".join(found.pieces))))
    assert [(row["date"], float(row["mean"])) for row in rows] == [("2026-04-01", 12.0), ("2026-04-02", 12.0)]
    assert float(rows[0]["upper"]) > 15


def test_a_series_in_the_incomplete_days_alone_is_not_lost(tmp_path):
    late = f"new,{LAST},7\n"
    rows = rows_of(write(tmp_path, HEAD + lines_of("web", steady()) + late), 3, incomplete_days=2)
    assert [float(row["mean"]) for row in rows if row["series_id"] == "new"] == pytest.approx([7, 7, 7])


def test_gaps_are_told_and_are_not_zeros(tmp_path):
    lines = lines_of("web", steady()).splitlines(keepends=True)
    path = write(tmp_path, HEAD + "".join(lines[:100] + lines[140:]))
    assert continue_file(path, horizon=1).gaps == {"web": 40}
    assert float(rows_of(path)[0]["mean"]) == pytest.approx(100, rel=0.06)


def test_a_name_with_a_comma_comes_back(tmp_path):
    rows = rows_of(write(tmp_path, HEAD + f'"a, ""b""",{date(2026, 1, 1)},1\n'), 1)
    assert rows[0]["series_id"] == 'a, "b"'


def test_what_cannot_be_read_is_told_with_its_line(tmp_path):
    with pytest.raises(InputError, match="line 3, field cost: 'one' is not a number"):
        continue_file(write(tmp_path, HEAD + "a,2026-01-01,1\na,2026-01-02,one\n"), horizon=3)


def test_negative_costs_are_forecast_too(tmp_path):
    rows = rows_of(write(tmp_path, HEAD + lines_of("credit", -steady(20))), 14)
    assert np.mean([float(row["mean"]) for row in rows]) == pytest.approx(-20, rel=0.1)
