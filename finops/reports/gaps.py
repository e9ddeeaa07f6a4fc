"""What a report lacks, and says: days without data, failed accounts, old or absent findings, anomalies still learned.

Failures are those that the API's answers to the same questions name; sentences tell what no failure does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from finops.model.outcome import Failure
from finops.reports.words import counted, days_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from finops.inventory import Standing
    from finops.model.anomalies import Detection
    from finops.model.assets import AssetFilter
    from finops.model.costs import CostAnswer
    from finops.reports.definition import Asked, Sources
    from finops.store.finding_sql import FindingFilter
    from finops.waste.check import Check

OLD = timedelta(days=3)
"""Findings and listings older than this are told to be old."""
NO_RUN, NOT_RUN, NOT_LISTED = "no_run", "not_run", "not_listed"


@dataclass(frozen=True, slots=True)
class Gaps:
    """Failures, and sentences about what is missing. Sums of them tell nothing twice."""

    failures: tuple[Failure, ...] = ()
    missing: tuple[str, ...] = ()

    def __add__(self, other: Gaps) -> Gaps:
        return Gaps(
            tuple(dict.fromkeys((*self.failures, *other.failures))),
            tuple(dict.fromkeys((*self.missing, *other.missing))),
        )


def of_answers(asked: Asked, *answers: CostAnswer) -> Gaps:
    """Of answers to questions about costs."""
    found = Gaps()
    for answer in answers:
        found += Gaps(answer.failures, _of_answer(asked, answer))
    return found


def _of_answer(asked: Asked, answer: CostAnswer) -> tuple[str, ...]:
    origin, period = answer.provenance, answer.question.period
    days = days_text(period, asked.today)
    told = []
    if not origin.source:
        told.append(f"The cost of {days} is not known.")
    elif origin.missing_days:
        held = "holds" if origin.missing_days == 1 else "hold"
        told.append(f"{origin.missing_days} of {counted(period.days, 'day')} of {days} {held} no stored data.")
    if origin.source and not answer.reconciles:
        told.append(f"The parts of {days} do not add up to the source's own total.")
    return tuple(told)


def of_findings(sources: Sources, asked: Asked, only: FindingFilter, failures: Iterable[Failure]) -> Gaps:
    """Of a list of findings: what no check has looked at, what could not be seen, how old it is."""
    runs = sources.runs(asked.tenant)
    if not runs:
        told = f"No check of tenant {asked.tenant} has run yet; run `findings run`."
        return Gaps((Failure(NO_RUN, told),), ("Savings are not known: no check has run yet.",))
    wanted = only.checks or tuple(check.check_id for check in sources.waste.checks if _looks_for(check, only))
    lacking = tuple(check for check in wanted if check not in runs)
    not_run = f"Not run to their end yet: {', '.join(lacking)[:2_000]}; run `findings run`."
    concerned = (
        failure
        for failure in failures
        if (not only.accounts or failure.account in {"", *only.accounts})
        and (not only.regions or failure.region in {"", *only.regions})
    )
    latest = max(run.started for run in runs.values())
    age = asked.now - latest
    old = f"Findings are of {latest:%Y-%m-%d}, {counted(age.days, 'day')} old."
    return Gaps(
        tuple(dict.fromkeys((*((Failure(NOT_RUN, not_run),) if lacking else ()), *concerned))),
        (old,) if age > OLD else (),
    )


def _looks_for(check: Check, only: FindingFilter) -> bool:
    """Whether a check could have found what a filter asks for."""
    return (not only.categories or check.category in only.categories) and (
        not only.kinds or not check.kinds or bool(set(check.kinds) & set(only.kinds))
    )


def of_inventory(asked: Asked, standing: Standing, only: AssetFilter) -> Gaps:
    """Of what discovery has listed."""
    unknown = tuple(account for account in only.accounts if account not in standing.accounts)
    if not standing.accounts and not unknown:
        told = "No discovery has listed anything of this yet; run `inventory discover`."
        return Gaps((Failure(NOT_LISTED, told),), ("Assets are not known: nothing was listed yet.",))
    never = "Nothing of this was ever listed there; run `inventory discover`."
    missing = []
    if standing.failed:
        accounts = len({*standing.accounts, *standing.failed} - {""})
        missing.append(f"{counted(len(standing.failed), 'account')} of {accounts:,} could not be listed as a whole.")
    if standing.checked is not None and asked.now - standing.checked > OLD:
        age = asked.now - standing.checked
        missing.append(f"Assets were last listed on {standing.checked:%Y-%m-%d}, {counted(age.days, 'day')} ago.")
    return Gaps((*standing.failures, *(Failure(NOT_LISTED, never, each) for each in unknown)), tuple(missing))


def of_detection(found: Detection) -> Gaps:
    """Of what a detection looked at."""
    missing = []
    if found.learning:
        told = f"{found.learning:,} of {counted(found.series, 'series', 'series')} of daily cost are still learned"
        missing.append(f"{told}: nothing is said of them.")
    if not found.series:
        missing.append("Anomalies are not known: no daily cost is stored.")
    return Gaps(found.failures, tuple(missing))
