"""How fresh a forecast is, what is missing of it, and where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from finops.budgets.forecasts import NOT_ENOUGH
from pages.ui import numbers
from pages.ui.provenance import METRIC_NAMES, SOURCE_NAMES
from pages.ui.text import escaped

if TYPE_CHECKING:
    from finops.model.forecasts import Forecast
    from pages.ui.forecast_answers import Answers

_HELD_BACK = ("not stored", "Only monthly figures")
"""Notes of months before the first daily figures: of no weight to a forecast, and told in the last line."""


def warnings(found: Forecast) -> None:
    """What could not be seen, a line each; the rest stays."""
    for failure in found.failures[:3]:
        grant = f" Missing permission: `{failure.missing_action}`." if failure.missing_action else ""
        st.warning(f"{escaped(failure.message)}{grant}", icon=":material/warning:")
    for note in found.notes:
        if not any(held in note for held in _HELD_BACK):
            st.info(escaped(note), icon=":material/info:")


def nothing_to_forecast(answers: Answers, found: Forecast) -> None:
    """Says why nothing can be said, and what to do."""
    context = answers.context
    young = any(failure.code == NOT_ENOUGH for failure in found.failures)
    short = young or not found.failures or context.finops.costs.complete_until(context.tenant) is None
    st.subheader("No forecast yet" if short else "No forecast of this view", anchor=False)
    reasons = [failure.message for failure in found.failures] or [found.total.reason if found.total else ""]
    st.markdown(escaped(" ".join(dict.fromkeys(reason for reason in reasons if reason)), limit=900))
    if not short:
        st.markdown("Take a filter away, or choose another grouping.")
        return
    st.markdown("A forecast needs a week of complete days, and 56 to say how sure it is. Bring more of the past:")
    st.code("python -m finops costs refresh --since 2025-11-01\npython -m finops bill import PATH", language="sh")


def provenance(answers: Answers, found: Forecast) -> None:
    """A quiet line below the page: metric, source, age, and how it is made."""
    origin, now = found.provenance, answers.context.now
    parts = (
        f"{METRIC_NAMES[origin.metric]}, {SOURCE_NAMES.get(origin.source, origin.source)}",
        f"fetched {numbers.ago(origin.fetched_at, now)}" if origin.fetched_at else "",
        f"complete to {numbers.day(found.through)}" if found.through else "",
        "days still arriving are in no figure but the hatched bars",
        "80% intervals from the errors of past forecasts",
        *(note.rstrip(".") for note in found.notes if any(held in note for held in _HELD_BACK)),
    )
    st.markdown(f":small[:gray[{escaped(' · '.join(part for part in parts if part), limit=900)}]]")
