"""Instances, volumes, databases and functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from finops.demo.metrics.curves import Band
from finops.demo.metrics.groups import NOTHING, ZERO, Banded, Group, by, by_role, counted, level
from finops.demo.population.concurrency import ALIAS, concurrency_of
from finops.demo.population.resource import (
    AVERAGE_AT_LIMIT,
    BUSY,
    CHATTY,
    MAXIMUM_AT_LIMIT,
    OFFICE,
    OVERSIZED,
    QUIET,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from finops.demo.population.resource import Resource

_MEGABYTE = 1e6
_IDLE_NETWORK = (0.5 * _MEGABYTE, 1.5 * _MEGABYTE)

_AVERAGE: Mapping[str, tuple[float, float, float, float]] = {
    BUSY: (22.0, 22.0, 14.0, 0.94),
    QUIET: (6.5, 1.5, 3.5, 0.95),
    OVERSIZED: (7.0, 3.0, 4.0, 0.9),
    OFFICE: (14.0, 2.0, 3.0, 0.06),
}
"""CPU on average, by role: the least, what a resource may have on top for good and for a day, and at weekends."""
_MAXIMUM: Mapping[str, tuple[float, float, float]] = {
    BUSY: (86.0, 98.0, 1.0),
    QUIET: (20.0, 45.0, 1.0),
    OVERSIZED: (22.0, 37.5, 1.0),
    OFFICE: (60.0, 85.0, 0.06),
}
"""CPU at most, by role: never below 1.4 times the average, so that no hour's average passes its maximum."""
_IDLE_AVERAGE, _IDLE_MAXIMUM = (0.8, 0.8, 1.2, 1.0), (4.6, 9.4, 1.0)
_LIMIT_AVERAGE, _LIMIT_MAXIMUM = 5.0, 10.0


def cpu_average(resource: Resource) -> Band:
    """CPU on average: 20 to 70 % where busy, 6 to 15 % where quiet, below 5 % where idle."""
    if resource.quirk == AVERAGE_AT_LIMIT:
        return Band(_LIMIT_AVERAGE, _LIMIT_AVERAGE)
    least, own, day, weekend = _AVERAGE.get(resource.role, _IDLE_AVERAGE)
    low = least + own * level(resource)
    return Band(low, low + day, weekend)


def cpu_maximum(resource: Resource) -> Band:
    """CPU at most: peaks above 10 % where quiet, never 10 % where idle, never 38 % where oversized."""
    if resource.quirk == AVERAGE_AT_LIMIT:
        return Band(7.0, 9.4)
    if resource.quirk == MAXIMUM_AT_LIMIT:
        return Band(6.0, 14.0, cap=_LIMIT_MAXIMUM)
    return Band(*_MAXIMUM.get(resource.role, _IDLE_MAXIMUM))


def _network(outward: float) -> Banded:
    """Bytes a day, by the share of traffic in the bill where there is work; `outward` scales one direction."""

    def band(resource: Resource) -> Band:
        if resource.quirk == CHATTY:
            return Band(80 * _MEGABYTE, 140 * _MEGABYTE, whole=True)
        if resource.role == QUIET:
            return Band(30 * _MEGABYTE * outward, 90 * _MEGABYTE * outward, whole=True)
        if resource.role not in _AVERAGE:
            return Band(*_IDLE_NETWORK, whole=True)
        gigabytes = max(bill.weight for bill in resource.bills)
        weekend = _AVERAGE[resource.role][3]
        return Band(3e8 * gigabytes * outward, 5e8 * gigabytes * outward, weekend, whole=True)

    return band


def _alias(function: Resource) -> Iterator[dict[str, str]]:
    if concurrency_of(function):
        yield {"FunctionName": function.id, "Resource": f"{function.id}:{ALIAS}"}


def _kept_warm(function: Resource) -> Band:
    found = concurrency_of(function)
    return Band(0.35, 0.9) if found is not None and found.used else Band(0, 0)


_CPU: Mapping[str, Banded] = {"Average": cpu_average, "Maximum": cpu_maximum}
_OPERATIONS = {"Sum": by_role({BUSY: counted(4e4, 2e6)}, ZERO)}
_INVOCATIONS = by_role(
    {
        BUSY: counted(500, 2e5, silent=True),
        OVERSIZED: counted(100, 5000, silent=True),
        QUIET: lambda _: Band(-6, 10, whole=True, silent=True),
    },
    NOTHING,
)
_CONNECTIONS = by_role({BUSY: counted(40, 220), OVERSIZED: counted(8, 40), QUIET: counted(2, 6)}, ZERO)

GROUPS = (
    Group(
        "ec2:instance",
        "AWS/EC2",
        by("InstanceId"),
        {"CPUUtilization": _CPU, "NetworkIn": {"Sum": _network(0.7)}, "NetworkOut": {"Sum": _network(1.0)}},
    ),
    Group("ec2:volume", "AWS/EBS", by("VolumeId"), {"VolumeReadOps": _OPERATIONS, "VolumeWriteOps": _OPERATIONS}),
    Group(
        "rds:db",
        "AWS/RDS",
        by("DBInstanceIdentifier"),
        {"CPUUtilization": _CPU, "DatabaseConnections": {"Maximum": _CONNECTIONS}},
    ),
    Group("lambda:function", "AWS/Lambda", by("FunctionName"), {"Invocations": {"Sum": _INVOCATIONS}}),
    Group("lambda:function", "AWS/Lambda", _alias, {"ProvisionedConcurrencyUtilization": {"Maximum": _kept_warm}}),
)
