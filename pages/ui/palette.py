"""Colours by name, and the one map that gives every service the same colour on all pages.

The values are placeholders: Streamlit's front end swaps them for the colours of `.streamlit/config.toml`, light or
dark. Slots 1–7 are series, 8 is "Other"; 9 is axis ink, 10 the gridline; green and red mean better and worse and
nothing else.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from finops.model.service_names import short_service

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SERIES = tuple(f"#00000{slot}" for slot in range(1, 9))
OTHER = 8
ACCENT = SERIES[0]
INK = "#000009"
GRID = "#000010"
BAND = "#000012"
BETTER = "#000021"
WORSE = "#000030"

HOME_SLOTS: Mapping[str, int] = MappingProxyType(
    {
        "Amazon Elastic Compute Cloud - Compute": 1,
        "Amazon Relational Database Service": 2,
        "Amazon Bedrock": 3,
        "Amazon Simple Storage Service": 4,
        "Amazon Elastic Container Service for Kubernetes": 5,
        "Amazon Elastic Kubernetes Service": 5,
        "AmazonCloudWatch": 6,
        "Amazon CloudWatch": 6,
        "AWS Lambda": 7,
    }
)
"""Services whose slot is fixed everywhere (LOOK.md), as Cost Explorer and FOCUS spell them."""


def short_name(dimension: str, value: str) -> str:
    """What a chart writes for a value: `EC2` for the long service name; other dimensions keep their own spelling."""
    return short_service(value) if dimension == "service" else value


def slots(dimension: str, values: Iterable[str]) -> dict[str, int]:
    """The slot of each value that has one, from all values of a tenant, largest cost first.

    Fixed services keep their home; the seats they leave free go to the largest of the others. Whoever finds no seat is
    drawn as "Other". The map depends on what the tenant holds, never on filters, so colours stay put from page to page.
    """
    ordered = list(dict.fromkeys(values))
    homes = HOME_SLOTS if dimension == "service" else {}
    taken = {value: homes[value] for value in ordered if value in homes}
    free = [slot for slot in range(1, OTHER) if slot not in taken.values()]
    others = [value for value in ordered if value not in taken]
    return taken | dict(zip(others, free, strict=False))


def colour(slot: int) -> str:
    """The placeholder of a slot, 1 to 8."""
    return SERIES[slot - 1]


def guest_slots(known: Mapping[str, int], shown: Sequence[str]) -> dict[str, int]:
    """Slots for one chart.

    Values with a seat keep it, and the largest without one borrow seats nobody in this chart uses.
    """
    first_of = {known[value]: value for value in reversed(shown) if value in known}
    seated = {value: slot for slot, value in first_of.items()}
    free = [slot for slot in range(1, OTHER) if slot not in seated.values()]
    guests = [value for value in shown if value not in seated]
    return seated | dict(zip(guests, free, strict=False))
