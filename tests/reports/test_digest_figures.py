"""The digest over real stores: its findings are those of Savings, and new by the reader's own thresholds too."""

from __future__ import annotations

import shutil
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from finops.model.findings import Act, Deed
from finops.model.reports import Interval, ReportRequest
from finops.reports import Chosen
from tests.api import estate, stock
from tests.reports.made import READER, figure, made, opened, records

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from finops.facade import Finops
    from finops.model.reports import Report

NOW = stock.TODAY + timedelta(hours=1)
ALL = Chosen(min_saving=Decimal(0))
LOOSE = (("cpu_average", 20.0), ("cpu_maximum", 60.0))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Finops]:
    """An estate without findings, now."""
    place = tmp_path / "data"
    shutil.copytree(estate.folder(), place)
    finops = stock.opened(place, NOW)
    yield finops
    finops.close()


def digest(finops: Finops, since: datetime, chosen: Chosen = ALL) -> Report:
    interval = Interval(since, NOW, NOW + timedelta(days=7))
    return finops.reports.make(ReportRequest("digest", stock.TENANT, READER), chosen, interval)


def told(report: Report, table: str = "new_findings") -> set[object]:
    return {row["resource_id"] for row in records(report, table)} if table in [t.name for t in report.tables] else set()


def test_all_that_is_new_comes_to_what_savings_says():
    finops, savings = opened("findings"), made("findings", "savings")
    report = finops.reports.make(
        ReportRequest("digest", stock.TENANT, READER), ALL, Interval(NOW - timedelta(days=30), NOW)
    )
    assert figure(report, "New findings, a month").exact == max(
        total.net for total in finops.waste.findings(stock.TENANT).totals.by_currency.values()
    )
    assert told(report) == {row["resource_id"] for row in records(savings, "findings")}


def test_only_what_runs_since_the_last_mail_found_is_new_and_what_they_miss_is_resolved(house):
    stock.keep(house, stock.YESTERDAY, [stock.instance(1), stock.volume(1), stock.volume(9)])
    stock.keep(house, stock.TODAY, [stock.instance(1), stock.volume(1), stock.volume(2, "4.00")])
    between = digest(house, stock.YESTERDAY + timedelta(hours=1))
    assert told(between) == {"vol-2"}
    assert told(between, "resolved_findings") == {"vol-9"}
    assert figure(between, "Resolved findings, a month").exact == Decimal("8.00")
    assert told(digest(house, stock.YESTERDAY - timedelta(hours=1))) == {"i-1", "vol-1", "vol-2"}
    assert told(digest(house, stock.TODAY + timedelta(minutes=1))) == set()


def test_a_snooze_that_ends_before_the_next_mail_is_told(house):
    stock.keep(house, stock.TODAY, [stock.volume(1), stock.volume(2)])
    listed = {each.finding.resource_id: each.finding.fingerprint for each in house.waste.findings(stock.TENANT).items}
    for name, days in (("vol-1", 3), ("vol-2", 30)):
        act = Act(Deed.SNOOZE, "ann", NOW, reason="later", until=NOW + timedelta(days=days))
        house.waste.act(stock.TENANT, [listed[name]], act)
    assert told(digest(house, NOW - timedelta(days=1)), "snoozes") == {"vol-1"}


def test_new_is_by_the_readers_own_thresholds(house):
    """At 12 % CPU three instances idle for this reader alone, one of them at the last mail already."""

    def busy(number: int, average: float = 12, maximum: float = 30) -> dict[str, Any]:
        return stock.fine(stock.instance(number, average=average, maximum=maximum), "ok", "It is used.")

    stock.keep(house, stock.YESTERDAY, [stock.instance(1), busy(2), busy(3, average=70, maximum=90)])
    stock.keep(house, stock.TODAY, [stock.instance(1), busy(2), busy(3), busy(4)])
    (check,) = (each for each in house.waste.checks if each.check_id == stock.IDLE)
    own = tuple(sorted({**check.defaults, **dict(LOOSE)}.items()))
    loose = Chosen(deviations=((stock.IDLE, own),), min_saving=Decimal(0))
    since = stock.YESTERDAY + timedelta(hours=1)
    assert told(digest(house, since)) == set(), "by everyone's thresholds nothing is new"
    assert told(digest(house, since, loose)) == {"i-3", "i-4"}
    assert told(digest(house, stock.YESTERDAY - timedelta(days=1), loose)) == {"i-1", "i-2", "i-3", "i-4"}
    assert told(digest(house, stock.TODAY + timedelta(minutes=1), loose)) == set()


def test_a_run_of_the_same_day_after_the_last_mail_is_news_by_own_thresholds_too(house):
    def busy(number: int) -> dict[str, Any]:
        return stock.fine(stock.instance(number, average=12, maximum=30), "ok", "It is used.")

    stock.keep(house, stock.YESTERDAY, [busy(2)])
    stock.keep(house, stock.TODAY, [busy(2), busy(3)])
    (check,) = (each for each in house.waste.checks if each.check_id == stock.IDLE)
    own = tuple(sorted({**check.defaults, **dict(LOOSE)}.items()))
    loose = Chosen(deviations=((stock.IDLE, own),), min_saving=Decimal(0))
    assert told(digest(house, stock.TODAY - timedelta(hours=1), loose)) == {"i-3"}
