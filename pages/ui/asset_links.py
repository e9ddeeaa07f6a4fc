"""Inventory's views as links: URL parameters become a view and back, and a view becomes the address of its file.

Parameters carry the API's names. A value that no asset has is kept: the page then says that nothing matches and which
filter to loosen. What cannot be understood is left out and reported as a sentence.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from finops.model.assets import SORTS, AssetFilter, ChangeKind, Lifecycle, TagTerm
from pages.ui.asset_view import ALL_LIFECYCLES, USUAL_LIFECYCLES, AssetView, Breakdown, Since
from pages.ui.links import MOST_VALUES, Link, Params

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_DAYS, MOST_COST, MOST_TAGS, MOST_PAGES = 36_500, Decimal(10**9), 10, 100_000
LONGEST_SEARCH, MOST_WORDS, LONGEST_VALUE, LONGEST_TAG = 2_048, 20, 256, 400
LISTS = {"account": "accounts", "region": "regions", "service": "services", "kind": "kinds", "state": "states"}
"""Parameters that may be repeated, and the fields of the filter they fill."""

KNOWN = frozenset(
    {"search", *LISTS, "lifecycle", "tag", "exclude_tag", "older_than_days", "newer_than_days", "min_cost", "max_cost"}
    | {"sort", "order", "page", "asset", "by", "since", "change"}
)
_CENT = Decimal("0.01")


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
        descending=_descending(link),
        page=_whole(link, "page", least=1, most=MOST_PAGES) or 1,
        opened=_id(link),
        by=link.choice("by", Breakdown) or Breakdown.SERVICE,
        since=link.choice("since", Since) or Since.DAYS_7,
        change=link.choice("change", ChangeKind),
    )
    return view, tuple(link.notices)


def _filter(link: Link) -> AssetFilter:
    lists = {field: _values(link, name) for name, field in LISTS.items()}
    return AssetFilter(
        search=_search(link),
        **lists,
        lifecycles=_lifecycles(link),
        tags=(*_tags(link, "tag"), *_tags(link, "exclude_tag", exclude=True)),
        older_than_days=_whole(link, "older_than_days", least=0, most=MOST_DAYS),
        newer_than_days=_whole(link, "newer_than_days", least=0, most=MOST_DAYS),
        min_cost=_amount(link, "min_cost"),
        max_cost=_amount(link, "max_cost"),
    )


def _search(link: Link) -> str:
    words = (link.text("search") or "").split()
    text = " ".join(words)
    if len(text) > LONGEST_SEARCH or len(words) > MOST_WORDS:
        link.reject("search", f"has more than {MOST_WORDS} words or {LONGEST_SEARCH:,} characters")
        return ""
    return text


def _values(link: Link, name: str) -> tuple[str, ...]:
    given = list(dict.fromkeys(link.params.get(name) or ()))
    kept = tuple(value for value in given[:MOST_VALUES] if len(value) <= LONGEST_VALUE)
    if len(kept) < len(given):
        link.reject(name, f"has values beyond {MOST_VALUES} or {LONGEST_VALUE} characters")
    return kept


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


def _whole(link: Link, name: str, *, least: int, most: int) -> int | None:
    text = link.text(name)
    if text is None:
        return None
    if text.isascii() and text.isdecimal() and least <= int(text[:12]) <= most and len(text) <= len(str(most)):
        return int(text)
    link.reject(name, f"must be a whole number from {least} to {most:,}")
    return None


def _amount(link: Link, name: str) -> Decimal | None:
    text = link.text(name)
    if text is None:
        return None
    try:
        amount = Decimal(text[:40])
        if amount.is_finite() and abs(amount) <= MOST_COST:
            return amount.quantize(_CENT)
    except InvalidOperation:
        pass
    link.reject(name, "must be an amount such as 12.50")
    return None


def _descending(link: Link) -> bool | None:
    order = link.text("order")
    if order not in {None, "asc", "desc"}:
        link.reject("order", "must be asc or desc")
        return None
    return None if order is None else order == "desc"


def _id(link: Link) -> str:
    text = link.text("asset") or ""
    if text and not (text.isascii() and text.isalnum() and len(text) <= 64):  # noqa: PLR2004 - twice an asset id
        link.reject("asset", "is no asset id")
        return ""
    return text


def write(view: AssetView) -> dict[str, list[str]]:
    """The URL parameters of a view, defaults left out; `read` turns them back into the same view."""
    usual = AssetView()
    named = (
        ("sort", view.sort, ""),
        ("order", _order(view.descending), ""),
        ("page", str(view.page), "1"),
        ("asset", view.opened, ""),
        ("by", str(view.by), str(usual.by)),
        ("since", str(view.since), str(usual.since)),
        ("change", view.change or "", ""),
    )
    return filter_params(view.only) | {name: [str(value)] for name, value, plain in named if value != plain}


def _order(descending: bool | None) -> str:
    return "" if descending is None else "desc" if descending else "asc"


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
        "order": [_order(descending)],
        "columns": list(columns),
        "format": [extension],
    }
    return f"/api/assets?{urlencode(params, doseq=True)}"
