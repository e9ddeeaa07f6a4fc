"""Above and below the budgets: adding one, importing AWS's, what there is to say while there are none, sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from finops.model.jobs import JobStatus
from finops.model.people import Right
from pages.ui import budget_editor, job_watch, numbers
from pages.ui.job_watch import Watched
from pages.ui.provenance import SOURCE_NAMES
from pages.ui.text import escaped

if TYPE_CHECKING:
    from finops.model.jobs import Job
    from pages.ui.budget_answers import Answers


def words(job: Job) -> str:
    """How far an evaluation is."""
    if job.status is JobStatus.PENDING or not job.progress.total:
        return "Asking AWS for its budgets"
    return f"Judging budgets: {job.progress.done:,} of {job.progress.total:,}"


def outcome_words(job: Job) -> str:
    """`Budgets: 6 judged, 1 over, 2 thresholds crossed`; how it ended where that was not well."""
    known = (("budgets", "judged"), ("over", "over"), ("unknown", "unknown"), ("crossed", "thresholds crossed"))
    counts = [f"{job.counts[name]:,} {what}" for name, what in known if job.counts.get(name)]
    told = job_watch.told(job, "The import of budgets", ", ".join(counts) or "no budget is kept")
    reason = job.failures[0].message if job.failures and job.status is JobStatus.PARTIAL else ""
    return f"{told}. {reason}" if reason else told


IMPORT = Watched("budgets.evaluate", Right.EDIT_BUDGETS, words, outcome_words)
_ARGUMENTS: dict[str, object] = {"aws": True}


def buttons(answers: Answers, job: Job | None, *, first: bool = False) -> None:
    """Adding a budget, and importing AWS's, for those who may."""
    if not answers.may_edit:
        return
    st.button(
        "Add a budget",
        icon=":material/add:",
        key="budget.add",
        type="primary" if first else "secondary",
        on_click=budget_editor.open_for,
        args=("",),
    )
    if IMPORT.may_start(answers.context):
        st.button(
            "Import from AWS Budgets",
            icon=":material/cloud_download:",
            key="budget.import",
            disabled=job is not None,
            on_click=IMPORT.start,
            args=(answers.context, _ARGUMENTS),
            help="Takes over what AWS has now, read only. Free. Thresholds that are crossed are mailed.",
        )
    IMPORT.refusal()


def nothing_yet(answers: Answers, job: Job | None) -> None:
    """What a budget is for, and the two ways to the first one."""
    st.subheader("No budgets yet", anchor=False)
    st.markdown(
        "A budget says what may be spent in a month, quarter or year: on everything, or on accounts, services or tags. "
        "Here it shows how it stands against the forecast, and it mails once when a threshold is crossed."
    )
    known = answers.imported
    if known is None:
        st.markdown(":small[:gray[AWS was never asked for its own budgets.]]")
    elif known.failure is None:
        st.markdown(f":small[:gray[AWS had none when asked {numbers.ago(known.asked, answers.context.now)}.]]")
    if answers.may_edit:
        with st.container(horizontal=True, gap="small"):
            buttons(answers, job, first=True)
    else:
        st.markdown("Adding one needs the right to edit budgets: ask a manager.")


def warnings(answers: Answers) -> None:
    """Why AWS's own budgets could not be had, if so; what was imported before stays."""
    known = answers.imported
    if known is None or known.failure is None:
        return
    failure = known.failure
    grant = f" Missing permission: `{failure.missing_action}`." if failure.missing_action else ""
    now = answers.context.now
    older = f" Shown is what AWS told {numbers.ago(known.told, now)}." if known.told is not None else ""
    told = f"AWS Budgets could not be asked: {failure.message}"
    st.warning(f"{escaped(told)}{grant}{escaped(older)}", icon=":material/warning:")


def provenance(answers: Answers) -> None:
    """A quiet line below: sources, ages, the import."""
    found, now = answers.standings, answers.context.now
    sources = sorted({SOURCE_NAMES.get(one.cost_source, one.cost_source) for one in found if one.cost_source})
    fetched = min((one.fetched_at for one in found if one.fetched_at is not None), default=None)
    known = answers.imported
    parts = (
        f"Costs: {', '.join(sources)}" if sources else "",
        f"fetched {numbers.ago(fetched, now)}" if fetched is not None else "",
        f"AWS Budgets asked {numbers.ago(known.asked, now)}" if known is not None else "AWS Budgets was never asked",
        "judged after every refresh of costs, each crossing is mailed once",
    )
    st.markdown(f":small[:gray[{escaped(' · '.join(part for part in parts if part))}]]")
