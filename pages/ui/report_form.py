"""What is to be made: which report, for whom it is, its days, its files, and what narrows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from finops.model.errors import FinopsError, InputError
from finops.model.reports import Format, ReportRequest
from pages.ui import report_making, report_names, report_work, url_state
from pages.ui.report_scope import ScopeFields
from pages.ui.report_view import ReportView, Span, Tab, key, period_of
from pages.ui.text import escaped

if TYPE_CHECKING:
    from finops.reports import Definition
    from pages.ui.report_answers import Answers

SPAN_NAMES = {
    Span.USUAL: "Usual",
    Span.TO_DATE: "Month so far",
    Span.LAST_MONTH: "Last full month",
    Span.MONTH_DAYS: "Last 30 days",
    Span.QUARTER_DAYS: "Last 90 days",
    Span.CUSTOM: "Custom",
}
USUAL_FORMATS = (Format.XLSX,)


def shown_view(last: ReportView) -> ReportView:
    """The view with what the fields show, where they were drawn."""
    state = st.session_state
    days: Any = state.get(key("days"), last.days)
    return replace(
        last,
        report=state.get(key("report")) or last.report,
        span=Span(state.get(key("span")) or last.span),
        days=tuple(days) if isinstance(days, tuple | list) else (days,),
    )


def place(view: ReportView) -> None:
    """Gives the fields the view's values before they are drawn."""
    if view.tab is Tab.MAKE:
        url_state.set_widget(key("report"), view.report)
        url_state.set_widget(key("span"), view.span)


@dataclass(frozen=True)
class MakeForm:
    """The fields of one run."""

    answers: Answers
    view: ReportView

    def draw(self) -> None:
        """Draws them, and the button that makes the report."""
        answers = self.answers
        definition = answers.definitions[self.view.report]
        left, right = st.columns([1.9, 1], gap="small")
        with left:
            self._which(definition)
        with right:
            formats = self._formats()
        period_fault = self._period(definition)
        fields = ScopeFields(answers, definition, "reports.scope", _kept(definition.name))
        with st.expander(_narrowing(definition), type="compact", key=key(f"narrow.{definition.name}")):
            if not definition.parameters and not definition.filters:
                st.markdown(":small[:gray[This report has nothing to narrow it by.]]")
            scope = fields.draw()
        st.session_state[_kept_key(definition.name)] = scope
        self._make_button(definition, formats, scope)
        self._tell(fields, period_fault)

    def _which(self, definition: Definition) -> None:
        answers = self.answers
        st.selectbox("Report", list(answers.names), key=key("report"), format_func=answers.title)
        audience = report_names.AUDIENCE.get(definition.name, "")
        st.markdown(f"{escaped(definition.help)} :gray[{escaped(audience)}]")

    def _formats(self) -> list[Format]:
        if not self.answers.may_export:
            st.markdown(":small[:gray[Files need a right that you do not hold here.]]")
            return []
        if key("formats") not in st.session_state:
            st.session_state[key("formats")] = list(USUAL_FORMATS)
        chosen = st.pills(
            "Files",
            list(Format),
            selection_mode="multi",
            key=key("formats"),
            format_func=report_names.FORMAT_NAMES.__getitem__,
            persist_state="session",
            help="A CSV holds one table; Excel and JSON hold all of them.",
        )
        return [each for each in Format if each in (chosen or ())]

    def _period(self, definition: Definition) -> InputError | None:
        """The days; what is wrong with them."""
        if definition.usual is None:
            st.markdown(":small[:gray[Period: as of now.]]")
            return None
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.selectbox(
                "Period",
                list(Span),
                key=key("span"),
                format_func=lambda span: f"Usual: {definition.usual_text}" if span is Span.USUAL else SPAN_NAMES[span],
                width=260,
            )
            if self.view.span is Span.CUSTOM:
                if key("days") not in st.session_state:
                    st.session_state[key("days")] = self.view.days or (
                        self.answers.today.replace(day=1),
                        self.answers.today,
                    )
                st.date_input("Days", key=key("days"), format="YYYY-MM-DD", width=260)
        try:
            period_of(self.view.span, shown_view(self.view).days, self.answers.today)
        except InputError as error:
            return error
        return None

    def _make_button(self, definition: Definition, formats: list[Format], scope: dict[str, tuple[str, ...]]) -> None:
        st.button(
            "Make report",
            key=key("make"),
            type="primary",
            icon=":material/play_arrow:",
            disabled=report_work.under_way(report_making.WORK),
            on_click=self._make,
            args=(definition, formats, scope),
        )

    def _make(self, definition: Definition, formats: list[Format], scope: dict[str, tuple[str, ...]]) -> None:
        context = self.answers.context
        try:
            view = shown_view(self.view)
            days = None if definition.usual is None else period_of(view.span, view.days, self.answers.today)
        except InputError as error:
            report_making.fail(error)
            return
        request = ReportRequest(definition.name, context.tenant, context.person.principal, days, scope)
        report_making.begin(context, request, formats, definition.title)

    def _tell(self, fields: ScopeFields, period_fault: InputError | None) -> None:
        """What is wrong: at its field, else below the button."""
        error: FinopsError | None = period_fault or report_making.fault()
        if error is None or (isinstance(error, InputError) and fields.tell(error)):
            return
        told = error.message if isinstance(error, InputError) else str(error)
        st.error(f"**Nothing was made.** {escaped(told)}", icon=":material/error:")


def _narrowing(definition: Definition) -> str:
    """The head of the fold: `Narrow it: 2 set`."""
    count = len(_kept(definition.name))
    return f"Narrow it: {count} set" if count else "Narrow it"


def _kept(report: str) -> dict[str, tuple[str, ...]]:
    """What a report was narrowed to when it was last shown: fields that are not drawn lose their values."""
    found: dict[str, tuple[str, ...]] = st.session_state.get(_kept_key(report), {})
    return found


def _kept_key(report: str) -> str:
    return f"reports.kept.{report}"
