"""The state of the Tag compliance page as one value, what it asks, and what each of its filters is called. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from finops.model.assets import AssetFilter, TagTerm
from finops.model.tagging import VIOLATIONS, TagVerdict
from finops.tagging import ViolationQuestion
from finops.tagging.compliance import OWNER_KEY
from pages.ui import asset_names, numbers, tag_names
from pages.ui.asset_view import PAGE_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ALL_VERDICTS = tuple(TagVerdict)
MOST_NAMED = 3


class By(StrEnum):
    """What the worst groups are groups of."""

    ACCOUNT = "account"
    SERVICE = "service"
    OWNER = "owner"
    REGION = "region"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class TagView:
    """What Tag compliance shows. `opened` is an asset's id, `autopsy` a key whose dollars are explained, if chosen."""

    only: AssetFilter = field(default_factory=AssetFilter)
    keys: tuple[str, ...] = ()
    verdicts: tuple[TagVerdict, ...] = VIOLATIONS
    page: int = 1
    opened: str = ""
    by: By = By.ACCOUNT
    autopsy: str = ""

    @property
    def question(self) -> ViolationQuestion:
        """The question behind the table's page."""
        return ViolationQuestion(self.only, self.keys, self.verdicts, (self.page - 1) * PAGE_ROWS, PAGE_ROWS)

    @property
    def key(self) -> str:
        """The key that figures are about: the only one chosen, else (empty) all."""
        return self.keys[0] if len(self.keys) == 1 else ""

    @property
    def owners(self) -> tuple[str, ...]:
        """Values of the tag Owner that are asked for; the empty one is without an owner."""
        return next((term.values for term in self.only.tags if term.key == OWNER_KEY), ())


def owned(only: AssetFilter, owners: tuple[str, ...]) -> AssetFilter:
    """The filter with these owners instead of its own."""
    return replace(only, tags=(TagTerm(OWNER_KEY, owners),) if owners else ())


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter in words, and the same view without it."""

    name: str
    value: str
    without: TagView


def conditions(view: TagView, accounts: Mapping[str, str]) -> Iterator[Condition]:
    """Every filter that is set, in the order of the filter row; plain text."""
    only = view.only
    if only.search:
        yield _without(view, "Search", f"“{only.search}”", search="")
    if view.keys:
        yield Condition("Key", _some(list(view.keys)), replace(view, keys=(), page=1))
    for attribute, name, called in _listed(accounts):
        values = getattr(only, attribute)
        if values:
            yield _without(view, name, _some([called(value) for value in values]), **{attribute: ()})
    if view.owners:
        yield _without(view, "Owner", _some([owner_name(owner) for owner in view.owners]), tags=())
    if view.verdicts != VIOLATIONS:
        chosen = _some([tag_names.VERDICT_NAMES[verdict] for verdict in view.verdicts])
        yield Condition("Verdict", chosen, replace(view, verdicts=VIOLATIONS, page=1))


def owner_name(owner: str) -> str:
    """An owner as it is; those without one in words."""
    return owner or "without an owner"


def _without(view: TagView, name: str, value: str, **nothing: Any) -> Condition:
    return Condition(name, value, replace(view, only=replace(view.only, **nothing), page=1))


def _listed(accounts: Mapping[str, str]) -> tuple[tuple[str, str, Callable[[str], str]], ...]:
    return (
        ("accounts", "Account", lambda account: accounts.get(account) or account),
        ("services", "Service", asset_names.service_name),
        ("regions", "Region", str),
        ("kinds", "Kind", asset_names.kind_name),
    )


def _some(values: list[str]) -> str:
    """The values in words, a few of many."""
    shown, rest = values[:MOST_NAMED], len(values) - MOST_NAMED
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")


def rows_words(view: TagView, shown: int, total: int) -> str:
    """`1–50 of 3,834 violations`; other verdicts are rows."""
    first = (view.page - 1) * PAGE_ROWS + 1
    noun = "violation" if set(view.verdicts) <= set(VIOLATIONS) else "verdict"
    return f"{first:,}–{first + shown - 1:,} of {numbers.counted(total, noun)}"
