"""Writes docs/inventory-kinds.md from the declarations of services: `python -m finops.cli.kinds_page`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from finops.aws.services import kinds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from finops.aws.listing import Kind

PAGE = Path(__file__).parents[2] / "docs" / "inventory-kinds.md"
_INTRODUCTION = """# What the inventory lists

Every kind of resource, the calls that list it, and all that is kept of their answers: id, ARN, name, state, creation
time, tags, relationships and these details. The rest of an answer is not even parsed, since it may hold secrets: the
environment of a function, the headers of a distribution, the description of a secret.

Tags come from the listing itself, or from one sweep of the tagging API in each region (`tag:GetResources`) where the
listing has none. Details marked * move by themselves: their changes make no history.

This page is written by `python -m finops.cli.kinds_page`. A package from outside adds kinds through the entry-point
group `finops.services`: an object of that group is a `finops.aws.listing.Kind` or an iterable of them.

| kind | what | operations | IAM actions | tags from | details |
|---|---|---|---|---|---|
"""


def kinds_markdown(listed: Iterable[Kind]) -> str:
    """The page: a row for each kind."""
    return _INTRODUCTION + "".join(_row(kind) for kind in listed)


def _row(kind: Kind) -> str:
    operations = dict.fromkeys(f"{step.operation.service} {step.operation.name}" for step in kind.steps)
    actions = dict.fromkeys(f"`{step.operation.action}`" for step in kind.steps)
    tags = "listing" if kind.tags else f"sweep (`{kind.tag_type}`)" if kind.tag_type else "nowhere"
    details = [f"{name}*" if name in kind.gauges else name for name in sorted(kind.details)]
    what = f"{kind.title}, once for all regions" if kind.scope == "global" else kind.title
    cells = (f"`{kind.kind}`", what, ", ".join(operations), ", ".join(actions), tags, ", ".join(details))
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(kinds_markdown(kinds()), encoding="utf-8")
