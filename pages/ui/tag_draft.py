"""The policy under work: rules as the editor's fields have them, until they are saved or thrown away."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import streamlit as st

from finops.model.errors import InputError
from finops.model.tagging import EVERYTHING, ValueCase
from finops.tagging.aws_policy import imported
from finops.tagging.policy import policy_document, policy_of

if TYPE_CHECKING:
    from finops.model.tagging import Policy, PolicyVersion

DRAFT = "tags.draft"
CHOSEN = "tags.rule"
_COUNT = "tags.rules.made"
_AT_FAULT = re.compile(r"rules\[(\d+)\](?:\.([a-z_]+))?")
NEW_RULE: dict[str, Any] = {"key": "", "kinds": [EVERYTHING], "case": str(ValueCase.STRICT)}


@dataclass
class RuleDraft:
    """One rule as a document. `number` stays while the rule is moved about: the editor's fields are named by it."""

    number: int
    document: dict[str, Any]


@dataclass
class Draft:
    """A tenant's policy that began as version `over`."""

    tenant: str
    over: int
    rules: list[RuleDraft]
    rest: dict[str, Any] = field(default_factory=dict)
    began: dict[str, Any] = field(default_factory=dict)

    @property
    def document(self) -> dict[str, Any]:
        """The policy as a document, sound or not."""
        return self.rest | {"rules": [rule.document for rule in self.rules]}

    @property
    def changed(self) -> bool:
        """Whether it differs from what it began as; a faulty one does."""
        try:
            return policy_document(policy_of(self.document)) != self.began
        except InputError:
            return True

    def place(self, number: int) -> int | None:
        """Where a rule stands."""
        return next((place for place, rule in enumerate(self.rules) if rule.number == number), None)


def current(tenant: str, held: PolicyVersion) -> Draft:
    """The session's draft; a new one where there is none of the tenant, or an untouched one of another version."""
    found: Draft | None = st.session_state.get(DRAFT)
    if found is None or found.tenant != tenant or (found.over != held.version and not found.changed):
        return begin(tenant, held.policy, held=held)
    return found


def begin(tenant: str, policy: Policy, *, held: PolicyVersion) -> Draft:
    """A draft with the rules of a policy, on top of the version that holds; changed where it is not that one's."""
    document = copy.deepcopy(policy_document(policy))
    rules = [RuleDraft(_next(), each) for each in document.pop("rules")]
    draft = Draft(tenant, held.version, rules, document, policy_document(held.policy))
    st.session_state[DRAFT] = draft
    st.session_state.pop(CHOSEN, None)
    return draft


def throw_away() -> None:
    """Back to the policy that holds."""
    st.session_state.pop(DRAFT, None)
    st.session_state.pop(CHOSEN, None)


def add_rule() -> None:
    """A further rule without a key, open in the editor."""
    draft: Draft = st.session_state[DRAFT]
    made = RuleDraft(_next(), copy.deepcopy(NEW_RULE))
    draft.rules.append(made)
    st.session_state[CHOSEN] = made.number


def remove_rule(number: int) -> None:
    """Takes a rule out; the one before it is open then."""
    draft: Draft = st.session_state[DRAFT]
    place = draft.place(number)
    if place is not None:
        del draft.rules[place]
        st.session_state.pop(CHOSEN, None)
        if draft.rules:
            st.session_state[CHOSEN] = draft.rules[max(place - 1, 0)].number


def fault_of(error: InputError) -> tuple[int | None, str]:
    """The place of the rule at fault and its field; None where the fault is the policy's."""
    found = _AT_FAULT.match(error.field)
    return (int(found[1]), found[2] or "key") if found else (None, "")


def policy_in(text: str | bytes) -> Policy:
    """The policy of a file: AWS's tag policy, or the document of our own. InputError for another."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError("policy", "the file is not JSON") from None
    return policy_of(found) if isinstance(found, dict) and "rules" in found else imported(text)


def _next() -> int:
    number: int = st.session_state.get(_COUNT, 0) + 1
    st.session_state[_COUNT] = number
    return number
