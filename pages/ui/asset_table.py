"""The table of assets: identity, kind and account first, then what each reader chose. Display only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from finops.model.assets import SORTS, Lifecycle
from finops.model.money import ZERO
from pages.ui import asset_names, names, numbers
from pages.ui.tables import CENTS_BELOW, ROW_HEIGHT
from pages.ui.text import plain_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from finops.model.assets import Asset

TAG = "tag:"
DEFAULT = ("name", "cost", "kind", "account", "region", "state", "age", "tags")
TITLES = {
    "name": "Name",
    "kind": "Kind",
    "account": "Account",
    "region": "Region",
    "state": "State",
    "age": "Age",
    "cost": "Cost",
    "tags": "Tags",
    "service": "Service",
    "resource_id": "Resource id",
    "arn": "ARN",
    "created": "Created",
    "first_seen": "First seen",
    "last_seen": "Last seen",
    "lifecycle": "Lifecycle",
    "missing_since": "Missing since",
}
"""The columns there are, beside one for each tag key; their keys are the API's where it has the same field."""

SORTED_BY = {"age": "created", **{name: name for name in SORTS if name in TITLES}}
"""What the list is sorted by when a column's head is clicked; others cannot be sorted by."""

FILE_COLUMNS = {"age": ("created",), "cost": ("cost", "currency"), "account": ("account", "account_name")}
"""The fields of a file that say what a column shows, where they are not called the same."""

NO_TAGS = "none"
VISIBLE_ROWS = 13
_MOST_TAGS = 12
_DAYS_A_MONTH, _DAYS_A_YEAR = 30.44, 365.25
_TIMES = ("created", "first_seen", "last_seen", "missing_since")


@dataclass(frozen=True, slots=True)
class Look:
    """How the table reads: names of accounts by id, the instant that ages count to, the days that costs are of.

    `sort` is called with a field when the head of its column is clicked: the whole list is sorted, not the rows shown.
    """

    accounts: Mapping[str, str]
    now: datetime
    cost_days: str = ""
    sort: Callable[[str], None] = lambda _: None


def known(columns: Sequence[str], tag_keys: Sequence[str]) -> tuple[str, ...]:
    """Those of `columns` that exist, the usual ones when none does; the name always comes first."""
    offered = {*TITLES, *(f"{TAG}{key}" for key in tag_keys)}
    kept = [column for column in dict.fromkeys(columns) if column in offered and column != "name"]
    return ("name", *kept) if kept else DEFAULT


def file_columns(columns: Sequence[str]) -> tuple[str, ...]:
    """The fields of a file with these columns, the id that tells equal names apart among them."""
    fields = [field for column in columns for field in FILE_COLUMNS.get(column, (column,))]
    return tuple(dict.fromkeys(["asset_id", *fields]))


def title(column: str) -> str:
    """What a column is called: `Region`, `Owner (tag)`."""
    return TITLES.get(column) or f"{column.removeprefix(TAG)} (tag)"


def age(created: datetime | None, now: datetime) -> str:
    """`5 hours`, `12 days`, `7 months`, `3 years`; a dash where AWS tells no date."""
    if created is None:
        return numbers.UNKNOWN
    days = (now - created).total_seconds() / 86_400
    if days < 2 * _DAYS_A_MONTH:
        return numbers.age(created, now)
    if days < 2 * _DAYS_A_YEAR:
        return numbers.counted(int(days / _DAYS_A_MONTH), "month")
    return numbers.counted(int(days / _DAYS_A_YEAR), "year")


def state_cell(asset: Asset) -> list[str]:
    """The state as AWS spells it, and that an asset is missing or gone."""
    life = [] if asset.lifecycle is Lifecycle.ACTIVE else [asset_names.LIFE_NAMES[asset.lifecycle]]
    return [*([plain_line(asset.state, limit=40)] if asset.state else []), *life]


def tags_cell(tags: Mapping[str, str] | None) -> list[str] | None:
    """`Key=value` for each tag, own ones before AWS's; None where they are unknown."""
    if tags is None:
        return None
    if not tags:
        return [NO_TAGS]
    ordered = sorted(tags, key=lambda key: (key.startswith("aws:"), key.casefold()))
    return [plain_line(f"{key}={tags[key]}", limit=60) for key in ordered[:_MOST_TAGS]]


def frame(assets: Sequence[Asset], columns: Sequence[str], look: Look) -> pd.DataFrame:
    """One line per asset with the columns asked for; empty cells are unknown."""
    made = pd.DataFrame({column: [_cell(asset, column, look) for asset in assets] for column in columns})
    if "cost" in made and len(_currencies(assets)) > 1:
        made["cost"] = [numbers.short_money(asset.cost, asset.currency) for asset in assets]
    return made


