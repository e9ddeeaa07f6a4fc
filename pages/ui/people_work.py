"""What an administrator is about to change on People: for one person, as everyone's default, or locked for everyone.

Nothing is kept until Save; what is kept is also an audit event, with the values before and after.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

import streamlit as st

from finops.model.errors import FinopsError
from finops.model.preferences import Preferences, TenantSettings, changes_between, differing
from finops.model.thresholds import Effective, Origin
from pages.ui import numbers, told
from pages.ui.preference_words import merge_words
from pages.ui.threshold_rows import Row
from user_prefs import Kept, UserPreferences, thresholds_of, tunables_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from finops.model.people import Person
    from finops.model.preferences import Part
    from finops.model.thresholds import Tunable, Value
    from pages.ui.page import Context
    from user_prefs import Saved

PAGE, _WORK = "people", "people.work"


class Scope(StrEnum):
    """Whom a change is for."""

    PERSON = "person"
    DEFAULT = "default"
    LOCK = "lock"


@dataclass(frozen=True)
class Work:
    """One person's and the tenant's settings as this window read them, and what it makes of them."""

    tenant: str
    person: Person
    own: Kept[Preferences]
    shared: Kept[TenantSettings]
    own_mine: Preferences
    shared_mine: TenantSettings

    @property
    def changed(self) -> tuple[Part, ...]:
        """What is not saved yet."""
        return (*differing(self.own.chosen, self.own_mine), *differing(self.shared.chosen, self.shared_mine))


@dataclass(frozen=True)
class People:
    """One run of the page: whose settings, what is kept, what is drafted."""

    context: Context
    work: Work
    everyone: tuple[tuple[Person, Kept[Preferences]], ...]

    @cached_property
    def tunables(self) -> dict[str, Tunable]:
        """Every threshold by its full name."""
        return {each.key: each for each in tunables_of(self.context.finops.waste.checks)}

    def kept(self, preferences: Preferences) -> tuple[Effective, ...]:
        """Every threshold of somebody, as it is kept."""
        return thresholds_of(preferences, self.work.shared.chosen, self.tunables.values())

    @cached_property
    def now(self) -> dict[str, Effective]:
        """Every threshold of the person, as it is kept."""
        return {one.tunable.key: one for one in self.kept(self.work.own.chosen)}

    @cached_property
    def drafted(self) -> dict[str, Effective]:
        """Every threshold of the person, as it would be after Save."""
        found = thresholds_of(self.work.own_mine, self.work.shared_mine, self.tunables.values())
        return {one.tunable.key: one for one in found}

    def row(self, tunable: Tunable, scope: Scope) -> Row:
        """A threshold as a scope has it: the value that holds for it, whose that is, and whether it is the scope's."""
        shared, one = self.work.shared_mine, self.drafted[tunable.key]
        if scope is Scope.PERSON:
            return Row(tunable, one.value, one.origin, own=one.origin is Origin.PERSON, fixed=one.origin is Origin.LOCK)
        own = shared.defaults if scope is Scope.DEFAULT else shared.locks
        origin = Origin.TENANT if scope is Scope.DEFAULT else Origin.LOCK
        fallback = tunable.default if scope is Scope.DEFAULT else _put_in(shared.defaults, tunable)
        if tunable.key in own and tunable.fits(own[tunable.key]):
            return Row(tunable, own[tunable.key], origin, own=True)
        locking = scope is Scope.LOCK
        there = locking and tunable.key in shared.defaults
        from_where = Origin.TENANT if there else Origin.BUILT_IN
        return Row(tunable, fallback, from_where, own=False, offer="Lock" if locking else "")


def _put_in(kept: Mapping[str, Value], tunable: Tunable) -> Value:
    value = kept.get(tunable.key, tunable.default)
    return value if tunable.fits(value) else tunable.default


def of(context: Context, person: Person) -> People:
    """The work of this session on a person. One without changes follows what others save."""
    preferences = UserPreferences.of(context.finops.settings)
    everyone = tuple((one, preferences.read(one.principal)) for one in context.finops.access.personas())
    own = {one.principal: kept for one, kept in everyone}[person.principal]
    shared = preferences.tenant(context.tenant)
    held = st.session_state.get(_WORK)
    if not isinstance(held, Work) or (held.tenant, held.person) != (context.tenant, person) or not held.changed:
        held = Work(context.tenant, person, own, shared, own.chosen, shared.chosen)
        st.session_state[_WORK] = held
    return People(context, held, everyone)


def put(scope: Scope, tunable: Tunable, value: object) -> None:
    """Changes one threshold of the draft for a scope; None takes the scope's value away."""
    told.forget(PAGE)
    work: Work = st.session_state[_WORK]
    checked = tunable.checked(value) if value is not None and tunable.fits(value) else None
    if scope is Scope.PERSON:
        without = work.own_mine.with_threshold(tunable.key, None)
        inherited = thresholds_of(without, work.shared_mine, (tunable,))[0].value
        own = None if checked == inherited else checked
        st.session_state[_WORK] = replace(work, own_mine=without.with_threshold(tunable.key, own))
    elif scope is Scope.DEFAULT:
        own = None if checked == tunable.default else checked
        st.session_state[_WORK] = replace(work, shared_mine=work.shared_mine.with_default(tunable.key, own))
    else:
        st.session_state[_WORK] = replace(work, shared_mine=work.shared_mine.with_lock(tunable.key, checked))


def discard() -> None:
    """Back to what is kept."""
    told.forget(PAGE)
    st.session_state.pop(_WORK, None)


def save(people: People) -> None:
    """Keeps the draft, writes an audit event for each record that changed, and leaves what there is to say."""
    work: Work = st.session_state[_WORK]
    preferences = UserPreferences.of(people.context.finops.settings)
    met: list[tuple[str, str]] = []
    try:
        if work.own.chosen != work.own_mine:
            mine = preferences.save(work.person.principal, work.own_mine, work.own)
            _audit(people, "preferences.change", work.person.principal, mine)
            met += [("info", one) for one in merge_words(mine.merge, mine.before.chosen, people.tunables)]
        if work.shared.chosen != work.shared_mine:
            shared = preferences.save_tenant(work.tenant, work.shared_mine, work.shared)
            _audit(people, "thresholds.change", work.tenant, shared)
            met += [("info", one) for one in merge_words(shared.merge, shared.before.chosen, people.tunables)]
    except FinopsError as error:
        told.keep(PAGE, [("error", str(error)), *met])
        return
    count = numbers.counted(len(work.changed), "change")
    told.keep(PAGE, [("success", f"Saved: {count}. The audit trail has them."), *met])
    st.session_state.pop(_WORK, None)


def _audit(people: People, action: str, about: str, saved: Saved[Preferences] | Saved[TenantSettings]) -> None:
    """Who changed whose thresholds from what to what."""
    changes = changes_between(saved.before.chosen, saved.kept.chosen)
    if changes:
        context = people.context
        context.finops.store.audit.add(
            context.tenant,
            action,
            by=context.person.principal,
            at=context.now,
            object=about,
            detail={"changes": changes},
        )


def dismiss(people: People) -> None:
    """An administrator has read that the tenant's file was set aside."""
    try:
        UserPreferences.of(people.context.finops.settings).dismiss_tenant(people.work.tenant)
    except FinopsError as error:
        told.keep(PAGE, [("error", str(error))])
