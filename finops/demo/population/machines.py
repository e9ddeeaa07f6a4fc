"""EC2 instances: nodes of clusters, members of scaling groups, batch workers that come and go, and machines of old."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from finops.demo.catalogue import EC2, EKS
from finops.demo.population.resource import (
    AVERAGE_AT_LIMIT,
    BUSY,
    CHATTY,
    FORGOTTEN,
    IDLE,
    MAXIMUM_AT_LIMIT,
    NEARLY_WHOLE,
    OFFICE,
    OVERSIZED,
    PATCHY,
    QUIET,
    STOPPED,
    Work,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from finops.demo.population.ground import Ground
    from finops.demo.population.life import Life
    from finops.demo.population.network import Network, Subnet

BATCH_DAYS = 6
_SATURDAY = 5
_BATCH_CYCLE, _NODE_CYCLE, _MEMBER_CYCLE, _SOLO_CYCLE = 9, 80, 75, 900
_NODE_SHARE, _MEMBER_SHARE, _SPARE_DISK_SHARE = 0.6, 0.5, 0.25
_MEMBERS_A_GROUP = 4
_FEW = 3
_BOX, _SPOT = "BoxUsage:", "SpotUsage:"
_OLD = ("m4.xlarge", "t2.large")
_PARTS = {
    "m6i.2xlarge": ("api", "web", "gateway", "worker"),
    "c6i.4xlarge": ("worker", "encoder", "trainer"),
    "r6g.xlarge": ("search", "cache", "index"),
    "m4.xlarge": ("legacy", "jenkins", "ftp"),
    "t2.large": ("bastion", "cron", "wiki"),
}
_LEFT_ON = {"c6i.4xlarge", "t2.large"}
_QUIRKY = "r6g.xlarge"
_QUIRKS = (AVERAGE_AT_LIMIT, MAXIMUM_AT_LIMIT, PATCHY, NEARLY_WHOLE, CHATTY)
_PAUSED_DAYS, _PAUSED_CYCLE = 3, 28
_ROLES = (BUSY, BUSY, BUSY, QUIET, BUSY, OVERSIZED, BUSY, IDLE, BUSY, QUIET)


@dataclass(frozen=True, slots=True)
class Crew:
    """Machines of one kind that belong together. `group` is their scaling group, `cluster` theirs if they are nodes."""

    label: str
    instance_type: str
    size: int
    cycle: int
    lasting: int | None = None
    spot: bool = False
    group: str = ""
    cluster: str = ""
    nodegroup: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """One instance. `seat` is what it shares with those before and after it: its data volumes are the seat's.

    `stopped` is the day since which it is, `disks` counts its volumes, the root one included. `rests` says that it is
    off at weekends.
    """

    id: str
    seat: str
    crew: Crew
    life: Life
    name: str
    tags: dict[str, str]
    subnet: Subnet
    role: str
    state: str = "running"
    stopped: date | None = None
    disks: int = 1
    quirk: str = ""
    rests: bool = False

    @property
    def work(self) -> Work:
        """When it runs."""
        if self.rests:
            return Work(weekdays=True)
        return Work() if self.stopped is None else Work(((self.life.born, self.stopped),))

    @property
    def there(self) -> bool:
        """Whether it has more than a name: AWS lists a terminated instance for a while."""
        return self.state != "terminated"


def node_crews(ground: Ground, clusters: Sequence[str]) -> list[Crew]:
    """The node groups of EKS clusters, two each; with few machines, the last ones are scaled to nothing."""
    general = round(ground.machines(EC2, f"{_BOX}m6i.2xlarge") * _NODE_SHARE)
    spot = ground.machines(EC2, f"{_SPOT}c6i.4xlarge") if not _runs_batches(ground) else 0
    crews = []
    for index, cluster in enumerate(clusters):
        for name, total, kind in (("general", general, "m6i.2xlarge"), ("burst", spot, "c6i.4xlarge")):
            size = total // len(clusters) + (index < total % len(clusters))
            group = f"eks-{name}-{ground.code('ng', cluster, name)[:8]}"
            crew = Crew(f"{cluster}/{name}", kind, size, _NODE_CYCLE, spot=name == "burst", group=group)
            crews.append(replace(crew, cluster=cluster, nodegroup=name))
    return crews


def other_crews(ground: Ground) -> Iterator[Crew]:
    """All machines that are no nodes: scaling groups, single machines, and batch workers."""
    batches, nodes = _runs_batches(ground), EKS in ground.services
    for kind in _PARTS:
        count = ground.machines(EC2, _BOX + kind)
        if kind == "m6i.2xlarge" and nodes:
            count -= round(count * _NODE_SHARE)
        grouped = round(count * _MEMBER_SHARE) if kind in {"m6i.2xlarge", "c6i.4xlarge"} and count >= _FEW else 0
        for start in range(0, grouped, _MEMBERS_A_GROUP):
            badge = ground.badge("asg", kind, start)
            size = min(_MEMBERS_A_GROUP, grouped - start)
            name = badge.name(_PARTS[kind][start // _MEMBERS_A_GROUP % 3], start // _MEMBERS_A_GROUP + 1)
            yield Crew(name, kind, size, _MEMBER_CYCLE, group=name)
        yield Crew("", kind, count - grouped, _SOLO_CYCLE)
    spot = ground.machines(EC2, f"{_SPOT}c6i.4xlarge")
    if batches:
        slots = round(spot * _BATCH_CYCLE / (BATCH_DAYS - 1)) + 1
        yield Crew("batch-runner", "c6i.4xlarge", slots, _BATCH_CYCLE, BATCH_DAYS, spot=True)
    elif spot and not nodes:
        name = ground.badge("asg", "spot").name("spot")
        yield Crew(name, "c6i.4xlarge", spot, _MEMBER_CYCLE, spot=True, group=name)


def machines(ground: Ground, net: Network, crews: Sequence[Crew]) -> list[Machine]:
    """Every instance of a place that its days see."""
    found = [machine for crew in crews for machine in _of_crew(ground, net, crew)]
    size = sum(crew.size for crew in crews)
    paused = ground.kind == "data" and ground.main and size > 0
    off = _switched_off(ground, net, count=max(1, size // 11) if size else 0)
    return [*found, *off, *(_paused(ground, net) if paused else ())]


def _runs_batches(ground: Ground) -> bool:
    return ground.kind in {"data", "ml"}


def _of_crew(ground: Ground, net: Network, crew: Crew) -> Iterator[Machine]:
    for slot in range(crew.size):
        words = ("machine", crew.label, crew.instance_type, slot)
        for life in ground.turns(*words, cycle=crew.cycle, lasting=crew.lasting):
            badge = ground.badge("machine", crew.group or crew.label, crew.instance_type, crew.label or slot)
            name = _name(ground, crew, slot, stem=badge.name(_part(crew, slot)))
            role = ground.pick(_ROLES, "role", *words) if not crew.cluster else BUSY
            quirk = _quirk(ground, crew, slot)
            machine = Machine(
                id=f"i-{ground.code(*words, life.turn)}",
                seat=f"{crew.label}/{crew.instance_type}/{slot}",
                crew=crew,
                life=life,
                name=name,
                tags={"Name": name, **badge.tags, **_system_tags(crew, name)} if name else dict(badge.tags),
                subnet=net.private(slot),
                role=IDLE if quirk else role,
                disks=_disks(ground, crew, slot),
                quirk=quirk,
            )
            yield _at_work(ground, machine, slot)


def _quirk(ground: Ground, crew: Crew, slot: int) -> str:
    """A few machines of production's main place have metrics at the very limits of the usual rules."""
    planted = ground.kind == "prod" and ground.main and crew.instance_type == _QUIRKY and not crew.group
    return _QUIRKS[slot] if planted and slot < len(_QUIRKS) else ""


