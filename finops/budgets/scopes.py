"""Scopes as sums: or-ed groups of filters become parts that share no cost, so that each cost is counted once.

A group is a box: for each dimension the values that are in, or those that are out. What of a group lies outside the
groups before it is again boxes, cut dimension by dimension: nothing is estimated and nothing counted twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.model.costs import Filter
from finops.model.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from finops.model.budgets import Filters

Side = tuple[bool, frozenset[str]]
"""Whether the values are left out, and the values."""
Box = dict[str, Side]

MOST_PARTS = 60


def disjoint(groups: Sequence[Filters]) -> tuple[Filters, ...]:
    """Parts that share no cost and together are the groups; one part without filters where there are no groups.

    InputError for groups that overlap in so many ways that they fall into more than 60 parts.
    """
    if not groups:
        return ((),)
    parts: list[Box] = []
    for group in groups:
        fresh = [box] if (box := _box(group)) is not None else []
        for taken in tuple(parts):
            fresh = [piece for box in fresh for piece in _outside(box, taken)]
        parts.extend(fresh)
        if len(parts) > MOST_PARTS:
            raise InputError("scope", f"the groups overlap in so many ways that they make more than {MOST_PARTS} parts")
    return tuple(_filters(box) for box in _merged(parts))


def within(groups: Sequence[Filters], cost: Mapping[str, str]) -> bool:
    """Whether a cost with these values is in any of the groups; "" stands for no value."""
    return not groups or any(all(_holds(condition, cost) for condition in group) for group in groups)


def _holds(condition: Filter, cost: Mapping[str, str]) -> bool:
    return (cost.get(condition.dimension, "") in condition.values) is not condition.exclude


def _box(group: Filters) -> Box | None:
    """The box of and-ed filters; None where they leave nothing."""
    box: Box = {}
    for condition in group:
        side = (condition.exclude, frozenset(condition.values))
        box[condition.dimension] = _both(box[condition.dimension], side) if condition.dimension in box else side
    return None if any(_empty(side) for side in box.values()) else box


def _both(one: Side, other: Side) -> Side:
    if one[0] and other[0]:
        return (True, one[1] | other[1])
    if one[0]:
        return (False, other[1] - one[1])
    return (False, one[1] - other[1] if other[0] else one[1] & other[1])


def _empty(side: Side) -> bool:
    return not side[0] and not side[1]


def _outside(box: Box, taken: Box) -> list[Box]:
    """The parts of a box outside another one: its cut along each dimension of the other in turn."""
    found, inside = [], dict(box)
    for dimension, (excluded, values) in taken.items():
        here = inside.get(dimension, (True, frozenset()))
        beyond = _both(here, (not excluded, values))
        if not _empty(beyond):
            found.append({**inside, dimension: beyond})
        inside[dimension] = _both(here, (excluded, values))
        if _empty(inside[dimension]):
            return [box]  # they share nothing: no cut is needed
    return found


def _merged(parts: list[Box]) -> list[Box]:
    """The same with boxes put together that differ in the values of one dimension only: fewer questions to ask."""
    found = list(parts)
    for place in range(len(found)):
        for other in range(len(found) - 1, place, -1):
            whole = _put_together(found[place], found[other]) if place < len(found) else None
            if whole is not None:
                found[place] = whole
                del found[other]
    return found


def _put_together(one: Box, other: Box) -> Box | None:
    apart = [name for name in one if other.get(name) != one[name]]
    if one.keys() != other.keys() or len(apart) != 1:
        return None
    mine, theirs = one[apart[0]], other[apart[0]]
    return None if mine[0] or theirs[0] else {**one, apart[0]: (False, mine[1] | theirs[1])}


def _filters(box: Box) -> Filters:
    return tuple(
        Filter(dimension, tuple(sorted(values)), exclude=excluded)
        for dimension, (excluded, values) in box.items()
        if values or not excluded
    )
