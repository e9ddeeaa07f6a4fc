"""Savings' views as links: URL parameters become a view and back, and a view becomes the address of its file.

Parameters carry the API's names. What cannot be understood is left out and reported as a sentence; a value that no
finding has is kept, and the page then says which filter to loosen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode

from finops.model.findings import Category, FindingStatus, Severity, Verdict
from finops.store.finding_sql import SORTS, FindingFilter
from pages.ui import link_values
from pages.ui.finding_view import ALL_STATUSES, USUAL_SORT, USUAL_STATUSES, USUAL_VERDICTS, FindingView
from pages.ui.links import Link, Params

if TYPE_CHECKING:
    from decimal import Decimal
    from enum import StrEnum

E = TypeVar("E", bound="StrEnum")

MOST_WORDS = 10
"""So many words of a search are looked for."""
FILE_PATH = "/api/findings"
MOST_JSON = 1_000
"""The longest page of JSON; files hold every finding."""
LISTS = {"check": "checks", "account": "accounts", "region": "regions"}
"""Parameters that may be repeated, and the fields of the filter they fill."""

KNOWN = frozenset({"search", "min_saving", *LISTS, "category", "severity", "owner", "status", "verdict"}) | {
    *("sort", "order", "page", "finding")
}


def read(params: Params) -> tuple[FindingView, tuple[str, ...]]:
    """The view that a URL asks for, and a sentence for each part of it that cannot be understood."""
    link = Link(params)
    for name in sorted(set(params) - KNOWN):
        link.reject(name, "is not known here")
    sort = link.text("sort") or USUAL_SORT
    if sort not in SORTS:
        link.reject("sort", f"must be one of {', '.join(SORTS)}")
        sort = USUAL_SORT
    view = FindingView(
        only=_filter(link),
        statuses=_members(link, "status", FindingStatus) or USUAL_STATUSES,
        owner=_owner(link),
        sort=sort,
        descending=link_values.descending(link),
        page=link_values.whole(link, "page", least=1, most=link_values.MOST_PAGES) or 1,
        opened=link_values.identity(link, "finding", "finding"),
    )
    return view, tuple(link.notices)


def _filter(link: Link) -> FindingFilter:
    lists = {field: link_values.texts(link, name) for name, field in LISTS.items()}
    return FindingFilter(
        verdicts=_members(link, "verdict", Verdict) or USUAL_VERDICTS,
        **lists,
        categories=_members(link, "category", Category),
        severities=_members(link, "severity", Severity),
        min_saving=_least(link),
        search=link_values.search(link, most_words=MOST_WORDS),
    )


def _least(link: Link) -> Decimal | None:
    found = link_values.amount(link, "min_saving")
    return found if found is not None and found > 0 else None


def _owner(link: Link) -> str:
    found = " ".join((link.text("owner") or "").split())
    return found if len(found) <= link_values.LONGEST_VALUE else ""


def _members(link: Link, name: str, kind: type[E]) -> tuple[E, ...]:
    given = set(link.params.get(name) or ())
    if not given <= set(kind):
        link.reject(name, f"must be among {', '.join(kind)}")
        return ()
    return tuple(member for member in kind if member in given)


def write(view: FindingView) -> dict[str, list[str]]:
    """The URL parameters of a view, defaults left out; `read` turns them back into the same view."""
    named = (
        ("sort", view.sort, USUAL_SORT),
        ("order", link_values.order_text(view.descending), ""),
        ("page", str(view.page), "1"),
        ("finding", view.opened, ""),
    )
    return filter_params(view) | {name: [value] for name, value, plain in named if value != plain}


def filter_params(view: FindingView) -> dict[str, list[str]]:
    """A view's filter as parameters, the same for links and the API; defaults left out."""
    only = view.only
    params = {name: list(getattr(only, field)) for name, field in LISTS.items()}
    params |= {"category": list(only.categories), "severity": list(only.severities)}
    if only.verdicts != USUAL_VERDICTS:
        params["verdict"] = [str(verdict) for verdict in only.verdicts]
    if view.statuses != USUAL_STATUSES:
        params["status"] = [str(status) for status in view.statuses or ALL_STATUSES]
    least = "" if only.min_saving is None else format(only.min_saving, "f")
    params |= {"search": [only.search], "min_saving": [least], "owner": [view.owner]}
    return {name: values for name, values in params.items() if any(values)}


def file_address(view: FindingView, tenant: str, extension: str) -> str:
    """Where the API gives every finding of a view, in its order, as a file (`csv`, `xlsx`, `json`)."""
    params = {
        "tenant": [tenant],
        **filter_params(view),
        "status": [str(status) for status in view.statuses or ALL_STATUSES],
        "sort": [view.sort],
        "order": [link_values.order_text(view.down)],
        "format": [extension],
    }
    if extension == "json":
        params["limit"] = [str(MOST_JSON)]
    return f"{FILE_PATH}?{urlencode(params, doseq=True)}"
