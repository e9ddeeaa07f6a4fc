"""What a person changed on the Settings page and has not saved yet; it lives in the session.

Widgets that are not drawn lose their state, so every change goes into the draft the moment it is made, and every widget
shows the draft.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import streamlit as st

from finops.model.errors import FinopsError
from finops.model.preferences import differing
from pages.ui import numbers, told
from pages.ui.preference_words import listed, merge_words, part_name
from pages.ui.text import escaped
from user_prefs import Kept, Preferences, UserPreferences, thresholds_of, tunables_of

if TYPE_CHECKING:
    from finops.model.preferences import Part, TenantSettings
    from finops.model.thresholds import Effective, Tunable
    from pages.ui.page import Context

PAGE, _DRAFT = "settings", "settings.draft"


@dataclass(frozen=True)
class Draft:
    """What one person's settings were when this window read them, and what the window makes of them."""

    principal: str
    base: Kept[Preferences]
    mine: Preferences

    @property
    def changed(self) -> tuple[Part, ...]:
        """The choices that are not saved yet."""
        return differing(self.base.chosen, self.mine)


@dataclass(frozen=True)
class Settings:
    """One run of the page: who, what is kept, what is drafted, and which thresholds there are."""

    context: Context
    draft: Draft

    @cached_property
    def tenant(self) -> TenantSettings:
        """What the tenant sets for everyone."""
        return self.context.tenant_settings

    @cached_property
    def tunables(self) -> dict[str, Tunable]:
        """Every threshold by its full name."""
        return {each.key: each for each in tunables_of(self.context.finops.waste.checks)}

    @cached_property
    def thresholds(self) -> tuple[Effective, ...]:
        """Every threshold as the draft has it."""
        return thresholds_of(self.draft.mine, self.tenant, self.tunables.values())


def of(context: Context) -> Settings:
    """The draft of this session's person. One without changes follows what other windows save."""
    held = st.session_state.get(_DRAFT)
    kept, principal = context.kept, context.person.principal
    if not isinstance(held, Draft) or held.principal != principal or not held.changed:
        if isinstance(held, Draft) and held.principal != principal:
            told.forget(PAGE)
        held = Draft(principal, kept, kept.chosen)
        st.session_state[_DRAFT] = held
    return Settings(context, held)


def put(**changes: Any) -> None:
    """Changes the draft."""
    told.forget(PAGE)
    draft: Draft = st.session_state[_DRAFT]
    st.session_state[_DRAFT] = replace(draft, mine=replace(draft.mine, **changes))


def put_threshold(tunable: Tunable, value: object, inherited: object) -> None:
    """Changes one threshold of the draft; the value that would hold anyway takes the person's own away."""
    told.forget(PAGE)
    draft: Draft = st.session_state[_DRAFT]
    own = None if value is None or value == inherited or not tunable.fits(value) else tunable.checked(value)
    st.session_state[_DRAFT] = replace(draft, mine=draft.mine.with_threshold(tunable.key, own))


def discard() -> None:
    """Back to what is kept."""
    told.forget(PAGE)
    st.session_state.pop(_DRAFT, None)


def save(settings: Settings) -> None:
    """Keeps the draft, and leaves what there is to say for the run that follows."""
    context, draft = settings.context, st.session_state[_DRAFT]
    try:
        saved = UserPreferences.of(context.finops.settings).save(draft.principal, draft.mine, draft.base)
    except FinopsError as error:
        told.keep(PAGE, [("error", str(error))])
        return
    count = numbers.counted(len(draft.changed), "change")
    met = merge_words(saved.merge, saved.before.chosen, settings.tunables)
    told.keep(PAGE, [("success", f"Saved: {count}."), *(("info", sentence) for sentence in met)])
    st.session_state.pop(_DRAFT, None)


def dismiss(context: Context) -> None:
    """The person has read that a damaged file was set aside."""
    try:
        UserPreferences.of(context.finops.settings).dismiss(context.person.principal)
    except FinopsError as error:
        told.keep(PAGE, [("error", str(error))])


def notices(settings: Settings) -> None:
    """Damage, and another window's save that this one has not seen."""
    context, draft = settings.context, settings.draft
    if context.kept.set_aside:
        st.markdown("The damaged file, beside the others of its kind:")
        st.code(context.kept.set_aside, language=None)
        st.button("Understood", key="settings.understood", icon=":material/done:", on_click=dismiss, args=(context,))
    elsewhere = differing(draft.base.chosen, context.kept.chosen)
    if draft.changed and elsewhere:
        names = listed([part_name(part, settings.tunables) for part in elsewhere])
        st.info(
            f"Another window saved since you began: {escaped(names)}. Saving here keeps both; where both changed the"
            " same, yours holds.",
            icon=":material/call_merge:",
        )


def bar(settings: Settings, place: str) -> None:
    """How much is not saved, and the buttons that save or discard it."""
    changed = settings.draft.changed
    names = listed([part_name(part, settings.tunables) for part in changed])
    with st.container(horizontal=True, width="content", gap="small", vertical_alignment="center"):
        if changed:
            st.badge(
                f"{numbers.counted(len(changed), 'change')} not saved",
                icon=":material/edit:",
                color="orange",
                help=escaped(names),
            )
        else:
            st.badge("Nothing to save", icon=":material/check:", color="gray")
        off = not changed
        st.button("Discard", key=f"settings.discard.{place}", disabled=off, on_click=discard)
        st.button(
            "Save",
            key=f"settings.save.{place}",
            type="primary",
            icon=":material/save:",
            disabled=off,
            on_click=save,
            args=(settings,),
        )
