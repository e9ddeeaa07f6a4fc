"""The likely value of a tag that is missing, from an asset's neighbours, with the evidence and how far to trust it.

How good a signal is, is measured and not assumed: each tagged asset is taken for untagged and guessed from the others
(leave one out). What is most accurate for a key is asked first; a confidence is the share of the votes times the
measured accuracy. Nothing is ever written to AWS.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from finops.model.tagging import TagVerdict
from finops.tagging.neighbours import NO_GROUP, Grouping, Neighbourhood, order_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from finops.tagging.estate import Coded, Longs
    from finops.tagging.evaluation import Evaluation

LEAST_SHARE = 0.6
"""A value is suggested where so many of the neighbours that have one agree."""
LEAST_ACCURACY = 0.5
"""Signals that guess worse than this on tagged assets are not asked."""
LEAST_TESTED = 5
"""A signal that could be tried on fewer assets has no accuracy to speak of."""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How a signal guesses the tagged assets of a key: `guessed` of `tagged`, `right` of these."""

    signal: str
    tagged: int
    guessed: int
    right: int

    @property
    def accuracy(self) -> float | None:
        """The share of right guesses; None where none was made."""
        return round(self.right / self.guessed, 4) if self.guessed else None

    @property
    def coverage(self) -> float:
        """The share of assets it can say anything of."""
        return round(self.guessed / self.tagged, 4) if self.tagged else 0.0


@dataclass(frozen=True, slots=True)
class Guess:
    """A likely value: by which signal, from how many agreeing votes of how many, and how far to trust it (0 to 1)."""

    value: str
    signal: str
    agreeing: int
    votes: int
    confidence: float
    evidence: str


@dataclass(frozen=True, slots=True)
class _Vote:
    value: int
    agreeing: int
    votes: int
    group: str


class Guesser:
    """Guesses values of one key. `signals` tells how well each signal does, `overall` how they do together."""

    def __init__(self, evaluation: Evaluation, around: Neighbourhood, key: str) -> None:
        self._coded = evaluation.estate.tag(key)
        self._around = around
        self._values = _trusted(evaluation, self._coded, key)
        signals = [_Grouped(grouping, self._values) for grouping in around.groupings]
        voters: list[_Grouped | _Linked] = [*signals, _Linked(around, self._values)]
        places = np.flatnonzero(self._values)
        measured = [(voter, _measured(voter, self._values, places)) for voter in voters]
        measured.sort(key=lambda each: (-(each[1].accuracy or 0.0), order_of(each[1].signal)))
        self.signals: tuple[Accuracy, ...] = tuple(accuracy for _, accuracy in measured if accuracy.guessed)
        self._asked = [(voter, accuracy) for voter, accuracy in measured if _is_good(accuracy)]
        self.overall = self._together(places)

    def guess(self, place: int) -> Guess | None:
        """The likely value of an asset, None where no signal has anything to say."""
        for voter, accuracy in self._asked:
            vote = voter.vote(place)
            if vote is not None:
                share = vote.agreeing / vote.votes
                value = self._coded.values[vote.value]
                words = f"{vote.agreeing} of {vote.votes} tagged neighbours ({words_of(voter.signal)}{vote.group})"
                told = (
                    f"{words} have {value[:80]}; this signal is right in {accuracy.accuracy or 0:.0%} of tagged assets"
                )
                confidence = round(share * (accuracy.accuracy or 0.0), 4)
                return Guess(value, voter.signal, vote.agreeing, vote.votes, confidence, told)
        return None

    def _together(self, places: Longs) -> Accuracy:
        guessed = right = 0
        for place in places.tolist():
            found = next(filter(None, (voter.vote(place) for voter, _ in self._asked)), None)
            if found is not None:
                guessed += 1
                right += found.value == self._values[place]
        return Accuracy("overall", len(places), guessed, int(right))


class _Grouped:
    """Votes of the assets in the same group, the asset itself left out."""

    def __init__(self, grouping: Grouping, values: Longs) -> None:
        self.signal = grouping.signal
        self._grouping, self._values = grouping, values
        self._counts: dict[int, Counter[int]] = {}
        voting = np.flatnonzero((values != 0) & (grouping.groups != NO_GROUP))
        for group, value in zip(grouping.groups[voting].tolist(), values[voting].tolist(), strict=True):
            self._counts.setdefault(group, Counter())[value] += 1

    def vote(self, place: int) -> _Vote | None:
        """What the others of its group say."""
        group = int(self._grouping.groups[place])
        counts = self._counts.get(group)
        if counts is None:
            return None
        return _majority(counts, int(self._values[place]), f" {self._grouping.names[group][:80]}")


class _Linked:
    """Votes of the assets that an asset is linked with."""

    signal = "link"

    def __init__(self, around: Neighbourhood, values: Longs) -> None:
        self._around, self._values = around, values

    def vote(self, place: int) -> _Vote | None:
        """What those it is linked with say."""
        others = self._around.linked.get(place, ())
        counts = Counter(value for value in self._values[list(others)].tolist() if value)
        named = next((self._around.names[other] for other in others if self._values[other]), "")
        return _majority(counts, 0, f" {named[:80]}") if counts else None


def _majority(counts: Mapping[int, int], own: int, group: str) -> _Vote | None:
    """The value that most have, without one vote for `own`; None without votes, and where too few agree."""
    best = second = total = value = 0
    for each, count in counts.items():
        left = count - (each == own)
        total += left
        if left > best:
            best, second, value = left, best, each
        elif left > second:
            second = left
    if not total or best == second or best / total < LEAST_SHARE:
        return None
    return _Vote(value, best, total, group)


def _measured(voter: _Grouped | _Linked, values: Longs, places: Longs) -> Accuracy:
    guessed = right = 0
    for place in places.tolist():
        vote = voter.vote(place)
        if vote is not None:
            guessed += 1
            right += vote.value == values[place]
    return Accuracy(voter.signal, len(places), guessed, int(right))


def _is_good(accuracy: Accuracy) -> bool:
    return accuracy.guessed >= LEAST_TESTED and (accuracy.accuracy or 0.0) >= LEAST_ACCURACY


def _trusted(evaluation: Evaluation, coded: Coded, key: str) -> Longs:
    """The value of each asset as its place among the values, 0 where it has none that the policy accepts."""
    values = coded.codes.astype(np.int64)
    judge = next((each for each in evaluation.rules if each.rule.key == key), None)
    for number, text in enumerate(coded.values):
        accepted = bool(text.strip()) and (judge is None or judge.of_value(text) is TagVerdict.OK)
        if number and not accepted:
            values[values == number] = 0
    return values


def guesses(guesser: Guesser, places: Sequence[int]) -> Iterator[tuple[int, Guess]]:
    """The guesses of the assets at some places, without those of which nothing can be said."""
    for place in places:
        found = guesser.guess(place)
        if found is not None:
            yield place, found
