"""What a person does about findings: snooze, dismiss, resolve, reopen, assign, comment; to one or to several."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import streamlit as st

from finops.model.errors import FinopsError
from finops.model.findings import Act, Deed, FindingStatus
from finops.model.people import Right
from pages.ui import finding_names, numbers
from pages.ui.text import escaped

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from pages.ui.page import Context

USUAL_DAYS, MOST_DAYS, LONGEST_TEXT = 30, 365, 500
UNDER_WAY = frozenset({FindingStatus.OPEN, FindingStatus.REOPENED, FindingStatus.SNOOZED})
CLOSED = frozenset({FindingStatus.SNOOZED, FindingStatus.DISMISSED, FindingStatus.RESOLVED})
_DONE, _SAID = "savings.deeds.done", "savings.deeds.said"


@dataclass(frozen=True, slots=True)
class Target:
    """The findings that deeds are done to, and their statuses."""

    fingerprints: tuple[str, ...]
    statuses: frozenset[FindingStatus]
    owner: str = ""


def key(field: str) -> str:
    """A widget's key: another one after each deed, so that its popover closes and its text is empty again."""
    return f"savings.deed.{st.session_state.get(_DONE, 0)}.{field}"


def row(context: Context, target: Target) -> None:
    """The deeds that the table of transitions has for these findings, for those who may."""
    if not context.may(Right.ACT_ON_FINDINGS):
        return
    with st.container(horizontal=True, gap="xsmall"):
        if target.statuses <= UNDER_WAY:
            _snooze(context, target)
            _dismiss(context, target)
            _button(context, target, Deed.RESOLVE, "Resolve", ":material/check:")
        if target.statuses <= CLOSED:
            _button(context, target, Deed.REOPEN, "Reopen", ":material/undo:")
        _assign(context, target)
        _comment(context, target)


def said() -> None:
    """Says once what the last deed came to."""
    told = st.session_state.pop(_SAID, None)
    if told:
        st.toast(escaped(told[1]), icon=told[0])


def _snooze(context: Context, target: Target) -> None:
    with _form(context, target, Deed.SNOOZE, "Snooze", ":material/snooze:"):
        st.number_input("Days", 1, MOST_DAYS, value=USUAL_DAYS, step=1, key=key("days"))
        st.text_input("Reason", key=key("snooze.reason"), max_chars=LONGEST_TEXT)


def _dismiss(context: Context, target: Target) -> None:
    with _form(context, target, Deed.DISMISS, "Dismiss", ":material/close:"):
        st.markdown("It stays dismissed when it is seen again.")
        st.text_input("Reason", key=key("dismiss.reason"), max_chars=LONGEST_TEXT)


def _assign(context: Context, target: Target) -> None:
    with _form(context, target, Deed.ASSIGN, "Assign", ":material/person_add:"):
        st.text_input("Owner", value=target.owner, key=key("owner"), max_chars=LONGEST_TEXT, help="Empty: nobody.")


def _comment(context: Context, target: Target) -> None:
    with _form(context, target, Deed.COMMENT, "Comment", ":material/comment:"):
        st.text_area("Comment", key=key("text"), max_chars=LONGEST_TEXT)


@contextmanager
def _form(context: Context, target: Target, deed: Deed, label: str, icon: str) -> Iterator[None]:
    """A button that opens the fields of a deed; they are sent together with it."""
    with st.popover(label, icon=icon, key=key(str(deed))), st.form(key(f"form.{deed}"), border=False):
        yield
        st.form_submit_button(
            label, key=key(f"do.{deed}"), on_click=_do, args=(context, target.fingerprints, deed), type="primary"
        )


def _button(context: Context, target: Target, deed: Deed, label: str, icon: str) -> None:
    st.button(label, key=key(f"do.{deed}"), icon=icon, on_click=_do, args=(context, target.fingerprints, deed))


def _do(context: Context, fingerprints: Collection[str], deed: Deed) -> None:
    """Does a deed, to all of them or none; what came of it is said at the next run."""
    try:
        context.finops.access.demand(context.person, Right.ACT_ON_FINDINGS, tenant=context.tenant)
        context.finops.waste.act(context.tenant, fingerprints, _act(context, deed))
    except FinopsError as error:
        st.session_state[_SAID] = (":material/error:", f"Nothing was changed: {error}.")
        return
    done = f"{finding_names.DEED_NAMES[deed]}: {numbers.counted(len(fingerprints), 'finding')}."
    st.session_state[_SAID] = (":material/check_circle:", done)
    st.session_state[_DONE] = st.session_state.get(_DONE, 0) + 1


def _act(context: Context, deed: Deed) -> Act:
    state, now = st.session_state, context.finops.now()
    act = Act(deed, context.person.principal, now)
    if deed is Deed.SNOOZE:
        until = now + timedelta(days=int(state.get(key("days")) or USUAL_DAYS))
        return replace(act, until=until, reason=_text("snooze.reason"))
    if deed is Deed.DISMISS:
        return replace(act, reason=_text("dismiss.reason"))
    if deed is Deed.ASSIGN:
        return replace(act, owner=_text("owner"))
    return replace(act, text=_text("text")) if deed is Deed.COMMENT else act


def _text(field: str) -> str:
    return " ".join(str(st.session_state.get(key(field)) or "").split())
