"""What a budget of AWS's counts, as groups of our filters: its older cost filters, and its newer filter expression."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from finops.model.budgets import Scope
from finops.model.costs import Filter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from finops.model.budgets import Filters

MOST_GROUPS = 20
_PLAIN = {
    "Service": "service",
    "LinkedAccount": "account",
    "Region": "region",
    "UsageType": "usage_type",
    "RecordType": "charge_type",
    "SERVICE": "service",
    "LINKED_ACCOUNT": "account",
    "REGION": "region",
    "USAGE_TYPE": "usage_type",
    "RECORD_TYPE": "charge_type",
}
_LEFT_OUT = {"IncludeTax": "Tax", "IncludeRefund": "Refund", "IncludeCredit": "Credit"}
"""Cost types that a budget may leave out, and the charge type that is that cost."""
_UNTOLD = {
    "IncludeSupport": "support charges",
    "IncludeSubscription": "subscription charges",
    "IncludeRecurring": "recurring charges",
    "IncludeUpfront": "upfront charges",
    "IncludeOtherSubscription": "other subscription charges",
    "IncludeDiscount": "discounts",
}
_KEYED = {"Tags": "tag", "CostCategories": "category"}
_MATCHES = {"EQUALS", "CASE_SENSITIVE"}


class Unmapped:
    """What cannot be taken over, as sentences, each once."""

    def __init__(self) -> None:
        self._said: dict[str, None] = {}

    def say(self, sentence: str) -> None:
        """Keeps a sentence."""
        self._said[sentence] = None

    @property
    def sentences(self) -> tuple[str, ...]:
        """Everything said."""
        return tuple(self._said)


def scope_of(told: Mapping[str, Any], unmapped: Unmapped) -> Scope:
    """The scope of a budget; what it cannot say is said to `unmapped`."""
    expression = told.get("FilterExpression")
    groups = _groups(expression, unmapped) if expression else _cost_filters(told.get("CostFilters") or {}, unmapped)
    if len(groups) > MOST_GROUPS:
        unmapped.say("Its filter expression has too many alternatives.")
        groups = []
    left_out = _left_out(told.get("CostTypes") or {}, unmapped)
    if left_out:
        groups = [(*group, left_out) for group in groups or [()]]
    return Scope(tuple(group for group in groups if group))


def _left_out(types: Mapping[str, Any], unmapped: Unmapped) -> Filter | None:
    for name, words in _UNTOLD.items():
        if types.get(name) is False:
            unmapped.say(f"It leaves out {words}, which the stored costs do not tell apart.")
    values = tuple(kind for name, kind in _LEFT_OUT.items() if types.get(name) is False)
    return Filter("charge_type", values, exclude=True) if values else None


def _cost_filters(told: Mapping[str, Sequence[str]], unmapped: Unmapped) -> list[Filters]:
    group: list[Filter] = []
    for name, values in told.items():
        if name in _PLAIN:
            group.append(Filter(_PLAIN[name], tuple(map(str, values))))
        elif name in {"TagKeyValue", "CostCategory"}:
            group.extend(_keyed("tag" if name == "TagKeyValue" else "category", values, unmapped))
        else:
            unmapped.say(f"It filters on {name}, which the stored costs do not tell apart.")
    return [tuple(group)] if group else []


def _keyed(kind: str, values: Sequence[str], unmapped: Unmapped) -> list[Filter]:
    """`user:Team$data` and `Team$data` as filters; values of several keys cannot be and-ed or or-ed safely."""
    found: dict[str, list[str]] = {}
    for text in values:
        key, mark, value = str(text).removeprefix("user:").partition("$")
        if not key or not mark:
            unmapped.say(f"It filters on {kind} {text[:80]}, which cannot be read.")
            return []
        found.setdefault(key, []).append(value)
    if len(found) > 1:
        unmapped.say(f"It filters on values of several {kind} keys at once: {', '.join(sorted(found))}.")
        return []
    return [Filter(f"{kind}:{key}", tuple(each)) for key, each in found.items()]


def _groups(node: Mapping[str, Any], unmapped: Unmapped, *, negated: bool = False) -> list[Filters]:
    """An expression as or-ed groups of and-ed filters; negations are pushed down to the filters."""
    if node.get("Not"):
        return _groups(node["Not"], unmapped, negated=not negated)
    for name, is_and in (("And", True), ("Or", False)):
        if node.get(name):
            parts = [_groups(each, unmapped, negated=negated) for each in node[name]]
            if is_and is not negated:
                return _all_of(parts, unmapped)
            return [group for part in parts for group in part]
    leaf = _leaf(node, unmapped, negated=negated)
    return [(leaf,)] if leaf else []


def _all_of(parts: list[list[Filters]], unmapped: Unmapped) -> list[Filters]:
    size = 1
    for part in parts:
        size *= max(1, len(part))
    if size > MOST_GROUPS:
        unmapped.say("Its filter expression has too many alternatives.")
        return []
    return [tuple(each for group in chosen for each in group) for chosen in product(*(part for part in parts if part))]


def _leaf(node: Mapping[str, Any], unmapped: Unmapped, *, negated: bool) -> Filter | None:
    named = next((name for name in ("Dimensions", *_KEYED) if node.get(name)), "")
    told: Mapping[str, Any] = node.get(named) or {}
    key, matches = str(told.get("Key") or ""), set(told.get("MatchOptions") or ())
    values = tuple(map(str, told.get("Values") or ()))
    if matches == {"ABSENT"}:
        values, matches = ("",), set()
    dimension = f"{_KEYED[named]}:{key.removeprefix('user:')}" if named in _KEYED else _PLAIN.get(key, "")
    if not dimension or not values or matches - _MATCHES:
        how = f" by {', '.join(sorted(matches - _MATCHES))}" if matches - _MATCHES else ""
        unmapped.say(f"It filters on {key or next(iter(node), 'nothing')}{how}, which the stored costs do not tell.")
        return None
    return Filter(dimension, values, exclude=negated)
