"""The words of a check: what it looks for, what it measures, how it judges, and what a person would do about it.

Each module of `finops.waste.checks` holds one, as `CHECK`; its docstring is the explanation people read. `measure`
talks to AWS through the context it is given and yields facts; `judge` is a pure function of facts and thresholds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from finops.aws.permissions import Operation, declare
from finops.model.findings import Levels, Observation, Threshold
from finops.model.outcome import Failure
from finops.waste.remedies import remedy

if TYPE_CHECKING:
    from finops.model.findings import Action, Category, Judgement, Remedy, Severity
    from finops.waste.context import Context

FEATURE = "waste"
MIN_AGE = Threshold("min_age_days", "the resource is at least this old", 7, 0, 365, "days")
MIN_SAVING = Threshold("min_saving", "a month would cost at least this much less", 1, 0, 10_000, "USD a month")
GUARDS = (MIN_AGE, MIN_SAVING)
"""Thresholds of every check, on top of its own."""

Measure: TypeAlias = Callable[["Context"], Iterator[Observation | Failure]]
Judge: TypeAlias = Callable[[Observation, Levels], "Judgement"]

_ID = re.compile(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9_]*){2,}", re.ASCII)
_READS = ("BatchGet", "Describe", "Get", "List", "Search")


def measuring(
    service: str, name: str, lost: str, *, action: str = "", hub: bool = False, reads: tuple[str, ...] = ()
) -> Operation:
    """Declares a read of a check. `lost` is what nobody can judge without it; `action` where IAM calls it otherwise.

    `hub` says that it is asked in the hub account only. `reads` are the only paths of an answer that are parsed, where
    it may hold secrets. ValueError for what is no read.
    """
    if not name.startswith(_READS):
        raise ValueError(f"{service}:{name} is no read")
    return declare(
        Operation(
            service=service,
            name=name,
            action=action or f"{service}:{name}",
            feature=FEATURE,
            lost=lost,
            scope="hub" if hub else "member",
            reads=reads,
        )
    )


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `kinds` are the inventory's kinds it looks at; none for a check of accounts.

    `console` and `command` make its remedy; see `finops.waste.remedies`. `aged` says that its guard on age applies: not
    where age is no excuse. `least_saving` is the default of the other guard where all its findings are small.
    `stands_on` names the series an observation is drawn by (the first ones in its chart), each with the threshold that
    is drawn as a line, if any.
    """

    check_id: str
    title: str
    explanation: str
    category: Category
    severity: Severity
    kinds: tuple[str, ...]
    action: Action
    measure: Measure
    judge: Judge
    console: str
    command: tuple[str, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    operations: tuple[Operation, ...] = ()
    stands_on: tuple[tuple[str, str], ...] = ()
    aged: bool = True
    least_saving: float | None = None
    source_url: str = ""

    def __post_init__(self) -> None:
        names = [threshold.name for threshold in self.all_thresholds]
        unknown = {name for _, name in self.stands_on if name} - set(names)
        if not _ID.fullmatch(self.check_id) or not self.title or not self.explanation.strip():
            raise ValueError(f"{self.check_id}: a check needs an id such as aws.ec2.idle_instance, a title and words")
        if len(set(names)) < len(names) or unknown:
            raise ValueError(f"{self.check_id}: thresholds named twice, or drawn and not there: {sorted(unknown)}")

    @property
    def all_thresholds(self) -> tuple[Threshold, ...]:
        """Its own thresholds and the guards of every check."""
        guards = (MIN_AGE, MIN_SAVING) if self.aged else (MIN_SAVING,)
        if self.least_saving is not None:
            guards = (*guards[:-1], replace(MIN_SAVING, default=self.least_saving))
        return (*self.thresholds, *guards)

    def remedy(self, observation: Observation) -> Remedy:
        """Where and how a person acts on a finding."""
        return remedy(observation, self.console, self.command)

    @property
    def defaults(self) -> dict[str, float]:
        """Every threshold at its default."""
        return {threshold.name: threshold.default for threshold in self.all_thresholds}
