"""What a rule says of one asset's tags. Pure, and the measure of the evaluation of whole estates.

The value under the canonical key counts first, then one under another spelling of the key (an alias, or the key or an
alias in other letters: `alias`), then, where the rule inherits, that of the account. A value of blanks is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.model.tagging import UNTAGGED, VIOLATIONS, Policy, Rule, TagVerdict, ValueCase
from finops.tagging.kinds import UNTAGGABLE, matcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date


@dataclass(frozen=True, slots=True)
class Subject:
    """What a rule looks at. Tags None: unknown. `born` is the day of its creation, else of its first sight."""

    kind: str
    account: str
    tags: Mapping[str, str] | None
    account_tags: Mapping[str, str] | None
    born: date


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict, and the key and value that it rests on: as they are on the asset, or on its account."""

    verdict: TagVerdict
    found_key: str = ""
    value: str = ""
    inherited: bool = False


class Judge:
    """One rule, ready to be asked. `untaggable` tells of a kind whether it can carry tags at all."""

    def __init__(self, rule: Rule, untaggable: Callable[[str], bool]) -> None:
        self.rule = rule
        self.untaggable = untaggable
        self.applies = matcher(rule.kinds)
        self._required = matcher(rule.required_kinds or rule.kinds)
        self._spellings = frozenset(name.casefold() for name in (rule.key, *rule.aliases))
        self._exact = _alternatives(rule, 0)
        self._folded = _alternatives(rule, re.IGNORECASE)
        self._kept: dict[str, TagVerdict] = {}
        self.exemptions = tuple((each, matcher(each.kinds)) for each in rule.exemptions)

    def required(self, kind: str) -> bool:
        """Whether an asset of this kind must have the tag."""
        return self.rule.required and self._required(kind)

    def is_spelling(self, key: str) -> bool:
        """Whether a key is another spelling of the canonical one: an alias, or either in other letters."""
        return key != self.rule.key and key.casefold() in self._spellings

    def of_value(self, value: str) -> TagVerdict:
        """`ok`, `bad_case`, `bad_value`, or `empty` for a text of blanks."""
        held = self._kept.get(value)
        if held is None:
            held = self._kept[value] = self._of_value(value)
        return held

    def judged(self, subject: Subject, today: date) -> Judged | None:
        """The verdict on an asset, None where the rule is not about it."""
        if not self.applies(subject.kind):
            return None
        if self.untaggable(subject.kind):
            return Judged(TagVerdict.UNTAGGABLE) if self.required(subject.kind) else None
        if subject.tags is None:
            return Judged(TagVerdict.UNKNOWN)
        found = self._found(subject.tags)
        if found.verdict in UNTAGGED and self.rule.inherit:
            found = self._inherited(subject.account_tags) or found
        if found.verdict in UNTAGGED and not self.required(subject.kind):
            return None
        if found.verdict in VIOLATIONS and self.forgives(subject.kind, subject.account, subject.born, today):
            return Judged(TagVerdict.EXEMPT, found.found_key, found.value, found.inherited)
        return found

    def forgives(self, kind: str, account: str, born: date, today: date) -> bool:
        """Whether a violation is exempt: the asset is older than the rule, or an exemption that holds names it."""
        if self.rule.since is not None and born < self.rule.since:
            return True
        return any(
            today < each.until and among(kind) and (not each.accounts or account in each.accounts)
            for each, among in self.exemptions
        )

    def of_account(self, tags: Mapping[str, str] | None) -> TagVerdict | None:
        """What an account's tags say where an asset has no value; None: they have none either."""
        found = self._inherited(tags)
        return None if found is None else found.verdict

    def _found(self, tags: Mapping[str, str]) -> Judged:
        own = tags.get(self.rule.key)
        if own is not None and own.strip():
            return Judged(self.of_value(own), self.rule.key, own)
        others = sorted(key for key in tags if self.is_spelling(key))
        for key in others:
            if tags[key].strip():
                return Judged(TagVerdict.ALIAS, key, tags[key])
        if own is None and not others:
            return Judged(TagVerdict.MISSING)
        key = self.rule.key if own is not None else others[0]
        return Judged(TagVerdict.EMPTY, key, tags[key])

    def _inherited(self, tags: Mapping[str, str] | None) -> Judged | None:
        if tags is None:
            return Judged(TagVerdict.UNKNOWN)
        value = tags.get(self.rule.key, "")
        return Judged(self.of_value(value), self.rule.key, value, inherited=True) if value.strip() else None

    def _of_value(self, value: str) -> TagVerdict:
        if not value.strip():
            return TagVerdict.EMPTY
        if not self._exact or any(each.fullmatch(value) for each in self._exact):
            return TagVerdict.OK
        if any(each.fullmatch(value) for each in self._folded):
            return TagVerdict.OK if self.rule.case is ValueCase.NORMALISE else TagVerdict.BAD_CASE
        return TagVerdict.BAD_VALUE


def judges(policy: Policy) -> tuple[Judge, ...]:
    """The rules of a policy, ready to be asked, in their order."""
    untaggable = matcher((*UNTAGGABLE, *policy.untaggable))
    return tuple(Judge(rule, untaggable) for rule in policy.rules)


def _alternatives(rule: Rule, flags: int) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(text, flags | re.DOTALL) for text in (*map(_wild, rule.values), *rule.patterns))


def _wild(value: str) -> str:
    return ".*".join(map(re.escape, value.split("*")))


def closest(value: str, allowed: Iterable[str]) -> str | None:
    """The allowed value, of those without a wildcard, that differs only in its letters' case; None without one."""
    return next((each for each in allowed if "*" not in each and each.casefold() == value.casefold()), None)
