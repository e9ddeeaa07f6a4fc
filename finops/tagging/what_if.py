"""What another policy would say, before anybody saves it: both scores, every changed verdict, rules without effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from finops.tagging.compliance import compliance
from finops.tagging.evaluation import NONE, VERDICTS

if TYPE_CHECKING:
    from finops.model.tagging import TaggedAsset, TagVerdict
    from finops.tagging.compliance import Score
    from finops.tagging.estate import Flags, Longs
    from finops.tagging.evaluation import Codes, Evaluation
    from finops.tagging.judging import Judge


@dataclass(frozen=True, slots=True)
class ChangedVerdict:
    """One asset and key that another policy judges otherwise. None: no rule is about it."""

    asset: TaggedAsset
    key: str
    before: TagVerdict | None
    after: TagVerdict | None


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A rule of the new policy that says nothing of any asset, and why: `field` names what to change."""

    key: str
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Moves:
    """How often one verdict becomes another one."""

    key: str
    before: TagVerdict | None
    after: TagVerdict | None
    assets: int


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Two policies over the same assets. `changes` is a page of `changed` in all; `moves` counts them by their kind."""

    before: Score
    after: Score
    changed: int
    moves: tuple[Moves, ...]
    changes: tuple[ChangedVerdict, ...]
    unreachable: tuple[Unreachable, ...]
    version: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two evaluations differ: the key, and for the places of the assets both verdicts' numbers."""

    key: str
    places: Longs
    before: Codes
    after: Codes


def differences(old: Evaluation, new: Evaluation, chosen: Flags) -> tuple[Difference, ...]:
    """Every changed verdict of the assets chosen, key by key in the order of the new policy, then what it dropped."""
    keys = dict.fromkeys((*new.policy.policy.keys, *old.policy.policy.keys))
    nothing = np.full(len(old.estate), NONE, dtype=np.int8)
    found = []
    for key in keys:
        before, after = (nothing if codes is None else codes for codes in (old.of_key(key), new.of_key(key)))
        places = np.flatnonzero(chosen & (before != after))
        if len(places):
            found.append(Difference(key, places, before[places], after[places]))
    return tuple(found)


def moves(found: tuple[Difference, ...]) -> tuple[Moves, ...]:
    """How often which verdict becomes which, most often first."""
    width = len(VERDICTS)
    counted = []
    for each in found:
        pairs = np.bincount(each.before.astype(np.int64) * width + each.after, minlength=width * width)
        counted += [
            Moves(each.key, VERDICTS[pair // width], VERDICTS[pair % width], int(pairs[pair]))
            for pair in np.flatnonzero(pairs).tolist()
        ]
    return tuple(sorted(counted, key=lambda move: -move.assets))


def page_of(found: tuple[Difference, ...], offset: int, limit: int) -> list[tuple[int, str, int, int]]:
    """Some of the changes: place of the asset, key, and both verdicts' numbers."""
    shown: list[tuple[int, str, int, int]] = []
    for each in found:
        size = len(each.places)
        start, stop = min(offset, size), min(offset + limit - len(shown), size)
        shown += [
            (int(each.places[at]), each.key, int(each.before[at]), int(each.after[at])) for at in range(start, stop)
        ]
        offset = max(offset - size, 0)
        if len(shown) == limit:
            break
    return shown


def scores(evaluation: Evaluation, chosen: Flags) -> Score:
    """The overall score of a policy."""
    return compliance(evaluation, chosen).score


def unreachable(evaluation: Evaluation) -> tuple[Unreachable, ...]:
    """The rules that say nothing of any asset of the estate, whatever a filter leaves out."""
    found = []
    for number, (judge, codes) in enumerate(zip(evaluation.rules, evaluation.verdicts, strict=True)):
        if not np.any(codes != NONE):
            field, reason = _reason(evaluation, judge)
            found.append(Unreachable(judge.rule.key, f"rules[{number}].{field}", reason))
    return tuple(found)


def _reason(evaluation: Evaluation, judge: Judge) -> tuple[str, str]:
    kinds = evaluation.estate.facets["kind"].values
    applying = [kind for kind in kinds if judge.applies(kind)]
    if not applying:
        return "kinds", f"no asset is of kind {', '.join(judge.rule.kinds)[:200]}"
    if not any(judge.required(kind) for kind in applying):
        asked = ", ".join(judge.rule.required_kinds)[:200]
        if judge.rule.required:
            return (
                "required_kinds",
                f"it is required only of {asked}, of which there is no asset, and nothing carries it",
            )
        return "required", "it is not required, and no asset carries the key in any spelling"
    return "kinds", "what it is about cannot be tagged"
