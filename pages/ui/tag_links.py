"""Tag compliance's views as links: URL parameters become a view and back, and a view becomes the address of its file.

Parameters carry the API's names, but for `owner`, which the API calls `tag=Owner=…`. What cannot be understood is left
out and reported as a sentence; a value that no asset has is kept, and the page then says which filter to loosen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from finops.model.assets import AssetFilter
from finops.model.tagging import MAX_KEY, VIOLATIONS, TagVerdict
from finops.tagging.compliance import OWNER_KEY
from pages.ui import link_values
from pages.ui.links import Link, Params
from pages.ui.tag_view import ALL_VERDICTS, By, TagView, owned

if TYPE_CHECKING:
    from collections.abc import Sequence

FILE_PATH = "/api/tag-compliance"
LISTS = {"account": "accounts", "service": "services", "region": "regions", "kind": "kinds"}
"""Parameters that may be repeated, and the fields of the filter they fill."""
KNOWN = frozenset({"search", "key", *LISTS, "owner", "verdict", "page", "asset", "by", "autopsy"})


def read(params: Params, keys: Sequence[str]) -> tuple[TagView, tuple[str, ...]]:
    """The view that a URL asks for, and a sentence for each part of it that cannot be had. `keys` are the policy's."""
    link = Link(params)
    for name in sorted(set(params) - KNOWN):
        link.reject(name, "is not known here")
    lists: dict[str, Any] = {field: link_values.texts(link, name) for name, field in LISTS.items()}
    only = AssetFilter(search=link_values.search(link), **lists)
    view = TagView(
        only=owned(only, link_values.texts(link, "owner")),
        keys=_keys(link, keys),
        verdicts=_verdicts(link),
        page=link_values.whole(link, "page", least=1, most=link_values.MOST_PAGES) or 1,
        opened=link_values.identity(link, "asset", "asset"),
        by=link.choice("by", By) or By.ACCOUNT,
        autopsy=_autopsy(link, keys),
    )
    return view, tuple(link.notices)


def _keys(link: Link, known: Sequence[str]) -> tuple[str, ...]:
    given = set(link.params.get("key") or ())
    if not given <= set(known):
        link.reject("key", "names a key that no rule of the policy is about")
    return tuple(key for key in known if key in given)


def _autopsy(link: Link, known: Sequence[str]) -> str:
    given = (link.text("autopsy") or "")[: MAX_KEY + 1]
    if given and given not in known:
        link.reject("autopsy", "names a key that no rule of the policy is about")
        return ""
    return given


def _verdicts(link: Link) -> tuple[TagVerdict, ...]:
    given = set(link.params.get("verdict") or ())
    if not given <= set(TagVerdict):
        link.reject("verdict", f"must be among {', '.join(TagVerdict)}")
        return VIOLATIONS
    return tuple(verdict for verdict in ALL_VERDICTS if verdict in given) or VIOLATIONS


def write(view: TagView) -> dict[str, list[str]]:
    """The URL parameters of a view, defaults left out; `read` turns them back into the same view."""
    named = (
        ("page", str(view.page), "1"),
        ("asset", view.opened, ""),
        ("by", str(view.by), str(By.ACCOUNT)),
        ("autopsy", view.autopsy, ""),
    )
    params = _filter_params(view)
    if view.owners:
        params["owner"] = list(view.owners)
    return params | {name: [value] for name, value, plain in named if value != plain}


def _filter_params(view: TagView) -> dict[str, list[str]]:
    """What links and the API spell alike; defaults left out."""
    params = {name: list(getattr(view.only, field)) for name, field in LISTS.items()}
    params |= {"key": list(view.keys), "search": [view.only.search] if view.only.search else []}
    if view.verdicts != VIOLATIONS:
        params["verdict"] = [str(verdict) for verdict in view.verdicts]
    return {name: values for name, values in params.items() if values}


def file_address(view: TagView, tenant: str, extension: str) -> str:
    """Where the API gives every verdict of a view as a file (`csv`, `xlsx`)."""
    owners = [f"{OWNER_KEY}={owner}" for owner in view.owners]
    params = {"tenant": [tenant], **_filter_params(view), "tag": owners, "format": [extension]}
    return f"{FILE_PATH}?{urlencode(params, doseq=True)}"
