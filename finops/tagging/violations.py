"""Verdicts one by one: which asset, which key, what is there instead; dearest assets first, some at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from finops.model.assets import AssetFilter
from finops.model.errors import InputError
from finops.model.tagging import VIOLATIONS, TaggedAsset, TagVerdict
from finops.tagging.evaluation import among
from finops.tagging.judging import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from finops.tagging.estate import Flags
    from finops.tagging.evaluation import Evaluation
    from finops.tagging.judging import Judge, Judged


@dataclass(frozen=True, slots=True)
class ViolationQuestion:
    """Which assets, keys (empty: all) and verdicts, and which of what is found."""

    filter: AssetFilter = field(default_factory=AssetFilter)
    keys: tuple[str, ...] = ()
    verdicts: tuple[TagVerdict, ...] = VIOLATIONS
    offset: int = 0
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Violation:
    """One verdict, and what is there: under the key, under another spelling, or (`inherited`) on the account."""

    asset: TaggedAsset
    key: str
    verdict: TagVerdict
    found_key: str
    value: str
    inherited: bool


@dataclass(frozen=True, slots=True)
class ViolationPage:
    """Some of the verdicts asked for, `total` of all of them."""

    items: tuple[Violation, ...]
    total: int


def violations(
    evaluation: Evaluation,
    chosen: Flags,
    question: ViolationQuestion,
    shown: Callable[[Sequence[int]], tuple[TaggedAsset, ...]],
) -> ViolationPage:
    """A page. InputError for a key that no rule is about, and for a negative page."""
    for name, value in (("offset", question.offset), ("limit", question.limit)):
        if value < 0:
            raise InputError(name, f"{name} must not be negative")
    pairs = asked_of(evaluation, chosen, question)
    page = pairs[question.offset : question.offset + question.limit]
    return ViolationPage(tuple(listed(evaluation, page, shown)), len(pairs))


def asked_of(evaluation: Evaluation, chosen: Flags, question: ViolationQuestion) -> list[tuple[int, int]]:
    """Places of assets and of rules that a question asks for, whatever its page."""
    return violating(evaluation, chosen, question.keys, question.verdicts or tuple(TagVerdict))


def listed(
    evaluation: Evaluation,
    page: Sequence[tuple[int, int]],
    shown: Callable[[Sequence[int]], tuple[TaggedAsset, ...]],
) -> Iterator[Violation]:
    """The verdicts at some places, from the assets' tags of now."""
    numbers = [int(evaluation.estate.numbers[place]) for place, _ in page]
    assets = {asset.asset_no: asset for asset in shown(numbers)}
    for number, (place, rule) in zip(numbers, page, strict=True):
        judge, asset = evaluation.rules[rule], assets.get(number)
        judged = None if asset is None else judged_of(evaluation, judge, asset, place)
        if asset is not None and judged is not None:
            yield Violation(asset, judge.rule.key, judged.verdict, judged.found_key, judged.value, judged.inherited)


def violating(
    evaluation: Evaluation, chosen: Flags, keys: Sequence[str], verdicts: Sequence[TagVerdict]
) -> list[tuple[int, int]]:
    """Places of assets and of rules with one of the verdicts, dearest assets first, then by place and rule."""
    for key in keys:
        if evaluation.of_key(key) is None:
            raise InputError("key", f"no rule of the policy is about the key {key[:60]!r}")
    places, rules = [], []
    for number, (judge, codes) in enumerate(zip(evaluation.rules, evaluation.verdicts, strict=True)):
        if not keys or judge.rule.key in keys:
            found = np.flatnonzero(chosen & among(codes, verdicts))
            places.append(found)
            rules.append(np.full(len(found), number, dtype=np.int64))
    if not places:
        return []
    place, rule = np.concatenate(places), np.concatenate(rules)
    order = np.lexsort((rule, place, -evaluation.estate.cost[place]))
    return list(zip(place[order].tolist(), rule[order].tolist(), strict=True))


def judged_of(evaluation: Evaluation, judge: Judge, asset: TaggedAsset, place: int) -> Judged | None:
    """The verdict on one asset with what it rests on, from its tags of now."""
    born = date.fromordinal(int(evaluation.estate.born[place]))
    subject = Subject(asset.kind, asset.account, asset.tags, evaluation.account_tags.get(asset.account), born)
    return judge.judged(subject, evaluation.day)
