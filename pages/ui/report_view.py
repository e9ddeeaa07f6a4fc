"""The state of the Reports page as one value. Pure; `report_links` reads it and writes it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from finops.model.errors import InputError
from finops.model.period import Period
from finops.reports.words import last_days, last_month

if TYPE_CHECKING:
    from datetime import date

    from finops.model.delivery import DeliveryStatus

USUAL_REPORT = "executive-summary"
PAGE_SIZE = 50


class Tab(StrEnum):
    """The three parts of the page."""

    MAKE = "make"
    SCHEDULES = "schedules"
    DELIVERIES = "deliveries"


class Span(StrEnum):
    """Which days a report is of; the usual ones are its own."""

    USUAL = "usual"
    TO_DATE = "month"
    LAST_MONTH = "last_month"
    MONTH_DAYS = "30d"
    QUARTER_DAYS = "90d"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class ReportView:
    """What the page shows. `report`, `span` and `days` are those to be made, `schedule` and `mail` the rows open.

    `days` are the first and the last day of a custom period; `of` narrows mails to a schedule, as `statuses` do.
    """

    tab: Tab = Tab.MAKE
    report: str = USUAL_REPORT
    span: Span = Span.USUAL
    days: tuple[date, ...] = ()
    schedule: str = ""
    statuses: tuple[DeliveryStatus, ...] = ()
    of: str = ""
    page: int = 1
    mail: str = ""

    @property
    def listed(self) -> tuple[object, ...]:
        """What decides which mails are listed."""
        return (self.statuses, self.of, self.page)


def key(field: str) -> str:
    """The widget's key in the session."""
    return f"reports.{field}"


def period_of(span: Span, days: tuple[date, ...], today: date) -> Period | None:
    """The days asked for, None for the report's usual ones. InputError while a custom period has only one end."""
    if span is Span.CUSTOM:
        if len(days) != len(("first", "last")):
            raise InputError("start", "Choose the first and the last day.")
        first, last = days
        return Period(first, last_days(last, 1).end)
    return {
        Span.USUAL: None,
        Span.TO_DATE: Period(today.replace(day=1), last_days(today, 1).end),
        Span.LAST_MONTH: last_month(today),
        Span.MONTH_DAYS: last_days(today, 30),
        Span.QUARTER_DAYS: last_days(today, 90),
    }[span]


def pages_of(total: int) -> int:
    """How many pages a list has, at least one."""
    return max(1, -(-total // PAGE_SIZE))
