"""What the checks can see: a matrix of checks and accounts, in words, and the regions and reasons behind each cell."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from pages.ui import finding_names, names, numbers
from pages.ui.finding_names import OK, STATE_NAMES, STATE_ORDER
from pages.ui.page import guarded
from pages.ui.tables import MOST_ROWS, ROW_HEIGHT
from pages.ui.text import escaped, plain_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pages.ui.finding_answers import Answers

MOST_ACCOUNTS = 40
NOTHING = numbers.UNKNOWN
_COLOURS = {OK: "green", "no_data": "gray", "not_enabled": "gray", "throttled": "orange"}


@dataclass(frozen=True, slots=True)
class Place:
    """How a check saw a region of an account. No region: all of them."""

    region: str
    state: str
    reason: str


Cells = dict[tuple[str, str], tuple[Place, ...]]


def cells(states: Mapping[tuple[str, str, str], tuple[str, str]], accounts: Sequence[str]) -> Cells:
    """The places of each check and account. What fails without an account fails in all of them."""
    found: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for (check, account, region), (state, reason) in states.items():
        for one in [account] if account else accounts:
            found[check, one].append(Place(region, state, reason))
    return {cell: tuple(sorted(places, key=lambda place: place.region)) for cell, places in found.items()}


def gravity(state: str) -> int:
    """0 is the gravest; what is not known here comes before `ok`."""
    return STATE_ORDER.index(state) if state in STATE_ORDER else len(STATE_ORDER) - 2


def worst(places: Sequence[Place]) -> str:
    """The gravest state of a cell."""
    return min((place.state for place in places), key=gravity, default=OK)


def cell_words(places: Sequence[Place]) -> list[str]:
    """`OK`; `Denied`, `1/4`: in one of four regions; a dash where nothing was listed."""
    if not places:
        return [NOTHING]
    state = worst(places)
    affected = [place for place in places if place.state == state]
    named = {place.region for place in places if place.region}
    everywhere = state == OK or any(not place.region for place in affected) or len(affected) == len(named)
    return [finding_names.state_name(state), *([] if everywhere else [f"{len(affected)}/{len(named)}"])]


def card_body(answers: Answers) -> None:
    """The whole card, drawn anew by itself when a cell is selected."""
    found = answers.coverage
    if not found.states:
        st.markdown("No check has looked at any place yet.")
        return
    _fragment(answers)


@st.fragment
def _fragment(answers: Answers) -> None:
    with guarded("What the checks can see"):
        _matrix(answers)


def _matrix(answers: Answers) -> None:
    made = answers.kept("matrix", lambda: _made(answers))
    st.markdown(f":small[:gray[{escaped(made.summary)}]]")
    picked = _table(answers, made)
    if len(made.accounts) < made.known:
        st.markdown(f":small[:gray[The {len(made.accounts)} accounts seen least, of {made.known:,}.]]")
    if picked is None:
        st.markdown(":small[:gray[1/4 is one of four regions. Select a cell to see which, and what is missing.]]")
    else:
        _explained(answers, picked, made.cells.get(picked, ()))


@dataclass(frozen=True, slots=True)
class _Made:
    """The matrix as it is drawn: checks and accounts in their order, out of so many accounts `known`."""

    cells: Cells
    checks: tuple[str, ...]
    accounts: tuple[str, ...]
    known: int
    summary: str
    frame: pd.DataFrame


def _made(answers: Answers) -> _Made:
    states = answers.coverage.states
    accounts = sorted(set(answers.accounts) | {account for _, account, _ in states if account})
    found = cells(states, accounts)
    checks = _ordered({check for check, _, _ in states}, found, answers)
    shown = _most_affected(accounts, found, checks)
    frame = pd.DataFrame({"check": [plain_line(answers.titles.get(check, check), limit=80) for check in checks]})
    for account in shown:
        frame[account] = [cell_words(found.get((check, account), ())) for check in checks]
    told = summary(found, checks, accounts)
    return _Made(found, tuple(checks), tuple(shown), len(accounts), told, frame)


def _ordered(checks: set[str], found: Cells, answers: Answers) -> list[str]:
    """Checks with trouble first, then by title."""
    gravest = dict.fromkeys(checks, gravity(OK))
    for (check, _), places in found.items():
        gravest[check] = min(gravest[check], gravity(worst(places)))
    return sorted(checks, key=lambda check: (gravest[check], answers.titles.get(check, check)))


def _most_affected(accounts: Sequence[str], found: Cells, checks: Sequence[str]) -> list[str]:
    def dark(account: str) -> int:
        return sum(worst(found.get((check, account), ())) != OK for check in checks)

    return sorted(accounts, key=lambda account: -dark(account))[:MOST_ACCOUNTS]


def summary(found: Cells, checks: Sequence[str], accounts: Sequence[str]) -> str:
    """`30 checks in 8 accounts: 3 denied, 2 without data; the rest is seen in full.`."""
    counts: dict[str, int] = defaultdict(int)
    for places in found.values():
        state = worst(places)
        if state != OK:
            counts[state] += 1
    told = [f"{counts[state]:,} {finding_names.state_name(state).lower()}" for state in sorted(counts, key=gravity)]
    whole = f"{numbers.counted(len(checks), 'check')} in {numbers.counted(len(accounts), 'account')}"
    return f"{whole}: {', '.join(told)}; the rest is seen in full." if told else f"{whole}, all seen in full."


def _table(answers: Answers, made: _Made) -> tuple[str, str] | None:
    called = names.value_name("account", answers.accounts)
    column = st.column_config
    options: Any = _options(made)
    state = st.dataframe(
        made.frame,
        key="table.savings.matrix",
        hide_index=True,
        row_height=ROW_HEIGHT,
        height="content" if len(made.checks) <= MOST_ROWS else (MOST_ROWS + 1) * ROW_HEIGHT + 2,
        column_config={
            "check": column.TextColumn("Check", pinned=True, width=165),
            **{
                account: column.MultiselectColumn(plain_line(called(account), limit=40), width=105, **options)
                for account in made.accounts
            },
        },
        alt=plain_line(made.summary),
        on_select="rerun",
        selection_mode="single-cell",
    )
    return _picked(state["selection"]["cells"], made.checks, made.accounts)


def _picked(selected: Sequence[Any], checks: Sequence[str], shown: Sequence[str]) -> tuple[str, str] | None:
    for row, account in selected[:1]:
        if row < len(checks) and account in shown:
            return checks[row], account
    return None


def _options(made: _Made) -> dict[str, Any]:
    """Every word of the cells with its colour; the words say all of it."""
    words = list(dict.fromkeys(word for account in made.accounts for cell in made.frame[account] for word in cell))
    colours = {name: _COLOURS.get(state, "red") for state, name in STATE_NAMES.items()}
    return {"options": words, "color": [colours.get(word, "gray") for word in words]}


def _explained(answers: Answers, picked: tuple[str, str], places: Sequence[Place]) -> None:
    """The regions of one cell, the gravest first, and what to grant."""
    check, account = picked
    title = answers.titles.get(check, check)
    called = names.value_name("account", answers.accounts)(account)
    st.markdown(f"**{escaped(title)}** in **{escaped(called)}**")
    if not places:
        st.markdown("Nothing that it looks at has been listed here.")
        return
    grouped: dict[tuple[str, str], list[str]] = defaultdict(list)
    for place in sorted(places, key=lambda place: gravity(place.state)):
        grouped[place.state, place.reason].append(place.region or "all regions")
    st.markdown("\n".join(_line(state, reason, regions) for (state, reason), regions in grouped.items()))


def _line(state: str, reason: str, regions: Sequence[str]) -> str:
    where = escaped(", ".join(regions), limit=400)
    told = ""
    if reason and state == "denied":
        told = f": grant `{plain_line(reason, limit=80).replace('`', '')}` to the role this server uses there"
    elif reason:
        told = f": {escaped(reason, limit=120)}"
    elif state == "no_data":
        told = ": AWS has no data that suffices to judge"
    return f"- **{escaped(finding_names.state_name(state))}** in {where}{told}"
