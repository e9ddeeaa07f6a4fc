"""The findings as JSON files for a static site: what they are, what they come to, and which save most.

    data = summary_of(standings, dated, workspace="main")
    write_files(Path("site"), {"summary.json": text})

Whoever calls wraps the data in the envelope that API and command line share. The same findings and instant make the
same bytes, and a reader of the folder never meets half a file.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.model.errors import InputError, StoreError
from finops.model.findings import FindingStatus
from finops.waste.gold_tables import GROUPS, kpi_rows
from finops.waste.totals import Totals, totals

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from decimal import Decimal
    from pathlib import Path

    from finops.model.findings import KpiRow
    from finops.store.findings_gold import DatedKpi
    from finops.waste.listing import Standing

FINDINGS_FILE, SUMMARY_FILE, TOP_FILE = "findings.json", "summary.json", "top_savings.json"
BREAKDOWNS = ("by_status", *GROUPS)
TREND = ("total", "net", "cash", "commitment")
"""The figures of each run date that make the trend."""
_STANDING = {FindingStatus.OPEN, FindingStatus.REOPENED}


@dataclass(frozen=True, slots=True)
class Moment:
    """The figures of one run date in one currency; `net` and so on are None where none were kept."""

    day: date
    currency: str
    findings: int
    gross: Decimal
    net: Decimal | None
    cash: Decimal | None
    commitment: Decimal | None


@dataclass(frozen=True, slots=True)
class Summary:
    """What findings come to: those that wait for somebody, but for `by_status`, which counts every flagged one."""

    totals: Totals
    breakdowns: Mapping[str, tuple[KpiRow, ...]]
    trend: tuple[Moment, ...]


def waiting(standings: Iterable[Standing]) -> tuple[Standing, ...]:
    """Those that are open or reopened."""
    return tuple(each for each in standings if each.status in _STANDING)


def summary_of(standings: Sequence[Standing], dated: Iterable[DatedKpi], *, workspace: str) -> Summary:
    """The summary of flagged findings, however they stand, and of the figures `TREND` of run dates."""
    statuses = {each.finding.fingerprint: each.status for each in standings}
    rows = kpi_rows((each.finding for each in standings), statuses, workspace)
    breakdowns = {name: tuple(row for row in rows if row.kpi == name) for name in BREAKDOWNS}
    return Summary(totals(each.finding for each in waiting(standings)), breakdowns, trend_of(dated))


def trend_of(dated: Iterable[DatedKpi]) -> tuple[Moment, ...]:
    """One moment for each run date and currency, oldest first."""
    found: dict[tuple[date, str], dict[str, KpiRow]] = defaultdict(dict)
    for day, row in dated:
        found[day, row.currency][row.kpi] = row
    return tuple(_moment(*key, found[key]) for key in sorted(found) if "total" in found[key])


def _moment(day: date, currency: str, rows: Mapping[str, KpiRow]) -> Moment:
    net, cash, commitment = (rows[name].saving if name in rows else None for name in TREND[1:])
    return Moment(day, currency, rows["total"].findings, rows["total"].saving, net, cash, commitment)


def top_of(standings: Sequence[Standing], *, workspace: str) -> tuple[tuple[int, Standing], ...]:
    """The largest savings of those that wait, ranked from 1 on in each currency."""
    known = {each.finding.fingerprint: each for each in standings}
    statuses = {name: each.status for name, each in known.items()}
    rows = kpi_rows((each.finding for each in standings), statuses, workspace)
    return tuple((row.rank, known[row.fingerprint]) for row in rows if row.kpi == "top")


def write_files(folder: Path, files: Mapping[str, str]) -> tuple[Path, ...]:
    """Writes texts by file name, each as a whole or not at all, and none before all of them are on the disk.

    InputError when the folder cannot be one; StoreError when it cannot be written to.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError("out", "out must be a folder")
    fresh = {folder / name: folder / f".{name}.{os.getpid()}" for name in files}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for place, beside in fresh.items():
            with beside.open("w", encoding="utf-8", newline="\n") as file:
                file.write(files[place.name])
                file.flush()
                os.fsync(file.fileno())
        for place, beside in fresh.items():
            beside.replace(place)
    except OSError as error:
        raise StoreError(f"the files cannot be written ({error.strerror or type(error).__name__})") from None
    finally:
        for beside in fresh.values():
            if folder.is_dir():
                beside.unlink(missing_ok=True)
    return tuple(fresh)
