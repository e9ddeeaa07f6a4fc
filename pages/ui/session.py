"""Who looks and whose bill: the persona and the tenant of this browser session.

Until sign-in exists a persona is chosen in the sidebar and lives in the session, never in the URL; the tenant is part
of the URL, so that a link shows the same bill. Both are checked on every run against `finops.access`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from config import DEMO_TENANT
from finops.model.errors import InputError
from finops.model.people import Person, Right

if TYPE_CHECKING:
    from finops.facade import Finops

PERSONA, TENANT = "persona", "tenant"


def person(finops: Finops) -> Person:
    """The person of this session; a persona nobody knows is the first one, who may least."""
    try:
        return finops.access.person(st.session_state.get(PERSONA))
    except InputError:
        return finops.access.personas()[0]


def tenant(finops: Finops, someone: Person) -> str:
    """The tenant of this session: chosen, else named in the URL, else the one to open with."""
    selectable = finops.access.tenants(someone)
    wanted = st.session_state.get(TENANT) or st.query_params.get(TENANT)
    return wanted if wanted in selectable else finops.access.opening_tenant(someone)


def sidebar(finops: Finops, someone: Person, current: str) -> None:
    """Tenant (when there are several), persona, the demo badge and whose eyes these are."""
    selectable = finops.access.tenants(someone)
    with st.sidebar:
        if len(selectable) > 1:
            _tenant_switch(selectable, current)
        if finops.settings.sign_in == "none":
            _persona_switch(finops, someone)
        if current == DEMO_TENANT:
            st.badge(
                "Demo data",
                icon=":material/science:",
                color="blue",
                help="Made-up accounts and costs. Nothing here leaves this machine.",
            )
        may_change = finops.access.may(someone, Right.REFRESH_COSTS, tenant=current)
        st.markdown(f":small[:gray[Signed in as {someone.name}{'' if may_change else ', read only'}]]")
        if finops.settings.mode == "aws" and finops.settings.sign_in == "none":
            st.markdown(":small[:gray[No sign-in: only this machine can open these pages.]]")


def _tenant_switch(selectable: tuple[str, ...], current: str) -> None:
    if st.session_state.get(TENANT) != current:
        st.session_state[TENANT] = current
    st.selectbox("Bill", selectable, key=TENANT, persist_state="session", help="Whose costs the pages show.")


def _persona_switch(finops: Finops, someone: Person) -> None:
    called = {str(one.role): one.name for one in finops.access.personas()}
    if st.session_state.get(PERSONA) not in called:
        st.session_state[PERSONA] = str(someone.role)
    st.selectbox("View as", list(called), key=PERSONA, format_func=called.__getitem__, persist_state="session")
