"""Whether savings came true, told from complete days alone, and never as 0 where nothing is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from finops.model.findings import FindingState, FindingStatus, Following, ResolvedHow
from finops.model.period import Period
from finops.waste.track_record import DailyCosts, by_checker, entry_of, windows

RESOLVED = datetime(2026, 10, 15, 13, 0, tzinfo=UTC)
DAY = RESOLVED.date()
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
STATE = FindingState(
    "default", "f" * 32, FindingStatus.RESOLVED, NOW, "run", "aws.ec2.idle_instance", "111111111111", "eu-central-1",
    "ec2:instance", "i-1", saving=Decimal(80), resolved_at=RESOLVED, resolved_how=ResolvedHow.SEEN_GONE,
    saving_when_resolved=Decimal(70),
)  # fmt: skip


def on(offset: int) -> date:
    return DAY + timedelta(days=offset)


def costs(start: int, end: int, amounts: dict[range, str], currency: str = "USD") -> DailyCosts:
    days = {on(offset): Decimal(amount) for span, amount in amounts.items() for offset in span}
    return DailyCosts(Period(on(start), on(end)), days, currency)


def test_a_deleted_resource_saves_what_it_cost() -> None:
    entry = entry_of(STATE, costs(-60, 36, {range(-60, 0): "2.4", range(1): "1.1"}), NOW)
    assert (entry.before_daily, entry.after_daily, entry.days_followed) == (Decimal("2.4"), Decimal(0), 30)
    assert (entry.realised_month, entry.estimate, entry.state) == (Decimal(73), Decimal(70), Following.COMPLETE)
    assert (entry.fingerprint, entry.check_id, entry.resolved_at, entry.updated) == (
        STATE.fingerprint, STATE.check_id, RESOLVED, NOW,
    )  # fmt: skip


def test_a_resource_made_smaller_saves_the_difference_and_one_that_grew_costs() -> None:
    smaller = entry_of(STATE, costs(-30, 40, {range(-30, 0): "2", range(41): "0.5"}), NOW)
    assert smaller.realised_month == Decimal("45.625")
    grown = entry_of(STATE, costs(-30, 40, {range(-30, 0): "2", range(41): "3"}), NOW)
    assert grown.realised_month == Decimal("-30.416667")


def test_the_first_days_after_are_followed() -> None:
    none_yet = entry_of(STATE, costs(-30, 1, {range(-30, 0): "2"}), NOW)
    assert (none_yet.state, none_yet.after_daily, none_yet.realised_month, none_yet.days_followed) == (
        Following.FOLLOWING, None, None, 0,
    )  # fmt: skip
    assert none_yet.before_daily == 2
    some = entry_of(STATE, costs(-30, 8, {range(-30, 0): "2", range(1, 4): "0.7"}), NOW)
    assert (some.state, some.days_followed, some.after_daily) == (Following.FOLLOWING, 7, Decimal("0.3"))


def test_a_young_resource_is_averaged_over_the_days_it_had() -> None:
    assert entry_of(STATE, costs(-30, 40, {range(-10, 0): "3"}), NOW).before_daily == 3
    stopped_in_between = costs(-30, 40, {range(-30, -20): "3", range(-10, 0): "3"})
    assert entry_of(STATE, stopped_in_between, NOW).before_daily == 2


@pytest.mark.parametrize(
    "told",
    [
        None,
        costs(-30, 40, {}),  # no bill names it
        costs(-30, 40, {range(1, 20): "1"}),
        costs(0, 40, {range(40): "1"}),  # nothing stored of before
        costs(-90, -30, {range(-90, -30): "1"}),
        costs(-30, 40, {range(-30, 40): "1"}, "EUR"),
    ],
)
def test_what_is_unknown_is_undetermined_and_never_nothing(told: DailyCosts | None) -> None:
    entry = entry_of(STATE, told, NOW)
    assert (entry.state, entry.before_daily, entry.after_daily, entry.realised_month) == (
        Following.UNDETERMINED, None, None, None,
    )  # fmt: skip
    assert entry.estimate == 70


def test_windows_leave_out_the_day_itself() -> None:
    assert windows(RESOLVED) == (Period(on(-30), DAY), Period(on(1), on(31)))


def test_what_was_never_resolved_has_no_entry() -> None:
    with pytest.raises(ValueError, match="never resolved"):
        entry_of(replace(STATE, resolved_at=None), None, NOW)


def test_the_record_of_checkers_counts_what_came_true() -> None:
    deleted = entry_of(STATE, costs(-30, 40, {range(-30, 0): "2.4"}), NOW)
    unknown = entry_of(STATE, None, NOW)
    without = replace(deleted, estimate=None)
    euro = replace(deleted, currency="EUR", check_id="aws.a.a")
    records = by_checker([deleted, unknown, without, euro])
    assert [(each.check_id, each.currency) for each in records] == [
        ("aws.a.a", "EUR"), ("aws.ec2.idle_instance", "USD"),
    ]  # fmt: skip
    usd = records[1]
    assert (usd.count, usd.undetermined, usd.estimate, usd.realised) == (3, 1, Decimal(140), Decimal(146))
    assert usd.ratio == Decimal("1.042857")
    (blind,) = by_checker([unknown])
    assert (blind.realised, blind.ratio) == (None, None)
