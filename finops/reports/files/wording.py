"""Sentences that a report's files have in common: its period and scope, and what is missing from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from finops.model.outcome import Failure
    from finops.model.period import Period
    from finops.model.reports import Report

_HEADING = 1_000  # characters of a heading that names what is missing


def period_words(period: Period | None) -> str:
    """`2026-11-01 to 2026-11-20 (20 days)`, both days inside."""
    if period is None:
        return "as of when it was made"
    days = "1 day" if period.days == 1 else f"{period.days} days"
    return f"{period.start} to {period.last_day} ({days})"


def scope_words(report: Report) -> str:
    """What it was narrowed to: `account 111111111111, 222222222222; service AmazonEC2`."""
    parts = [f"{name} {', '.join(values)}" for name, values in sorted(report.request.scope.items()) if values]
    return "; ".join(parts) or "everything"


def failure_words(failure: Failure) -> str:
    """A failure in one line: where, what, and the permission that is missing."""
    place = " ".join(part for part in (failure.account, failure.region, failure.service) if part)
    missing = f" (missing permission: {failure.missing_action})" if failure.missing_action else ""
    return f"{place}{': ' if place else ''}{failure.message}{missing}"


def missing_words(report: Report) -> tuple[str, ...]:
    """Everything that is not in it, a sentence each."""
    return (*report.missing, *map(failure_words, report.failures))


def note_words(report: Report) -> tuple[str, ...]:
    """What was left out of tables, or cut."""
    return tuple(f"{table.title}: {table.note}" for table in report.tables if table.note)


def partial_words(report: Report) -> str:
    """What is missing in one cell, the longest list cut."""
    text = f"PARTIAL: {'; '.join(missing_words(report))}"
    return text if len(text) <= _HEADING else f"{text[:_HEADING]}… (all of it: the same report as JSON)"
