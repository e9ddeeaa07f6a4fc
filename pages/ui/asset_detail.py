"""Everything about one asset: where, since when, what it costs, its tags, details, relationships and history."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pandas as pd
import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError

from finops.model.assets import Lifecycle
from finops.model.people import Right
from pages.ui import asset_events, asset_names, asset_table, numbers
from pages.ui.text import escaped, plain_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from finops.inventory import AssetDetail
    from finops.model.assets import Asset, Detail, Neighbour
    from pages.ui.asset_answers import Answers

MOST_NEIGHBOURS, MOST_HISTORY = 12, 20
ASKED = "inventory.asked"
"""Where a button leaves the id of the asset to open next; empty closes the panel."""


def close_button() -> None:
    """Back to the counts."""
    st.button("Close", key="inventory.close", icon=":material/close:", type="tertiary", on_click=ask, args=("",))


def ask(asset_id: str) -> None:
    """Opens another asset at the next run."""
    st.session_state[ASKED] = asset_id


def heading(asset: Asset) -> str:
    """What the panel is headed with; plain text."""
    return plain_line(asset.name or asset.resource_id, limit=60)


def detail(answers: Answers, found: AssetDetail) -> None:
    """Draws everything about one asset."""
    asset = found.asset
    _badges(asset)
    st.code(plain_line(asset.arn or asset.resource_id, limit=2048), language=None, wrap_lines=True)
    _lines([(label, value) for label, value in facts(asset, answers) if value], alt="Facts about this asset")
    _links(answers, asset)
    tags = "Tags" if asset.tags is None else f"Tags {len(asset.tags)}"
    related, history = f"Related {len(found.neighbours)}", f"History {len(found.history)}"
    shown = st.tabs([tags, "Details", related, history])
    with shown[0]:
        _tags(asset)
    with shown[1]:
        _lines(detail_facts(asset.details), alt="Details of this asset")
    with shown[2]:
        _neighbours(found.neighbours)
    with shown[3]:
        asset_events.history(found.history[:MOST_HISTORY], more=len(found.history) - MOST_HISTORY)


def _badges(asset: Asset) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        st.badge(escaped(asset_names.kind_name(asset.kind), limit=60), color="blue")
        if asset.state:
            st.badge(escaped(asset.state, limit=40), color="gray")
        active = asset.lifecycle is Lifecycle.ACTIVE
        st.badge(
            asset_names.LIFE_NAMES[asset.lifecycle],
            color="green" if active else "orange",
            icon=":material/check_circle:" if active else ":material/help:",
        )


def facts(asset: Asset, answers: Answers) -> Iterator[tuple[str, str]]:
    """Label and plain text of what every asset has; empty where it has none."""
    now = answers.context.now
    cost = "not known for this resource" if asset.cost is None else numbers.short_money(asset.cost, asset.currency)
    yield f"Cost, {answers.cost_days}" if answers.cost_days else "Cost", cost
    yield "Account", _account(asset.account, answers.accounts)
    yield "Region", asset.region
    yield "Resource id", asset.resource_id if asset.arn and not asset.arn.endswith(asset.resource_id) else ""
    created = asset.created
    yield "Created", _moment(created, now) + f", {asset_table.age(created, now)} old" if created is not None else ""
    yield "First seen", _moment(asset.first_seen, now)
    yield "Last seen", _moment(asset.last_seen, now)
    yield "Missing since", _moment(asset.missing_since, now) if asset.missing_since is not None else ""


def _moment(moment: datetime, now: datetime) -> str:
    """`20 Nov, 06:10 UTC` of this year; of others the day alone."""
    return numbers.clock(moment) if moment.year == now.year else numbers.day(moment.date(), year=True)


def _account(account: str, accounts: Mapping[str, str]) -> str:
    name = accounts.get(account)
    return f"{name} · {account}" if name and name != account else account


def detail_facts(details: Mapping[str, Detail]) -> list[tuple[str, str]]:
    """What its kind tells, in words; unknown values are left out."""
    known = ((name, value) for name, value in details.items() if value is not None)
    return [(asset_names.detail_name(name), detail_words(value)) for name, value in known]


def detail_words(value: Detail) -> str:
    """`yes`, `1,204`, `a, b`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value) or numbers.UNKNOWN
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _lines(lines: Sequence[tuple[str, str]], *, alt: str) -> None:
    """Label and value side by side; a cell is Markdown."""
    if not lines:
        st.markdown(":small[:gray[AWS tells nothing more.]]")
        return
    labels = [f":gray[{escaped(label, limit=130)}]" for label, _ in lines]
    frame = pd.DataFrame({"label": labels, "value": [escaped(value, limit=300) for _, value in lines]})
    st.table(frame, border="horizontal", hide_index=True, hide_header=True, alt=alt)


