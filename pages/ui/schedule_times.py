"""When a schedule fires: how often, at what time, on whose clocks, and the next five times before anything is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

import streamlit as st

from finops.delivery.cron import MOST_CHARACTERS
from finops.model.errors import InputError
from pages.ui import report_names
from pages.ui.schedule_rhythm import MONTH_DAYS, WEEKDAYS, Often, Rhythm, cron_of, day_name, rhythm_of
from pages.ui.text import escaped

if TYPE_CHECKING:
    from datetime import time

    from streamlit.delta_generator import DeltaGenerator

    from finops.delivery import Preview
    from finops.model.delivery import Schedule
    from pages.ui.report_answers import Answers

STEP_SECONDS = 300
_HELP = (
    "Minute, hour, day of month, month, weekday. `0 7 * * MON#1`: the first Monday; `0 18 LW * *`: the last working "
    "day; `*/30 8-17 * * 1-5`: every half hour of a working day."
)


@cache
def zones() -> tuple[str, ...]:
    """The zones that people name: UTC, then by region."""
    return ("UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))


@dataclass(frozen=True)
class TimeFields:
    """The fields of one schedule, or of a new one; `place` begins their keys."""

    answers: Answers
    schedule: Schedule | None
    place: str
    slots: dict[str, DeltaGenerator] = field(default_factory=dict)

    def draw(self) -> Preview | InputError:
        """Draws them and the next times; the fault of a line or a zone that is none."""
        held = rhythm_of(self.schedule.cron) if self.schedule else Rhythm()
        often = st.segmented_control(
            "How often", list(Often), key=self._key("often", held.often), format_func=str, required=True
        )
        often = Often(often or held.often)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            cron = self._fields(often, held)
            zone = self._zone()
        self.slots["cron"] = self.slots["timezone"] = st.empty()
        try:
            told = self.answers.context.finops.delivery.schedules.preview(cron, zone)
        except InputError as error:
            return error
        self._times(told)
        return told

    def _fields(self, often: Often, held: Rhythm) -> str:
        if often is Often.CRON:
            line = held.line if self.schedule else cron_of(held)
            found = st.text_input(
                "Cron line", key=self._key("line", line), max_chars=MOST_CHARACTERS, help=_HELP, width=200
            )
            return found or ""
        weekday, day = held.weekday, held.day
        if often is Often.WEEKLY:
            weekday = st.selectbox(
                "On",
                list(WEEKDAYS),
                key=self._key("weekday", held.weekday),
                format_func=WEEKDAYS.__getitem__,
                width=150,
            )
        if often is Often.MONTHLY:
            day = st.selectbox("On", list(MONTH_DAYS), key=self._key("day", held.day), format_func=day_name, width=170)
        at: time = st.time_input("At", key=self._key("at", held.at), step=STEP_SECONDS, width=120)
        return cron_of(Rhythm(often, at, weekday, day))

    def _zone(self) -> str:
        held = self.schedule.timezone if self.schedule else self.answers.zone
        options = list(dict.fromkeys((self.answers.zone, held, *zones())))
        found: str = st.selectbox(
            "Time zone", options, key=self._key("timezone", held), help="Whose clocks the time is about.", width=230
        )
        return found

    def _times(self, told: Preview) -> None:
        """The next times on the schedule's clocks, and on the person's where those differ."""
        zone = self.answers.zone
        lines = [f"**{escaped(told.words)}**, {escaped(told.timezone)}. Next five:"]
        for moment, shown in zip(told.times, told.shown, strict=True):
            mine = report_names.at(moment, zone)
            here = "" if zone == told.timezone else f" :gray[({escaped(mine)} {escaped(zone)})]"
            lines.append(f"- {escaped(shown)}{here}")
        st.markdown("\n".join(lines))

    def _key(self, name: str, value: object) -> str:
        key = f"{self.place}{name}"
        if key not in st.session_state:
            st.session_state[key] = value
        return key
