"""The key figures of Inventory: how much there is, what came and went, and what is not tagged. All from counts."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from finops.model.assets import Lifecycle
from pages.ui import numbers
from pages.ui.asset_answers import APPEARED, DISAPPEARED
from pages.ui.asset_view import Since
from pages.ui.kpis import Kpi

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from finops.model.assets import ChangeKind
    from pages.ui.asset_answers import Answers, Tagging
    from pages.ui.asset_view import AssetView

_WEEK_HELP = "Assets that {what} within the last 7 days. What a place held when it was first listed is no news."


def strip(answers: Answers, view: AssetView) -> list[Kpi]:
    """Four figures, each of the list as it is filtered."""
    counts = answers.counts(view.only)
    lives, kinds = counts.get("lifecycle", {}), counts.get("kind", {})
    total = sum(lives.values())
    since = answers.since(Since.DAYS_7)
    return [
        _assets(lives, len(kinds)),
        _moved(answers, view, since, APPEARED, "appeared"),
        _moved(answers, view, since, DISAPPEARED, "disappeared"),
        untagged(answers.tagging(view.only), total),
    ]


def _assets(lives: dict[str, int], kinds: int) -> Kpi:
    active = lives.get(Lifecycle.ACTIVE, 0)
    others = [f"{lives[life]:,} {life}" for life in (Lifecycle.MISSING, Lifecycle.GONE) if lives.get(life)]
    return Kpi(
        "Active assets",
        f"{active:,}",
        base=" · ".join([numbers.counted(kinds, "kind"), *others]),
        help="In the latest complete listing of their account, region and kind.",
    )


def _moved(answers: Answers, view: AssetView, since: datetime, kinds: Sequence[ChangeKind], what: str) -> Kpi:
    began = answers.began
    young = began is not None and began > since
    return Kpi(
        f"{what.capitalize()}, 7 days",
        f"{answers.news(view, since).count(kinds):,}",
        base=f"since the first look, {numbers.day(began.date())}" if young and began is not None else "last 7 days",
        help=_WEEK_HELP.format(what=what),
    )


def untagged(found: Tagging | None, total: int) -> Kpi:
    """The share without a tag; assets whose tags could not be read are told apart."""
    if found is None or not found.known:
        return Kpi("Without tags", numbers.UNKNOWN, base="no tags known", help="Tags have not been read yet.")
    share = numbers.share(Decimal(found.without), Decimal(found.known))
    unknown = total - found.known
    more = f" · {unknown:,} unknown" if unknown > 0 else ""
    return Kpi(
        f"Without {found.key}",
        numbers.percent(share),
        base=f"{numbers.counted(found.without, 'asset')}{more}",
        help="Share of the assets whose tags could be read that lack this tag, or have it empty.",
    )
