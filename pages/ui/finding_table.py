"""The table of findings: what, how much, of which resource and account, on which basis; then the rest. Display only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import streamlit as st

from finops.model.findings import Basis
from pages.ui import finding_names, names, numbers
from pages.ui.tables import CENTS_BELOW, ROW_HEIGHT
from pages.ui.text import plain_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from finops.model.findings import Finding, Verdict
    from finops.waste.listing import Standing

COLUMNS = ("title", "saving", "resource", "account", "basis", "region", "owner", "seen", "status")
SORTED_BY = {"title": "title", "saving": "monthly_saving", "resource": "name", "account": "account", "region": "region"}
"""What the list is sorted by when a column's head is clicked; others cannot be sorted by."""
VISIBLE_ROWS = 13
OWNER_TAG = "Owner"


@dataclass(frozen=True, slots=True)
class Look:
    """How the table reads: names of accounts by id, and whether several rows may be picked.

    `sort` is called with a field when the head of its column is clicked: the whole list is sorted, not the rows shown.
    """

    accounts: Mapping[str, str]
    several: bool = False
    sort: Callable[[str], None] = lambda _: None


def resource_name(finding: Finding) -> str:
    """What people call the resource; an account-wide finding is about its account."""
    return plain_line(finding.name or finding.resource_id or finding.account, limit=120)


def owner(one: Standing) -> str:
    """Who it is assigned to, else what the resource's own tag says."""
    assigned = one.state.owner if one.state is not None else ""
    return plain_line(assigned or (one.finding.tags or {}).get(OWNER_TAG, ""), limit=60)


def frame(items: Sequence[Standing], look: Look) -> pd.DataFrame:
    """One line per finding; an empty saving is unknown, never zero."""
    called = names.value_name("account", look.accounts)
    found = [one.finding for one in items]
    made = pd.DataFrame(
        {
            "title": [plain_line(each.title, limit=80) for each in found],
            "saving": [_saving(each) for each in found],
            "resource": [resource_name(each) for each in found],
            "account": [plain_line(called(each.account), limit=60) for each in found],
            "basis": [[_basis(each)] for each in found],
            "region": [plain_line(each.region, limit=40) for each in found],
            "owner": [owner(one) for one in items],
            "seen": [one.first_seen for one in items],
            "status": [[_status(one)] for one in items],
        }
    )
    if len(_currencies(found)) > 1:
        made["saving"] = [
            None if each.saving_basis is Basis.NONE else numbers.short_money(each.monthly_saving, each.currency)
            for each in found
        ]
    return made


def _saving(finding: Finding) -> float | None:
    return None if finding.saving_basis is Basis.NONE else float(finding.monthly_saving)


def _basis(finding: Finding) -> str:
    return _said(finding.verdict) or finding_names.BASIS_NAMES[finding.saving_basis]


def _said(verdict: Verdict) -> str:
    """The verdict where it is another than flagged: then there is no basis to tell."""
    return "" if verdict == "flagged" else finding_names.VERDICT_NAMES[verdict]


def _status(one: Standing) -> str:
    return _said(one.finding.verdict) or finding_names.STATUS_NAMES[one.status]


def _currencies(found: Sequence[Finding]) -> set[str]:
    return {each.currency for each in found if each.saving_basis is not Basis.NONE}


def draw(items: Sequence[Standing], look: Look, *, key: str, alt: str, selected: Sequence[int]) -> list[int]:
    """Draws the findings and returns the indexes of those the reader picked; `selected` are picked at first."""
    rows: Literal["multi-row", "single-row"] = "multi-row" if look.several else "single-row"
    state = st.dataframe(
        frame(items, look),
        key=key,
        hide_index=True,
        row_height=ROW_HEIGHT,
        height="content" if len(items) <= VISIBLE_ROWS else (VISIBLE_ROWS + 1) * ROW_HEIGHT + 2,
        column_order=COLUMNS,
        column_config=_settings([one.finding for one in items]),
        placeholder=numbers.UNKNOWN,
        alt=plain_line(alt),
        on_select=lambda: _head_clicked(key, look),
        selection_mode=[rows, "single-column"],
        selection_default={"selection": {"rows": list(selected), "columns": [], "cells": []}},
    )
    return [row for row in state["selection"]["rows"] if row < len(items)]


def _head_clicked(key: str, look: Look) -> None:
    heads = st.session_state[key]["selection"]["columns"]
    field = SORTED_BY.get(heads[0]) if heads else None
    if field is not None:
        look.sort(field)


def _settings(found: Sequence[Finding]) -> dict[str, Any]:
    column = st.column_config
    bases = {name: finding_names.BASIS_COLOURS[basis] for basis, name in finding_names.BASIS_NAMES.items()}
    statuses = {name: finding_names.STATUS_COLOURS[status] for status, name in finding_names.STATUS_NAMES.items()}
    verdicts = dict.fromkeys(finding_names.VERDICT_NAMES.values(), "gray")
    return {
        "title": column.TextColumn("Finding", pinned=True, width=158),
        "saving": _saving_column(found),
        "resource": column.TextColumn("Resource", width=155),
        "account": column.TextColumn("Account", width=102),
        "basis": _chips("Basis", bases | verdicts, width=120),
        "region": column.TextColumn("Region", width=100),
        "owner": column.TextColumn("Owner", width=110, help="Assigned here, else the resource's Owner tag."),
        "seen": column.DatetimeColumn("First seen", format="D MMM YYYY", timezone="UTC", width=105),
        "status": _chips("Status", statuses | verdicts, width=110),
    }


def _chips(title: str, colours: Mapping[str, str], *, width: int) -> Any:
    options: Any = {"options": list(colours), "color": list(colours.values())}
    return st.column_config.MultiselectColumn(title, width=width, **options)


def _saving_column(found: Sequence[Finding]) -> Any:
    """Figures with their unit in the header, cents where none is large; text where currencies differ."""
    told, currencies = "A month. A dash has no dollar basis, which is not zero.", _currencies(found)
    if len(currencies) > 1:
        return st.column_config.TextColumn("Saving a month", help=told, width=88)
    sign = numbers.symbol(next(iter(currencies), "USD")).strip()
    largest = max((each.monthly_saving for each in found), default=0)
    digits = 0 if largest >= CENTS_BELOW else 2
    return st.column_config.NumberColumn(f"Saving, {sign}/mo", format=f"%,.{digits}f", help=told, width=88)
