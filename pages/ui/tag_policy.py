"""The policy card: rules to edit, what they would say before anybody saves them, versions, and AWS's own files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from finops.model.errors import FinopsError, InputError
from finops.model.people import Right
from finops.tagging.policy import policy_of
from pages.ui import kpis, numbers, tag_draft, tag_editor, tag_head, tag_names, tag_table
from pages.ui.kpis import Kpi
from pages.ui.page import guarded
from pages.ui.tables import ROW_HEIGHT
from pages.ui.text import escaped, plain_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from finops.model.tagging import Policy
    from finops.tagging import WhatIf
    from finops.tagging.what_if import Moves, Unreachable
    from pages.ui.tag_answers import Answers
    from pages.ui.tag_draft import Draft

MOST_MOVES, MOST_VERSIONS = 8, 12
SAID = "tags.said"
"""Where a save leaves what there is to say at the next run."""
_FAULT = "tags.save.fault"
_NOTE = "tags.note"


def said() -> None:
    """Says once that a policy was saved."""
    words = st.session_state.pop(SAID, None)
    if words:
        st.toast(escaped(words), icon=":material/check_circle:")


def files(answers: Answers) -> None:
    """Buttons in the card's head: versions, import, export."""
    with st.popover(
        f"Versions {len(answers.versions)}", icon=":material/history:", type="tertiary", key="tags.versions"
    ):
        _versions(answers)
    with st.popover("Import", icon=":material/upload:", type="tertiary", key="tags.import"):
        _import(answers)
    with st.popover("Export", icon=":material/download:", type="tertiary", key="tags.export.policy"):
        _export(answers)


@st.fragment
def editor(answers: Answers) -> None:
    """The whole card, drawn anew by itself when a field changes."""
    with guarded("Policy"):
        _editor(answers)


def _editor(answers: Answers) -> None:
    draft = tag_draft.current(answers.context.tenant, answers.held)
    if not answers.held.version:
        st.info(
            "No policy is kept yet: all figures are of the starter policy. Change it, or save it as it is.",
            icon=":material/policy:",
        )
    left, right = st.columns([1.25, 1], gap="medium")
    slots: tag_editor.Slots = {}
    with left:
        rule = tag_editor.choose(draft)
        if rule is None:
            st.markdown("The policy has no rule, so nothing is judged. Add one.")
        else:
            slots = tag_editor.fields(answers, rule)
    with right:
        policy = _sound(draft, slots)
        if policy is not None:
            _said_of(answers, draft, policy)
        _save_row(answers, draft, policy)


def _sound(draft: Draft, slots: tag_editor.Slots) -> Policy | None:
    """The draft's policy; None where it is faulty, which is told at the field and here."""
    try:
        return policy_of(draft.document)
    except InputError as error:
        place, name = tag_draft.fault_of(error)
        rule = draft.rules[place] if place is not None and place < len(draft.rules) else None
        called = rule.document.get("key") or "the new rule" if rule is not None else "the policy"
        if rule is not None and rule.number == st.session_state.get(tag_draft.CHOSEN):
            tag_editor.tell(slots, name, error.message)
        st.error(
            f"**{escaped(str(called), limit=128)}** is not sound yet: {escaped(error.message)}.",
            icon=":material/error:",
        )
        return None


def _said_of(answers: Answers, draft: Draft, policy: Policy) -> None:
    """Both percentages before and after, what moves, and rules that nothing can reach."""
    found = answers.what_if(policy)
    kpis.row(_figures(found), border=False)
    _unreachable(found.unreachable)
    if not found.changed:
        told = "No verdict changes." if draft.changed else "As saved. Change a rule to see what it would mean."
        st.markdown(f":small[:gray[{told}]]")
        return
    st.markdown(f"**{numbers.counted(found.changed, 'verdict')}** would change, of all assets:")
    st.markdown(moves_words(found.moves))
    _examples(found)


def _figures(found: WhatIf) -> list[Kpi]:
    """Compliance with these rules, against those that hold."""
    pairs = (
        ("By count", found.before.percent, found.after.percent),
        ("By cost", found.before.cost_percent, found.after.cost_percent),
    )
    return [
        Kpi(
            name,
            tag_names.percent_words(after),
            delta=_points(before, after),
            base=f"now {tag_names.percent_words(before)}",
            colour=kpis.points_colour(after - before if before is not None and after is not None else None),
        )
        for name, before, after in pairs
    ]


def _points(before: Decimal | None, after: Decimal | None) -> str:
    if before is None or after is None or before == after:
        return ""
    return f"{after - before:+.2f} pp"


def moves_words(moves: Sequence[Moves]) -> str:
    """`- **Owner**: Missing to Exempt, 120 assets`, the most frequent first; Markdown."""
    lines = [
        f"- **{escaped(move.key, limit=128)}**: {tag_names.verdict_name(move.before)} to "
        f"{tag_names.verdict_name(move.after)}, {numbers.counted(move.assets, 'asset')}"
        for move in moves[:MOST_MOVES]
    ]
    rest = len(moves) - MOST_MOVES
    return "\n".join((*lines, *([f"- :gray[and {rest} more kinds of change]"] if rest > 0 else [])))


def _unreachable(found: Sequence[Unreachable]) -> None:
    for each in found:
        st.warning(
            f"**{escaped(each.key, limit=128)}** says nothing of any asset: {escaped(each.reason)}.",
            icon=":material/rule:",
        )


