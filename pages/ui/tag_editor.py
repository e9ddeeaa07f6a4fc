"""The fields of one rule: what they show goes into the draft at every run, and a fault is told below its field."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import streamlit as st

from finops.model.tagging import EVERYTHING, MAX_KEY, ValueCase
from pages.ui import names, numbers
from pages.ui.tag_draft import CHOSEN, add_rule, remove_rule
from pages.ui.text import escaped, plain_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streamlit.delta_generator import DeltaGenerator

    from pages.ui.tag_answers import Answers
    from pages.ui.tag_draft import Draft, RuleDraft

LONG_AGO, FAR_OFF = date(2006, 1, 1), date(2100, 1, 1)
MOST_OPTIONS = 200
CASE_NAMES = {ValueCase.STRICT: "Letter for letter", ValueCase.NORMALISE: "Any case"}
Slots = dict[str, "DeltaGenerator"]


def choose(draft: Draft) -> RuleDraft | None:
    """The rule to edit, and buttons to add and remove one."""
    by_number = {rule.number: rule for rule in draft.rules}
    if st.session_state.get(CHOSEN) not in by_number:
        st.session_state[CHOSEN] = next(iter(by_number), None)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen: int | None = st.selectbox(
            "Rule",
            list(by_number),
            key=CHOSEN,
            format_func=lambda number: rule_name(by_number[number]),
            width=200,
            disabled=not by_number,
        )
        st.button("Add", key="tags.rule.add", icon=":material/add:", on_click=add_rule)
        if chosen is not None:
            st.button("Remove", key="tags.rule.remove", icon=":material/delete:", on_click=remove_rule, args=(chosen,))
    return None if chosen is None else by_number.get(chosen)


def rule_name(rule: RuleDraft) -> str:
    """What a rule is called: its key, as its field shows it already."""
    key = st.session_state.get(f"tags.rule.{rule.number}.key", rule.document.get("key"))
    return plain_line(str(key or ""), limit=128) or "New rule"


def fields(answers: Answers, rule: RuleDraft) -> Slots:
    """Draws the fields of a rule and puts what they show into its document; where faults go, by field."""
    form, document = Form(answers, rule), rule.document
    left, right = st.columns(2, gap="small")
    with left:
        document["key"] = form.text("key", "Key")
        document["values"] = form.several(
            "values", "Allowed values", none="Any value", ends="One * stands for anything."
        )
        document["kinds"] = form.kinds("kinds", "Resource types", none="None chosen")
    with right:
        document["aliases"] = form.several("aliases", "Other spellings of the key", none="None")
        form.flags()
    form.exemption()
    with st.expander("More", type="compact"):
        told = "Regular expressions for a whole value."
        document["patterns"] = form.several("patterns", "Allowed patterns", none="None", ends=told)
        document["required_kinds"] = form.kinds("required_kinds", "Required only of", none="Wherever the rule applies")
    return form.slots


@dataclass(frozen=True)
class Form:
    """The fields of one rule. Below each of them is a slot for its fault."""

    answers: Answers
    rule: RuleDraft
    slots: Slots = field(default_factory=dict)

    def _widget(self, name: str, value: object) -> str:
        """The key of a field, which shows the draft's value when it is drawn anew."""
        key = f"tags.rule.{self.rule.number}.{name}"
        if key not in st.session_state:
            st.session_state[key] = value
        return key

    def text(self, name: str, label: str) -> str:
        """A line of text."""
        key = self._widget(name, str(self.rule.document.get(name) or ""))
        found = st.text_input(label, key=key, max_chars=MAX_KEY)
        self.slots[name] = st.empty()
        return (found or "").strip()

    def several(self, name: str, label: str, *, none: str, ends: str = "") -> list[str]:
        """Texts that are typed in."""
        told = f"Type one and press Enter. {ends}".strip()
        return self._list(name, label, known=(), none=none, told=told)

    def kinds(self, name: str, label: str, *, none: str) -> list[str]:
        """Patterns of kinds, those of the inventory offered."""
        offered = self.answers.offered
        known = (EVERYTHING, *(f"{each}:*" for each in offered["service"]), *offered["kind"])[:MOST_OPTIONS]
        told = "* is every type, ec2:* all of a service, ec2:instance one of them."
        return self._list(name, label, known=known, none=none, told=told)

    def _list(self, name: str, label: str, *, known: Sequence[str], none: str, told: str) -> list[str]:
        held = list(self.rule.document.get(name) or [])
        key = self._widget(name, held)
        found: list[str] = st.multiselect(
            label,
            list(dict.fromkeys((*known, *held, *(st.session_state[key] or [])))),
            key=key,
            accept_new_options=True,
            wrap=True,
            placeholder=none,
            help=told,
        )
        self.slots[name] = st.empty()
        return list(found)

    def flags(self) -> None:
        """How values are compared, from when on, whether it must be there, and whether the account's counts."""
        document = self.rule.document
        case = ValueCase(document.get("case") or ValueCase.STRICT)
        shown = st.segmented_control(
            "Values are compared",
            list(ValueCase),
            key=self._widget("case", case),
            format_func=CASE_NAMES.__getitem__,
            required=True,
        )
        document["case"] = str(shown or case)
        told = "Older ones are exempt."
        document["since"] = self._day("since", "Only assets created since", held=document.get("since"), told=told)
        required = self._widget("required", bool(document.get("required", True)))
        inherit = self._widget("inherit", bool(document.get("inherit", False)))
        told = "Where an asset has no tag of its own, its account's is taken."
        with st.container(horizontal=True, gap="medium"):
            document["required"] = st.toggle("Required", key=required)
            document["inherit"] = st.toggle("Account's tag counts", key=inherit, help=told)

    def _day(self, name: str, label: str, *, held: object, told: str) -> str | None:
        key = self._widget(name, date.fromisoformat(str(held)) if held else None)
        found: Any = st.date_input(
            label, value=None, min_value=LONG_AGO, max_value=FAR_OFF, key=key, format="YYYY-MM-DD", help=told
        )
        self.slots[name] = st.empty()
        return found.isoformat() if isinstance(found, date) else None

    def exemption(self) -> None:
        """The first exemption in fields; further ones stay as they are."""
        held: list[dict[str, Any]] = list(self.rule.document.get("exemptions") or [])
        first, rest = (held[0] if held else {}), held[1:]
        columns = st.columns([1, 1.4, 1.4], gap="small")
        with columns[0]:
            told = "The day itself is judged again."
            until = self._day("until", "Exempt until", held=first.get("until"), told=told)
        with columns[1]:
            key = self._widget("reason", str(first.get("reason") or ""))
            reason = st.text_input("Reason", key=key, max_chars=500, disabled=until is None)
        with columns[2]:
            accounts = self._accounts(list(first.get("accounts") or []), off=until is None)
        self.slots["exemptions"] = st.empty()
        made = [{**first, "until": until, "reason": reason or "", "accounts": accounts}] if until else []
        self.rule.document["exemptions"] = [*made, *rest]
        if rest:
            st.markdown(f":small[:gray[And {numbers.counted(len(rest), 'more exemption')}, in the rule, untouched.]]")

    def _accounts(self, held: list[str], *, off: bool) -> list[str]:
        key, known = self._widget("accounts", held), self.answers.accounts
        found: list[str] = st.multiselect(
            "In accounts",
            list(dict.fromkeys((*known, *(st.session_state[key] or [])))),
            key=key,
            format_func=names.option_name("account", known),
            placeholder="All",
            disabled=off,
        )
        return list(found)


def tell(slots: Mapping[str, DeltaGenerator], name: str, message: str) -> bool:
    """Says a fault below its field; False where the field is not drawn."""
    slot = slots.get(name)
    if slot is None:
        return False
    slot.error(escaped(message), icon=":material/error:")
    return True
