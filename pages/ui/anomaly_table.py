"""The table of anomalies: which, how much, since when; then account, status and what others say. Display only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from finops.model.anomalies import AnomalyKind
from pages.ui import anomaly_names, names, numbers
from pages.ui.pick_table import pick_row
from pages.ui.tables import CENTS_BELOW
from pages.ui.text import plain_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from finops.model.anomalies import Standing

COLUMNS = ("number", "service", "impact", "kind", "account", "since", "status", "month", "said", "aws", "last", "score")
MOST_ROWS = 500
AWS_TOO = "AWS too"


def frame(items: Sequence[Standing], accounts: Mapping[str, str]) -> pd.DataFrame:
    """One line per anomaly; a month that nobody knows is empty, never zero."""
    called = names.value_name("account", accounts)
    found = [one.anomaly for one in items]
    made = pd.DataFrame(
        {
            "number": [str(number) for number in range(1, len(items) + 1)],
            "service": [anomaly_names.service(each) for each in found],
            "impact": [float(each.impact) for each in found],
            "kind": [[anomaly_names.KIND_NAMES[each.kind]] for each in found],
            "account": [plain_line(called(each.account), limit=60) for each in found],
            "since": [each.start for each in found],
            "last": [each.last_seen for each in found],
            "month": [None if each.impact_month is None else float(each.impact_month) for each in found],
            "status": [[anomaly_names.STATUS_NAMES[each.status]] for each in found],
            "said": [[said] if (said := anomaly_names.said(one)) else [] for one in items],
            "aws": [[AWS_TOO] if one.aws is not None else [] for one in items],
            "score": [each.score for each in found],
        }
    )
    if len({each.currency for each in found}) > 1:
        made["impact"] = [numbers.signed_money(each.impact, each.currency) for each in found]
        made["month"] = [
            None if each.impact_month is None else numbers.signed_money(each.impact_month, each.currency)
            for each in found
        ]
    return made


def draw(
    items: Sequence[Standing], accounts: Mapping[str, str], *, key: str, alt: str, selected: int | None
) -> int | None:
    """Draws the anomalies and returns the index of the one the reader picked; `selected` is picked at first."""
    return pick_row(
        frame(items, accounts),
        _settings(items),
        shown=[name for name in COLUMNS if name != "aws" or any(one.aws for one in items)],
        key=key,
        alt=alt,
        selected=selected,
    )


def _settings(items: Sequence[Standing]) -> dict[str, Any]:
    column = st.column_config
    statuses = {name: anomaly_names.STATUS_COLOURS[status] for status, name in anomaly_names.STATUS_NAMES.items()}
    verdicts = {name: anomaly_names.VERDICT_COLOURS[verdict] for verdict, name in anomaly_names.VERDICT_NAMES.items()}
    kinds = {anomaly_names.KIND_NAMES[kind]: "gray" for kind in AnomalyKind}
    return {
        "number": column.TextColumn("#", width=34, pinned=True, help="Its number in the timeline"),
        "service": column.TextColumn("Service", pinned=True, width=120),
        "impact": _money("Impact", items, width=90, help="What all its days cost more or less than expected."),
        "kind": _chips("Kind", kinds, width=90),
        "account": column.TextColumn("Account", width=105),
        "since": column.DateColumn("Since", format="D MMM YYYY", width=95),
        "last": column.DateColumn("Last seen", format="D MMM YYYY", width=95),
        "month": _money("A month", items, width=95, help="What a month of it comes to if it stays. A dash: over."),
        "status": _chips("Status", statuses, width=90),
        "said": _chips("Said", verdicts, width=100),
        "aws": _chips("AWS", {AWS_TOO: "blue"}, width=85),
        "score": column.NumberColumn(
            "Score", format="%,.1f", width=70, help="Robust deviations from what is expected."
        ),
    }


def _chips(title: str, colours: Mapping[str, str], *, width: int) -> Any:
    options: Any = {"options": list(colours), "color": list(colours.values())}
    return st.column_config.MultiselectColumn(title, width=width, **options)


def _money(title: str, items: Sequence[Standing], *, width: int, help: str) -> Any:  # noqa: A002 - as Streamlit's
    """Signed figures with their unit in the header, cents where none is large; text where currencies differ."""
    currencies = {one.anomaly.currency for one in items}
    if len(currencies) > 1:
        return st.column_config.TextColumn(title, help=help, width=width)
    sign = numbers.symbol(next(iter(currencies), "USD")).strip()
    digits = 0 if max((abs(one.anomaly.impact) for one in items), default=0) >= CENTS_BELOW else 2
    return st.column_config.NumberColumn(f"{title}, {sign}", format=f"%+,.{digits}f", help=help, width=width)
