"""EBS volumes: root volumes, data volumes that outlive their instances, and those that nobody attached again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Any

from finops.demo.catalogue import EC2_OTHER
from finops.demo.population.instances import device, image_of, image_snapshot_id, volume_id
from finops.demo.population.life import Life, created
from finops.demo.population.machines import BATCH_DAYS
from finops.demo.population.naming import aws_tags
from finops.demo.population.resource import BUSY, FORGOTTEN, IDLE, PATCHY, Resource, Work

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from finops.demo.population.ground import Ground
    from finops.demo.population.machines import Machine

_USAGES = {"gp3": "EBS:VolumeUsage.gp3", "gp2": "EBS:VolumeUsage.gp2", "io1": "EBS:VolumeUsage.piops"}
_IOPS = "EBS:VolumeP-IOPS.piops"
_LEAST_GIB, _PROVISIONED_GIB = 8, 400
_GROWING_SHARE, _GROWING_DAYS, _GROWN_TIMES = 0.25, 45, 4
_LOOSE_EVERY, _LOOSE_LEAST = 8, 3
_RESTORED_DAYS = 10
_IOPS_A_GIB, _BEYOND_GP3, _FAST_IOPS = 50, 16_500, 20_000
_ALWAYS, _NEVER = Work(), Work(())


@dataclass(frozen=True, slots=True)
class Disk:
    """A volume before its size is settled: `part` is its share of the gigabytes that the bill knows of its type.

    Volumes of one `seat` follow each other, so the share is the seat's.
    """

    id: str
    seat: str
    life: Life
    type: str
    part: float
    zone: str
    tags: Mapping[str, str]
    machine: Machine | None = None
    index: int = 0
    work: Work = _ALWAYS


def volumes(ground: Ground, crew: Sequence[Machine]) -> list[Resource]:
    """Every volume of a place. Together they have about the gigabytes that are paid for."""
    disks = [*_of_machines(ground, crew)]
    seats = len({disk.seat for disk in disks})
    disks += _loose(ground, count=max(1 if seats else _LOOSE_LEAST, seats // _LOOSE_EVERY))
    if ground.kind == "staging" and ground.main:
        disks += _restored(ground)
    return [*_sized(ground, disks)]


def _types(ground: Ground) -> list[str]:
    """Volume types in proportion to the gigabytes paid for: a list of sixteen to draw from."""
    paid = {name: ground.quantity(EC2_OTHER, _USAGES[name]) for name in ("gp3", "gp2")}
    few = round(16 * paid["gp2"] / sum(paid.values()))
    return ["gp2"] * few + ["gp3"] * (16 - few)


def _of_machines(ground: Ground, crew: Sequence[Machine]) -> Iterator[Disk]:
    types, today = _types(ground), ground.days.today
    provisioned = ceil(ground.quantity(EC2_OTHER, _USAGES["io1"]) / _PROVISIONED_GIB)
    data: dict[str, Disk] = {}
    for machine in crew:
        life = machine.life if not machine.crew.lasting else machine.life.part(0, BATCH_DAYS - 2)
        zone, tags = machine.subnet.zone, machine.tags
        if life is not None:
            volume = volume_id(ground, machine, 0)
            part = 0.25 + 0.1 * ground.unit("root", machine.seat)
            kind = ground.pick(types, "root", machine.seat)
            yield Disk(volume, machine.seat, life, kind, part, zone, tags, machine, work=machine.work)
        for index in range(1, machine.disks):
            volume, holder = volume_id(ground, machine, index), machine if machine.life.on(today) else None
            if volume in data and holder is None:
                data[volume] = replace(data[volume], work=_together(machine.work, data[volume].work))
                continue
            kind = "io1" if len({*data, volume}) <= provisioned else ground.pick(types, "data", machine.seat)
            part = 0.5 + ground.unit("data", volume)
            work = _together(data[volume].work, machine.work) if volume in data else machine.work
            data[volume] = Disk(volume, volume, ground.settled(volume), kind, part, zone, tags, holder, index, work)
    yield from data.values()


def _together(one: Work, other: Work) -> Work:
    """When either machine of a seat runs. Both rest alike, since a seat keeps its habits."""
    if one.spans is None or other.spans is None:
        return other
    return Work((*one.spans, *other.spans), other.weekdays)


def _restored(ground: Ground) -> Iterator[Disk]:
    """What a nightly test of backups leaves behind: a volume a day, each kept for ten days."""
    first = ground.days.first.toordinal() - _RESTORED_DAYS + 1
    for ordinal in range(first, ground.days.today.toordinal() + 1):
        born = ground.days.today + timedelta(days=ordinal - ground.days.today.toordinal())
        tags = {"Name": f"restore-test-{born:%Y%m%d}", "CreatedBy": "backup-test"}
        life, seat = Life(born, born + timedelta(days=_RESTORED_DAYS), ordinal), f"restore/{ordinal % _RESTORED_DAYS}"
        volume, zone = f"vol-{ground.code('restore', ordinal)}", ground.zones[0]
        yield Disk(volume, seat, life, "gp3", 0.3, zone, tags, work=_NEVER)


def _loose(ground: Ground, *, count: int) -> Iterator[Disk]:
    """Volumes left behind by machines that are long gone."""
    types = _types(ground)
    for slot in range(count):
        badge = ground.badge("loose", slot)
        tags = {"Name": badge.name("data", slot + 1), **badge.tags} if badge.tags else {}
        for life in ground.turns("loose", slot, cycle=260, lasting=250):
            volume = f"vol-{ground.code('loose', slot, life.turn)}"
            kind, part = ground.pick(types, "loose", slot), 0.3 + 0.5 * ground.unit("loose", slot)
            zone = ground.pick(ground.zones, "loose", slot)
            yield Disk(volume, f"loose/{slot}", life, kind, part, zone, tags, work=_NEVER)


def _sized(ground: Ground, disks: Sequence[Disk]) -> Iterator[Resource]:
    for name, usage in _USAGES.items():
        mine = [disk for disk in disks if disk.type == name]
        total = sum({disk.seat: disk.part for disk in mine}.values()) or 1.0
        each = ground.quantity(EC2_OTHER, usage) / total
        vital = name == "io1" and ground.kind == "prod" and ground.main and bool(mine)
        fast = max(mine, key=lambda disk: disk.part).id if vital else ""
        yield from (_volume(ground, disk, size=_round(disk.part * each), fast=disk.id == fast) for disk in mine)


def _round(gib: float) -> int:
    """A size that a person would have typed."""
    step = 2 if gib < 40 else 10 if gib < 400 else 50  # noqa: PLR2004 - the steps people take
    return max(_LEAST_GIB, round(gib / step) * step)


def _iops(disk: Disk, *, size: int, grown: int, fast: bool) -> int:
    """What a volume is good for. A fast one has more than gp3 could give."""
    if disk.type == "gp2":
        return max(100, min(16_000, grown * 3))
    return min(_FAST_IOPS, max(size * _IOPS_A_GIB, _BEYOND_GP3)) if fast else max(1000, size * 4 // 100 * 100)


def _volume(ground: Ground, disk: Disk, *, size: int, fast: bool) -> Resource:
    arn = ground.arn("ec2", f"volume/{disk.id}")
    made = created(disk.life, disk.id)
    tags = {name: value for name, value in disk.tags.items() if not name.startswith("aws:")}
    grown = size
    if disk.index and ground.unit("growing", disk.id) < _GROWING_SHARE:
        turn = (ground.days.today.toordinal() + ground.number("grows", disk.id)) // _GROWING_DAYS % _GROWN_TIMES
        grown = round(size * (1 + 0.25 * turn))
    item: dict[str, Any] = {
        "VolumeId": disk.id,
        "OwnerId": ground.owner,
        "Size": grown,
        "VolumeType": disk.type,
        "State": "in-use" if disk.machine else "available",
        "AvailabilityZone": disk.zone,
        "CreateTime": made,
        "SnapshotId": image_snapshot_id(ground, image_of(ground, disk.seat)) if not disk.index and disk.machine else "",
        "Encrypted": ground.number("encrypted", disk.id) % 5 > 0,
        "MultiAttachEnabled": False,
        "Attachments": _attachments(disk),
        "Tags": aws_tags(tags),
    }
    if disk.type == "gp3":
        item |= {"Iops": 3000, "Throughput": 125}
    else:
        item["Iops"] = _iops(disk, size=size, grown=grown, fast=fast)
    bills = ground.bills(EC2_OTHER, disk.id, _USAGES[disk.type], weight=size)
    if disk.type == "io1":
        bills += ground.bills(EC2_OTHER, disk.id, _IOPS, weight=item["Iops"])
    role = _role(ground, disk)
    return Resource(
        "ec2:volume",
        ground.owner,
        ground.region,
        disk.id,
        arn,
        disk.life,
        item,
        tags,
        role,
        bills,
        disk.work,
        PATCHY if role == IDLE and ground.number("patchy", disk.id) % 3 == 0 else "",
    )


def _role(ground: Ground, disk: Disk) -> str:
    if disk.machine is None:
        return FORGOTTEN
    return IDLE if disk.index and ground.number("read", disk.id) % 12 == 0 else BUSY


def _attachments(disk: Disk) -> list[dict[str, Any]]:
    if disk.machine is None:
        return []
    attached = created(disk.machine.life, disk.machine.id) + timedelta(seconds=2)
    return [
        {
            "VolumeId": disk.id,
            "InstanceId": disk.machine.id,
            "Device": device(disk.index),
            "State": "attached",
            "AttachTime": attached,
            "DeleteOnTermination": disk.index == 0,
        }
    ]
