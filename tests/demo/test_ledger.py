from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from finops.demo.charges import business_support
from finops.demo.commitments import PLAN_PERCENT
from finops.demo.estate import TAG_COMBINATIONS, Estate
from finops.demo.ledger import METRICS, Ledger, make_ledger
from finops.model.period import Period, add_months, month_of

ROOT = Path(__file__).parents[2]
RECORD_TYPES = {
    "Usage",
    "DiscountedUsage",
    "RIFee",
    "Fee",
    "SavingsPlanCoveredUsage",
    "SavingsPlanNegation",
    "SavingsPlanRecurringFee",
    "SavingsPlanUpfrontFee",
    "Enterprise Discount Program Discount",
    "Support",
    "Credit",
    "Refund",
    "Tax",
}
DOLLAR = 10**10


def total(ledger: Ledger, period: Period, metric: str = "UnblendedCost", **only: str) -> float:
    rows = ledger.rows_of(period)
    keep = np.array([all(getattr(line, name) == value for name, value in only.items()) for line in ledger.lines])
    return int(ledger.amounts[METRICS.index(metric), rows][keep[ledger.line[rows]]].sum()) / DOLLAR


def day_total(ledger: Ledger, day: date, **only: str) -> float:
    return total(ledger, Period(day, day + timedelta(days=1)), **only)


def digest(ledger: Ledger) -> str:
    digested = hashlib.sha256(repr(ledger.lines).encode())
    for column in (ledger.day, ledger.line, ledger.amounts):
        digested.update(np.ascontiguousarray(column).tobytes())
    return digested.hexdigest()


