"""Judging: pure functions from an observation and thresholds to a verdict, and the rules that hold for every check.

Missing data is never "ok". A null state is not "running", an empty window is not "idle", and a resource whose place
could not be listed the last time is undetermined whatever is remembered of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, cast

from config import EXCLUSION
from finops.model.errors import InputError
from finops.model.findings import NO_SAVING, Basis, Judgement, Saving, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from finops.model.findings import Levels, Observation
    from finops.waste.check import Check

ENOUGH = 0.9
"""The share of a window's days that must have data, else nothing is said."""

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class TagRule:
    """Leaves out what carries a tag: `Key`, `Key==Value` or `Key=~/expression/`."""

    key: str
    value: str | None = None
    pattern: re.Pattern[str] | None = None

    @classmethod
    def of(cls, text: str) -> TagRule:
        """The rule of a text; InputError for one that is none."""
        found = EXCLUSION.fullmatch(text.strip())
        if found is None:
            raise InputError("exclude", "an exclusion is Key, Key==Value or Key=~/expression/")
        if found["pattern"] is None:
            return cls(found["key"], found["value"])
        try:
            return cls(found["key"], pattern=re.compile(found["pattern"]))
        except re.error as error:
            raise InputError("exclude", f"the expression of {found['key'][:40]} cannot be read: {error}") from None

    def hits(self, tags: Mapping[str, str] | None) -> bool:
        """Whether a resource carries the tag. One whose tags are unknown does not."""
        value = (tags or {}).get(self.key)
        if value is None or self.pattern is not None:
            return value is not None and self.pattern is not None and self.pattern.search(value) is not None
        return self.value is None or value == self.value


def judged(check: Check, observation: Observation, levels: Levels, exclude: Sequence[TagRule] = ()) -> Judgement:
    """What the check says, after the guards of all checks: exclusions, a stale listing, age, a saving too small."""
    for rule in exclude:
        if rule.hits(observation.tags):
            return Judgement(Verdict.NOT_APPLICABLE, f"It is left out by its tag {rule.key}.")
    facts = observation.facts
    stale = facts.get("unlisted_since")
    if stale:
        return undetermined(f"It could not be listed lately; what is known of it is of {str(stale)[:10]}.")
    age = facts.get("age_days")
    if check.aged and isinstance(age, int) and age < levels["min_age_days"]:
        return Judgement(Verdict.NOT_APPLICABLE, f"It is {counted(age, 'day')} old, too young to judge.")
    found = check.judge(observation, levels)
    if found.verdict is not Verdict.FLAGGED or found.saving.basis is Basis.NONE:
        return found
    if found.saving.amount < Decimal(str(levels["min_saving"])):
        small = f"${found.saving.amount:.2f} a month is below the saving worth a finding."
        return Judgement(Verdict.OK, f"{found.message} {small}")
    return found


def undetermined(why: str) -> Judgement:
    """The data does not suffice."""
    return Judgement(Verdict.UNDETERMINED, why)


def fine(why: str) -> Judgement:
    """Looked at and not wasteful."""
    return Judgement(Verdict.OK, why)


def not_applicable(why: str) -> Judgement:
    """The check has nothing to say about it."""
    return Judgement(Verdict.NOT_APPLICABLE, why)


def flagged(why: str, saving: Saving = NO_SAVING) -> Judgement:
    """Wasteful."""
    return Judgement(Verdict.FLAGGED, why, saving)


def whole_cost(observation: Observation) -> Saving:
    """All that the resource costs: its own bill first, the list price second, nothing without either."""
    return of_amounts(observation, "bill", "list")


def of_amounts(observation: Observation, measured: str, derived: str) -> Saving:
    """A saving from the bill's amount where it is known, else from the list price's, rounded to the cent."""
    for name, basis in ((measured, Basis.MEASURED), (derived, Basis.DERIVED)):
        amount = observation.amounts.get(name)
        if amount is not None and amount > 0:
            return Saving(max(amount.quantize(_CENT), _CENT), basis, observation.currency)
    return NO_SAVING


def capped(observation: Observation, saving: Saving) -> Saving:
    """A saving that is never above the resource's own bill, where that is known."""
    bill = observation.amounts.get("bill")
    if bill is None or saving.amount <= bill:
        return saving
    return Saving(max(bill.quantize(_CENT), Decimal(0)), saving.basis, saving.currency) if bill > 0 else NO_SAVING


class Recent(NamedTuple):
    """The last days of a series: those that have data, and how many days were asked for."""

    values: tuple[float, ...]
    days: int

    @property
    def enough(self) -> bool:
        """Whether nine days in ten have data."""
        return len(self.values) >= ENOUGH * self.days

    @property
    def average(self) -> float:
        """The mean of the days that have data; ZeroDivisionError without one."""
        return sum(self.values) / len(self.values)

    @property
    def maximum(self) -> float:
        """The greatest day; ValueError without one."""
        return max(self.values)

    @property
    def total(self) -> float:
        """The sum over the days that have data."""
        return sum(self.values)


def number(observation: Observation, fact: str) -> float | None:
    """A fact that is a number; None where it is unknown or none."""
    value = observation.facts.get(fact)
    return None if isinstance(value, bool) or not isinstance(value, int | float) else value


def recent(observation: Observation, label: str, days: float) -> Recent:
    """The last `days` of one of the observation's series; nothing when it has no such series."""
    wanted = int(days)
    series = observation.series.get(label, ())[-wanted:]
    known = tuple(value for value in series if value is not None) if None in series else series
    return Recent(cast("tuple[float, ...]", known), wanted)


def too_few(what: str, found: Recent) -> Judgement:
    """Undetermined, since days are missing."""
    return undetermined(f"{what} is known for {len(found.values)} of {found.days} days only.")


def counted(number: object, noun: str) -> str:
    """`1 day`, `14 days`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
