"""The whole population of an estate on a day, made once a day and shared by all threads."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from finops.demo.estate import GLOBAL
from finops.demo.population import (
    balancing,
    containers,
    databases,
    edges,
    functions,
    messaging,
    models,
    snapshots,
    stores,
    volumes,
)
from finops.demo.population.ground import Ground, grounds
from finops.demo.population.instances import instances, scaling_groups
from finops.demo.population.life import Days
from finops.demo.population.machines import machines, node_crews, other_crews
from finops.demo.population.network import network

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from finops.demo.estate import Estate
    from finops.demo.population.resource import Resource


class Population:
    """The resources of an estate: `listed` by AWS today, `seen` on any day that costs go back to."""

    def __init__(self, estate: Estate, today: date) -> None:
        self.today = today
        self.seen = tuple(one for ground in grounds(estate, Days(today)) for one in _of(ground))
        self._places: dict[tuple[str, str, str], list[Resource]] = {}
        self._kinds: dict[tuple[str, str], list[Resource]] = {}
        self._regions: dict[tuple[str, str], list[Resource]] = {}
        self.listed = tuple(sorted((one for one in self.seen if one.life.on(today)), key=lambda one: one.id))
        for one in self.listed:
            self._places.setdefault((one.kind, one.account, one.region), []).append(one)
            self._kinds.setdefault((one.kind, one.account), []).append(one)
            self._regions.setdefault((one.account, one.region), []).append(one)

    def at(self, kind: str, account: str, region: str) -> Sequence[Resource]:
        """The resources of a kind in an account and region, by id."""
        return self._places.get((kind, account, region), ())

    def of(self, kind: str, account: str) -> Sequence[Resource]:
        """The resources of a kind in all regions of an account, by id."""
        return self._kinds.get((kind, account), ())

    def within(self, account: str, region: str) -> Sequence[Resource]:
        """All resources of an account and region, by id."""
        return self._regions.get((account, region), ())


class Census:
    """The population as of today."""

    def __init__(self, estate: Estate, now: Callable[[], datetime]) -> None:
        self._estate = estate
        self._now = now
        self._lock = Lock()
        self._population: Population | None = None

    def today(self) -> Population:
        """The population of the current day."""
        return self.on(self._now().date())

    def on(self, day: date) -> Population:
        """The population of a day; that of the latest one asked for is kept."""
        with self._lock:
            if self._population is None or self._population.today != day:
                self._population = Population(self._estate, day)
            return self._population


def _of(ground: Ground) -> list[Resource]:
    if ground.region == GLOBAL:
        return [*edges.distributions(ground), *edges.zones(ground)]
    net = network(ground)
    nodes = node_crews(ground, containers.cluster_names(ground))
    crews = [*nodes, *other_crews(ground)]
    crew = machines(ground, net, crews)
    disks = volumes.volumes(ground, crew)
    size = sum(one.size for one in crews)
    found = [*net.resources, *instances(ground, crew), *scaling_groups(ground, crews, crew), *disks]
    found += snapshots.snapshots(ground, disks, machines=size)
    found += balancing.balancers(ground, net, crew)
    writers = [
        *containers.eks(ground, net, crews=nodes, crew=crew),
        *containers.ecs(ground, net),
        *databases.databases(ground, net),
    ]
    found += [*writers, *containers.repositories(ground), *functions.log_groups(ground, writers)]
    found += functions.functions(ground)
    for listing in (stores.caches, stores.tables, stores.file_systems, edges.buckets, models.throughputs):
        found += listing(ground)
    for of_network in (stores.domains, stores.streams, stores.warehouses):
        found += of_network(ground, net)
    for of_place in (messaging.queues, messaging.topics, messaging.apis, messaging.pools, messaging.secrets):
        found += of_place(ground)
    return [*found, *models.applications(ground)]