def _currencies(assets: Sequence[Asset]) -> set[str]:
    return {asset.currency for asset in assets if asset.cost is not None}


def _cell(asset: Asset, column: str, look: Look) -> object:
    if column.startswith(TAG):
        value = None if asset.tags is None else asset.tags.get(column.removeprefix(TAG), "")
        return None if value is None else plain_line(value, limit=80)
    made = _CELLS.get(column)
    if made is not None:
        return made(asset, look)
    return plain_line(str(getattr(asset, column)), limit=200)


def _time(field: str) -> Callable[[Asset, Look], object]:
    return lambda asset, _: getattr(asset, field)


_CELLS: dict[str, Callable[[Asset, Look], object]] = {
    "name": lambda asset, _: plain_line(asset.name or asset.resource_id, limit=120),
    "kind": lambda asset, _: plain_line(asset_names.kind_name(asset.kind), limit=60),
    "account": lambda asset, look: plain_line(names.value_name("account", look.accounts)(asset.account), limit=60),
    "state": lambda asset, _: state_cell(asset),
    "age": lambda asset, look: age(asset.created, look.now),
    "cost": lambda asset, _: None if asset.cost is None else float(asset.cost),
    "tags": lambda asset, _: tags_cell(asset.tags),
    "service": lambda asset, _: plain_line(asset_names.service_name(asset.service), limit=60),
    "lifecycle": lambda asset, _: asset_names.LIFE_NAMES[asset.lifecycle],
    **{time: _time(time) for time in _TIMES},
}


def draw(
    assets: Sequence[Asset], columns: Sequence[str], look: Look, *, key: str, alt: str, selected: int | None
) -> int | None:
    """Draws the assets and returns the index of the one the reader picked; `selected` is picked at first."""
    made = frame(assets, columns, look)
    rows = [] if selected is None else [selected]
    state = st.dataframe(
        made,
        key=key,
        hide_index=True,
        row_height=ROW_HEIGHT,
        height="content" if len(assets) <= VISIBLE_ROWS else (VISIBLE_ROWS + 1) * ROW_HEIGHT + 2,
        column_order=list(columns),
        column_config=_settings(assets, columns, look),
        placeholder=numbers.UNKNOWN,
        alt=plain_line(alt),
        on_select=lambda: _head_clicked(key, look),
        selection_mode=["single-row", "single-column"],
        selection_default={"selection": {"rows": rows, "columns": [], "cells": []}},
    )
    picked = state["selection"]["rows"]
    return picked[0] if picked and picked[0] < len(assets) else None


def _head_clicked(key: str, look: Look) -> None:
    heads = st.session_state[key]["selection"]["columns"]
    field = SORTED_BY.get(heads[0]) if heads else None
    if field is not None:
        look.sort(field)


def _settings(assets: Sequence[Asset], columns: Sequence[str], look: Look) -> dict[str, Any]:
    column = st.column_config
    states = list(dict.fromkeys(word for asset in assets for word in state_cell(asset)))
    lives = set(asset_names.LIFE_NAMES.values())
    made: dict[str, Any] = {
        "name": column.TextColumn(TITLES["name"], pinned=True, width=165),
        "state": column.MultiselectColumn(
            TITLES["state"], options=states, color=["orange" if state in lives else "gray" for state in states]
        ),
        "cost": _cost_column(assets, look.cost_days),
        "tags": column.ListColumn(TITLES["tags"], width="large"),
        **{time: column.DatetimeColumn(TITLES[time], format="D MMM YYYY, HH:mm", timezone="UTC") for time in _TIMES},
    }
    return {name: made.get(name) or column.TextColumn(plain_line(title(name), limit=60)) for name in columns}


def _cost_column(assets: Sequence[Asset], days: str) -> Any:
    """Figures with their days and unit in the header, cents where none is large; text where currencies differ."""
    head = f"{TITLES['cost']} {days}".strip()
    told, currencies = "A dash is unknown, never free.", _currencies(assets)
    if len(currencies) > 1:
        return st.column_config.TextColumn(head, help=told)
    unit = "".join(f", {numbers.symbol(currency).strip()}" for currency in currencies)
    largest = max((asset.cost for asset in assets if asset.cost is not None), default=ZERO)
    digits = 0 if largest >= CENTS_BELOW else 2
    return st.column_config.NumberColumn(f"{head}{unit}", format=f"%,.{digits}f", help=told)
