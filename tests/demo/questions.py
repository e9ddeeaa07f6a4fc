"""Questions about metrics as tests put them, through the answers themselves: no client, so that years pass quickly."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from finops.demo.estate import Estate
from finops.demo.metrics.answers import GROUPS, CloudWatch
from finops.demo.population.everything import Census
from finops.demo.wire import Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from finops.demo.population.everything import Population
    from finops.demo.population.resource import Resource

Points = dict[datetime, float]
DAY, HOUR = 86_400, 3_600


@dataclass(frozen=True, eq=False)
class Wanted:
    """One metric of one resource."""

    resource: Resource
    namespace: str
    metric: str
    statistic: str
    dimensions: tuple[tuple[str, str], ...]


class Watch:
    """What CloudWatch says on the noon of a day about an estate."""

    def __init__(self, today: date, *, seed: int = 7) -> None:
        self.now = datetime.combine(today, time(12), UTC)
        census = Census(Estate(seed=seed), lambda: self.now)
        self.population: Population = census.today()
        self._desk = CloudWatch(census, lambda: self.now)

    def wanted(self, kind: str = "", metric: str = "", statistic: str = "") -> list[Wanted]:
        """Everything that is measured of the listed resources, or of one kind, metric and statistic."""
        return [
            Wanted(one, group.namespace, name, each, tuple(named.items()))
            for one in self.population.listed
            for group in GROUPS
            if group.kind == one.kind and kind in {"", one.kind}
            for named in group.named(one)
            for name, meters in group.meters.items()
            for each in meters
            if metric in {"", name} and statistic in {"", each}
        ]

    def points(self, wanted: Iterable[Wanted], *, end: date, days: int, seconds: int = DAY) -> dict[Wanted, Points]:
        """The data points of each metric in the days before `end`."""
        places: dict[tuple[str, str], list[Wanted]] = defaultdict(list)
        for one in wanted:
            places[one.resource.account, one.resource.region].append(one)
        stop = datetime.combine(end, time(), UTC)
        found: dict[Wanted, Points] = {}
        for (account, region), entries in places.items():
            for first in range(0, len(entries), 500):
                part = entries[first : first + 500]
                params = {
                    "MetricDataQueries": [query(f"m{number}", one, seconds) for number, one in enumerate(part)],
                    "StartTime": stop - timedelta(days=days),
                    "EndTime": stop,
                    "ScanBy": "TimestampAscending",
                }
                request = Request("cloudwatch", "GetMetricData", params, account, "arn", region)
                for result in self._desk.get_metric_data(request)["MetricDataResults"]:
                    points = dict(zip(result["Timestamps"], result["Values"], strict=True))
                    found[part[int(result["Id"][1:])]] = points
        return found

    def by_resource(self, kind: str, metric: str, statistic: str, *, days: int = 28) -> list[tuple[Resource, Points]]:
        """The points of a kind's metric up to today, one entry a resource and part of it."""
        found = self.points(self.wanted(kind, metric, statistic), end=self.now.date(), days=days)
        return [(one.resource, points) for one, points in found.items()]


def query(identifier: str, one: Wanted, seconds: int = DAY) -> dict[str, Any]:
    """A query of GetMetricData."""
    metric: Mapping[str, Any] = {
        "Namespace": one.namespace,
        "MetricName": one.metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in one.dimensions],
    }
    return {"Id": identifier, "MetricStat": {"Metric": metric, "Period": seconds, "Stat": one.statistic}}


def average(points: Points) -> float:
    """The mean of the points."""
    return sum(points.values()) / len(points)
