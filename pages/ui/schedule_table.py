"""The table of schedules: what, when next, how it stands; then when in words, readers and the last result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from pages.ui import report_names, schedule_names
from pages.ui.pick_table import pick_row
from pages.ui.text import plain_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from finops.model.delivery import Firing, Schedule
    from pages.ui.report_answers import Answers

COLUMNS = ("name", "next", "state", "last", "report", "when", "readers")


def frame(answers: Answers, found: Sequence[Schedule]) -> pd.DataFrame:
    """One line per schedule, by name; times are on the person's clocks."""
    return pd.DataFrame(
        {
            "name": [plain_line(each.name, limit=80) for each in found],
            "next": [schedule_names.next_words(each, answers.zone) or None for each in found],
            "state": [[report_names.SCHEDULE_NAMES[each.status]] for each in found],
            "last": [schedule_names.result_words(*last_of(answers, each)) for each in found],
            "report": [answers.title(each.report) for each in found],
            "when": [plain_line(report_names.when(each.cron, each.timezone)) for each in found],
            "readers": [len(each.recipients) for each in found],
        }
    )


def last_of(answers: Answers, schedule: Schedule) -> tuple[Firing | None, dict[str, int]]:
    """The last firing of a schedule and how its mails stand."""
    firing = answers.last_firings.get(schedule.schedule_id)
    return firing, answers.last_mails.get(firing.firing_id, {}) if firing else {}


def draw(
    answers: Answers, found: Sequence[Schedule], *, key: str, alt: str, selected: int | None, compact: bool
) -> int | None:
    """Draws the schedules and returns the index of the one the reader picked; `compact` beside an open one."""
    return pick_row(
        frame(answers, found),
        _settings(answers, compact=compact),
        shown=COLUMNS,
        key=key,
        alt=alt,
        selected=selected,
    )


def _settings(answers: Answers, *, compact: bool) -> dict[str, Any]:
    column = st.column_config
    names = report_names.SCHEDULE_NAMES
    return {
        "name": column.TextColumn("Schedule", pinned=True, width=130 if compact else 160),
        "next": column.TextColumn("Next", width=122, help=f"On the clocks of {answers.zone}. A dash: it is paused."),
        "state": column.MultiselectColumn(
            "State", options=list(names.values()), color=report_names.SCHEDULE_COLOURS, width=80
        ),
        "last": column.TextColumn("Last result", width=130),
        "report": column.TextColumn("Report", width=130),
        "when": column.TextColumn("When", width=260),
        "readers": column.NumberColumn("Readers", width=70),
    }