def _examples(found: WhatIf) -> None:
    """Some of the changed verdicts by name."""
    rows = [
        {
            "Asset": tag_table.asset_name(each.asset),
            "Key": plain_line(each.key, limit=128),
            "Now": tag_names.verdict_name(each.before),
            "Then": tag_names.verdict_name(each.after),
        }
        for each in found.changes
    ]
    with st.expander(f"Examples: {len(rows)} of {found.changed:,}", type="compact"):
        st.dataframe(
            pd.DataFrame(rows),
            key="table.tags.examples",
            hide_index=True,
            row_height=ROW_HEIGHT,
            height="content",
            alt="Some of the verdicts that would change",
        )


def _save_row(answers: Answers, draft: Draft, policy: Policy | None) -> None:
    """A note and the button that keeps the policy, for those who may; and the way back."""
    fault = st.session_state.pop(_FAULT, None)
    if fault:
        st.error(escaped(fault), icon=":material/error:")
    fresh = not answers.held.version
    if draft.over != answers.held.version:
        st.warning(
            f"Someone saved version {answers.held.version} meanwhile. Saving would refuse; start again from it.",
            icon=":material/sync_problem:",
        )
    if not answers.context.may(Right.EDIT_TAG_POLICY):
        st.markdown(":small[:gray[Try anything out: nothing is saved. A manager or administrator can save it.]]")
        _start_again(draft)
        return
    st.text_input("Note", key=_NOTE, max_chars=1_000, placeholder="Why, for the list of versions")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        label = "Save as version 1" if fresh else "Save"
        ready = policy is not None and (draft.changed or fresh)
        if st.button(label, key="tags.save", type="primary", icon=":material/save:", disabled=not ready):
            if policy is not None and save(answers, draft, policy):
                st.rerun()
            st.rerun(scope="fragment")
        _start_again(draft)


def _start_again(draft: Draft) -> None:
    if draft.changed:
        st.button(
            "Start again", key="tags.again", icon=":material/undo:", type="tertiary", on_click=tag_draft.throw_away
        )


def save(answers: Answers, draft: Draft, policy: Policy) -> bool:
    """Keeps the policy. Why it could not is told beside the button."""
    context = answers.context
    try:
        context.finops.access.demand(context.person, Right.EDIT_TAG_POLICY, tenant=context.tenant)
        note = " ".join(str(st.session_state.get(_NOTE) or "").split())
        kept = context.finops.tagging.save(
            context.tenant, policy, over=draft.over, by=context.person.principal, note=note
        )
    except FinopsError as error:
        st.session_state[_FAULT] = f"It was not saved: {error}"
        return False
    tag_draft.throw_away()
    st.session_state.pop(_NOTE, None)
    st.session_state[SAID] = f"Version {kept.version} holds: {numbers.counted(len(policy.rules), 'rule')}"
    return True


def _versions(answers: Answers) -> None:
    """Every version kept, newest first; each can be put into the editor."""
    if not answers.versions:
        st.markdown("No version is kept yet; the starter policy judges.")
    for each in answers.versions[:MOST_VERSIONS]:
        at = f", {numbers.clock(each.saved)}" if each.saved is not None else ""
        by = f" by {escaped(tag_head.who(each.saved_by))}" if each.saved_by else ""
        note = f"  \n:small[:gray[{escaped(each.note, limit=200)}]]" if each.note else ""
        st.markdown(f"**Version {each.version}**{at}{by}{note}")
        st.button(
            "Holds now" if each.version == answers.held.version else "Put into the editor",
            key=f"tags.version.{each.version}",
            type="tertiary",
            disabled=each.version == answers.held.version,
            on_click=_begin,
            args=(answers, each.policy),
        )
    st.button(
        "Put the starter policy into the editor",
        key="tags.version.starter",
        type="tertiary",
        on_click=_begin,
        args=(answers, answers.context.finops.tagging.starter()),
    )


def _begin(answers: Answers, policy: Policy) -> None:
    """Puts a policy into the editor; nothing is saved."""
    tag_draft.begin(answers.context.tenant, policy, held=answers.held)


def _import(answers: Answers) -> None:
    """A tag policy of AWS Organizations, or a document of our own, into the editor."""
    st.markdown("A tag policy of AWS Organizations as JSON. Its rules take the editor's place; nothing is saved yet.")
    sent = st.file_uploader("File", type="json", key="tags.import.file", max_upload_size=1)
    pasted = st.text_area("Or paste it", key="tags.import.text", height=140)
    if not st.button("Put into the editor", key="tags.import.go", disabled=sent is None and not pasted):
        return
    try:
        _begin(answers, tag_draft.policy_in(sent.getvalue() if sent is not None else pasted))
    except InputError as error:
        st.error(f"`{plain_line(error.field, limit=120).replace('`', '')}`: {escaped(error.message)}")
        return
    st.session_state[SAID] = "The rules are in the editor; nothing is saved yet"
    st.rerun()


def _export(answers: Answers) -> None:
    """The policy that holds as AWS takes it, and what AWS cannot say of it."""
    found = answers.context.finops.tagging.export_policy(answers.context.tenant)
    st.markdown("The policy that holds, as AWS Organizations takes it.")
    name = f"tag-policy_{answers.context.tenant}_v{answers.held.version}.json"
    st.download_button(
        "JSON", found.text.encode(), name, "application/json", key="tags.export.json",
        icon=":material/data_object:", on_click="ignore",
    )  # fmt: skip
    if found.lost:
        lines = [f"- {escaped(where, limit=80)}: {escaped(why, limit=200)}" for where, why in found.lost[:MOST_MOVES]]
        rest = len(found.lost) - MOST_MOVES
        more = f"\n- and {rest} more" if rest > 0 else ""
        st.markdown("**What AWS cannot say:**\n" + "\n".join(lines) + more)