def _tags(asset: Asset) -> None:
    if asset.tags is None:
        st.info("The tags could not be read, so they are unknown. See what failed in the title row.")
    elif not asset.tags:
        st.markdown(":small[:gray[No tags.]]")
    else:
        ordered = sorted(asset.tags.items(), key=lambda tag: (tag[0].startswith("aws:"), tag[0].casefold()))
        _lines(ordered, alt="Tags of this asset")


def _neighbours(found: Sequence[Neighbour]) -> None:
    """Relationships both ways; those in the inventory open it."""
    if not found:
        st.markdown(":small[:gray[No relationship is known.]]")
    known = sorted(found, key=lambda one: one.asset is None)[:MOST_NEIGHBOURS]
    with st.container(gap=None):
        for number, one in enumerate(known):
            _neighbour(one, number)
    if len(found) > MOST_NEIGHBOURS:
        st.markdown(f":small[:gray[And {len(found) - MOST_NEIGHBOURS} more: the API lists all of them.]]")


def _neighbour(one: Neighbour, number: int) -> None:
    relation = escaped(asset_names.relation_name(one.relation, outgoing=one.outgoing), limit=40)
    kind = escaped(asset_names.kind_name(one.kind), limit=60)
    if one.asset is None:
        target = escaped(one.target, limit=80)
        st.markdown(f":small[:gray[{relation}] {target} :gray[· {kind}, not in the inventory]]")
        return
    st.button(
        f":gray[{relation}] {escaped(heading(one.asset))} :gray[· {kind}]",
        key=f"inventory.neighbour.{number}",
        type="tertiary",
        on_click=ask,
        args=(one.asset.asset_id,),
    )


def _links(answers: Answers, asset: Asset) -> None:
    """Ways on: AWS's own console, and what the bill says about the service in this account."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        console = asset_names.console_link(asset.arn)
        if console is not None:
            st.link_button("AWS console", console, icon=":material/open_in_new:", type="tertiary")
        bill = _bill(answers, asset)
        if bill is not None:
            _cost_link(bill)


def _bill(answers: Answers, asset: Asset) -> dict[str, str] | None:
    """Cost Analysis's parameters for the asset's service in its account; None where the bill has no such cost."""
    context = answers.context
    if not context.may(Right.VIEW_COSTS):
        return None
    costs, tenant = context.finops.costs, context.tenant
    service = asset_names.billed_service(asset.kind, costs.choices(tenant, "service"))
    if service is None or asset.account not in costs.choices(tenant, "account"):
        return None
    return {"tenant": tenant, "service": service, "account": asset.account, "group_by": "usage_type"}


def _cost_link(params: Mapping[str, str]) -> None:
    """A link within the session, or where the navigation is not there, to the page's address."""
    label, icon = "Cost of this service here", ":material/bar_chart:"
    try:
        st.page_link("pages/cost_analysis.py", label=label, icon=icon, query_params=dict(params))
    except StreamlitPageNotFoundError:
        st.link_button(label, f"/cost_analysis?{urlencode(params)}", icon=icon, type="tertiary")
