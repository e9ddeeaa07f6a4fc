"""A forecast put together: calendar months and days ahead, exact amounts so far, tests on past months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from finops.budgets.model import Series, Window
from finops.budgets.outlook import LEARNING_DAYS
from finops.budgets.reconciling import Bands, column_of, reconciled
from finops.budgets.stored import last_day
from finops.model.forecasts import (
    MOST_MONTHS,
    BackTest,
    DayForecast,
    Estimate,
    GroupForecast,
    MonthForecast,
    PastForecast,
)
from finops.model.money import ZERO, exact_sum
from finops.model.period import Period, add_months, month_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from finops.budgets.stored import Stored
    from finops.model.costs import Provenance
    from finops.model.outcome import Failure

LEAST_DAYS = 7
"""Nothing is forecast of fewer days."""
TESTED_MONTHS = 6
MID_MONTH = 15
TOTAL = ""
LEARNING = f"Fewer than {LEARNING_DAYS} days are known: the intervals are wide guesses."
_MONTH_DAYS = 31
_HORIZON = _MONTH_DAYS * (MOST_MONTHS + 1)


@dataclass(frozen=True, slots=True)
class Whole:
    """The forecast of all thirteen months: the total, the groups by what the month will come to, the running month.

    `others` are the currencies that are left out.
    """

    total: GroupForecast
    groups: tuple[GroupForecast, ...]
    month: Period
    through: date
    currency: str
    others: tuple[str, ...]
    provenance: Provenance
    failures: tuple[Failure, ...]


class Foresight:
    """Looks ahead from stored costs, for all groups at once. Rows are the groups and, last, the total."""

    def __init__(self, stored: Stored, *, grouped: bool) -> None:
        self._stored = stored
        self._grouped = grouped
        self._first = stored.panel.first
        self._known = stored.panel.days
        self._through = last_day(stored.panel)
        self._past_end = self._through + timedelta(days=1)
        self._month = month_of(self._past_end)
        self._came = (self._past_end - self._month.start).days
        self._base = Series.of(stored.base, _HORIZON)
        self._total = self._base.summed()
        same = stored.base is stored.panel
        self._groups = (self._base if same else Series.of(stored.panel, _HORIZON)) if grouped else None
        amounts = list(stored.amounts.values())
        self._keys = (*(stored.amounts if grouped else ()), TOTAL)
        self._rows = [*([each] for each in amounts if grouped), amounts]
        self._unknown = np.asarray(np.isnan(stored.panel.values).all(axis=0), dtype=np.bool_)
        self._to_test = {days: self._full_months(days) for days in (MID_MONTH, self._came)}
        self._expect()

    def made(self) -> Whole:
        """Everything."""
        so_far = self._spent(Period(self._month.start, self._past_end)) if self._came else self._nothing
        months, days, tests, learning = self._months(so_far), self._days(), self._tests(), self._learning()
        found = [
            GroupForecast(
                *(key, so_far[row], months[row], days[row], tests[row]),
                learning=learning[row],
                reason=LEARNING if learning[row] else "",
            )
            for row, key in enumerate(self._keys)
        ]
        groups = sorted(found[:-1], key=lambda each: (-each.months[0].cost.mean, each.key))
        stored = self._stored
        return Whole(
            *(found[-1], tuple(groups), self._month, self._through),
            *(stored.currency, stored.others, stored.answer.provenance, stored.answer.failures),
        )

    def _learning(self) -> list[bool]:
        young = self._known < LEARNING_DAYS
        return [*(self._groups.learning if self._groups else ()), young]

    def _months(self, so_far: Sequence[Decimal]) -> list[tuple[MonthForecast, ...]]:
        starts = [add_months(self._month.start, number) for number in range(MOST_MONTHS)]
        windows = [self._window(month_of(start), self._through) for start in starts]
        bands = self._windows(self._known, windows)
        rows: list[list[MonthForecast]] = [[] for _ in so_far]
        for column, start in enumerate(starts):
            known = so_far if column == 0 else self._nothing
            for row, estimate in enumerate(self._column(known, bands, column)):
                rows[row].append(MonthForecast(start, estimate))
        return [tuple(row) for row in rows]

    def _days(self) -> list[tuple[DayForecast, ...]]:
        """Days that have come beside what was expected before the month began, then those to come."""
        before = (self._month.start - self._first).days
        rows: list[list[DayForecast]] = [[] for _ in self._keys]
        past = [(before, self._month.start, self._came)] if self._came and before >= LEAST_DAYS else []
        for known, first, count in (*past, (self._known, self._past_end, (self._month.end - self._past_end).days)):
            bands = self._single_days(known, count)
            for column in range(count):
                day = first + timedelta(days=column)
                actual = self._spent(Period(day, day + timedelta(days=1))) if day <= self._through else None
                for row, estimate in enumerate(self._column(self._nothing, bands, column)):
                    rows[row].append(DayForecast(day, actual[row] if actual else None, estimate))
        return [tuple(row) for row in rows]

    def _tests(self) -> list[tuple[BackTest, ...]]:
        found: list[list[BackTest]] = [[] for _ in self._keys]
        for days, months in self._to_test.items():
            tested = [self._tested(month, days) for month in months]
            for row, tests in enumerate(found):
                tests.append(BackTest(days, tuple(each[row] for each in tested)))
        return [tuple(each) for each in found]

    def _full_months(self, days: int) -> list[Period]:
        """The last full months that a forecast could be made of after so many days of them, oldest first."""
        months = (month_of(add_months(self._month.start, -back)) for back in range(TESTED_MONTHS, 0, -1))
        return [each for each in months if self._testable(each, days)]

    def _testable(self, month: Period, days: int) -> bool:
        start = (month.start - self._first).days
        return start >= 0 and start + days >= LEARNING_DAYS and not self._unknown[start : start + month.days].any()

    def _tested(self, month: Period, days: int) -> list[PastForecast]:
        known = self._known_after(month, days)
        until = self._first + timedelta(days=known)
        as_of = until - timedelta(days=1)
        so_far = self._spent(Period(month.start, until)) if until > month.start else self._nothing
        estimates = self._column(so_far, self._windows(known, [self._window(month, as_of)]), 0)
        came = self._spent(month)
        return [PastForecast(month.start, as_of, *each) for each in zip(estimates, came, strict=True)]

    def _known_after(self, month: Period, days: int) -> int:
        """How many days were known after so many of a past month."""
        return (month.start - self._first).days + min(days, month.days - 1)

    # Bands of groups and total

    def _expect(self) -> None:
        """Makes every forecast that is to be asked, all at once."""
        knowns = {self._known_after(month, days) for days, months in self._to_test.items() for month in months}
        before = (self._month.start - self._first).days
        past = sorted(knowns | ({before} if before >= LEAST_DAYS else set()) - {self._known})
        for series in {self._base, self._groups or self._base}:
            series.expect(past, _MONTH_DAYS)
            series.expect([self._known], _HORIZON)

    def _windows(self, known: int, windows: Sequence[Window]) -> tuple[Bands | None, Bands]:
        whole = self._total.windows(known, windows)
        return (reconciled(self._groups.windows(known, windows), whole) if self._groups else None), whole

    def _single_days(self, known: int, count: int) -> tuple[Bands | None, Bands]:
        whole = self._total.days(known, count)
        return (reconciled(self._groups.days(known, count), whole) if self._groups else None), whole

    def _column(self, known: Sequence[Decimal], bands: tuple[Bands | None, Bands], column: int) -> list[Estimate]:
        """The estimates of the groups and, last, of the total, which those of the groups sum to."""
        parts, whole = bands
        total = column_of(known[-1:], whole, column, None)[0]
        return [*(column_of(known[:-1], parts, column, total.mean) if parts else ()), total]

    # Exact amounts

    def _spent(self, period: Period) -> list[Decimal]:
        """What each row cost in a period."""
        days = list(period.dates())
        return [exact_sum(each[day] for each in row for day in days if day in each) for row in self._rows]

    @property
    def _nothing(self) -> list[Decimal]:
        return [ZERO] * len(self._keys)

    @staticmethod
    def _window(month: Period, through: date) -> Window:
        return max(1, (month.start - through).days), (month.last_day - through).days
