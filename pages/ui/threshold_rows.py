"""Thresholds as rows of a page: what it means, its value in a field, its bounds, and whose value holds.

Settings and People draw the same rows; what a change does is theirs to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import streamlit as st

from finops.model.thresholds import Origin
from pages.ui import numbers, url_state
from pages.ui.preference_words import ORIGIN_NAMES
from pages.ui.text import escaped, plain_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from finops.model.thresholds import Effective, Tunable, Value

_NO_WORD = re.compile(r"[\W_]+")
WIDTHS = [2.3, 1, 1.5]
COLOURS: dict[Origin, Literal["orange", "blue", "violet", "gray"]] = {
    Origin.LOCK: "orange",
    Origin.PERSON: "blue",
    Origin.TENANT: "violet",
    Origin.BUILT_IN: "gray",
}
ICONS = {
    Origin.LOCK: ":material/lock:",
    Origin.PERSON: ":material/person:",
    Origin.TENANT: ":material/groups:",
    Origin.BUILT_IN: ":material/settings_suggest:",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `own` says that the value in the field is this scope's own, and can be taken away.

    `fixed` rows show their value and take none. `offer` is what a button says that makes the value shown the scope's.
    """

    tunable: Tunable
    value: Value
    origin: Origin
    own: bool
    fixed: bool = False
    offer: str = ""


@dataclass(frozen=True, slots=True)
class Manner:
    """How rows behave: the prefix of their keys, what a change does (None: taken away), what origins are called."""

    prefix: str
    put: Callable[[Tunable, object], None]
    names: Mapping[Origin, str]


def row_of(one: Effective) -> Row:
    """The row of a person's own settings."""
    locked = one.origin is Origin.LOCK
    return Row(one.tunable, one.value, one.origin, own=one.origin is Origin.PERSON, fixed=locked)


def own_manner(prefix: str, put: Callable[[Tunable, object], None]) -> Manner:
    """The manner of a person's own settings."""
    return Manner(prefix, put, ORIGIN_NAMES)


def rows(shown: Sequence[Row], manner: Manner) -> None:
    """Draws the rows of one check."""
    for one in shown:
        _row(one, manner)


def sentence(tunable: Tunable) -> str:
    """What it means, from its first letter on; plain text."""
    return f"{tunable.text[:1].upper()}{tunable.text[1:]}"


def _row(one: Row, manner: Manner) -> None:
    tunable = one.tunable
    left, middle, right = st.columns(WIDTHS, gap="small", vertical_alignment="center")
    built_in = tunable.shown(tunable.default)
    left.markdown(
        f"{escaped(sentence(tunable))}  \n:small[:gray[{escaped(tunable.bounds)}, built-in {escaped(built_in)}]]"
    )
    with middle:
        _field(one, manner)
    with right.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.badge(manner.names[one.origin], icon=ICONS[one.origin], color=COLOURS[one.origin])
        if one.own and not one.fixed:
            st.button(
                "Reset",
                key=f"{manner.prefix}.reset.{tunable.key}",
                icon=":material/undo:",
                type="tertiary",
                help=escaped(f"Reset {tunable.title}"),
                on_click=manner.put,
                args=(tunable, None),
            )
        elif one.offer:
            st.button(
                one.offer,
                key=f"{manner.prefix}.offer.{tunable.key}",
                type="tertiary",
                help=escaped(f"{one.offer} {tunable.title} at {tunable.shown(one.value)}"),
                on_click=manner.put,
                args=(tunable, one.value),
            )


def spoken(title: str) -> str:
    """A name for screen readers, who would hear Markdown's escapes: words alone, so that nothing needs one."""
    return " ".join(_NO_WORD.sub(" ", plain_line(title, limit=90)).split())


def field_key(manner: Manner, tunable: Tunable) -> str:
    """The key of a row's field."""
    return f"{manner.prefix}.{tunable.key}"


def _field(one: Row, manner: Manner) -> None:
    tunable, key = one.tunable, field_key(manner, one.tunable)
    label = spoken(tunable.title)

    def changed() -> None:
        manner.put(tunable, st.session_state[key])

    if tunable.choices:
        url_state.set_widget(key, one.value)
        st.selectbox(
            label, tunable.choices, key=key, disabled=one.fixed, on_change=changed, label_visibility="collapsed"
        )
        return
    bounds = (tunable.minimum, tunable.maximum, one.value, tunable.step)
    whole = all(float(each).is_integer() for each in bounds)
    least, most, value, step = ((int(each) if whole else float(each)) for each in bounds)
    url_state.set_widget(key, value)
    st.number_input(
        label,
        least,
        most,
        step=step,
        format="%d" if whole else "%g",
        key=key,
        disabled=one.fixed,
        on_change=changed,
        label_visibility="collapsed",
    )


def fold_label(title: str, shown: Sequence[Row], words: str) -> str:
    """`Idle EC2 instance · 6 thresholds · 1 yours`."""
    own = sum(one.own for one in shown)
    locked = sum(one.origin is Origin.LOCK for one in shown)
    found = [f"**{escaped(title)}**", f":gray[{numbers.counted(len(shown), 'threshold')}]"]
    if own:
        found.append(f":blue[{own} {words}]")
    if locked:
        found.append(f":orange[{locked} locked]")
    return " · ".join(found)
