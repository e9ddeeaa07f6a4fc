"""The frame of every page: the right asked for first, title, freshness, sidebar, and errors in their own card.

`with page("Overview", right=Right.VIEW_COSTS) as context:` is a page's first line, so that a page reached past the
navigation still refuses whoever may not see it. This is an edge: an unforeseen error is logged under a reference and
the reader sees that reference, never a traceback.
"""

from __future__ import annotations

import logging
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NoReturn

import streamlit as st

from finops import facade
from finops.model.errors import FinopsError, NotAllowed
from pages.ui import freshness, numbers, session
from pages.ui.text import escaped
from user_prefs import UserPreferences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from streamlit.delta_generator import DeltaGenerator

    from finops.facade import Finops
    from finops.model.people import Person, Right
    from finops.model.preference_files import Kept
    from finops.model.preferences import Preferences, TenantSettings

STATIC = Path(__file__).parents[2] / "static"
FAVICON = str(STATIC / "favicon.png")
MONEY = "money"
"""Where the session keeps how the person likes money written, for parts that are drawn anew by themselves."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Context:
    """What a page works with: the facade, who looks, whose bill, and when."""

    finops: Finops
    person: Person
    tenant: str

    @cached_property
    def version(self) -> str:
        """Changes whenever the tenant's data does: first part of every cache key."""
        return f"{self.finops.settings.lake} {self.finops.costs.version(self.tenant)}"

    @cached_property
    def now(self) -> datetime:
        """One instant for the whole run."""
        return self.finops.now()

    @cached_property
    def kept(self) -> Kept[Preferences]:
        """What the person chose, as it was kept when the run began."""
        return UserPreferences.of(self.finops.settings).read(self.person.principal)

    @property
    def preferences(self) -> Preferences:
        """What the person chose."""
        return self.kept.chosen

    @cached_property
    def tenant_settings(self) -> TenantSettings:
        """What the tenant sets for everyone: defaults and locks of thresholds."""
        return UserPreferences.of(self.finops.settings).tenant(self.tenant).chosen

    def may(self, right: Right) -> bool:
        """Whether the person holds `right` here."""
        return self.finops.access.may(self.person, right, tenant=self.tenant)


@contextmanager
def page(
    title: str, *, right: Right, needs_costs: bool = True, badges: Callable[[Context], None] | None = None
) -> Iterator[Context]:
    """Runs a page's body for whoever holds `right`; with `needs_costs` only once the tenant holds cost data.

    `badges` draws beside the title how fresh the page is, for pages that show no costs.
    """
    st.set_page_config(page_title=f"{title} · FinOps", page_icon=FAVICON, layout="wide")
    context = None
    with guarded("This page"):
        context = _context(right)
        _obey(context)
        head = _head(title)
        if badges is None:
            _costs_standing(context, head, needs_costs=needs_costs)
        else:
            with head:
                badges(context)
    if context is None:
        return_early()
    else:
        with guarded("This page"):
            yield context


def _obey(context: Context) -> None:
    """Writes money as the person likes it, and says when what they chose could not be read."""
    st.session_state[MONEY] = context.preferences.currency_format
    numbers.write_money(context.preferences.currency_format)
    if context.kept.set_aside:
        st.warning(
            "The file of your settings was damaged, so the usual ones serve. It was set aside as"
            f" `{context.kept.set_aside[:12]}…damaged`; Settings has its full name.",
            icon=":material/warning:",
        )
    elif context.kept.trouble:
        st.warning(escaped(context.kept.trouble), icon=":material/warning:")


def _head(title: str) -> DeltaGenerator:
    head = st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small")
    head.title(title, anchor=False, width="content")
    return head


def _costs_standing(context: Context, head: DeltaGenerator, *, needs_costs: bool) -> None:
    finops, tenant = context.finops, context.tenant
    if needs_costs and not finops.costs.coverage(tenant):
        freshness.nothing_yet(finops, tenant)
        return_early()
    with head:
        freshness.badges(finops, tenant, context.now)
    freshness.last_failure(finops, tenant, context.now)


def notices(sentences: Sequence[str]) -> None:
    """Says what a link asked for and could not have."""
    if sentences:
        st.info("  \n".join(escaped(sentence) for sentence in sentences), icon=":material/link_off:")


def return_early() -> NoReturn:
    """Ends the page here: what was shown stays, what follows is not run."""
    st.stop()


def _context(right: Right) -> Context:
    finops = facade.shared()
    someone = session.person(finops)
    current = session.tenant(finops, someone)
    logo = "logo_dark.svg" if st.context.theme.type == "dark" else "logo.svg"
    st.logo(STATIC / logo, icon_image=STATIC / "icon.svg", size="medium")
    session.sidebar(finops, someone, current)
    finops.access.demand(someone, right, tenant=current)
    return Context(finops, someone, current)


@contextmanager
def card(
    title: str,
    *,
    note: str = "",
    height: Literal["stretch", "content"] = "stretch",
    provenance: Callable[[], None] | None = None,
    control: Callable[[], object] | None = None,
) -> Iterator[None]:
    """A bordered card with its head. An error inside stays inside: the rest of the page is unaffected.

    `note` is trusted Markdown (escape foreign parts); `provenance` draws the source of the figures,
    `control` a widget for the card.
    """
    with st.container(border=True, height=height):
        head = st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"
        )
        with head:
            st.subheader(escaped(title), anchor=False, width="content")
            with st.container(horizontal=True, vertical_alignment="center", width="content", gap="small"):
                if note:
                    st.markdown(f":small[:gray[{note}]]", width="content")
                if control is not None:
                    control()
                if provenance is not None:
                    provenance()
        with guarded(title):
            yield


@contextmanager
def guarded(part: str) -> Iterator[None]:
    """Shows what failed in place of `part`, and that the rest still holds.

    The last stop of every exception of a page.
    """
    numbers.write_money(st.session_state.get(MONEY, ""))
    try:
        yield
    except NotAllowed as error:
        st.error(escaped(str(error)), icon=":material/lock:")
        return_early()
    except FinopsError as error:
        _failed(part, escaped(str(error)))
    except Exception:
        reference = uuid.uuid4().hex[:8]
        log.exception("page part failed", extra={"part": part, "reference": reference})
        _failed(part, f"Something unexpected happened. The log has the details under reference `{reference}`.")


def _failed(part: str, reason: str) -> None:
    st.error(f"**{escaped(part)} could not be shown.** {reason}", icon=":material/error:")
    st.markdown(":small[:gray[Stored costs and the rest of the dashboard are unaffected.]]")
    st.button("Try again", key=f"retry:{part}", icon=":material/refresh:")
