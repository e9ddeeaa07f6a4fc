"""What happened to assets, in words: one line per event, counts by kind, and a table of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from finops.model.assets import ChangeKind
from pages.ui import asset_names, names, numbers
from pages.ui.tables import ROW_HEIGHT
from pages.ui.text import escaped, plain_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from finops.model.assets import Asset, AssetChange
    from pages.ui.asset_answers import News

VISIBLE_ROWS = 10
_MOST_PARTS = 4


def what(change: AssetChange) -> str:
    """`Appeared`, `State changed`, `Tags changed`."""
    if change.kind is ChangeKind.CHANGED and change.field:
        return f"{change.field.capitalize()} changed"
    return change.kind.value.capitalize()


def step(change: AssetChange) -> str:
    """`running → stopped`, `Owner data-team → ml-team, Tier added`; empty for events without values. Plain text."""
    if change.kind is not ChangeKind.CHANGED:
        return ""
    if isinstance(change.before, dict) or isinstance(change.after, dict):
        parts = list(_parts(_mapping(change.before), _mapping(change.after), details=change.field == "details"))
        more = f" and {len(parts) - _MOST_PARTS} more" if len(parts) > _MOST_PARTS else ""
        return ", ".join(parts[:_MOST_PARTS]) + more
    return f"{_value(change.before)} → {_value(change.after)}"


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _parts(before: Mapping[str, object], after: Mapping[str, object], *, details: bool) -> Iterator[str]:
    for key in sorted({*before, *after}):
        name = asset_names.detail_name(key) if details else key
        if key not in before:
            yield f"{name} {_value(after[key])} added"
        elif key not in after:
            yield f"{name} {_value(before[key])} removed"
        elif before[key] != after[key]:
            yield f"{name} {_value(before[key])} → {_value(after[key])}"


def _value(value: object) -> str:
    if value is None or value == "":
        return numbers.UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return plain_line(value, limit=80)
    if isinstance(value, list):
        return plain_line(", ".join(_value(one) for one in value), limit=80) or numbers.UNKNOWN
    return plain_line(json.dumps(value, ensure_ascii=False), limit=80)


def history(changes: Sequence[AssetChange], *, more: int) -> None:
    """One asset's events, newest first."""
    lines = []
    for change in changes:
        told = step(change)
        lines.append(
            f"- :gray[{numbers.clock(change.at)}] {escaped(what(change))}{f': {escaped(told)}' if told else ''}"
        )
    st.markdown("\n".join(lines) or ":small[:gray[Nothing happened since it was first seen.]]")
    if more > 0:
        st.markdown(f":small[:gray[And {more} older ones: the API lists all of them.]]")


def kind_control(news: News, chosen: ChangeKind | None, *, key: str) -> None:
    """How many assets had each kind of change, each a button that keeps the table to it."""
    st.pills(
        "Kinds of change",
        list(dict.fromkeys((*news.kinds, *([chosen] if chosen else [])))),
        key=key,
        format_func=lambda kind: f"{kind.value.capitalize()} {news.count((kind,)):,}",
        label_visibility="collapsed",
    )


def table(changes: Sequence[tuple[AssetChange, Asset]], accounts: Mapping[str, str]) -> None:
    """Events, newest first: when, what, which asset, where, before and after."""
    frame = event_frame(changes, accounts)
    column = st.column_config
    st.dataframe(
        frame,
        key="table.inventory.changes",
        hide_index=True,
        row_height=ROW_HEIGHT,
        height="content" if len(frame) <= VISIBLE_ROWS else (VISIBLE_ROWS + 1) * ROW_HEIGHT + 2,
        column_config={
            "When": column.DatetimeColumn("When, UTC", format="D MMM, HH:mm", timezone="UTC", width=110),
            "What": column.TextColumn("What", width=120),
            "Asset": column.TextColumn("Asset", width=230),
            "Change": column.TextColumn("Before → after", width="large"),
        },
        placeholder=numbers.UNKNOWN,
        alt="What changed, newest first",
    )


def event_frame(changes: Sequence[tuple[AssetChange, Asset]], accounts: Mapping[str, str]) -> pd.DataFrame:
    """One line per event."""
    called = names.value_name("account", accounts)
    return pd.DataFrame(
        {
            "When": [change.at for change, _ in changes],
            "What": [what(change) for change, _ in changes],
            "Asset": [plain_line(asset.name or asset.resource_id, limit=120) for _, asset in changes],
            "Kind": [plain_line(asset_names.kind_name(asset.kind), limit=60) for _, asset in changes],
            "Account": [plain_line(called(asset.account), limit=60) for _, asset in changes],
            "Region": [plain_line(asset.region, limit=40) for _, asset in changes],
            "Change": [step(change) for change, _ in changes],
        }
    )
