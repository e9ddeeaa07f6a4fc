"""The tag that a report groups cost by: the one asked for, else the first that the stored bill carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.costs import UNTAGGED, dimension
from finops.model.errors import InputError
from finops.reports.definition import Parameter

if TYPE_CHECKING:
    from finops.reports.definition import Asked, Sources

TAG = "tag:"
PARAMETER = Parameter("tag", "Key of the tag to group by; default the first that the bill carries.")
UNTAGGED_LABEL = "(untagged)"


def tag_dimension(sources: Sources, asked: Asked) -> str:
    """`tag:<Key>`. InputError on `tag` without a key where the bill carries none."""
    key = asked.scope.one("tag")
    if key:
        return dimension(f"{TAG}{key.removeprefix(TAG)}", field_name="tag")
    carried = (name for name in sources.costs.dimensions(asked.tenant) if name.startswith(TAG))
    usual = next(carried, f"{TAG}{sources.tag_keys[0]}" if sources.tag_keys else "")
    if not usual:
        raise InputError("tag", "tag is needed: the stored bill carries no tag; FINOPS_TAG_KEYS names those to fetch")
    return usual


def value_name(keys: tuple[str, ...]) -> str:
    """What a tag's value is called."""
    return UNTAGGED_LABEL if keys[0] == UNTAGGED else keys[0]