def _disks(ground: Ground, crew: Crew, slot: int) -> int:
    """How many volumes: a second one for machines that keep data, seldom a third; one for those that come and go."""
    if crew.lasting:
        return 1
    spare = ground.unit("disks", crew.label, crew.instance_type, slot) < _SPARE_DISK_SHARE
    return 1 + (not crew.group) + spare


def _part(crew: Crew, slot: int) -> str:
    parts = _PARTS[crew.instance_type]
    return parts[slot % len(parts)]


def _name(ground: Ground, crew: Crew, slot: int, *, stem: str) -> str:
    if crew.cluster:
        return f"{crew.cluster}-{crew.nodegroup}-node"
    if crew.lasting:
        return f"{crew.label}-{slot + 1:02d}"
    if crew.group:
        return crew.group
    return "" if ground.unit("nameless", crew.instance_type, slot) < 0.05 else f"{stem}-{slot + 1:02d}"  # noqa: PLR2004 - one in twenty


def _system_tags(crew: Crew, name: str) -> dict[str, str]:
    tags = {"aws:autoscaling:groupName": crew.group} if crew.group else {}
    if crew.cluster:
        tags |= {
            "eks:cluster-name": crew.cluster,
            "eks:nodegroup-name": crew.nodegroup,
            f"kubernetes.io/cluster/{crew.cluster}": "owned",
        }
    if crew.lasting:
        tags["aws:batch:compute-environment"] = name.rsplit("-", 1)[0]
    return tags


