"""Reports made in tests, and the houses they are made of: a bill, findings over an estate, and one with nothing."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finops.facade import Finops, open_finops
from finops.model.period import Period
from finops.model.reports import ReportRequest
from finops.reports.catalogue import definitions
from tests import stocked
from tests.api import stock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from finops.model.reports import Cell, Report, Table
    from finops.reports import Chosen

NAMES = tuple(definitions())
READER = "persona:analyst"
HOUSES = ("bill", "findings", "empty")


@functools.cache
def opened(house: str) -> Finops:
    """The facade over a house: read only."""
    if house == "findings":
        finops = stock.opened(stock.folder())
    elif house == "bill":
        finops = open_finops(stocked.settings(stocked.folder()))
    else:
        place = Path(tempfile.mkdtemp(prefix="finops-empty-"))
        atexit.register(shutil.rmtree, place, ignore_errors=True)
        finops = open_finops(stocked.settings(place))
    atexit.register(finops.close)
    return finops


def tenant_of(house: str) -> str:
    """Whose data a house holds."""
    return stock.TENANT if house == "findings" else "demo"


def made(
    house: str,
    name: str,
    scope: Mapping[str, tuple[str, ...]] | None = None,
    *,
    days: tuple[date, date] | None = None,
    chosen: Chosen | None = None,
) -> Report:
    """A report of a house."""
    request = ReportRequest(name, tenant_of(house), READER, Period(*days) if days else None, scope or {})
    return opened(house).reports.make(request, chosen)


def table(report: Report, name: str) -> Table:
    """The table of a name."""
    return next(each for each in report.tables if each.name == name)


def records(report: Report, name: str) -> list[dict[str, Cell]]:
    """The rows of a table by the names of its columns."""
    found = table(report, name)
    names = [column.name for column in found.columns]
    return [dict(zip(names, row, strict=True)) for row in found.rows()]


def figure(report: Report, label: str) -> Any:
    """The figure of a label."""
    return next(each for each in report.figures if each.label == label)


def every() -> Iterator[tuple[str, str]]:
    """Each report of each house."""
    return ((house, name) for house in HOUSES for name in NAMES)
