"""The words in which metrics are declared: what CloudWatch keeps of a kind of resource, under which dimensions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from finops.demo.metrics.curves import EVEN, OFFICE_HOURS, Band, Curve
from finops.demo.noise import key, unit
from finops.demo.population.resource import NEARLY_WHOLE, OFFICE, PATCHY

if TYPE_CHECKING:
    from finops.demo.population.resource import Resource

Banded = Callable[["Resource"], Band]
Named = Callable[["Resource"], Iterable[Mapping[str, str]]]

_MISSING = {PATCHY: 7, NEARLY_WHOLE: 14}
ZERO = Band(0, 0, whole=True)
NOTHING = Band(0, 0, whole=True, silent=True)


@dataclass(frozen=True, slots=True)
class Group:
    """Metrics that a kind of resource has in one namespace.

    `named` gives the dimensions they are kept under, several where parts are measured apart. `meters` holds the band of
    each metric by statistic.
    """

    kind: str
    namespace: str
    named: Named
    meters: Mapping[str, Mapping[str, Banded]]


@dataclass(frozen=True, slots=True)
class Measured:
    """A resource, or a part of it, under the dimensions by which CloudWatch knows it."""

    resource: Resource
    group: Group
    dimensions: frozenset[tuple[str, str]]

    def curve(self, metric: str, statistic: str) -> Curve:
        """The curve of one of its metrics; KeyError for a metric or a statistic that is not kept."""
        one = self.resource
        band = self.group.meters[metric][statistic](one)
        missing = _MISSING.get(one.quirk, 0)
        noise = key("metric", one.arn, *sorted(self.dimensions), metric, statistic)
        profile = OFFICE_HOURS if one.role == OFFICE else EVEN
        banded = replace(band, missing=missing) if missing else band
        return Curve(noise, banded, one.life, one.work.spans, one.work.weekdays, profile)


def by(dimension: str) -> Named:
    """Named by the resource's id under one dimension."""
    return lambda one: ({dimension: one.id},)


def level(resource: Resource, word: str = "level") -> float:
    """How high a resource lies among its like, in [0, 1), for good."""
    return unit(word, resource.arn)


def counted(least: float, most: float, *, weekend: float = 0.8, silent: bool = False) -> Banded:
    """Whole numbers that differ by resource between `least` and `most` a day, and by a third from day to day."""

    def band(resource: Resource) -> Band:
        middle = least * (most / least) ** level(resource)
        return Band(middle * 0.8, middle * 1.2, weekend, whole=True, silent=silent)

    return band


def by_role(bands: Mapping[str, Banded], otherwise: Band) -> Banded:
    """The band of a resource's role."""

    def band(resource: Resource) -> Band:
        found = bands.get(resource.role)
        return otherwise if found is None else found(resource)

    return band
