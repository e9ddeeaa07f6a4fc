"""How fresh and how whole tag compliance is, by which policy it is judged, and where it comes from."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import streamlit as st

from finops.model.assets import AssetFilter
from finops.tagging.compliance import NEW_DAYS
from pages.ui import inventory_head, numbers
from pages.ui.text import escaped, plain_line

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pages.ui.tag_answers import Answers


def badges(answers: Answers) -> None:
    """When tags were last read, a button that opens what could not be, and the version of the policy."""
    now, found = answers.context.now, answers.standing()
    stale_after = timedelta(hours=2 * (answers.context.finops.settings.discovery_hours or 24))
    if found.checked is not None:
        stale = now - found.checked > stale_after
        age = f" · {numbers.ago(found.checked, now)}" if stale else ""
        st.badge(
            f"Checked {numbers.clock(found.checked)}{age}",
            icon=":material/update:" if stale else ":material/schedule:",
            color="orange" if stale else "gray",
            help="When the tags were last read. The policy judges them anew at every view.",
        )
    unknown = unknown_by_account(answers)
    if found.partial or unknown:
        words = inventory_head.partial_words(found) if found.partial else "some tags unknown"
        with st.popover(f":orange-badge[:material/warning: {words}]", type="tertiary", key="tags.failures"):
            st.markdown(unknown_words(unknown))
            if found.partial:
                inventory_head.failures(found.failures, answers.accounts)
    policy_badge(answers)


def policy_badge(answers: Answers) -> None:
    """`Policy version 3`, or that the starter policy judges."""
    held = answers.held
    if not held.version:
        st.badge("Starter policy", icon=":material/policy:", color="orange", help="Nobody has saved a policy yet.")
        return
    told = f"Saved {numbers.clock(held.saved)} by {who(held.saved_by)}." if held.saved is not None else ""
    told += f" {held.note}" if held.note else ""
    st.badge(f"Policy version {held.version}", icon=":material/policy:", color="gray", help=escaped(told, limit=300))


def who(principal: str) -> str:
    """A person as pages name them; plain text."""
    return plain_line(principal.removeprefix("persona:"), limit=80)


def unknown_by_account(answers: Answers) -> dict[str, int]:
    """How many assets of unknown tags each account has, by its name."""
    groups = answers.compliance(AssetFilter(), by="account").groups
    return {answers.accounts.get(one.group) or one.group: one.score.unknown for one in groups if one.score.unknown}


def unknown_words(unknown: Mapping[str, int]) -> str:
    """How many assets' tags could not be read, and where; Markdown."""
    if not unknown:
        return "The tags of every listed asset are known. Assets that could not be listed are in no figure here."
    assets = numbers.counted(sum(unknown.values()), "asset")
    places = ", ".join(f"{name} ({count:,})" for name, count in unknown.items())
    told = "They are unknown: never counted as compliant."
    return f"The tags of **{assets}** could not be read: {escaped(places, limit=400)}. {told}"


def warning(answers: Answers) -> None:
    """The partial state in one line: who denies what; the rest stays."""
    inventory_head.warning(answers.standing(), answers.accounts)


def provenance(answers: Answers, evaluated: datetime | None) -> None:
    """A quiet line below the page: inventory, costs, policy and evaluations."""
    parts = (
        f"Costs of assets: {answers.cost_days}"
        if answers.cost_days
        else "No bill names resources, so costs are unknown",
        "a month is 365/12 days",
        f"last evaluation kept {numbers.clock(evaluated)}" if evaluated is not None else "no evaluation is kept yet",
        f"new: first seen in the last {NEW_DAYS} days and not created before",
    )
    st.markdown(f":small[:gray[{escaped(' · '.join(parts))}]]")
