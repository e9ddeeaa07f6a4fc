"""Everything about one asset's tags: every rule's verdict, likely values with their evidence, what to run, history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from finops.model.assets import ChangeKind
from finops.model.tagging import UNTAGGED, VIOLATIONS
from finops.tagging.fixing import cli_lines
from pages.ui import asset_events, asset_names, names, numbers, tag_names, tag_table
from pages.ui.text import escaped, plain_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.inventory import AssetDetail
    from finops.model.assets import Asset
    from finops.tagging import Violation
    from finops.tagging.fixing import Fix
    from pages.ui.tag_answers import Answers

MOST_HISTORY = 20
MOST_COMMAND, REMEDY_HEIGHT = 8_000, 180
ASKED = "tags.asked"
"""Where a button leaves the id of the asset to open next; empty closes the panel."""


def close_button() -> None:
    """Back to the keys."""
    st.button("Close", key="tags.close", icon=":material/close:", type="tertiary", on_click=ask, args=("",))


def ask(asset_id: str) -> None:
    """Opens another asset at the next run."""
    st.session_state[ASKED] = asset_id


def heading(found: AssetDetail) -> str:
    """What the panel is headed with; plain text."""
    return plain_line(found.asset.name or found.asset.resource_id, limit=60)


def detail(answers: Answers, found: AssetDetail) -> None:
    """Draws everything about one asset's tags."""
    verdicts = answers.verdicts(found)
    _place(answers, found.asset)
    _summary(verdicts, found.asset)
    changes = [one for one in found.history if one.field == "tags" or one.kind is not ChangeKind.CHANGED]
    tags = "Tags" if found.asset.tags is None else f"Tags {len(found.asset.tags)}"
    shown = st.tabs(["Rules", tags, f"History {len(changes)}"])
    with shown[0]:
        _rules(answers, verdicts)
        with st.skeleton(REMEDY_HEIGHT):
            keys = tuple(sorted(one.key for one in verdicts if one.verdict in VIOLATIONS))
            fixes = answers.fixes(found, keys)
        _remedy(answers, verdicts, fixes)
    with shown[1]:
        _tags(found.asset)
    with shown[2]:
        asset_events.history(changes[:MOST_HISTORY], more=len(changes) - MOST_HISTORY)


def _place(answers: Answers, asset: Asset) -> None:
    """`i-0a41f2c9 · EC2 instance · prod-data · us-east-1`."""
    account = names.value_name("account", answers.accounts)(asset.account)
    named = asset.resource_id if asset.name and asset.name != asset.resource_id else ""
    told = (named, asset_names.kind_name(asset.kind), account, asset.region)
    st.markdown(f":gray[{' · '.join(escaped(part, limit=120) for part in told if part)}]")


def _summary(verdicts: Sequence[Violation], asset: Asset) -> None:
    """Cost, and how many rules it violates, as badges."""
    wrong = sum(one.verdict in VIOLATIONS for one in verdicts)
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        cost = "Cost unknown" if asset.cost is None else numbers.exact_money(asset.cost, asset.currency)
        st.markdown(f"**{escaped(cost)}**", width="content")
        if not verdicts:
            st.badge("No rule is about it", color="gray")
        elif wrong:
            st.badge(f"Violates {wrong} of {numbers.counted(len(verdicts), 'rule')}", color="red")
        else:
            st.badge("Violates no rule", color="gray")
        console = asset_names.console_link(asset.arn)
        if console is not None:
            st.link_button("AWS console", console, icon=":material/open_in_new:", type="tertiary")


def _rules(answers: Answers, verdicts: Sequence[Violation]) -> None:
    """Key, verdict and what is there, for every rule about the asset; and rules that are not."""
    if not verdicts:
        st.markdown(":small[:gray[No rule of the policy is about an asset of this kind.]]")
        return
    lines = []
    for one in sorted(verdicts, key=lambda each: answers.keys.index(each.key)):
        colour = tag_names.VERDICT_COLOURS[one.verdict]
        badge = f":{colour}-badge[{tag_names.VERDICT_NAMES[one.verdict]}]"
        there = escaped(tag_table.there(one), limit=400)
        lines.append((f"**{escaped(one.key, limit=128)}**", f"{badge} {there or f':gray[{numbers.UNKNOWN}]'}"))
    frame = pd.DataFrame(lines, columns=["key", "said"])
    st.table(frame, border="horizontal", hide_index=True, hide_header=True, alt="What each rule says of this asset")
    silent = [key for key in answers.keys if key not in {one.key for one in verdicts}]
    if silent:
        st.markdown(f":small[:gray[Not about it: {escaped(', '.join(silent), limit=300)}]]")


def _remedy(answers: Answers, verdicts: Sequence[Violation], fixes: Sequence[Fix]) -> None:
    """Likely values with evidence and confidence, and a command that nobody here runs."""
    wrong = [one for one in verdicts if one.verdict in VIOLATIONS]
    likely = {fix.key: fix for fix in fixes}
    for one in wrong:
        _likely(answers, one, likely.get(one.key))
    if fixes:
        st.markdown(":small[:gray[This tool changes nothing in AWS. Whoever decides may run, after a look:]]")
        st.code("\n".join(cli_lines(fixes))[:MOST_COMMAND], language="sh", wrap_lines=True)


def _likely(answers: Answers, one: Violation, fix: Fix | None) -> None:
    """`Owner: data-team · 88% likely` and below it why."""
    key = f"**{escaped(one.key, limit=128)}**"
    if fix is None:
        wanted = _allowed(answers, one.key)
        st.markdown(f"{key} :gray[— no neighbour tells a value.{wanted} Ask its owner.]")
        return
    sure = one.verdict not in UNTAGGED and fix.confidence >= 1
    badge = ":green-badge[its own value]" if sure else f":blue-badge[{fix.confidence:.0%} likely]"
    st.markdown(f"{key}: {escaped(fix.value, limit=256)} {badge}  \n:small[:gray[{escaped(fix.reason)}]]")


def _allowed(answers: Answers, key: str) -> str:
    rule = next((rule for rule in answers.held.policy.rules if rule.key == key), None)
    if rule is None or not rule.values:
        return ""
    return f" Allowed: {escaped(', '.join(rule.values[:8]), limit=300)}."


def _tags(asset: Asset) -> None:
    if asset.tags is None:
        st.info("The tags could not be read, so they are unknown. See what failed in the title row.")
        return
    if not asset.tags:
        st.markdown(":small[:gray[No tags.]]")
        return
    ordered = sorted(asset.tags.items(), key=lambda tag: (tag[0].startswith("aws:"), tag[0].casefold()))
    frame = pd.DataFrame(
        {
            "key": [f":gray[{escaped(name, limit=130)}]" for name, _ in ordered],
            "value": [escaped(value, limit=300) for _, value in ordered],
        }
    )
    st.table(frame, border="horizontal", hide_index=True, hide_header=True, alt="Tags of this asset")
