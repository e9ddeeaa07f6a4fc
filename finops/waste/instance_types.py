"""EC2 instance types by their names: family and size, the next size down, and the generation that superseded a family.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-types.html lists types, and those of previous generations;
https://aws.amazon.com/ec2/previous-generation/ names what to move to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (
    "nano", "micro", "small", "medium", "large", "xlarge", "2xlarge", "3xlarge", "4xlarge", "6xlarge", "8xlarge",
    "9xlarge", "10xlarge", "12xlarge", "16xlarge", "18xlarge", "24xlarge", "32xlarge", "48xlarge",
)  # fmt: skip
"""From the smallest up. Bare metal is none of them: it is not one step away from anything."""

SUPERSEDED = {
    "t1": "t3", "t2": "t3",
    "m1": "m6i", "m2": "r6i", "m3": "m6i", "m4": "m6i",
    "c1": "c6i", "c3": "c6i", "c4": "c6i",
    "r3": "r6i", "r4": "r6i",
    "a1": "m6g",
}  # fmt: skip
"""Families of previous generations, and the family that runs the same software for less."""

_ELSEWHERE = {
    "m1.small": "t3.small", "m1.medium": "t3.medium", "m3.medium": "t3.medium",
    "c1.medium": "c6i.large", "c1.xlarge": "c6i.2xlarge",
    "m2.xlarge": "r6i.large", "m2.2xlarge": "r6i.xlarge", "m2.4xlarge": "r6i.2xlarge",
    "m4.10xlarge": "m6i.12xlarge",
}  # fmt: skip
"""Types whose size the new family does not have: the smallest that has as many vCPUs, or more, and as much memory."""


class InstanceType(NamedTuple):
    """`m6i.2xlarge` in its two parts."""

    family: str
    size: str

    def __str__(self) -> str:
        return f"{self.family}.{self.size}"


def instance_type(name: object) -> InstanceType | None:
    """The parts of a type's name; None for what is no such name."""
    if not isinstance(name, str):
        return None
    family, _, size = name.partition(".")
    return InstanceType(family, size) if family and size else None


def one_size_down(name: object, exists: Callable[[str], bool]) -> str | None:
    """The next smaller type of the same family that exists.

    None for the smallest one, for bare metal and for what is no type.
    """
    found = instance_type(name)
    if found is None or found.size not in SIZES:
        return None
    smaller = (str(found._replace(size=size)) for size in reversed(SIZES[: SIZES.index(found.size)]))
    return next((each for each in smaller if exists(each)), None)


def is_superseded(name: object) -> bool:
    """Whether a type belongs to a previous generation."""
    found = instance_type(name)
    return found is not None and found.family in SUPERSEDED


def superseding(name: object) -> str | None:
    """The type that superseded it, of the same size where there is one; None where it is of a current generation."""
    found = instance_type(name)
    if found is None or found.family not in SUPERSEDED:
        return None
    return _ELSEWHERE.get(str(found), str(found._replace(family=SUPERSEDED[found.family])))
