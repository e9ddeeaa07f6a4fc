"""The dialog that makes, changes and removes a budget. A fault is told below the field that it is about."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import streamlit as st

from finops.budgets.checking import MOST_NAME
from finops.budgets.periods import period_around
from finops.model.budgets import USUAL_THRESHOLDS, Basis, Budget, BudgetSource, Cadence, Scope, Threshold
from finops.model.costs import Filter
from finops.model.errors import FinopsError, InputError
from finops.model.people import Right
from pages.ui import budget_names, names
from pages.ui.provenance import METRIC_NAMES
from pages.ui.text import escaped
from user_prefs import alert_percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamlit.delta_generator import DeltaGenerator

    from pages.ui.budget_answers import Answers

SAID = "budget.said"
"""Where a save leaves what there is to say at the next run."""
OPEN = "budget.dialog"
"""Where the session keeps which budget the dialog is of; empty for a new one."""
DIMENSIONS = ("account", "service")
MOST_OPTIONS = 300
MONTH_NAMES = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
               "November", "December")  # fmt: skip


def open_for(budget_id: str) -> None:
    """Opens the dialog of a budget, or (empty) of a new one, with fresh fields."""
    for name in [name for name in st.session_state if str(name).startswith("budget.edit.")]:
        del st.session_state[name]
    st.session_state[OPEN] = budget_id


def _closed() -> None:
    st.session_state.pop(OPEN, None)


def show(answers: Answers) -> None:
    """Draws the dialog while it is open."""
    budget_id = st.session_state.get(OPEN)
    if budget_id is None or not answers.may_edit:
        return
    budget = next((one.budget for one in answers.standings if one.budget.budget_id == budget_id), None)
    if budget_id and (budget is None or budget.source is BudgetSource.AWS):
        _closed()
        return
    title = "Change the budget" if budget is not None else "Add a budget"
    st.dialog(title, width="medium", on_dismiss=_closed)(_body)(answers, budget)


def _body(answers: Answers, budget: Budget | None) -> None:
    form = Form(answers, budget)
    wished = form.draw()
    with st.container(horizontal=True, horizontal_alignment="distribute", gap="small"):
        if st.button("Save", key="budget.save", type="primary", icon=":material/save:"):
            _save(answers, wished, form)
        if budget is not None:
            with st.popover("Remove", icon=":material/delete:", type="tertiary", key="budget.remove"):
                st.markdown("Forgets the budget and what was crossed of it.")
                if st.button("Remove it", key="budget.remove.sure", icon=":material/delete:"):
                    _remove(answers, budget)


def _save(answers: Answers, wished: Budget | InputError, form: Form) -> None:
    context = answers.context
    try:
        if isinstance(wished, InputError):
            raise wished
        context.finops.access.demand(context.person, Right.EDIT_BUDGETS, tenant=context.tenant)
        kept = context.finops.budgets.save(wished, by=context.person.principal)
    except InputError as error:
        form.tell(error)
        return
    except FinopsError as error:
        st.error(escaped(str(error)), icon=":material/error:")
        return
    _done(f"{kept.name} is kept. Its thresholds are judged at the next refresh of costs.")


def _remove(answers: Answers, budget: Budget) -> None:
    context = answers.context
    try:
        context.finops.access.demand(context.person, Right.EDIT_BUDGETS, tenant=context.tenant)
        context.finops.budgets.remove(context.tenant, budget.budget_id, by=context.person.principal)
    except FinopsError as error:
        st.error(escaped(str(error)), icon=":material/error:")
        return
    _done(f"{budget.name} was removed.")


def _done(sentence: str) -> None:
    st.session_state[SAID] = sentence
    _closed()
    st.rerun()


def said() -> None:
    """Says once what was kept or removed."""
    words = st.session_state.pop(SAID, None)
    if words:
        st.toast(escaped(words), icon=":material/check_circle:")


@dataclass(frozen=True)
class Form:
    """The fields of a budget. Below each of them is a slot for its fault."""

    answers: Answers
    budget: Budget | None
    slots: dict[str, DeltaGenerator] = field(default_factory=dict)

    def draw(self) -> Budget | InputError:
        """Draws the fields; the budget that they describe, or the first field that cannot be read."""
        name = self._name()
        left, right = st.columns(2, gap="small")
        with left:
            amount = self._amount()
        with right:
            cadence, fiscal = self._cadence()
        scope = self._scope()
        thresholds = self._thresholds()
        recipients = self._recipients()
        with st.expander("More", type="compact"):
            metric, start = self._metric(), self._start(cadence, fiscal)
        made = self.budget or Budget("", self.answers.context.tenant, "", Cadence.MONTHLY, Decimal(1), start)
        try:
            return replace(
                made, name=name, amount=_decimal(amount, "amount"), cadence=cadence, fiscal_start=fiscal, scope=scope,
                thresholds=_thresholds_of(*thresholds), recipients=tuple(recipients), metric=metric, start=start,
            )  # fmt: skip
        except InputError as error:
            return error

    def tell(self, error: InputError) -> None:
        """Says a fault below its field; below all of them where the field is not drawn."""
        slot = self.slots.get(error.field)
        (slot or st).error(escaped(error.message), icon=":material/error:")

    def _key(self, name: str, value: object) -> str:
        """The key of a field, which shows the budget's own value when it is drawn first."""
        key = f"budget.edit.{name}"
        if key not in st.session_state:
            st.session_state[key] = value
        return key

    def _slot(self, name: str) -> None:
        self.slots[name] = st.empty()

    def _name(self) -> str:
        key = self._key("name", self.budget.name if self.budget else "")
        found = st.text_input("Name", key=key, max_chars=MOST_NAME, placeholder="Production")
        self._slot("name")
        return found or ""

    def _amount(self) -> str:
        currency = self.budget.currency if self.budget else "USD"
        key = self._key("amount", f"{self.budget.amount.normalize():f}" if self.budget else "")
        found = st.text_input(f"Amount a period, {currency}", key=key, max_chars=24, placeholder="50000")
        self._slot("amount")
        if self.budget is not None and self.budget.planned:
            st.markdown(":small[:gray[Planned amounts of single periods stay as they are.]]")
        return found or ""

    def _cadence(self) -> tuple[Cadence, int]:
        key = self._key("cadence", str(self.budget.cadence if self.budget else Cadence.MONTHLY))
        called = {str(each): name for each, name in budget_names.CADENCE_NAMES.items()}
        cadence = Cadence(st.selectbox("Period", list(called), key=key, format_func=lambda each: called[each]))
        self._slot("period")
        held = self.budget.fiscal_start if self.budget else 1
        if cadence is Cadence.MONTHLY:
            return cadence, held
        fiscal = st.selectbox(
            "The year begins in",
            list(range(1, 13)),
            key=self._key("fiscal", held),
            format_func=lambda month: MONTH_NAMES[month - 1],
        )
        self._slot("fiscal_start")
        return cadence, int(fiscal)

    def _scope(self) -> Scope:
        """Accounts, services and one tag, all of which must hold; a scope of another shape is kept as it is."""
        held = self.budget.scope if self.budget else Scope()
        if not simple(held):
            told_scope = escaped(budget_names.scope_words(self.budget, self.answers.accounts)) if self.budget else ""
            st.markdown(f"Of {told_scope}. :small[:gray[This scope can be changed on the API only.]]")
            self._slot("scope")
            return held
        filters = {each.dimension: each.values for each in (held.groups[0] if held.groups else ())}
        offer = self.answers.offer
        found = [self._values(name, filters.get(name, ())) for name in DIMENSIONS if name in offer.dimensions]
        keyed = [name for name in offer.dimensions if ":" in name]
        if keyed:
            found.append(self._tag(keyed, filters))
        self._slot("scope")
        group = tuple(Filter(name, values) for name, values in found if values)
        return replace(held, groups=(group,) if group else ())

    def _values(self, dimension: str, held: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        key = self._key(f"of.{dimension}", list(held))
        known = self.answers.offer.values.get(dimension, ())[:MOST_OPTIONS]
        chosen = st.multiselect(
            names.dimension_name(dimension, plural=True),
            list(dict.fromkeys((*known, *(st.session_state[key] or ())))),
            key=key,
            format_func=names.option_name(dimension, self.answers.accounts),
            placeholder="All",
        )
        return dimension, tuple(chosen)

    def _tag(self, keyed: Sequence[str], filters: dict[str, tuple[str, ...]]) -> tuple[str, tuple[str, ...]]:
        held = next((name for name in keyed if name in filters), "")
        left, right = st.columns(2, gap="small")
        with left:
            chosen: str = st.selectbox(
                "Tag or category",
                ["", *keyed],
                key=self._key("of.tag", held),
                format_func=lambda name: names.dimension_name(name) if name else "None",
            )
        with right:
            if not chosen:
                return "", ()
            return self._values(chosen, filters.get(chosen, ()))

    def _thresholds(self) -> tuple[list[str], list[str]]:
        held = self.budget.thresholds if self.budget else self._usual()
        told_how = "Type a number and press Enter."
        lists = []
        for basis, label in ((Basis.ACTUAL, "Tell when spent, %"), (Basis.FORECAST, "Tell when expected, %")):
            mine = [f"{each.percent.normalize():f}" for each in sorted(held) if each.basis is basis]
            key = self._key(f"at.{basis}", mine)
            options = list(dict.fromkeys(("50", "80", "90", "100", "120", *mine, *(st.session_state[key] or ()))))
            lists.append(
                st.multiselect(label, options, key=key, accept_new_options=True, placeholder="Never", help=told_how)
            )
        self._slot("thresholds")
        return lists[0], lists[1]

    def _usual(self) -> tuple[Threshold, ...]:
        """Those of a new budget, the first at the person's own percentage."""
        context = self.answers.context
        own = alert_percent(context.finops.settings, context.person.principal, context.tenant)
        return tuple(dict.fromkeys((Threshold(Basis.ACTUAL, own), *USUAL_THRESHOLDS[1:])))

    def _recipients(self) -> list[str]:
        held = list(self.budget.recipients) if self.budget else []
        key = self._key("recipients", held)
        found: list[str] = st.multiselect(
            "Mail to",
            list(dict.fromkeys((*held, *(st.session_state[key] or ())))),
            key=key,
            accept_new_options=True,
            wrap=True,
            placeholder="Nobody",
            help="Type an address and press Enter. Each crossing is mailed once.",
        )
        self._slot("recipients")
        return list(found)

    def _metric(self) -> Any:
        offer = self.answers.offer
        held = self.budget.metric if self.budget else None
        options = list(dict.fromkeys((None, *offer.metrics, *([held] if held else []))))
        found = st.selectbox(
            "Metric",
            options,
            key=self._key("metric", held),
            format_func=lambda one: "The usual one" if one is None else METRIC_NAMES[one],
        )
        self._slot("metric")
        return found

    def _start(self, cadence: Cadence, fiscal: int) -> Any:
        begins = period_around(cadence, self.answers.today, fiscal).start
        held = self.budget.start if self.budget else None
        key = f"budget.edit.start.{cadence}.{fiscal}"
        found = st.date_input(
            "Counts from", held or begins, key=key, format="YYYY-MM-DD", help="Costs before this day do not count."
        )
        self._slot("start")
        return found


def simple(scope: Scope) -> bool:
    """Whether the dialog can show a scope: one group of accounts, services and one tag, nothing left out."""
    if len(scope.groups) > 1:
        return False
    conditions = scope.groups[0] if scope.groups else ()
    keyed = sum(":" in each.dimension for each in conditions)
    plain = sum(each.dimension in DIMENSIONS for each in conditions)
    return keyed <= 1 and keyed + plain == len(conditions) and not any(each.exclude for each in conditions)


def _decimal(text: str, name: str) -> Decimal:
    """A number as people write it: `50000`, `50,000`, `50 000.50`. InputError names the field."""
    try:
        found = Decimal("".join(text.replace(",", "").replace("$", "").split()))
    except InvalidOperation:
        raise InputError(name, f"{name} must be a number such as 50000 or 1250.50") from None
    if not found.is_finite():
        raise InputError(name, f"{name} must be a number such as 50000 or 1250.50")
    return found


def _thresholds_of(actual: Sequence[str], forecast: Sequence[str]) -> tuple[Threshold, ...]:
    made = [Threshold(Basis.ACTUAL, _decimal(text.rstrip("% "), "thresholds")) for text in actual]
    made += [Threshold(Basis.FORECAST, _decimal(text.rstrip("% "), "thresholds")) for text in forecast]
    return tuple(dict.fromkeys(made))
