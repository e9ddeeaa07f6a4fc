"""What Cost Explorer groups by and filters on, read off the lines of the made-up bill, and its filter expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from finops.demo.estate import CATEGORY, TAG_KEYS, Estate
from finops.demo.wire import invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from finops.demo.usage import Line

Mask = NDArray[np.bool_]

_PURCHASE_TYPES = {
    "SavingsPlanCoveredUsage": "Savings Plans",
    "SavingsPlanNegation": "Savings Plans",
    "SavingsPlanRecurringFee": "Savings Plans",
    "SavingsPlanUpfrontFee": "Savings Plans",
    "DiscountedUsage": "Standard Reserved Instances",
    "RIFee": "Standard Reserved Instances",
    "Fee": "Standard Reserved Instances",
}


def _instance_type(line: Line) -> str:
    _, _, name = line.usage_type.partition("Usage:")
    return name if name.count(".") and line.unit == "Hrs" else "NoInstanceType"


def _purchase_type(line: Line) -> str:
    on_demand = "Spot Instances" if "SpotUsage" in line.usage_type else "On Demand Instances"
    return _PURCHASE_TYPES.get(line.record_type, on_demand)


def _constant(value: str) -> Callable[[Line], str]:
    return lambda _: value


_READ: dict[str, Callable[[Line], str]] = {
    "SERVICE": lambda line: line.service,
    "LINKED_ACCOUNT": lambda line: line.account,
    "REGION": lambda line: line.region,
    "USAGE_TYPE": lambda line: line.usage_type,
    "RECORD_TYPE": lambda line: line.record_type,
    "INSTANCE_TYPE": _instance_type,
    "PURCHASE_TYPE": _purchase_type,
    "AZ": _constant("NoAZ"),
    "OPERATION": _constant("NoOperation"),
    "PLATFORM": _constant("NoPlatform"),
    "TENANCY": _constant("NoTenancy"),
    "LEGAL_ENTITY_NAME": _constant("Amazon Web Services, Inc."),
    "INVOICING_ENTITY": _constant("Amazon Web Services, Inc."),
}
"""The dimensions Cost Explorer can group by; the bill has no detail for those that are constant."""

FILTERABLE = (*_READ, "LINKED_ACCOUNT_NAME", "PAYER_ACCOUNT", "BILLING_ENTITY")
"""The dimensions a filter may name here."""

LEAST_OPERANDS = 2
_NAMED_GROUPS = ("DIMENSION", "TAG", "COST_CATEGORY")


def dimension_labels(lines: Sequence[Line], key: str, *, estate: Estate) -> list[str] | None:
    """The value of a dimension for every line, or None for a dimension the bill does not know.

    Only a bill by resource knows RESOURCE_ID.
    """
    if key == "RESOURCE_ID":
        return [line.resource for line in lines] if lines and lines[0].resource else None
    if key == "LINKED_ACCOUNT_NAME":
        names = {account.account_id: account.name for account in estate.members}
        return [names[line.account] for line in lines]
    constants = {"PAYER_ACCOUNT": estate.management.account_id, "BILLING_ENTITY": "AWS"}
    read = _READ.get(key) or (_constant(constants[key]) if key in constants else None)
    return None if read is None else [read(line) for line in lines]


def tag_labels(lines: Sequence[Line], key: str) -> list[str]:
    """The value of a tag for every line; empty where it is not set or the key was never activated."""
    if key not in TAG_KEYS:
        return [""] * len(lines)
    position = TAG_KEYS.index(key)
    return [line.tag_values[position] for line in lines]


def category_labels(lines: Sequence[Line], name: str) -> list[str]:
    """The value of a cost category for every line; empty where no rule applies or the category does not exist."""
    return [line.team if name == CATEGORY else "" for line in lines]


def group_labels(lines: Sequence[Line], group: Mapping[str, Any], *, estate: Estate) -> list[str]:
    """The group key of every line as Cost Explorer spells it: a value, or `Key$Value` for tags and categories."""
    kind, key = group.get("Type"), group.get("Key") or ""
    if kind not in _NAMED_GROUPS:
        raise invalid("Group Definition type is invalid.")
    if not key:
        raise invalid("Group Definition key is missing.")
    if kind == "DIMENSION":
        labels = dimension_labels(lines, key, estate=estate) if key in {*_READ, "RESOURCE_ID"} else None
        if labels is None and key == "RESOURCE_ID":
            raise invalid("RESOURCE_ID is only supported by GetCostAndUsageWithResources.")
        if labels is None:
            raise invalid(f"Group Definition dimension is invalid: {key}")
        return labels
    labels = tag_labels(lines, key) if kind == "TAG" else category_labels(lines, key)
    return [f"{key}${value}" for value in labels]


def matching(expression: Mapping[str, Any], lines: Sequence[Line], *, estate: Estate) -> Mask:
    """Which lines a filter expression keeps. ValidationException for one that breaks Cost Explorer's rules."""
    if len(expression) != 1:
        raise invalid("Expression must have exactly one root operator.")
    operator, body = next(iter(expression.items()))
    if operator in {"And", "Or"}:
        if len(body) < LEAST_OPERANDS:
            raise invalid(f"Expression {operator} must have at least {LEAST_OPERANDS} operands.")
        masks = np.array([matching(part, lines, estate=estate) for part in body], dtype=bool)
        return np.asarray(masks.all(axis=0) if operator == "And" else masks.any(axis=0), dtype=bool)
    if operator == "Not":
        return ~matching(body, lines, estate=estate)
    return _leaf(operator, body, lines=lines, estate=estate)


def _leaf(operator: str, body: Mapping[str, Any], *, lines: Sequence[Line], estate: Estate) -> Mask:
    options = set(body.get("MatchOptions") or ())
    allowed = {"EQUALS", "CASE_SENSITIVE"} | (set() if operator == "Dimensions" else {"ABSENT"})
    if options - allowed:
        raise invalid(f"Match options {sorted(options - allowed)} are not supported for {operator}.")
    labels = np.array(_leaf_labels(operator, body.get("Key") or "", lines=lines, estate=estate), dtype=object)
    if "ABSENT" in options:
        if body.get("Values"):
            raise invalid("Values must be empty when the match option is ABSENT.")
        return np.asarray(labels == "", dtype=bool)
    if not body.get("Values"):
        raise invalid("Filter values must not be empty.")
    wanted = set(body["Values"])
    return np.fromiter((label in wanted for label in labels), dtype=bool, count=len(lines))


def _leaf_labels(operator: str, key: str, *, lines: Sequence[Line], estate: Estate) -> list[str]:
    if not key:
        raise invalid(f"The key of {operator} is missing.")
    if operator == "Tags":
        return tag_labels(lines, key)
    if operator == "CostCategories":
        return category_labels(lines, key)
    labels = dimension_labels(lines, key, estate=estate) if operator == "Dimensions" else None
    if labels is None:
        raise invalid(f"Filter on {operator} {key} is not supported for this operation.")
    return labels
