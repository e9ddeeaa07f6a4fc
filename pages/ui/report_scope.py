"""The fields that narrow a report, made of its definition. A fault is told below the field that it is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from finops.model.assets import AssetFilter
from finops.model.people import Right
from pages.ui import names
from pages.ui.cache import remembered
from pages.ui.provenance import METRIC_NAMES, SOURCE_NAMES
from pages.ui.text import escaped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streamlit.delta_generator import DeltaGenerator

    from finops.model.errors import InputError
    from finops.reports import Definition
    from finops.reports.definition import Parameter
    from pages.ui.report_answers import Answers

COLUMNS = 3
MOST_OPTIONS = 300
MOST_MONTHS = 13
FILTERS = "filters"
LABELS = {
    "account": "Accounts",
    "service": "Services",
    "region": "Regions",
    "kind": "Kinds",
    "check": "Checks",
    "category": "Categories",
    "severity": "Severities",
    "search": "Words",
    "group_by": "Group by",
    "tag": "Tag",
    "split": "Untagged cost",
    "months": "Months",
}
_ASSETS = frozenset({"account", "region", "service", "kind"})
_COSTS = frozenset({Right.VIEW_COSTS, Right.VIEW_ANOMALIES})
Values = dict[str, tuple[str, ...]]


@dataclass
class ScopeFields:
    """Widgets for the parameters of one report. `place` tells its keys from those of other forms.

    `held` is what the fields show when they are drawn first.
    """

    answers: Answers
    definition: Definition
    place: str
    held: Mapping[str, Sequence[str]]
    slots: dict[str, DeltaGenerator] = field(default_factory=dict)

    def draw(self) -> Values:
        """Draws them; the values of those that are set."""
        found: Values = {}
        parameters = self.definition.parameters
        for start in range(0, len(parameters), COLUMNS):
            for column, parameter in zip(
                st.columns(COLUMNS, gap="small"), parameters[start : start + COLUMNS], strict=False
            ):
                with column:
                    found[parameter.name] = self._field(parameter)
                    self.slots[parameter.name] = st.empty()
        if self.definition.filters:
            found |= self._others()
        return {name: values for name, values in found.items() if values}

    def tell(self, error: InputError) -> bool:
        """Says a fault below its field; False where that is none of these."""
        slot = self.slots.get(error.field)
        if slot is None:
            return False
        slot.error(escaped(error.message), icon=":material/error:")
        return True

    def _field(self, parameter: Parameter) -> tuple[str, ...]:
        known = choices(self.answers, self.definition, parameter)
        label = LABELS.get(parameter.name, parameter.name.replace("_", " ").capitalize())
        told = parameter.help.partition(";")[0]
        if parameter.many:
            return self._several(parameter, known, label, told)
        if known:
            return self._one(parameter.name, known, label, told)
        key = self._key(parameter.name, next(iter(self.held.get(parameter.name, ())), ""))
        found = " ".join((st.text_input(label, key=key, help=told, placeholder="Any") or "").split())
        return (found,) if found else ()

    def _one(self, name: str, known: Mapping[str, str], label: str, told: str) -> tuple[str, ...]:
        key = self._key(name, next(iter(self.held.get(name, ())), ""))
        now = st.session_state[key]
        options = list(dict.fromkeys(("", *known, *([now] if now else []))))
        chosen: str = st.selectbox(
            label, options, key=key, help=told, format_func=lambda value: known.get(value, value) if value else "Usual"
        )
        return (chosen,) if chosen else ()

    def _several(self, parameter: Parameter, known: Mapping[str, str], label: str, told: str) -> tuple[str, ...]:
        key = self._key(parameter.name, list(self.held.get(parameter.name, ())))
        chosen: list[str] = st.multiselect(
            label,
            list(dict.fromkeys((*list(known)[:MOST_OPTIONS], *(st.session_state[key] or ())))),
            key=key,
            help=told,
            format_func=lambda value: known.get(value, value),
            accept_new_options=not parameter.choices,
            placeholder="All",
        )
        return tuple(chosen)

    def _others(self) -> Values:
        """Any other dimension of cost, written as on the command line."""
        mine = {name: values for name, values in self.held.items() if name not in self.definition.known}
        key = self._key(FILTERS, [f"{name}={value}" for name, values in mine.items() for value in values])
        texts: list[str] = st.multiselect(
            "Other filters",
            list(st.session_state[key] or ()),
            key=key,
            accept_new_options=True,
            placeholder="tag:Team=web",
            help="Type `tag:Team=web`, `usage_type=…` or `exclude:service=…` and press Enter.",
        )
        slot = st.empty()
        found: dict[str, list[str]] = {}
        for text in texts:
            name, _, value = text.partition("=")
            found.setdefault(name.strip(), []).append(value)
            self.slots[name.strip()] = slot
        return {name: tuple(values) for name, values in found.items()}

    def _key(self, name: str, value: object) -> str:
        key = f"{self.place}.{self.definition.name}.{name}"
        if key not in st.session_state:
            st.session_state[key] = value
        return key


def choices(answers: Answers, definition: Definition, parameter: Parameter) -> dict[str, str]:
    """What a parameter may be, and what each of it is called; empty where anything may be typed."""
    name = parameter.name
    if parameter.choices:
        return {value: value.capitalize() for value in parameter.choices}
    if name == "check":
        return {check.check_id: check.title for check in answers.context.finops.waste.checks}
    if not _COSTS & set(definition.rights):
        return _asset_choices(answers, name) if name in _ASSETS else {}
    offer = answers.offer
    if name in offer.dimensions:
        called = names.option_name(name, answers.accounts)
        return {value: called(value) for value in offer.values.get(name, ()) if value}
    keys = [dimension for dimension in offer.dimensions if dimension.startswith("tag:")]
    return {
        "tag": lambda: {key.removeprefix("tag:"): key.removeprefix("tag:") for key in keys},
        "group_by": lambda: {dimension: names.dimension_name(dimension) for dimension in offer.dimensions},
        "metric": lambda: {str(metric): METRIC_NAMES[metric] for metric in offer.metrics},
        "currency": lambda: {currency: currency for currency in offer.currencies},
        "source": lambda: _sources(answers),
        "months": lambda: {str(count): str(count) for count in range(1, MOST_MONTHS + 1)},
    }.get(name, dict)()


def _sources(answers: Answers) -> dict[str, str]:
    parts = answers.context.finops.costs.coverage(answers.context.tenant)
    return {part.source: SOURCE_NAMES.get(part.source, part.source) for part in parts}


def _asset_choices(answers: Answers, name: str) -> dict[str, str]:
    context = answers.context
    version = context.finops.inventory.version(context.tenant)
    counts = remembered(
        (context.tenant, version, "report choices"),
        lambda: context.finops.inventory.counts(context.tenant, AssetFilter(), tuple(sorted(_ASSETS))),
    )
    called = names.option_name("account", answers.accounts) if name == "account" else str
    return {value: called(value) for value in sorted(counts.get(name, {})) if value}
