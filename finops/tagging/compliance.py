"""Figures of compliance: by count and weighted by cost, for assets as a whole and for each key, in groups.

Only what can be judged is in a denominator. Exempt, untaggable and unknown assets are counted apart, and so are judged
ones whose cost nobody knows. Costs of two currencies are never added.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from finops.model.errors import InputError
from finops.model.tagging import UNTAGGED, VIOLATIONS, TagVerdict
from finops.tagging.estate import NO_DAY, Coded, Longs
from finops.tagging.evaluation import CODES, VERDICTS, among

if TYPE_CHECKING:
    from collections.abc import Mapping

    from finops.tagging.estate import Estate, Flags
    from finops.tagging.evaluation import Codes, Evaluation

TARGET_COST, TARGET_COUNT = Decimal(98), Decimal(95)
"""Percentages that organizations set themselves: by spend, and by count."""
NEW_DAYS = 30
"""First seen at most so many days ago, and not created before: a new asset."""
GROUPS = ("account", "service", "region", "kind", "owner")
"""What figures can be grouped by; `owner` is the tag Owner, and `tag:<Key>` any tag."""
OWNER_KEY = "Owner"

_MICRO = Decimal(1_000_000)


class Status(IntEnum):
    """How an asset stands: with one key, or with all rules that are about it, where the worst counts."""

    APART = 0  # no rule is about it
    COMPLIANT = 1
    VIOLATING = 2
    EXEMPT = 3
    UNTAGGABLE = 4
    UNKNOWN = 5


@dataclass(frozen=True, slots=True)
class CostScore:
    """Dollars of the last days (at most 30) by how their assets stand. `untagged` is part of what violates."""

    currency: str
    compliant: Decimal
    violating: Decimal
    untagged: Decimal
    exempt: Decimal
    untaggable: Decimal
    unknown: Decimal

    @property
    def judged(self) -> Decimal:
        """The denominator: the cost of what can be judged."""
        return self.compliant + self.violating

    @property
    def percent(self) -> Decimal | None:
        """The compliant share, None where nothing can be judged or judged costs are not above zero."""
        return percent(self.compliant, self.judged)


@dataclass(frozen=True, slots=True)
class Score:
    """Assets by how they stand. `unpriced` are judged ones of unknown cost: they are in no sum of `costs`."""

    compliant: int
    violating: int
    untagged: int
    exempt: int
    untaggable: int
    unknown: int
    unpriced: int
    costs: tuple[CostScore, ...]

    @property
    def judged(self) -> int:
        """The denominator: what complies and what does not."""
        return self.compliant + self.violating

    @property
    def percent(self) -> Decimal | None:
        """The compliant share by count, None where nothing can be judged."""
        return percent(Decimal(self.compliant), Decimal(self.judged))

    @property
    def cost(self) -> CostScore | None:
        """The costs, where they are all of one currency."""
        return self.costs[0] if len(self.costs) == 1 else None

    @property
    def cost_percent(self) -> Decimal | None:
        """The compliant share by cost, None where nothing is priced or there are several currencies."""
        return self.cost.percent if self.cost else None


@dataclass(frozen=True, slots=True)
class KeyScore:
    """How one key stands: assets by verdict too."""

    key: str
    score: Score
    verdicts: Mapping[TagVerdict, int]


@dataclass(frozen=True, slots=True)
class GroupScore:
    """How the assets of one group stand; the empty text is those without the field."""

    group: str
    score: Score


@dataclass(frozen=True, slots=True)
class Compliance:
    """Every figure of one question. `groups` are there where asked for, dearest violations first."""

    score: Score
    keys: tuple[KeyScore, ...]
    new: Score
    groups: tuple[GroupScore, ...] = ()
    by: str = ""
    key: str = ""
    assets: int = 0
    notes: tuple[str, ...] = field(default=())


def percent(part: Decimal, whole: Decimal) -> Decimal | None:
    """A share in percent with two decimals, never rounded up to a whole hundred."""
    if whole <= 0:
        return None
    found = (part / whole * 100).quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN)
    return min(found, Decimal("99.99")) if part < whole else found


def compliance(evaluation: Evaluation, chosen: Flags, *, by: str = "", key: str = "") -> Compliance:
    """The figures of the assets chosen. With `key` groups are about this key alone.

    InputError for an unknown group, or a key that no rule is about.
    """
    estate = evaluation.estate
    overall = standing(evaluation)
    scores = _Scores(estate, chosen)
    keys = tuple(
        KeyScore(judge.rule.key, scores.one(_STATUS[codes], among(codes, UNTAGGED)), _counts(codes[chosen]))
        for judge, codes in zip(evaluation.rules, evaluation.verdicts, strict=True)
    )
    untagged = _untagged(evaluation)
    fresh = _Scores(estate, chosen & new_assets(estate, evaluation.day.toordinal()))
    grouped: tuple[GroupScore, ...] = ()
    if by:
        status, lacking = (overall, untagged) if not key else _of_key(evaluation, key)
        grouped = scores.grouped(status, lacking, field_of(estate, by))
    return Compliance(
        scores.one(overall, untagged), keys, fresh.one(overall, untagged), grouped, by, key, int(chosen.sum())
    )


def standing(evaluation: Evaluation) -> Codes:
    """How each asset stands with all rules (`Status`): any violation counts, then what is not known."""
    ranks = np.zeros(len(evaluation.estate), dtype=np.int8)
    for codes in evaluation.verdicts:
        np.maximum(ranks, _RANK[_STATUS[codes]], out=ranks)
    return _OF_RANK[ranks]


def status_of(codes: Codes) -> Codes:
    """How each asset stands with one key, from its verdict."""
    return _STATUS[codes]


def new_assets(estate: Estate, today: int) -> Flags:
    """Which assets are new: first seen, and created where that is known, in the last days."""
    since = today - NEW_DAYS
    found: Flags = (estate.first_seen >= since) & ((estate.created == NO_DAY) | (estate.created >= since))
    return found


def field_of(estate: Estate, by: str) -> Coded:
    """The field that figures are grouped by. InputError for one that is not known."""
    if by == "owner":
        return estate.tag(OWNER_KEY)
    if by.startswith("tag:") and by != "tag:":
        return estate.tag(by.removeprefix("tag:"))
    if by not in GROUPS:
        raise InputError("by", f"figures are grouped by {', '.join(GROUPS)} or tag:<Key>")
    return estate.facets[by]


def _of_key(evaluation: Evaluation, key: str) -> tuple[Codes, Flags]:
    codes = evaluation.of_key(key)
    if codes is None:
        raise InputError("key", f"no rule of the policy is about the key {key[:60]!r}")
    return _STATUS[codes], among(codes, UNTAGGED)


def _untagged(evaluation: Evaluation) -> Flags:
    found = np.zeros(len(evaluation.estate), dtype=bool)
    for codes in evaluation.verdicts:
        found |= among(codes, UNTAGGED)
    return found


def _counts(codes: Codes) -> dict[TagVerdict, int]:
    counted = np.bincount(codes, minlength=len(VERDICTS))
    return {verdict: int(counted[number]) for verdict, number in CODES.items()}


def _table(size: int, numbers: Mapping[int, int]) -> Codes:
    table = np.zeros(size, dtype=np.int8)
    for place, number in numbers.items():
        table[place] = number
    return table


_OF_VERDICT = {
    TagVerdict.OK: Status.COMPLIANT,
    TagVerdict.EXEMPT: Status.EXEMPT,
    TagVerdict.UNTAGGABLE: Status.UNTAGGABLE,
    TagVerdict.UNKNOWN: Status.UNKNOWN,
    **dict.fromkeys(VIOLATIONS, Status.VIOLATING),
}
_STATUS = _table(len(VERDICTS), {CODES[verdict]: status for verdict, status in _OF_VERDICT.items()})
# What counts most comes last: an asset that violates one rule violates, whatever is unknown of another.
_ORDER = (Status.APART, Status.UNTAGGABLE, Status.EXEMPT, Status.COMPLIANT, Status.UNKNOWN, Status.VIOLATING)
_RANK = _table(len(Status), {status: rank for rank, status in enumerate(_ORDER)})
_OF_RANK = _table(len(Status), dict(enumerate(_ORDER)))


class _Scores:
    """Adds up the assets chosen, in whole micro-units."""

    def __init__(self, estate: Estate, chosen: Flags) -> None:
        self._chosen = chosen
        currency = estate.facets["currency"]
        self._currencies = currency.values
        self._currency = currency.codes[chosen]
        self._cost, self._priced = estate.cost[chosen], estate.priced[chosen]

    def one(self, status: Codes, untagged: Flags) -> Score:
        """The figures of all of them."""
        return self._scores(status, untagged, np.zeros(len(self._cost), dtype=np.int64), 1)[0]

    def grouped(self, status: Codes, untagged: Flags, field: Coded) -> tuple[GroupScore, ...]:
        """The figures of each group that has any assets with a rule about them."""
        codes = field.codes[self._chosen].astype(np.int64)
        scores = self._scores(status, untagged, codes, len(field.values))
        found = [GroupScore(name, score) for name, score in zip(field.values, scores, strict=True)]
        shown = [each for each in found if _assets(each.score)]
        return tuple(sorted(shown, key=lambda each: (-_violating_cost(each.score), -each.score.violating, each.group)))

    def _scores(self, status: Codes, untagged: Flags, groups: Longs, size: int) -> list[Score]:
        width, status, lacking = len(Status), status[self._chosen], untagged[self._chosen]
        places = groups * width + status
        counts = np.bincount(places, minlength=size * width).reshape(size, width)
        lack = np.bincount(groups[lacking & (status == Status.VIOLATING)], minlength=size)
        judged = (status == Status.COMPLIANT) | (status == Status.VIOLATING)
        unpriced = np.bincount(groups[judged & ~self._priced], minlength=size)
        costs = [self._costs(number, places, status, lacking, size) for number in range(len(self._currencies))]
        found = []
        for group in range(size):
            by_status = {each: int(counts[group, each]) for each in Status}
            found.append(
                Score(
                    compliant=by_status[Status.COMPLIANT],
                    violating=by_status[Status.VIOLATING],
                    untagged=int(lack[group]),
                    exempt=by_status[Status.EXEMPT],
                    untaggable=by_status[Status.UNTAGGABLE],
                    unknown=by_status[Status.UNKNOWN],
                    unpriced=int(unpriced[group]),
                    costs=tuple(cost for row in costs if (cost := row[group]) is not None),
                )
            )
        return found

    def _costs(self, number: int, places: Longs, status: Codes, lacking: Flags, size: int) -> list[CostScore | None]:
        """The costs in one currency by group; None where nothing is priced in it."""
        mine = self._priced & (self._currency == number) & (status != Status.APART)
        sums = np.zeros(size * len(Status), dtype=np.int64)
        np.add.at(sums, places[mine], self._cost[mine])
        there = np.bincount(places[mine] // len(Status), minlength=size)
        lack = mine & lacking & (status == Status.VIOLATING)
        without = np.zeros(size, dtype=np.int64)
        np.add.at(without, places[lack] // len(Status), self._cost[lack])
        table, name = sums.reshape(size, len(Status)), self._currencies[number]
        return [_cost_score(name, table[group], without[group]) if there[group] else None for group in range(size)]


def _cost_score(currency: str, sums: Longs, untagged: np.int64) -> CostScore:
    def amount(micro: np.int64) -> Decimal:
        return Decimal(int(micro)) / _MICRO

    return CostScore(
        currency,
        compliant=amount(sums[Status.COMPLIANT]),
        violating=amount(sums[Status.VIOLATING]),
        untagged=amount(untagged),
        exempt=amount(sums[Status.EXEMPT]),
        untaggable=amount(sums[Status.UNTAGGABLE]),
        unknown=amount(sums[Status.UNKNOWN]),
    )


def _assets(score: Score) -> int:
    return score.judged + score.exempt + score.untaggable + score.unknown


def _violating_cost(score: Score) -> Decimal:
    return sum((each.violating for each in score.costs), Decimal(0))
