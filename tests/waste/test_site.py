"""Files of a static site: whole or not at all, and readable by whoever serves them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from finops.model.errors import InputError, StoreError
from finops.model.findings import FindingStatus, KpiRow
from finops.store.findings_gold import DatedKpi
from finops.waste.listing import Standing
from finops.waste.site import Moment, summary_of, top_of, trend_of, waiting, write_files
from tests.store.findings import finding

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2026, 11, 20)


def standing(number: int, saving: str = "10", status: FindingStatus = FindingStatus.OPEN) -> Standing:
    return Standing(finding(number, monthly_saving=Decimal(saving)), status, None, None, None)


def dated(kpi: str, saving: str, currency: str = "USD") -> DatedKpi:
    return DatedKpi(DAY, KpiRow("main", kpi, "", 2, Decimal(saving), currency))


def test_only_what_is_open_or_reopened_waits_and_counts():
    some = [standing(number, status=status) for number, status in enumerate(FindingStatus)]
    assert {each.status for each in waiting(some)} == {FindingStatus.OPEN, FindingStatus.REOPENED}
    summary = summary_of(some, (), workspace="main")
    assert summary.totals.by_currency["USD"].net == 20
    assert {row.key: row.findings for row in summary.breakdowns["by_status"]} == dict.fromkeys(
        map(str, FindingStatus), 1
    )
    assert sum(row.findings for row in summary.breakdowns["by_severity"]) == 2


def test_the_largest_savings_are_ranked_and_what_is_put_off_is_left_out():
    some = [standing(1, "5"), standing(2, "9"), standing(3, "50", FindingStatus.SNOOZED)]
    ranked = [(rank, each.finding.monthly_saving) for rank, each in top_of(some, workspace="main")]
    assert ranked == [(1, 9), (2, 5)]


def test_a_trend_knows_what_it_does_not_know():
    found = trend_of([dated("total", "7"), dated("net", "5"), dated("net", "3", "EUR")])
    assert found == (Moment(DAY, "USD", 2, Decimal(7), Decimal(5), None, None),)


def test_files_are_written_over_and_nothing_else_is_left(tmp_path):
    folder = tmp_path / "a" / "b"
    assert write_files(folder, {"x.json": "1\n"}) == (folder / "x.json",)
    write_files(folder, {"x.json": "é\n", "y.json": "2\n"})
    assert (folder / "x.json").read_bytes() == "é\n".encode()
    assert sorted(path.name for path in folder.iterdir()) == ["x.json", "y.json"]


def test_files_can_be_read_by_others(tmp_path):
    (tmp_path / "usual").write_text("")
    (written,) = write_files(tmp_path, {"x.json": "1"})
    assert written.stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_when_one_cannot_be_written_the_others_stay_as_they_were(tmp_path):
    write_files(tmp_path, {"x.json": "old"})
    with pytest.raises(StoreError, match="cannot be written"):
        write_files(tmp_path, {"x.json": "new", "no/such/folder.json": "new"})
    assert (tmp_path / "x.json").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError) as told:
        write_files(tmp_path / "file", {"x.json": "1"})
    assert told.value.field == "out"
    with pytest.raises(StoreError):
        write_files(tmp_path / "file" / "below", {"x.json": "1"})