def test_another_process_makes_the_same_cents(ledger: Ledger) -> None:
    program = (
        "from datetime import date; from finops.demo.estate import Estate; from finops.demo.ledger import make_ledger;"
        "from tests.demo.test_ledger import digest; print(digest(make_ledger(Estate(), date(2026, 11, 20))))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert seen == {digest(ledger)}


@pytest.mark.parametrize("days_later", [1, 2, 11, 45])
def test_settled_days_keep_their_figures_when_today_moves_on(ledger: Ledger, days_later: int) -> None:
    later = make_ledger(ledger.estate, ledger.today + timedelta(days=days_later))
    settled = Period(later.first_day, ledger.today - timedelta(days=1))
    assert later.lines == ledger.lines
    one, other = ledger.rows_of(settled), later.rows_of(settled)
    shift = (later.first_day - ledger.first_day).days
    assert np.array_equal(ledger.day[one] - shift, later.day[other])
    assert np.array_equal(ledger.line[one], later.line[other])
    assert np.array_equal(ledger.amounts[:, one], later.amounts[:, other])


def test_another_seed_is_another_bill(ledger: Ledger) -> None:
    assert digest(make_ledger(Estate(seed=8), ledger.today)) != digest(ledger)


def test_the_last_two_days_are_incomplete(ledger: Ledger) -> None:
    weekday = day_total(ledger, date(2026, 11, 17))
    yesterday, today = day_total(ledger, date(2026, 11, 19)), day_total(ledger, date(2026, 11, 20))
    assert 0.4 * weekday < yesterday < 0.95 * weekday
    assert 0 < today < 0.3 * weekday
    later = make_ledger(ledger.estate, ledger.today + timedelta(days=2))
    assert day_total(later, date(2026, 11, 19)) > yesterday


@pytest.mark.parametrize("today", [date(2026, 11, 20), date(2027, 3, 5), date(2028, 1, 31), date(2026, 2, 28)])
def test_about_180_000_dollars_a_month_whenever_it_is_looked_at(today: date) -> None:
    bill = make_ledger(Estate(), today)
    months = [month_of(add_months(today, -back)) for back in range(1, 14)]
    assert all(145_000 < total(bill, month, "AmortizedCost") < 215_000 for month in months)
    assert 165_000 < total(bill, months[0], "AmortizedCost") < 200_000
    assert bill.first_day <= add_months(today, -14)


def test_the_estate_has_what_was_promised(ledger: Ledger) -> None:
    assert len({line.account for line in ledger.lines}) == 8
    assert len({line.region for line in ledger.lines} - {"global", "NoRegion"}) == 4
    assert len({line.service for line in ledger.lines}) == 30
    assert {line.record_type for line in ledger.lines} == RECORD_TYPES
    assert len(set(TAG_COMBINATIONS)) == 25
    assert {line.tags for line in ledger.lines} == set(range(25))
    shown = {ledger.lines[index] for index in np.unique(ledger.line)}
    assert {line.record_type for line in shown} == RECORD_TYPES
    assert len({line.service for line in shown}) == 30


def test_weekends_are_cheaper_and_months_start_with_fees(ledger: Ledger) -> None:
    usage = [day_total(ledger, date(2026, 10, day), record_type="Usage") for day in range(5, 10)]
    weekend = [day_total(ledger, date(2026, 10, day), record_type="Usage") for day in (3, 4, 17, 18)]
    assert max(weekend) < min(usage)
    first = day_total(ledger, date(2026, 10, 1))
    assert first > 4 * day_total(ledger, date(2026, 10, 2))
    for record_type in ("Tax", "Support", "RIFee"):
        assert day_total(ledger, date(2026, 10, 1), record_type=record_type) > 1000
        assert day_total(ledger, date(2026, 10, 2), record_type=record_type) == 0


def test_a_savings_plan_negation_takes_back_covered_usage_to_the_last_digit(ledger: Ledger) -> None:
    whole = ledger.period
    covered = total(ledger, whole, record_type="SavingsPlanCoveredUsage")
    assert covered > 100_000
    assert covered == -total(ledger, whole, record_type="SavingsPlanNegation")
    effective = total(ledger, whole, "AmortizedCost", record_type="SavingsPlanCoveredUsage")
    assert effective == pytest.approx(covered * PLAN_PERCENT / 100, rel=1e-6)
    assert total(ledger, whole, "AmortizedCost", record_type="SavingsPlanNegation") == 0


def test_amortized_cost_spreads_what_unblended_cost_charges_at_once(ledger: Ledger) -> None:
    """Over a whole month the recurring part comes to the same; upfront fees are spread over their year."""
    february, march = Period(date(2026, 2, 1), date(2026, 3, 1)), Period(date(2026, 3, 1), date(2026, 4, 1))
    upfront = total(ledger, february, record_type="Fee")
    assert upfront > 10_000
    for month in (february, march):
        recurring = total(ledger, month, record_type="RIFee")
        spread = total(ledger, month, "AmortizedCost", record_type="DiscountedUsage")
        days = month.days
        assert spread == pytest.approx(recurring + upfront / 365 * days, abs=0.01)
    assert total(ledger, march, "AmortizedCost", record_type="Fee") == 0
    june = total(ledger, Period(date(2026, 6, 1), date(2026, 7, 1)), record_type="SavingsPlanUpfrontFee")
    assert june > 10_000
    july = Period(date(2026, 7, 1), date(2026, 8, 1))
    commitment = total(ledger, july, "AmortizedCost", record_type="SavingsPlanCoveredUsage")
    commitment += total(ledger, july, "AmortizedCost", record_type="SavingsPlanRecurringFee")
    assert commitment == pytest.approx(
        total(ledger, july, record_type="SavingsPlanRecurringFee") + june / 365 * july.days, abs=0.01
    )


def test_net_metrics_put_the_discount_into_the_usage_it_is_given_on(ledger: Ledger) -> None:
    whole = ledger.period
    discount = total(ledger, whole, record_type="Enterprise Discount Program Discount")
    usage = total(ledger, whole, record_type="Usage")
    assert discount == pytest.approx(-0.03 * usage, rel=1e-4)
    assert total(ledger, whole, "NetUnblendedCost", record_type="Usage") == pytest.approx(usage + discount, abs=1e-6)
    assert total(ledger, whole, "NetUnblendedCost") == total(ledger, whole)


def test_blended_cost_shares_volume_prices_and_adds_up_to_the_same_bill(ledger: Ledger) -> None:
    october = Period(date(2026, 10, 1), date(2026, 11, 1))
    assert total(ledger, october, "BlendedCost") == total(ledger, october)
    by_account = [
        total(ledger, october, "BlendedCost", account=account.account_id)
        - total(ledger, october, account=account.account_id)
        for account in ledger.estate.members
    ]
    assert any(abs(difference) > 1 for difference in by_account)


def test_credits_and_refunds_are_negative_every_month(ledger: Ledger) -> None:
    for back in range(1, 14):
        month = month_of(add_months(ledger.today, -back))
        assert total(ledger, month, record_type="Credit") < -800
        assert total(ledger, month, record_type="Refund") < -30


def test_a_good_part_of_the_bill_is_untagged(ledger: Ledger) -> None:
    rows = ledger.rows_of(Period(date(2026, 10, 1), date(2026, 11, 1)))
    untagged = np.array([not any(line.tag_values) and line.record_type == "Usage" for line in ledger.lines])
    usage = np.array([line.record_type == "Usage" for line in ledger.lines])
    cost = ledger.amounts[0, rows]
    share = cost[untagged[ledger.line[rows]]].sum() / cost[usage[ledger.line[rows]]].sum()
    assert 0.08 < share < 0.4


def test_two_spikes_show_in_any_thirty_days(ledger: Ledger) -> None:
    recent = [spike for spike in ledger.planted.spikes if spike.day >= ledger.today - timedelta(days=30)]
    assert [(ledger.today - spike.day).days for spike in recent] == [9, 5]
    for spike in recent:
        where = {"service": spike.service, "account": spike.account, "usage_type": spike.usage_type}
        before = day_total(ledger, spike.day - timedelta(days=7), **where)
        on_the_day = day_total(ledger, spike.day, **where)
        assert spike.dollars > 1000
        assert on_the_day - before == pytest.approx(spike.dollars, rel=0.15)
        # An unplanted day of the same line moves by the ordinary noise only.
        assert day_total(ledger, spike.day + timedelta(days=1), **where) < before * 1.4


def test_the_leak_grows_day_by_day(ledger: Ledger) -> None:
    leak = ledger.planted.leaks[-1]
    where = {"service": leak.service, "account": leak.account, "usage_type": leak.usage_type}
    assert leak.start < ledger.today < leak.end
    early = total(ledger, Period(leak.start, leak.start + timedelta(days=7)), **where) / 7
    late = total(ledger, Period(date(2026, 11, 10), date(2026, 11, 17)), **where) / 7
    grown = leak.dollars_a_day * (date(2026, 11, 10) - leak.start).days
    assert late - early == pytest.approx(grown, rel=0.2)


def test_one_service_is_new_and_one_is_gone(ledger: Ledger) -> None:
    newest = ledger.planted.newest_trial
    assert newest is not None
    assert newest.service == "Amazon Bedrock"
    assert 0 < (ledger.today - newest.start).days < 200
    assert day_total(ledger, newest.start - timedelta(days=1), service=newest.service) == 0
    assert day_total(ledger, newest.start, service=newest.service) > 0
    ended = [trial for trial in ledger.planted.trials if ledger.first_day < trial.end <= ledger.today]
    assert ended
    for trial in ended:
        assert day_total(ledger, trial.end - timedelta(days=1), service=trial.service) > 0
        assert day_total(ledger, trial.end, service=trial.service) == 0


@pytest.mark.parametrize("seed", range(5))
def test_a_new_service_appears_within_seven_months_of_any_day(seed: int) -> None:
    today = add_months(date(2026, 4, 17), 5 * seed)
    newest = make_ledger(Estate(seed=seed), today).planted.newest_trial
    assert newest is not None
    assert (today - newest.start).days < 7 * 31


def test_making_the_bill_takes_less_than_a_second_of_cpu() -> None:
    started = time.process_time()
    make_ledger(Estate(seed=99), date(2026, 11, 20))
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize("accounts", [1, 2, 20])
def test_estates_of_other_sizes_have_their_own_accounts(accounts: int) -> None:
    bill = make_ledger(Estate(accounts=accounts), date(2026, 11, 20))
    assert len({account.account_id for account in bill.estate.members}) == accounts
    assert {line.account for line in bill.lines} == {account.account_id for account in bill.estate.members}
    assert all(len(account.account_id) == 12 for account in bill.estate.members)


def test_an_estate_without_accounts_is_refused() -> None:
    with pytest.raises(ValueError, match="1 to 200 accounts"):
        Estate(accounts=0)


@pytest.mark.parametrize(
    ("month", "fee"), [(0, 100), (500, 100), (10_000, 1000), (80_000, 5900), (250_000, 14_400), (300_000, 15_900)]
)
def test_business_support_is_charged_in_tiers(month: float, fee: float) -> None:
    assert business_support(month) == pytest.approx(fee)
