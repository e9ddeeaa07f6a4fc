"""The parts of People: who there is and who deviates, one person's deviations, and the thresholds to tune."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from finops.model.preferences import differing
from finops.model.thresholds import Origin
from pages.ui import numbers, people_trial, people_work, url_state
from pages.ui.kpis import Kpi
from pages.ui.people_work import Scope
from pages.ui.preference_words import ORIGIN_NAMES, listed, part_name
from pages.ui.tables import ROW_HEIGHT
from pages.ui.text import escaped, plain_line
from pages.ui.threshold_rows import Manner, rows
from user_prefs import UserPreferences

if TYPE_CHECKING:
    from finops.model.people import Person
    from finops.model.thresholds import Effective, Tunable
    from pages.ui.page import Context
    from pages.ui.people_work import People
    from user_prefs import Kept, Preferences

PERSON, SCOPE, OWNER = "people.person", "people.scope", "people.owner"
SCOPE_NAMES = {Scope.PERSON: "This person", Scope.DEFAULT: "Tenant default", Scope.LOCK: "Lock for all"}
SCOPE_WORDS = {
    Scope.PERSON: "Holds for this person alone, unless it is locked.",
    Scope.DEFAULT: "Holds for everyone who has no value of their own.",
    Scope.LOCK: "Holds for everyone, whatever they chose, until the lock is taken away.",
}
_NAMES = {**ORIGIN_NAMES, Origin.LOCK: "Locked", Origin.PERSON: "Their own"}


def person(context: Context) -> Person:
    """The person picked; the first one until one is."""
    everyone = {one.principal: one for one in context.finops.access.personas()}
    picked = st.session_state.get(PERSON)
    return everyone[picked] if picked in everyone else next(iter(everyone.values()))


def bar(people: People) -> None:
    """How much is not saved, and the buttons that save or discard it."""
    changed = people.work.changed
    with st.container(horizontal=True, width="content", gap="small", vertical_alignment="center"):
        if changed:
            names = listed([part_name(part, people.tunables) for part in changed])
            told = f"{numbers.counted(len(changed), 'change')} not saved"
            st.badge(told, icon=":material/edit:", color="orange", help=escaped(names))
        else:
            st.badge("Nothing to save", icon=":material/check:", color="gray")
        st.button("Discard", key="people.discard", disabled=not changed, on_click=people_work.discard)
        st.button(
            "Save",
            key="people.save",
            type="primary",
            icon=":material/save:",
            disabled=not changed,
            on_click=people_work.save,
            args=(people,),
        )


def pick(people: People) -> None:
    """Whose settings are shown. Another person waits until what is drafted is saved or discarded."""
    everyone = {one.principal: one for one, _ in people.everyone}
    url_state.set_widget(PERSON, people.work.person.principal)
    st.selectbox(
        "Person",
        list(everyone),
        key=PERSON,
        format_func=lambda principal: plain_line(everyone[principal].name, limit=60),
        disabled=bool(people.work.changed),
        help="Save or discard your changes before you pick another person.",
        width=220,
    )


def notices(people: People) -> None:
    """A save of another administrator, or of the person, that this window has not seen; damage to the tenant's file."""
    work = people.work
    now = UserPreferences.of(people.context.finops.settings).tenant(work.tenant)
    own = {one.principal: kept for one, kept in people.everyone}[work.person.principal]
    elsewhere = (*differing(work.own.chosen, own.chosen), *differing(work.shared.chosen, now.chosen))
    if work.changed and elsewhere:
        names = listed([part_name(part, people.tunables) for part in elsewhere])
        st.info(
            f"Another window saved since you began: {escaped(names)}. Where both changed the same, yours will hold.",
            icon=":material/call_merge:",
        )
    if now.trouble:
        st.warning(escaped(now.trouble), icon=":material/warning:")
    if now.set_aside:
        st.warning(
            f"The file of the tenant's thresholds was damaged and set aside as `{now.set_aside}`. Built-in ones serve.",
            icon=":material/warning:",
        )
        st.button(
            "Understood", key="people.understood", icon=":material/done:", on_click=people_work.dismiss, args=(people,)
        )


def strip(people: People) -> list[Kpi]:
    """People, who deviates, what is set for everyone."""
    shared = people.work.shared.chosen
    deviating = [kept for _, kept in people.everyone if deviations(people, kept)]
    known = people.tunables
    return [
        Kpi("People", f"{len(people.everyone):,}", base="personas, until sign-in"),
        Kpi("Deviate", f"{len(deviating):,}", base=f"of {numbers.counted(len(people.everyone), 'person', 'people')}"),
        Kpi(
            "Tenant defaults", f"{sum(key in known for key in shared.defaults):,}", base=f"of {len(known):,} thresholds"
        ),
        Kpi("Locked", f"{sum(key in known for key in shared.locks):,}", base="the same for everyone"),
    ]


