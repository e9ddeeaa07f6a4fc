"""The cross-sections asked of Cost Explorer, and the equal request for any question.

Cost Explorer groups by two things at most, so what pages need is kept as cubes of two dimensions.
`charge_type_service` is the control cube: it is asked first, tells which days changed, and is what the other cubes
must add up to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finops.model.costs import CubeSpec, Filter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

COST_EXPLORER = "cost_explorer"
FOCUS = "focus"
LINES = "lines"

CONTROL = CubeSpec("charge_type_service", ("charge_type", "service"))

RESOURCES = CubeSpec("service_resource", ("service", "resource"))
"""What single resources cost, where the account has opted in: asked by another operation, for the last days only."""
NO_RESOURCE = "NoResourceId"
"""Cost Explorer's name for what is charged to no resource."""
UNTOLD_CHARGES = ("Tax",)
"""Charge types left out of RESOURCES: the operation demands a filter, and no resource carries tax."""

_FIXED = (
    CONTROL,
    CubeSpec("charge_type_account", ("charge_type", "account")),
    CubeSpec("account_service", ("account", "service")),
    CubeSpec("service_region", ("service", "region")),
    CubeSpec("service_usage_type", ("service", "usage_type")),
)

GROUP_KEYS: dict[str, str] = {
    "service": "SERVICE",
    "account": "LINKED_ACCOUNT",
    "region": "REGION",
    "usage_type": "USAGE_TYPE",
    "charge_type": "RECORD_TYPE",
}
"""Dimensions Cost Explorer knows, and its names for them (`GroupDefinition`, `DimensionValues`)."""

CONTROL_CUBES: dict[str, str] = {COST_EXPLORER: CONTROL.name, FOCUS: "account_service"}
"""The cube of each source that holds all of its cost with charge types, to check others against."""


def wanted_cubes(
    tag_keys: Sequence[str], categories: Sequence[str], *, resources: bool = False
) -> tuple[CubeSpec, ...]:
    """Every cube to keep from Cost Explorer, the control cube first. Each costs at least one request a refresh.

    Resources come last: where they are not opted in to, everything else has been fetched.
    """
    keyed = [f"tag:{key}" for key in tag_keys] + [f"category:{name}" for name in categories]
    return (*_FIXED, *map(cube_named, keyed), *((RESOURCES,) if resources else ()))


def cube_named(name: str) -> CubeSpec:
    """A cube asked of Cost Explorer, by its name."""
    return next((cube for cube in (*_FIXED, RESOURCES) if cube.name == name), CubeSpec(name, (name, "account")))


def group_definition(dimension: str) -> tuple[str, str] | None:
    """Cost Explorer's (Type, Key) of a dimension; None for one it cannot group by."""
    if dimension in GROUP_KEYS:
        return ("DIMENSION", GROUP_KEYS[dimension])
    kind, _, key = dimension.partition(":")
    return ({"tag": "TAG", "category": "COST_CATEGORY"}[kind], key) if key else None


def expression(filters: Iterable[Filter]) -> dict[str, Any] | None:
    """Cost Explorer's filter expression for and-ed filters; None for no filter.

    ValueError for a dimension Cost Explorer does not know: there is no equal request then.
    """
    terms = [_term(condition) for condition in filters]
    if not terms:
        return None
    return terms[0] if len(terms) == 1 else {"And": terms}


def _term(condition: Filter) -> dict[str, Any]:
    definition = group_definition(condition.dimension)
    if definition is None or not condition.values:
        raise ValueError(f"Cost Explorer cannot filter on {condition.dimension}")
    kind, key = definition
    if kind == "DIMENSION":
        node: dict[str, Any] = {"Dimensions": {"Key": key, "Values": list(condition.values)}}
    else:
        node = _keyed("Tags" if kind == "TAG" else "CostCategories", key, condition.values)
    return {"Not": node} if condition.exclude else node


def _keyed(kind: str, key: str, values: Sequence[str]) -> dict[str, Any]:
    """A tag or category condition; the empty value means that the key is absent (`MatchOptions: ABSENT`)."""
    nodes: list[dict[str, Any]] = []
    present = [value for value in values if value]
    if present:
        nodes.append({kind: {"Key": key, "Values": present}})
    if "" in values:
        nodes.append({kind: {"Key": key, "MatchOptions": ["ABSENT"]}})
    return nodes[0] if len(nodes) == 1 else {"Or": nodes}
