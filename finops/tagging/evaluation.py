"""A policy over the whole estate: a verdict for each asset and rule, one rule at a time over columns.

`finops.tagging.judging` says what each verdict is; a property test holds the two, and a third telling, together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from finops.model.tagging import UNTAGGED, VIOLATIONS, TagVerdict
from finops.tagging.judging import judges

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from finops.model.tagging import PolicyVersion
    from finops.tagging.estate import Estate, Flags
    from finops.tagging.judging import Judge

Codes = NDArray[np.int8]

NONE = 0
CODES: Mapping[TagVerdict, int] = {verdict: number for number, verdict in enumerate(TagVerdict, 1)}
"""The number of each verdict; `NONE` stands where no rule is about the asset."""
VERDICTS: tuple[TagVerdict | None, ...] = (None, *TagVerdict)
"""The verdict of each number."""

_MISSING, _EMPTY, _ALIAS = (CODES[each] for each in (TagVerdict.MISSING, TagVerdict.EMPTY, TagVerdict.ALIAS))
_EXEMPT, _UNKNOWN = CODES[TagVerdict.EXEMPT], CODES[TagVerdict.UNKNOWN]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The verdicts of one policy on one estate on one day: for each rule a number for each asset (see `VERDICTS`)."""

    estate: Estate
    policy: PolicyVersion
    day: date
    rules: tuple[Judge, ...]
    verdicts: tuple[Codes, ...]
    account_tags: Mapping[str, Mapping[str, str] | None]

    def of_key(self, key: str) -> Codes | None:
        """The verdicts on one key; None where no rule is about it."""
        for judge, codes in zip(self.rules, self.verdicts, strict=True):
            if judge.rule.key == key:
                return codes
        return None


def evaluated(
    estate: Estate, policy: PolicyVersion, account_tags: Mapping[str, Mapping[str, str] | None], day: date
) -> Evaluation:
    """The verdicts of a policy. `account_tags` by account id; an account that it lacks has unknown tags."""
    rules = judges(policy.policy)
    verdicts = tuple(_of_rule(estate, judge, account_tags, day) for judge in rules)
    return Evaluation(estate, policy, day, rules, verdicts, account_tags)


def among(codes: Codes, verdicts: Iterable[TagVerdict]) -> Flags:
    """Where one of some verdicts stands."""
    table = np.zeros(len(VERDICTS), dtype=bool)
    table[[CODES[each] for each in verdicts]] = True
    return table[codes]


def _of_rule(estate: Estate, judge: Judge, account_tags: Mapping[str, Mapping[str, str] | None], day: date) -> Codes:
    kinds = estate.facets["kind"]
    found = _found(estate, judge)
    if judge.rule.inherit:
        accounts = estate.facets["account"]
        inherited = _table(accounts.values, lambda each: CODES_OR_NONE[judge.of_account(account_tags.get(each))])
        own = inherited[accounts.codes]
        found = np.where(among(found, UNTAGGED) & (own != NONE), own, found)
    required = _flags(kinds.values, judge.required)[kinds.codes]
    found[among(found, UNTAGGED) & ~required] = NONE
    found[among(found, VIOLATIONS) & _forgiven(estate, judge, day)] = _EXEMPT
    found[~estate.known] = _UNKNOWN
    untaggable = _flags(kinds.values, judge.untaggable)[kinds.codes]
    found[untaggable] = NONE
    found[untaggable & required] = CODES[TagVerdict.UNTAGGABLE]
    found[~_flags(kinds.values, judge.applies)[kinds.codes]] = NONE
    return found


CODES_OR_NONE: Mapping[TagVerdict | None, int] = {verdict: number for number, verdict in enumerate(VERDICTS)}


def _found(estate: Estate, judge: Judge) -> Codes:
    """What each asset's own tags say."""
    found = np.full(len(estate), _MISSING, dtype=np.int8)
    column = estate.tags.get(judge.rule.key)
    if column is not None:
        found[column.rows] = _table(column.values, lambda value: CODES[judge.of_value(value)])[column.codes]
    settled = ~among(found, UNTAGGED)
    aliased = np.zeros(len(estate), dtype=bool)
    for key, other in estate.tags.items():
        if judge.is_spelling(key):
            filled = _flags(other.values, lambda value: bool(value.strip()))[other.codes]
            aliased[other.rows[filled]] = True
            blank = other.rows[~filled]
            found[blank[found[blank] == _MISSING]] = _EMPTY
    found[aliased & ~settled] = _ALIAS
    return found


def _forgiven(estate: Estate, judge: Judge, day: date) -> Flags:
    """Where a violation is exempt."""
    forgiven = np.zeros(len(estate), dtype=bool)
    if judge.rule.since is not None:
        forgiven |= estate.born < judge.rule.since.toordinal()
    kinds, accounts = estate.facets["kind"], estate.facets["account"]
    for exemption, named in judge.exemptions:
        if day < exemption.until:
            chosen = frozenset(exemption.accounts or accounts.values)
            there = _flags(accounts.values, chosen.__contains__)[accounts.codes]
            forgiven |= there & _flags(kinds.values, named)[kinds.codes]
    return forgiven


def _table(values: Iterable[str], code: Callable[[str], int]) -> Codes:
    return np.array([code(value) for value in values], dtype=np.int8)


def _flags(values: Iterable[str], holds: Callable[[str], bool]) -> Flags:
    return np.array([holds(value) for value in values], dtype=bool)
