"""The state of the Savings page as one value, what it asks, and what each of its filters is called. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from finops.model.findings import Category, FindingStatus, Severity, Verdict
from finops.store.finding_sql import FindingFilter, FindingOrder
from finops.waste import FindingQuestion
from pages.ui import finding_names, numbers
from pages.ui.asset_view import PAGE_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

USUAL_STATUSES = (FindingStatus.OPEN, FindingStatus.REOPENED)
USUAL_VERDICTS = (Verdict.FLAGGED,)
ALL_STATUSES = tuple(FindingStatus)
CHOOSABLE_VERDICTS = (Verdict.FLAGGED, Verdict.UNDETERMINED, Verdict.OK, Verdict.NOT_APPLICABLE)
USUAL_SORT = "monthly_saving"
DESCENDING = frozenset({"monthly_saving", "monthly_cost", "severity", "observed", "run_date", "created"})
"""What is sorted from the largest and newest down unless the reader turns it round."""


@dataclass(frozen=True, slots=True)
class FindingView:
    """What Savings shows. `descending` None goes the way of the column, `opened` is a fingerprint."""

    only: FindingFilter = field(default_factory=FindingFilter)
    statuses: tuple[FindingStatus, ...] = USUAL_STATUSES
    owner: str = ""
    sort: str = USUAL_SORT
    descending: bool | None = None
    page: int = 1
    opened: str = ""

    @property
    def down(self) -> bool:
        """Whether the list is sorted from the largest down."""
        return self.sort in DESCENDING if self.descending is None else self.descending

    @property
    def question(self) -> FindingQuestion:
        """The question behind the table's page."""
        order = FindingOrder(self.sort, descending=self.down, limit=PAGE_ROWS, offset=(self.page - 1) * PAGE_ROWS)
        return FindingQuestion(self.only, self.statuses, self.owner or None, order)

    @property
    def undetermined(self) -> FindingQuestion:
        """The same list's resources that could not be judged; they have no saving to be small."""
        only = replace(self.only, verdicts=(Verdict.UNDETERMINED,), min_saving=None)
        return FindingQuestion(only, self.statuses, self.owner or None, FindingOrder(limit=0))

    @property
    def filtered(self) -> bool:
        """Whether anything but the usual list is asked for."""
        usual = FindingView()
        return (self.only, self.statuses, self.owner) != (usual.only, usual.statuses, usual.owner)


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter in words, and the same view without it."""

    name: str
    value: str
    without: FindingView


def conditions(view: FindingView, titles: Mapping[str, str], accounts: Mapping[str, str]) -> Iterator[Condition]:
    """Every filter that is set, in the order of the filter row; plain text."""
    only = view.only
    if only.search:
        yield _without(view, "Search", f"“{only.search}”", search="")
    if only.min_saving is not None:
        yield _without(view, "Saving from", f"${only.min_saving:,f}", min_saving=None)
    for attribute, name, called in _listed(titles, accounts):
        values = getattr(only, attribute)
        if values:
            yield _without(view, name, _some([called(value) for value in values]), **{attribute: ()})
    if only.verdicts != USUAL_VERDICTS:
        chosen = _some([finding_names.VERDICT_NAMES[verdict] for verdict in only.verdicts])
        yield _without(view, "Verdict", chosen, verdicts=USUAL_VERDICTS)
    if view.statuses not in {USUAL_STATUSES, ALL_STATUSES, ()}:
        chosen = _some([finding_names.STATUS_NAMES[status] for status in view.statuses])
        yield Condition("Status", chosen, replace(view, statuses=USUAL_STATUSES, page=1))
    if view.owner:
        yield Condition("Owner", view.owner, replace(view, owner="", page=1))


def _without(view: FindingView, name: str, value: str, **nothing: Any) -> Condition:
    return Condition(name, value, replace(view, only=replace(view.only, **nothing), page=1))


def _listed(
    titles: Mapping[str, str], accounts: Mapping[str, str]
) -> tuple[tuple[str, str, Callable[[str], str]], ...]:
    return (
        ("checks", "Check", lambda check: titles.get(check) or check),
        ("accounts", "Account", lambda account: accounts.get(account) or account),
        ("categories", "Category", lambda category: finding_names.CATEGORY_NAMES[Category(category)]),
        ("severities", "Severity", lambda severity: finding_names.SEVERITY_NAMES[Severity(severity)]),
        ("regions", "Region", str),
    )


def _some(values: list[str]) -> str:
    """The values in words, a few of many."""
    shown = values[:3]
    rest = len(values) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")


def rows_words(view: FindingView, shown: int, total: int) -> str:
    """`1–50 of 549`."""
    first = (view.page - 1) * PAGE_ROWS + 1
    return f"{first:,}–{first + shown - 1:,} of {numbers.counted(total, 'finding')}"
