"""The dialog that makes and changes a schedule. A fault is told below the field that it is about; nothing is lost."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from finops.delivery import Wish
from finops.delivery.addresses import checked_recipients
from finops.delivery.schedules import MOST_NAME
from finops.model.errors import FinopsError, InputError
from finops.model.people import Right
from finops.model.reports import Format
from pages.ui import report_mail, report_names, schedule_deeds
from pages.ui.report_links import usual
from pages.ui.report_scope import ScopeFields
from pages.ui.schedule_times import TimeFields
from pages.ui.text import escaped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamlit.delta_generator import DeltaGenerator

    from finops.model.delivery import Schedule
    from pages.ui.report_answers import Answers
    from pages.ui.report_scope import Values

OPEN = "schedule.dialog"
"""Where the session keeps which schedule the dialog is of; empty for a new one."""
BEGUN = "schedule.begun"
"""Where the session keeps what a new one begins with: a report and what narrows it."""
EDIT = "schedule.edit."
SAVE = "schedule.save"
_SPLIT = re.compile(r"[,;\s]+")


def open_for(schedule_id: str, report: str = "", scope: Mapping[str, tuple[str, ...]] | None = None) -> None:
    """Opens the dialog of a schedule, or (empty) of a new one, of a report if named, with fresh fields."""
    for name in [name for name in st.session_state if str(name).startswith(EDIT)]:
        del st.session_state[name]
    st.session_state[OPEN] = schedule_id
    st.session_state[BEGUN] = (report, dict(scope or {}))


def close() -> None:
    """Closes it."""
    st.session_state.pop(OPEN, None)


def show(answers: Answers) -> None:
    """Draws the dialog while it is open."""
    schedule_id = st.session_state.get(OPEN)
    if schedule_id is None or not answers.may_schedule:
        return
    schedule = answers.schedule(schedule_id)
    if schedule_id and schedule is None:
        close()
        return
    title = "Change the schedule" if schedule is not None else "New schedule"
    st.dialog(title, width="medium", on_dismiss=close)(_body)(answers, schedule)


def _body(answers: Answers, schedule: Schedule | None) -> None:
    form = Form(answers, schedule)
    wished = form.draw()
    with st.container(horizontal=True, gap="small"):
        pressed = st.button("Save", key=SAVE, type="primary", icon=":material/save:")
        if st.button("Cancel", key="schedule.cancel", type="tertiary"):
            close()
            st.rerun()
    if pressed:
        _save(answers, schedule, wished, form)


def _save(answers: Answers, schedule: Schedule | None, wished: Wish | InputError, form: Form) -> None:
    context = answers.context
    kept, by = context.finops.delivery.schedules, context.person.principal
    try:
        if isinstance(wished, InputError):
            raise wished
        context.finops.access.demand(context.person, Right.SCHEDULE_REPORTS, tenant=context.tenant)
        if schedule is None:
            made = kept.add(context.tenant, wished, by=by)
        else:
            made = kept.change(context.tenant, schedule.schedule_id, wished, by=by)
    except InputError as error:
        form.tell(error)
        return
    except FinopsError as error:
        st.error(escaped(str(error)), icon=":material/error:")
        return
    first = f" It fires first {report_names.at_in(made.next_run, answers.zone)}." if made.next_run else ""
    schedule_deeds.say((True, f"{made.name} is kept.{first}"))
    schedule_deeds.ask_for(made.schedule_id)
    close()
    st.rerun()


@dataclass(frozen=True)
class Form:
    """The fields of a schedule. Below each of them is a slot for its fault."""

    answers: Answers
    schedule: Schedule | None
    slots: dict[str, DeltaGenerator] = field(default_factory=dict)
    scope: list[ScopeFields] = field(default_factory=list)

    def draw(self) -> Wish | InputError:
        """Draws the fields; what is wished, or the first fault that can be told before it is saved."""
        name = self._name()
        left, right = st.columns([1.6, 1], gap="small")
        with left:
            report, title = self._report()
        with right:
            file_format = self._format()
        scope = self._scope(report)
        recipients = self._recipients()
        times = TimeFields(self.answers, self.schedule, EDIT)
        told = times.draw()
        self.slots.update(times.slots)
        quiet = self._quiet()
        self._owner()
        if isinstance(told, InputError):
            self.tell(told)
            return told
        return Wish(
            " ".join(name.split()) or title,
            *(report, told.cron, told.timezone, recipients, file_format, self._whose()),
            scope=scope,
            quiet=quiet,
        )

    def tell(self, error: InputError) -> None:
        """Says a fault below its field; below all of them where the field is not drawn."""
        if any(fields.tell(error) for fields in self.scope):
            return
        (self.slots.get(error.field) or st).error(escaped(error.message), icon=":material/error:")

    def _key(self, name: str, value: object) -> str:
        key = f"{EDIT}{name}"
        if key not in st.session_state:
            st.session_state[key] = value
        return key

    def _slot(self, name: str) -> None:
        self.slots[name] = st.empty()

    def _name(self) -> str:
        key = self._key("name", self.schedule.name if self.schedule else "")
        found = st.text_input("Name", key=key, max_chars=MOST_NAME, placeholder="As the report")
        self._slot("name")
        return found or ""

    def _report(self) -> tuple[str, str]:
        answers, begun = self.answers, st.session_state.get(BEGUN, ("", {}))[0]
        held = self.schedule.report if self.schedule else begun if begun in answers.names else usual(answers.names)
        options = list(dict.fromkeys((*answers.names, held)))
        chosen: str = st.selectbox("Report", options, key=self._key("report", held), format_func=answers.title)
        self._slot("report")
        definition = answers.definitions.get(chosen)
        if definition is not None:
            period = f" Period: {definition.usual_text}." if definition.usual else " As of when it is sent."
            period = " Each reader has what is new since their own last mail." if definition.changes else period
            st.markdown(f":small[:gray[{escaped(definition.help + period)}]]")
        return chosen, answers.title(chosen)

    def _format(self) -> str:
        held = self.schedule.format if self.schedule else Format.XLSX
        found = st.selectbox(
            "File in the mail",
            list(Format),
            key=self._key("format", held),
            format_func=report_names.FORMAT_NAMES.__getitem__,
        )
        self._slot("format")
        return str(found)

    def _scope(self, report: str) -> Values:
        """What narrows it: the fields of the report's own definition, kept as they are where it is not ours to see."""
        held: dict[str, tuple[str, ...]] = dict(st.session_state.get(BEGUN, ("", {}))[1])
        if self.schedule is not None:
            held = dict(self.schedule.scope) if self.schedule.report == report else {}
        definition = self.answers.definitions.get(report)
        if definition is None or not (definition.parameters or definition.filters):
            return held if definition is None else {}
        with st.expander("Narrow it", type="compact", expanded=bool(held), key=f"{EDIT}narrow.{report}"):
            fields = ScopeFields(self.answers, definition, f"{EDIT}scope", held)
            self.scope.append(fields)
            return fields.draw()

    def _recipients(self) -> tuple[str, ...]:
        """Addresses; one that is none, or may not be written to, is told at once."""
        key = self._key("recipients", list(self.schedule.recipients) if self.schedule else [])
        texts: list[str] = st.multiselect(
            "Mail to",
            list(dict.fromkeys((*self._known(), *(st.session_state[key] or ())))),
            key=key,
            accept_new_options=True,
            wrap=True,
            placeholder="ann@example.com",
            help="Type an address and press Enter, or paste several with commas. Each reader has a mail of their own.",
        )
        found = tuple(part for text in texts for part in _SPLIT.split(text) if part)
        self._slot("recipients")
        try:
            if found:
                return checked_recipients(found, self.answers.context.finops.mails.domains)
        except InputError as error:
            self.tell(error)
            return found
        told = escaped(report_mail.domains_words(self.answers.context))
        self.slots["recipients"].markdown(f":small[:gray[{told}]]")
        return found

    def _known(self) -> list[str]:
        """Readers of this tenant's schedules, to choose from."""
        return sorted({reader for each in self.answers.schedules for reader in each.recipients}, key=str.lower)

    def _quiet(self) -> bool:
        return st.toggle(
            "Only when there is something to say",
            key=self._key("quiet", self.schedule.quiet if self.schedule else False),
            help="No mail when nothing changed or no table has a row. One that lacks something is always sent.",
        )

    def _whose(self) -> str:
        """Who it runs for. Whoever changes another's schedule makes it theirs: nobody sends with others' rights."""
        context = self.answers.context
        mine = context.person.principal
        return self.schedule.owner if self.schedule and context.may(Right.ADMINISTER) else mine

    def _owner(self) -> None:
        mine, owner = self.answers.context.person.principal, self._whose()
        before = self.schedule.owner if self.schedule else owner
        if owner != before:
            told = f"It is {before.removeprefix('persona:')}'s. Saving makes it yours: it then runs with your rights."
            st.info(escaped(told), icon=":material/person:")
        elif owner != mine:
            told = f"It runs with the rights and thresholds of {owner.removeprefix('persona:')}."
            st.markdown(f":small[:gray[{escaped(told)}]]")