def _at_work(ground: Ground, machine: Machine, slot: int) -> Machine:
    """The machine in the state it has today: at weekends the machines of testers are off, done workers terminated.

    Some of them are left on, day and night.
    """
    today = ground.days.today
    if machine.crew.lasting:
        done = machine.life.born + timedelta(days=BATCH_DAYS - 1)
        return replace(machine, state="terminated" if today >= done else "running", stopped=done)
    if machine.crew.group or ground.kind not in {"staging", "sandbox"} or slot % 2:
        return machine
    rests = machine.crew.instance_type not in _LEFT_ON
    if not rests or today.weekday() < _SATURDAY:
        return replace(machine, role=OFFICE, rests=rests)
    saturday = today - timedelta(days=today.weekday() - _SATURDAY)
    return replace(machine, role=OFFICE, rests=True, state="stopped", stopped=saturday)


def _switched_off(ground: Ground, net: Network, *, count: int) -> Iterator[Machine]:
    """Machines that somebody stopped weeks ago and that still hold their volumes."""
    for slot in range(count):
        for life in ground.turns("off", slot, cycle=400, lasting=390):
            stopped = life.born + timedelta(days=20 + ground.number("off", slot, life.turn) % 60)
            yield _stopped(ground, net, ("off", slot), life=life, stopped=stopped)


def _paused(ground: Ground, net: Network) -> Iterator[Machine]:
    """A machine for the close of a month: up for three days, stopped for the rest of four weeks, then made anew."""
    for life in ground.turns("paused", 0, cycle=_PAUSED_CYCLE):
        yield _stopped(ground, net, ("paused", 0), life=life, stopped=life.born + timedelta(days=_PAUSED_DAYS))


def _stopped(ground: Ground, net: Network, words: tuple[str, int], *, life: Life, stopped: date) -> Machine:
    label, slot = words
    kind = ground.pick((*_OLD, "m6i.2xlarge"), *words)
    badge = ground.badge(*words)
    name = f"{badge.name(ground.pick(_PARTS[kind], *words))}-{'old' if label == 'off' else label}-{slot + 1}"
    off = ground.days.today >= stopped
    return Machine(
        id=f"i-{ground.code(*words, life.turn)}",
        seat=f"{label}/{slot}",
        crew=Crew("", kind, 1, 400),
        life=life,
        name=name,
        tags={"Name": name, **badge.tags},
        subnet=net.private(slot),
        role=STOPPED if off else FORGOTTEN,
        state="stopped" if off else "running",
        stopped=stopped,
        disks=2 if label == "off" else 1,
    )
