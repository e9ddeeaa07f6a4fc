"""People: who there is, who goes by other thresholds than the tenant, and what a change would have meant for them."""

from __future__ import annotations

import streamlit as st

from finops.model.people import Right
from pages.ui import kpis, people_parts, people_work, told
from pages.ui.page import Context, card, page


def badges(context: Context) -> None:
    """How much is not saved, and the way to save it."""
    people_parts.bar(people_work.of(context, people_parts.person(context)))


def body(context: Context) -> None:
    """The page below its title."""
    people = people_work.of(context, people_parts.person(context))
    told.show(people_work.PAGE)
    people_parts.notices(people)
    people_parts.pick(people)
    kpis.row(people_parts.strip(people))
    left, right = st.columns([1.9, 1], gap="small")
    with left, card("Everyone"):
        people_parts.table(people)
    with right, card(people.work.person.name):
        people_parts.one_person(people)
    with card("Thresholds", note="Nothing is kept until you save", height="content"):
        people_parts.tune(people)


with page("People", right=Right.ADMINISTER, needs_costs=False, badges=badges) as ready:
    body(ready)
