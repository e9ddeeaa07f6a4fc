"""Inventory's views as links: URL parameters become a view and back, and a view becomes the address of its file.

Parameters carry the API's names. A value that no asset has is kept: the page then says that nothing matches and which
filter to loosen. What cannot be understood is left out and reported as a sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from finops.model.assets import SORTS, AssetFilter, ChangeKind, Lifecycle, TagTerm
from pages.ui import link_values
from pages.ui.asset_view import ALL_LIFECYCLES, USUAL_LIFECYCLES, AssetView, Breakdown, Since
from pages.ui.links import Link, Params

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_DAYS, MOST_TAGS, LONGEST_TAG = 36_500, 10, 400
LISTS = {"account": "accounts", "region": "regions", "service": "services", "kind": "kinds", "state": "states"}
"""Parameters that may be repeated, and the fields of the filter they fill."""

KNOWN = frozenset(
    {"search", *LISTS, "lifecycle", "tag", "exclude_tag", "older_than_days", "newer_than_days", "min_cost", "max_cost"}
    | {"sort", "order", "page", "asset", "by", "since", "change"}
)


def read(params: Params) -> tuple[AssetView, tuple[str, ...]]:
    """The view that a URL asks for, and a sentence for each part of it that cannot be understood."""
    link = Link(params)
    for name in sorted(set(params) - KNOWN):
        link.reject(name, "is not known here")
    sort = link.text("sort") or ""
    if sort and sort not in SORTS:
        link.reject("sort", f"must be one of {', '.join(SORTS)}")
        sort = ""
    view = AssetView(
        only=_filter(link),
        sort=sort,
        descending=link_values.descending(link),
        page=link_values.whole(link, "page", least=1, most=link_values.MOST_PAGES) or 1,
        opened=link_values.identity(link, "asset", "asset"),
        by=link.choice("by", Breakdown) or Breakdown.SERVICE,
        since=link.choice("since", Since) or Since.DAYS_7,
        change=link.choice("change", ChangeKind),
    )
    return view, tuple(link.notices)


def _filter(link: Link) -> AssetFilter:
    lists = {field: link_values.texts(link, name) for name, field in LISTS.items()}
    return AssetFilter(
        search=link_values.search(link),
        **lists,
        lifecycles=_lifecycles(link),
        tags=(*_tags(link, "tag"), *_tags(link, "exclude_tag", exclude=True)),
        older_than_days=link_values.whole(link, "older_than_days", least=0, most=MOST_DAYS),
        newer_than_days=link_values.whole(link, "newer_than_days", least=0, most=MOST_DAYS),
        min_cost=link_values.amount(link, "min_cost"),
        max_cost=link_values.amount(link, "max_cost"),
    )


def _lifecycles(link: Link) -> tuple[Lifecycle, ...]:
    given = set(link.params.get("lifecycle") or ())
    if not given:
        return USUAL_LIFECYCLES
    if not given <= set(Lifecycle):
        link.reject("lifecycle", f"must be among {', '.join(Lifecycle)}")
        return USUAL_LIFECYCLES
    return tuple(life for life in Lifecycle if life in given)


def _tags(link: Link, name: str, *, exclude: bool = False) -> tuple[TagTerm, ...]:
    """`Key` (any value), `Key=value`, `Key=` (not set); values of one key are alternatives, `Key` alone wins."""
    found: dict[str, list[str]] = {}
    for text in dict.fromkeys(link.params.get(name) or ()):
        key, separator, value = text.partition("=")
        if not key or len(text) > LONGEST_TAG or (key not in found and len(found) >= MOST_TAGS):
            link.reject(name, "is no Key or Key=value, or one too many")
            continue
        found.setdefault(key, []).extend([value] if separator else [])
    bare = {text for text in link.params.get(name) or () if "=" not in text}
    return tuple(TagTerm(key, () if key in bare else tuple(values), exclude=exclude) for key, values in found.items())


def write(view: AssetView) -> dict[str, list[str]]:
    """The URL parameters of a view, defaults left out; `read` turns them back into the same view."""
    usual = AssetView()
    named = (
        ("sort", view.sort, ""),
        ("order", link_values.order_text(view.descending), ""),
        ("page", str(view.page), "1"),
        ("asset", view.opened, ""),
        ("by", str(view.by), str(usual.by)),
        ("since", str(view.since), str(usual.since)),
        ("change", view.change or "", ""),
    )
    return filter_params(view.only) | {name: [str(value)] for name, value, plain in named if value != plain}


def filter_params(only: AssetFilter) -> dict[str, list[str]]:
    """A filter as parameters, the same for links and the API; defaults left out."""
    single = (
        ("search", only.search),
        ("older_than_days", only.older_than_days),
        ("newer_than_days", only.newer_than_days),
        ("min_cost", only.min_cost),
        ("max_cost", only.max_cost),
    )
    params = {name: list(getattr(only, field)) for name, field in LISTS.items()}
    if only.lifecycles != USUAL_LIFECYCLES:
        params["lifecycle"] = [str(life) for life in only.lifecycles or ALL_LIFECYCLES]
    for term in only.tags:
        name = "exclude_tag" if term.exclude else "tag"
        texts = [f"{term.key}={value}" for value in term.values] or [term.key]
        params[name] = [*params.get(name, []), *texts]
    params |= {name: [f"{value}"] for name, value in single if value not in {None, ""}}
    return {name: values for name, values in params.items() if values}


def file_address(view: AssetView, tenant: str, *, priced: bool, columns: Sequence[str], extension: str) -> str:
    """Where the API gives every asset of a view, in its order, with these columns, as a file (`csv`, `xlsx`)."""
    sort, descending = view.order(priced=priced)
    params = {
        "tenant": [tenant],
        **filter_params(view.only),
        "sort": [sort],
        "order": [link_values.order_text(descending)],
        "columns": list(columns),
        "format": [extension],
    }
    return f"/api/assets?{urlencode(params, doseq=True)}"
