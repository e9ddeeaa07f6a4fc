"""Snapshots and images: daily and monthly backups, copies made before upgrades, and what is left of gone volumes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from finops.demo.catalogue import EC2_OTHER
from finops.demo.population.instances import IMAGES_IN_USE, image_id
from finops.demo.population.life import Life, created
from finops.demo.population.naming import aws_tags
from finops.demo.population.resource import BUSY, FORGOTTEN, IDLE, QUIET, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from finops.demo.population.ground import Ground

_USAGE = "EBS:SnapshotUsage"
_GIB_EACH = 250
_DAILY_KEPT = 10
_DAILY_IN = {"prod", "data"}
_MONTHLY_CYCLE = 180
_MONTHLY, _DAILY = "Created by policy: monthly-backup", "Created by policy: daily-backup"
_ROLES = {"monthly": BUSY, "daily": BUSY, "image": QUIET}
_SPARE_IMAGES = 1


def snapshots(ground: Ground, volumes: Sequence[Resource], *, machines: int) -> Iterator[Resource]:
    """The snapshots and images of a place. Backups are of volumes that stay, so that their source is known."""
    lasting = [volume for volume in volumes if volume.life.ends is None] or list(volumes)
    spare = _SPARE_IMAGES + machines // 25
    if machines:
        yield from _images(ground, count=IMAGES_IN_USE + spare)
    if ground.main and ground.kind in _DAILY_IN:
        yield from _daily(ground, lasting[0])
    for slot in range(max(2, round(ground.quantity(EC2_OTHER, _USAGE) / _GIB_EACH))):
        source = lasting[slot % len(lasting)]
        if slot % 4 == 0:
            for life in ground.turns("monthly", slot, cycle=_MONTHLY_CYCLE):
                yield _snapshot(ground, ("monthly", slot, life.turn), life=life, source=source, text=_MONTHLY)
        elif slot % 4 == 1:
            life = ground.settled("orphan", slot)
            yield _snapshot(ground, ("orphan", slot), life=life, source=None, text="before decommissioning")
        else:
            life = ground.settled("manual", slot)
            yield _snapshot(ground, ("manual", slot), life=life, source=source, text="before upgrade, delete when done")


def _daily(ground: Ground, source: Resource) -> Iterator[Resource]:
    """One a day, each kept for ten days."""
    day = ground.days.first - timedelta(days=_DAILY_KEPT - 1)
    while day <= ground.days.today:
        life = Life(day, day + timedelta(days=_DAILY_KEPT), day.toordinal())
        yield _snapshot(ground, ("daily", life.turn), life=life, source=source, text=_DAILY)
        day += timedelta(days=1)


def _snapshot(ground: Ground, words: tuple[object, ...], *, life: Life, source: Resource | None, text: str) -> Resource:
    """A snapshot of a volume, or of one that no longer exists."""
    snapshot = f"snap-{ground.code('snapshot', *words)}"
    size = source.bills[0].weight if source else 20 + 10 * (ground.number("size", snapshot) % 30)
    volume = source.id if source else f"vol-{ground.code('gone', *words)}"
    tags = dict(ground.badge("snapshot", *words[:2]).tags)
    if "policy" in text:
        tags = {"Name": f"{ground.account.name}-{words[0]}", **tags, "aws:dlm:lifecycle-policy-id": "policy-0demo"}
    item: dict[str, Any] = {
        "SnapshotId": snapshot,
        "VolumeId": volume,
        "VolumeSize": size,
        "State": "completed",
        "Progress": "100%",
        "StartTime": created(life, snapshot),
        "OwnerId": ground.owner,
        "Description": text,
        "Encrypted": bool(source and source.item["Encrypted"]),
        "StorageTier": "standard",
        "Tags": aws_tags(tags),
    }
    arn = ground.arn("ec2", f"snapshot/{snapshot}")
    bills, role = ground.bills(EC2_OTHER, arn, _USAGE, weight=size), _ROLES.get(str(words[0]), FORGOTTEN)
    return Resource("ec2:snapshot", ground.owner, ground.region, snapshot, arn, life, item, tags, role, bills)


def _images(ground: Ground, *, count: int) -> Iterator[Resource]:
    """Images of the account's own; instances are made from the first ones, the others wait for somebody to remember."""
    for index in range(count):
        image, life = image_id(ground, index), ground.settled("image", index)
        made = created(life, image)
        text = f"Created by CreateImage(i-{ground.code('builder', index)}) for {image}"
        snapshot = _snapshot(ground, ("image", index), life=life, source=None, text=text)
        tags = {"Name": f"golden-al2023-{made:%Y%m}", **ground.badge("image", index).tags}
        item = {
            "ImageId": image,
            "Name": f"golden-al2023-{made:%Y%m%d}-{index}",
            "ImageLocation": f"{ground.owner}/golden-al2023-{made:%Y%m%d}-{index}",
            "Description": "Amazon Linux 2023 with agents",
            "OwnerId": ground.owner,
            "State": "available",
            "Public": False,
            "Architecture": "x86_64",
            "ImageType": "machine",
            "CreationDate": made.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "PlatformDetails": "Linux/UNIX",
            "UsageOperation": "RunInstances",
            "RootDeviceName": "/dev/xvda",
            "RootDeviceType": "ebs",
            "VirtualizationType": "hvm",
            "Hypervisor": "xen",
            "EnaSupport": True,
            "BlockDeviceMappings": [_root_disk(snapshot)],
            "Tags": aws_tags(tags),
        }
        yield snapshot
        arn, role = ground.arn("ec2", f"image/{image}"), BUSY if index < IMAGES_IN_USE else IDLE
        yield Resource("ec2:image", ground.owner, ground.region, image, arn, life, item, tags, role)


def _root_disk(snapshot: Resource) -> dict[str, Any]:
    disk = {"SnapshotId": snapshot.id, "VolumeSize": snapshot.item["VolumeSize"], "VolumeType": "gp3"}
    return {"DeviceName": "/dev/xvda", "Ebs": {**disk, "DeleteOnTermination": True}}
