"""Keys and values that mean the same and are spelled differently: by case, by separators, by a slip of the finger.

Spellings are clustered around the most used one (or the one the policy names): two belong together when they are equal
without case and separators, or at most two edits apart and long enough for that to be a slip.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from finops.model.tagging import Rule
    from finops.tagging.estate import Estate, Flags

MAX_EDITS = 2
MAX_CLUSTERED = 2_000
"""More distinct spellings than this are clustered without counting edits: that is done pair by pair."""
_LETTERS_AN_EDIT = 4  # prod and prd are a slip, dev and div might not be
_SEPARATORS = re.compile(r"[\s_.:/+=@-]+")
_DIGITS = re.compile(r"[0-9]")


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to spell a key or value, and how many assets carry it."""

    text: str
    assets: int


@dataclass(frozen=True, slots=True)
class Cluster:
    """Spellings of one thing. `canonical` is what the policy names, else the most used one."""

    canonical: str
    in_policy: bool
    spellings: tuple[Spelling, ...]

    @property
    def assets(self) -> int:
        """How many assets carry another spelling than the canonical one."""
        return sum(each.assets for each in self.spellings if each.text != self.canonical)


def alike(one: str, other: str) -> bool:
    """Whether two texts are taken for two spellings of one thing."""
    first, second = plain(one), plain(other)
    if first == second:
        return True
    # Numbers count: CC-1001 and CC-1002 are two cost centres, not a slip.
    if _DIGITS.findall(first) != _DIGITS.findall(second):
        return False
    allowed = min(MAX_EDITS, min(len(first), len(second)) // _LETTERS_AN_EDIT)
    return allowed > 0 and edits(first, second, allowed) <= allowed


def plain(text: str) -> str:
    """A text without case and separators; a text of nothing else stays as it is."""
    return _SEPARATORS.sub("", text.casefold()) or text


def edits(one: str, other: str, most: int) -> int:
    """Insertions, deletions, changes and swaps of neighbours from one to the other; `most + 1` for more than that.

    The restricted Damerau-Levenshtein distance (optimal string alignment).
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    older: list[int] = []
    last = list(range(len(other) + 1))
    for row, char in enumerate(one, 1):
        current = [row]
        for column, against in enumerate(other, 1):
            cost = min(last[column] + 1, current[-1] + 1, last[column - 1] + (char != against))
            if row > 1 and column > 1 and char == other[column - 2] and one[row - 2] == against:
                cost = min(cost, older[column - 2] + 1)
            current.append(cost)
        if min(current) > most:
            return most + 1
        older, last = last, current
    return min(last[-1], most + 1)


def key_clusters(estate: Estate, chosen: Flags, rules: Sequence[Rule]) -> tuple[Cluster, ...]:
    """Tag keys of the assets chosen that have several spellings; aliases of a rule belong to its key."""
    counts = {key: int(chosen[column.rows].sum()) for key, column in estate.tags.items()}
    owners = {name: rule.key for rule in rules for name in rule.aliases}
    return clusters({key: count for key, count in counts.items() if count}, [rule.key for rule in rules], owners)


def value_clusters(estate: Estate, chosen: Flags, rule: Rule) -> tuple[Cluster, ...]:
    """Values of a rule's key that have several spellings."""
    column = estate.tags.get(rule.key)
    if column is None:
        return ()
    counted = np.bincount(column.codes[chosen[column.rows]], minlength=len(column.values))
    counts = {value: int(count) for value, count in zip(column.values, counted, strict=True) if count and value.strip()}
    return clusters(counts, [value for value in rule.values if "*" not in value], {})


def is_variant(key: str, rule: Rule) -> bool:
    """Whether a key is another spelling of a rule's key: an alias, or alike."""
    if key == rule.key or key.startswith("aws:"):
        return False
    return key in rule.aliases or any(alike(key, name) for name in (rule.key, *rule.aliases))


def clusters(counts: Mapping[str, int], named: Sequence[str], owners: Mapping[str, str]) -> tuple[Cluster, ...]:
    """The clusters of more than one spelling, most used first. `named` texts are canonical, whatever their use."""
    heads: list[str] = list(named)
    members: dict[str, list[str]] = {head: [] for head in heads}
    by_plain = {plain(head): head for head in reversed(heads)}
    count_edits = len(counts) <= MAX_CLUSTERED
    for text in sorted(counts, key=lambda each: (-counts[each], each)):
        head = _head(text, heads if count_edits else (), by_plain, owners)
        if head is None:
            heads.append(text)
            by_plain.setdefault(plain(text), text)
            members[text] = [text]
        else:
            members[head].append(text)
    found = [_cluster(head, texts, counts, in_policy=head in named) for head, texts in members.items()]
    shown = [each for each in found if each.assets]
    return tuple(sorted(shown, key=lambda each: (-each.assets, each.canonical)))


def _head(text: str, heads: Iterable[str], by_plain: Mapping[str, str], owners: Mapping[str, str]) -> str | None:
    if text in owners:
        return owners[text]
    same = by_plain.get(plain(text))
    return same if same is not None else next((head for head in heads if alike(text, head)), None)


def _cluster(head: str, texts: Sequence[str], counts: Mapping[str, int], *, in_policy: bool) -> Cluster:
    spellings = tuple(Spelling(text, counts[text]) for text in texts)
    return Cluster(head, in_policy, spellings)