def deviations(people: People, kept: Kept[Preferences]) -> list[Effective]:
    """The thresholds in which somebody's own value holds and is another than the tenant's."""
    return [one for one in people.kept(kept.chosen) if one.deviates]


def table(people: People) -> None:
    """Everyone, and in what they deviate."""
    found = [(one, deviations(people, kept)) for one, kept in people.everyone]
    frame = pd.DataFrame(
        {
            "Person": [plain_line(one.name, limit=60) for one, _ in found],
            "Role": [one.role.capitalize() for one, _ in found],
            "Own": [len(some) for _, some in found],
            "Deviates in": [_deviation_words(some) for _, some in found],
        }
    )
    column = st.column_config
    st.dataframe(
        frame,
        hide_index=True,
        row_height=ROW_HEIGHT,
        height="content",
        key="table.people",
        alt="People and the thresholds in which they deviate from the tenant's",
        column_config={
            "Person": column.TextColumn("Person", pinned=True, width="small"),
            "Role": column.TextColumn("Role", width="small"),
            "Own": column.NumberColumn("Own", width="small"),
            "Deviates in": column.TextColumn("Deviates in"),
        },
    )


def _deviation_words(found: list[Effective]) -> str:
    if not found:
        return numbers.UNKNOWN
    return listed(
        [f"{plain_line(one.tunable.title, limit=60)}: {one.tunable.shown(one.value)}" for one in found], most=3
    )


def one_person(people: People) -> None:
    """The person picked: role, and each deviation beside the tenant's value."""
    work = people.work
    st.markdown(f"{escaped(work.person.role.capitalize())}, `{plain_line(work.person.principal).replace('`', '')}`")
    kept = work.own
    if kept.set_aside:
        st.warning(f"Their file was damaged and set aside as `{kept.set_aside}`.", icon=":material/warning:")
    found = deviations(people, kept)
    if not found:
        st.markdown("Goes by the tenant's thresholds throughout.")
        return
    frame = pd.DataFrame(
        {
            "Threshold": [plain_line(one.tunable.title, limit=70) for one in found],
            "Theirs": [one.tunable.shown(one.value) for one in found],
            "Tenant's": [one.tunable.shown(one.inherited) for one in found],
        }
    )
    st.table(frame.set_index("Threshold"), border="horizontal")


def tune(people: People) -> None:
    """The thresholds of one check for one scope, and what they would have meant for the person."""
    owners = {one.owner: one for one in people.tunables.values()}
    if st.session_state.get(OWNER) not in owners:
        url_state.set_widget(OWNER, next(iter(owners)))
    left, right = st.columns([1.25, 1], gap="medium")
    with left:
        st.selectbox(
            "Check",
            list(owners),
            key=OWNER,
            format_func=lambda owner: plain_line(f"{owners[owner].group}: {owners[owner].subject}", limit=80),
        )
        if st.session_state.get(SCOPE) not in SCOPE_NAMES:
            url_state.set_widget(SCOPE, Scope.PERSON)
        st.segmented_control(
            "For whom", list(SCOPE_NAMES), key=SCOPE, format_func=SCOPE_NAMES.__getitem__, required=True
        )
        scope, owner = Scope(st.session_state[SCOPE]), st.session_state[OWNER]
        st.markdown(f":small[:gray[{SCOPE_WORDS[scope]}]]")

        def put(tunable: Tunable, value: object) -> None:
            people_work.put(scope, tunable, value)

        manner = Manner(f"people.{scope}.{people.work.person.principal}", put, _NAMES)
        rows([people.row(one, scope) for one in people.tunables.values() if one.owner == owner], manner)
        if scope is not Scope.PERSON:
            st.markdown(f":small[:gray[{escaped(_reach(people, owner, scope))}]]")
    with right:
        people_trial.draw(people, owner)


def _reach(people: People, owner: str, scope: Scope) -> str:
    """Whom a default or a lock reaches."""
    keys = [one.key for one in people.tunables.values() if one.owner == owner]
    apart = [one.name for one, kept in people.everyone if any(key in kept.chosen.thresholds for key in keys)]
    if not apart:
        return f"Reaches all {numbers.counted(len(people.everyone), 'person', 'people')}."
    names = listed([plain_line(name, limit=40) for name in apart])
    end = "they stay" if scope is Scope.DEFAULT else "a lock overrules them"
    return f"Values of their own here: {names}; {end}."
