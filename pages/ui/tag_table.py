"""The table of verdicts: which asset, which key, what is wrong and what is there; then cost and place. Display only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from finops.model.tagging import VIOLATIONS
from finops.tagging.compliance import OWNER_KEY
from pages.ui import names, numbers, tag_names
from pages.ui.pick_table import pick_row
from pages.ui.tables import CENTS_BELOW
from pages.ui.text import plain_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from finops.model.tagging import TaggedAsset
    from finops.tagging import Violation

COLUMNS = ("asset", "key", "verdict", "value", "cost", "account", "region", "owner")
MOST_VALUE = 256


@dataclass(frozen=True, slots=True)
class Look:
    """How the table reads: names of accounts by id, and the days that costs are of."""

    accounts: Mapping[str, str]
    cost_days: str = ""


def asset_name(asset: TaggedAsset) -> str:
    """What people call the asset."""
    return plain_line(asset.name or asset.resource_id, limit=120)


def there(one: Violation) -> str:
    """What stands there as it is, under its own key where that is another; empty where nothing does."""
    if not one.found_key:
        return ""
    value = plain_line(one.value, limit=MOST_VALUE)
    told = value if one.found_key == one.key else f"{plain_line(one.found_key, limit=128)} = {value}"
    return f"{told} (account)" if one.inherited else told


def frame(items: Sequence[Violation], look: Look) -> pd.DataFrame:
    """One line per verdict; an empty cost is unknown, never zero."""
    called = names.value_name("account", look.accounts)
    mixed = len(_currencies(items)) > 1
    return pd.DataFrame(
        {
            "asset": [asset_name(one.asset) for one in items],
            "key": [plain_line(one.key, limit=128) for one in items],
            "verdict": [[tag_names.VERDICT_NAMES[one.verdict]] for one in items],
            "value": [there(one) or None for one in items],
            "cost": [_cost(one.asset, mixed=mixed) for one in items],
            "account": [plain_line(called(one.asset.account), limit=60) for one in items],
            "region": [plain_line(one.asset.region, limit=40) for one in items],
            "owner": [plain_line((one.asset.tags or {}).get(OWNER_KEY, ""), limit=60) or None for one in items],
        }
    )


def _cost(asset: TaggedAsset, *, mixed: bool) -> float | str | None:
    if asset.cost is None:
        return None
    return numbers.short_money(asset.cost, asset.currency) if mixed else float(asset.cost)


def _currencies(items: Sequence[Violation]) -> set[str]:
    return {one.asset.currency for one in items if one.asset.cost is not None}


def draw(items: Sequence[Violation], look: Look, *, key: str, alt: str, selected: int | None) -> int | None:
    """Draws the verdicts and returns the index of the one the reader picked; `selected` is picked at first."""
    return pick_row(
        frame(items, look),
        _settings(items, look),
        shown=COLUMNS,
        key=key,
        alt=alt,
        selected=selected,
    )


def _settings(items: Sequence[Violation], look: Look) -> dict[str, Any]:
    column = st.column_config
    options: Any = {
        "options": list(tag_names.VERDICT_NAMES.values()),
        "color": [tag_names.VERDICT_COLOURS[verdict] for verdict in tag_names.VERDICT_NAMES],
    }
    return {
        "asset": column.TextColumn("Asset", pinned=True, width=158),
        "key": column.TextColumn("Key", width=96),
        "verdict": column.MultiselectColumn("Verdict", width=92, help=_verdict_words(), **options),
        "value": column.TextColumn("There is", width=120, help="What stands there as it is; a dash is nothing."),
        "cost": _cost_column(items, look),
        "account": column.TextColumn("Account", width=100),
        "region": column.TextColumn("Region", width=96),
        "owner": column.TextColumn("Owner", width=110, help="The asset's own Owner tag."),
    }


def _verdict_words() -> str:
    """What each violation means; Markdown."""
    return "  \n".join(f"**{tag_names.VERDICT_NAMES[one]}**: {tag_names.VERDICT_WORDS[one]}" for one in VIOLATIONS)


def _cost_column(items: Sequence[Violation], look: Look) -> Any:
    """Figures with their unit in the header, cents where none is large; text where currencies differ."""
    days = f" of {look.cost_days}" if look.cost_days else ""
    told, currencies = f"The asset's cost{days}. A dash is unknown, never free.", _currencies(items)
    if len(currencies) > 1:
        return st.column_config.TextColumn("Cost", help=told, width=80)
    sign = numbers.symbol(next(iter(currencies), "USD")).strip()
    largest = max((one.asset.cost for one in items if one.asset.cost is not None), default=0)
    return st.column_config.NumberColumn(
        f"Cost, {sign}", format=f"%,.{0 if largest >= CENTS_BELOW else 2}f", help=told, width=80
    )
