"""The contract of `anomalies score`: every row comes back, and what cannot be read is told with line and field."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.anomalies.series_file import SCORE_COLUMNS, score_file
from finops.costs.series_csv import read_series
from finops.model.errors import InputError
from tests.anomalies.series import FIRST, steady, with_added

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "series_id,date,cost\n"


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "in.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def lines_of(name: str, values) -> str:
    return "".join(f"{name},{FIRST + timedelta(days=place)},{value:.2f}\n" for place, value in enumerate(values))


def scored(path: Path, incomplete_days: int = 2) -> list[dict[str, str]]:
    text = "".join(score_file(path, incomplete_days=incomplete_days).pieces)
    return list(csv.DictReader(io.StringIO(text)))


def test_every_row_comes_back_in_its_order_with_its_score(tmp_path):
    text = HEAD + lines_of("web", with_added(steady(), 150, 151, 80)) + lines_of("db", steady(seed=2))
    rows = scored(write(tmp_path, text))
    given_rows = list(csv.DictReader(io.StringIO(text)))
    assert [{name: row[name] for name in ("series_id", "date", "cost")} for row in rows] == given_rows
    assert tuple(rows[0]) == SCORE_COLUMNS
    flagged = [row for row in rows if row["flagged"] == "1"]
    assert [(row["series_id"], row["date"], row["direction"]) for row in flagged] == [
        ("web", str(FIRST + timedelta(days=150)), "up")
    ]
    assert all(float(row["lower"]) <= float(row["expected"]) <= float(row["upper"]) for row in rows)
    assert {row["flagged"] for row in rows} == {"0", "1"}


def test_order_of_rows_and_columns_does_not_matter(tmp_path):
    values = with_added(steady(), 150, 151, 80)
    straight = scored(write(tmp_path, HEAD + lines_of("web", values)))
    lines = [line.split(",") for line in lines_of("web", values).splitlines()]
    mixed = "cost,series_id,date\n" + "".join(f"{cost},{name},{day}\n" for name, day, cost in reversed(lines))
    assert scored(write(tmp_path, mixed)) == list(reversed(straight))


def test_gaps_are_said_and_are_not_zeros(tmp_path):
    lines = lines_of("web", steady()).splitlines(keepends=True)
    path = write(tmp_path, HEAD + "".join(lines[:100] + lines[140:]))
    result = score_file(path, incomplete_days=2)
    assert result.gaps == {"web": 40}
    assert (result.rows, result.flagged) == (160, 0)


def test_a_byte_order_mark_and_the_last_line_break_do_no_harm(tmp_path):
    assert len(scored(write(tmp_path, b"\xef\xbb\xbf" + (HEAD + "a,2026-01-01,1").encode()))) == 1
    assert len(scored(write(tmp_path, HEAD + "a,2026-01-01,1\n\n\n"))) == 1


@settings(max_examples=40)
@given(name=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12))
def test_any_name_comes_back(tmp_path_factory, name):
    if not name.strip():
        return
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([("series_id", "date", "cost"), (name, "2026-01-01", "1")])
    path = tmp_path_factory.mktemp("names") / "in.csv"
    path.write_bytes(buffer.getvalue().encode())
    text = "".join(score_file(path, incomplete_days=2).pieces)
    assert list(csv.reader(io.StringIO(text, newline="")))[1][0] == name


@pytest.mark.parametrize(
    ("text", "field", "said"),
    [
        ("", "series_id", "line 1: the column series_id is missing"),
        (HEAD, "file", "line 2: there is no row"),
        ("series_id,date\na,2026-01-01\n", "cost", "line 1: the column cost is missing"),
        ("series_id,date,cost,cost\n", "cost", "line 1: the column cost is there twice"),
        ("series_id,date,cost,note\n", "file", "line 1: unknown column 'note'"),
        (HEAD + "a,2026-01-01\n", "file", "line 2: 2 fields instead of 3"),
        (HEAD + "a,2026-01-01,1,2\n", "file", "line 2: 4 fields instead of 3"),
        (HEAD + "a,2026-01-01,1\na,2026-01-02,\n", "cost", "line 3, field cost: '' is not a number"),
        (HEAD + "a,2026-01-01,1 000\n", "cost", "line 2, field cost: '1 000' is not a number"),
        (HEAD + "a,2026-01-01,nan\n", "cost", "line 2, field cost"),
        (HEAD + "a,2026-01-01,1e999\n", "cost", "line 2, field cost"),
        (HEAD + "a,2026-01-01,1_0\n", "cost", "line 2, field cost"),
        (HEAD + "a,01/02/2026,1\n", "date", "line 2, field date: '01/02/2026' is not a day"),
        (HEAD + "a,2026-02-30,1\n", "date", "line 2, field date"),
        (HEAD + ",2026-01-01,1\n", "series_id", "line 2, field series_id: it is empty"),
        (HEAD + "a,2026-01-01,1\n\na,2026-01-02,1\n", "series_id", "line 3: the line is empty"),
        (HEAD + "a,2026-01-01,1\nb,2026-01-01,1\na,2026-01-01,2\n", "date", "line 4, field date: 'a' has another row"),
        (HEAD + "a,1926-01-01,1\na,2026-01-01,1\n", "date", "line 3, field date: more than 7,400 days"),
        (HEAD + 'a,2026-01-01,1\n"b,2026-01-01,1\n', "file", "line 3"),
        (b"series_id,date,cost\n\xff,2026-01-01,1\n", "file", "is not UTF-8"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(tmp_path, text, field, said):
    with pytest.raises(InputError) as caught:
        read_series(write(tmp_path, text))
    assert said in str(caught.value)
    assert caught.value.field == field


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_series(tmp_path / "none.csv")
