"""Words of thresholds that belong to people: what can be tuned, between which bounds, and whose value holds.

A threshold's full name is the check's id (or `anomaly`, `tags`, `budget`, `digest`), a dot, and its own name:
`aws.ec2.idle_instance.cpu_average`. The value that holds is the lock, else the person's, else the tenant's, else the
built-in one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from finops.model.anomalies import USUAL_THRESHOLDS, Sensitivity
from finops.model.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from finops.model.findings import Threshold

Value: TypeAlias = float | str
"""A threshold's value: a number, or one of its choices."""


class Origin(StrEnum):
    """Whose value of a threshold holds."""

    LOCK = "lock"
    PERSON = "person"
    TENANT = "tenant"
    BUILT_IN = "built-in"


@dataclass(frozen=True, slots=True)
class Tunable:
    """A threshold that a person may set. `choices` are its values, in order, where it is no number.

    `subject` is the title of what it belongs to (`Idle EC2 instance`), `group` the heading that stands under.
    """

    owner: str
    name: str
    subject: str
    group: str
    text: str
    default: Value
    minimum: float = 0
    maximum: float = 0
    unit: str = ""
    step: float = 1
    choices: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The full name."""
        return f"{self.owner}.{self.name}"

    @property
    def title(self) -> str:
        """Subject and name, as in `Idle EC2 instance, cpu average`."""
        return f"{self.subject}, {self.name.replace('_', ' ')}"

    @property
    def bounds(self) -> str:
        """`0 to 25 %`, or the choices."""
        if self.choices:
            return ", ".join(self.choices)
        return f"{_number(self.minimum)} to {_number(self.maximum)} {self.unit}".rstrip()

    def fits(self, value: object) -> bool:
        """Whether a value is one of the choices, or a finite number within the bounds."""
        if self.choices:
            return value in self.choices
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return math.isfinite(value) and self.minimum <= value <= self.maximum

    def checked(self, value: object) -> Value:
        """The value as it is kept; InputError, which says the bounds, for one that does not fit."""
        if not self.fits(value):
            among = "be one of" if self.choices else "lie between"
            bounds = self.bounds if self.choices else self.bounds.replace(" to ", " and ", 1)
            raise InputError(self.key, f"{self.key} must {among} {bounds}")
        return str(value) if self.choices else float(value)  # type: ignore[arg-type] # it fits

    def parsed(self, text: str) -> Value:
        """The value that a text spells; InputError for one that does not fit."""
        if self.choices:
            return self.checked(text.strip().lower())
        try:
            return self.checked(float(text))
        except ValueError:
            return self.checked(None)

    def shown(self, value: Value) -> str:
        """`5 %`, `10,000 USD a month`, `medium`."""
        if isinstance(value, str):
            return value
        return f"{_number(value)} {self.unit}".rstrip()


def _number(value: float) -> str:
    """`10,000`, `0.4`."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,g}"


@dataclass(frozen=True, slots=True)
class Effective:
    """The value of a threshold that holds for one person, whose it is, and what would hold without their own."""

    tunable: Tunable
    value: Value
    origin: Origin
    inherited: Value

    @property
    def deviates(self) -> bool:
        """Whether the person's own value holds and is another than everyone's."""
        return self.origin is Origin.PERSON and self.value != self.inherited


ANOMALY, TAGS, BUDGET, DIGEST = "anomaly", "tags", "budget", "digest"

GENERAL: tuple[Tunable, ...] = (
    Tunable(
        *(ANOMALY, "min_impact_usd", "Anomalies", "Anomalies"),
        text="an anomaly costs at least this much more than expected",
        default=float(USUAL_THRESHOLDS.min_impact), minimum=0, maximum=1_000_000, unit="USD", step=10,
    ),
    Tunable(
        *(ANOMALY, "min_impact_percent", "Anomalies", "Anomalies"),
        text="and at least this much more than expected, in percent",
        default=float(USUAL_THRESHOLDS.min_percent), minimum=0, maximum=1000, unit="%", step=5,
    ),
    Tunable(
        *(ANOMALY, "sensitivity", "Anomalies", "Anomalies"),
        text="how small a deviation counts", default=str(USUAL_THRESHOLDS.sensitivity), choices=tuple(Sensitivity),
    ),
    Tunable(
        *(TAGS, "target_count_percent", "Tag compliance", "Tags"),
        text="resources that should comply", default=95.0, minimum=0, maximum=100, unit="%",
    ),
    Tunable(
        *(TAGS, "target_cost_percent", "Tag compliance", "Tags"),
        text="taggable cost that should comply", default=98.0, minimum=0, maximum=100, unit="%",
    ),
    Tunable(
        *(BUDGET, "alert_percent", "Budgets", "Budgets"),
        text="a budget alerts when this much of it is spent",
        default=80.0, minimum=1, maximum=200, unit="%", step=5,
    ),
    Tunable(
        *(DIGEST, "min_saving_usd", "Digest", "Digest"),
        text="a new or resolved finding is told of when it saves at least this much a month",
        default=10.0, minimum=0, maximum=1_000_000, unit="USD", step=10,
    ),
    Tunable(
        *(DIGEST, "min_change_usd", "Digest", "Digest"),
        text="a cost is told of when it changes by at least this much a month",
        default=100.0, minimum=0, maximum=1_000_000, unit="USD", step=10,
    ),
    Tunable(
        *(DIGEST, "min_change_percent", "Digest", "Digest"),
        text="and by at least this much, in percent",
        default=10.0, minimum=0, maximum=1000, unit="%", step=5,
    ),
)  # fmt: skip
"""Thresholds that belong to no check."""


def of_check(check_id: str, title: str, group: str, thresholds: Sequence[Threshold]) -> tuple[Tunable, ...]:
    """The tunables of a check."""
    return tuple(
        Tunable(
            owner=check_id,
            name=each.name,
            subject=title,
            group=group,
            text=each.text,
            default=float(each.default),
            minimum=each.minimum,
            maximum=each.maximum,
            unit=each.unit,
            step=each.step,
        )
        for each in thresholds
    )


def effective(
    tunable: Tunable, *, own: Mapping[str, Value], defaults: Mapping[str, Value], locks: Mapping[str, Value]
) -> Effective:
    """The value that holds: lock, else the person's own, else the tenant's default, else the built-in one.

    A kept value that does not fit (any more) counts as not there.
    """
    key = tunable.key
    inherited = next(
        (kept[key] for kept in (locks, defaults) if key in kept and tunable.fits(kept[key])), tunable.default
    )
    for origin, kept in ((Origin.LOCK, locks), (Origin.PERSON, own), (Origin.TENANT, defaults)):
        if key in kept and tunable.fits(kept[key]):
            return Effective(tunable, kept[key], origin, inherited)
    return Effective(tunable, tunable.default, Origin.BUILT_IN, inherited)
