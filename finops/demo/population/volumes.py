"""EBS volumes: root volumes, data volumes that outlive their instances, and those that nobody attached again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Any

from finops.demo.catalogue import EC2_OTHER
from finops.demo.population.instances import device, image_of, image_snapshot_id, volume_id
from finops.demo.population.life import created
from finops.demo.population.machines import BATCH_DAYS
from finops.demo.population.naming import aws_tags
from finops.demo.population.resource import BUSY, FORGOTTEN, IDLE, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from finops.demo.population.ground import Ground
    from finops.demo.population.life import Life
    from finops.demo.population.machines import Machine

_USAGES = {"gp3": "EBS:VolumeUsage.gp3", "gp2": "EBS:VolumeUsage.gp2", "io1": "EBS:VolumeUsage.piops"}
_IOPS = "EBS:VolumeP-IOPS.piops"
_LEAST_GIB, _PROVISIONED_GIB = 8, 400
_GROWING_SHARE, _GROWING_DAYS, _GROWN_TIMES = 0.25, 45, 4
_LOOSE_EVERY, _LOOSE_LEAST = 8, 3


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


def volumes(ground: Ground, crew: Sequence[Machine]) -> list[Resource]:
    """Every volume of a place. Together they have about the gigabytes that are paid for."""
    disks = [*_of_machines(ground, crew)]
    seats = len({disk.seat for disk in disks})
    disks += _loose(ground, count=max(1 if seats else _LOOSE_LEAST, seats // _LOOSE_EVERY))
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
            yield Disk(volume, machine.seat, life, kind, part, zone, tags, machine)
        for index in range(1, machine.disks):
            volume, holder = volume_id(ground, machine, index), machine if machine.life.on(today) else None
            if volume in data and holder is None:
                continue
            kind = "io1" if len({*data, volume}) <= provisioned else ground.pick(types, "data", machine.seat)
            part = 0.5 + ground.unit("data", volume)
            data[volume] = Disk(volume, volume, ground.settled(volume), kind, part, zone, tags, holder, index)
    yield from data.values()


def _loose(ground: Ground, *, count: int) -> Iterator[Disk]:
    """Volumes left behind by machines that are long gone."""
    types = _types(ground)
    for slot in range(count):
        badge = ground.badge("loose", slot)
        tags = {"Name": badge.name("data", slot + 1), **badge.tags} if badge.tags else {}
        for life in ground.turns("loose", slot, cycle=260, lasting=250):
            volume = f"vol-{ground.code('loose', slot, life.turn)}"
            kind, part = ground.pick(types, "loose", slot), 0.3 + 0.5 * ground.unit("loose", slot)
            yield Disk(volume, f"loose/{slot}", life, kind, part, ground.pick(ground.zones, "loose", slot), tags)


def _sized(ground: Ground, disks: Sequence[Disk]) -> Iterator[Resource]:
    for name, usage in _USAGES.items():
        mine = [disk for disk in disks if disk.type == name]
        total = sum({disk.seat: disk.part for disk in mine}.values()) or 1.0
        each = ground.quantity(EC2_OTHER, usage) / total
        yield from (_volume(ground, disk, size=_round(disk.part * each)) for disk in mine)


def _round(gib: float) -> int:
    """A size that a person would have typed."""
    step = 2 if gib < 40 else 10 if gib < 400 else 50  # noqa: PLR2004 - the steps people take
    return max(_LEAST_GIB, round(gib / step) * step)


def _volume(ground: Ground, disk: Disk, *, size: int) -> Resource:
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
        item["Iops"] = max(100, min(16000, grown * 3)) if disk.type == "gp2" else max(1000, size * 4 // 100 * 100)
    bills = ground.bills(EC2_OTHER, disk.id, _USAGES[disk.type], weight=size)
    if disk.type == "io1":
        bills += ground.bills(EC2_OTHER, disk.id, _IOPS, weight=item["Iops"])
    role = _role(ground, disk)
    return Resource("ec2:volume", ground.owner, ground.region, disk.id, arn, disk.life, item, tags, role, bills)


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
