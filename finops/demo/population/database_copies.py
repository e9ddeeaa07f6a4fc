"""Snapshots of databases: weekly backups, copies before upgrades, and what is left of one that is gone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from finops.demo.catalogue import RDS
from finops.demo.population.database_plan import BACKUP, Database, common
from finops.demo.population.life import Life, created
from finops.demo.population.naming import aws_tags
from finops.demo.population.resource import BUSY, FORGOTTEN, QUIET, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from finops.demo.population.ground import Ground

_BACKED_UP, _WEEKS_KEPT = 2, 5
_RELEASE_CYCLE = 60


def _weekly(ground: Ground, name: str) -> Iterator[Life]:
    """Backups of production, one a week, each kept for five weeks."""
    if ground.kind != "prod" or not ground.main:
        return
    day = ground.days.first - timedelta(days=7 * _WEEKS_KEPT + ground.days.first.weekday())
    day += timedelta(days=ground.number("weekly", name) % 7)
    while day <= ground.days.today:
        ends = day + timedelta(days=7 * _WEEKS_KEPT)
        if ends > ground.days.first:
            yield Life(day, ends, day.toordinal())
        day += timedelta(days=7)


def copies(ground: Ground, alone: Sequence[Database]) -> Iterator[Resource]:
    """Snapshots of databases that are in no cluster."""
    for index, one in enumerate(alone):
        if index < _BACKED_UP:
            for life in _weekly(ground, one.name):
                name = f"awsbackup-{one.name}-{life.born:%Y%m%d}"
                yield _snapshot(ground, one, name=name, life=life, role=BUSY)
        if index == 0 and ground.main:
            for life in ground.turns("release copy", one.name, cycle=_RELEASE_CYCLE):
                yield _snapshot(ground, one, name=f"{one.name}-release-{life.turn}", life=life, role=QUIET)
        if index % 2 == 0:
            life = ground.settled("rds copy", one.name)
            yield _snapshot(ground, one, name=f"{one.name}-before-upgrade", life=life, role=FORGOTTEN)
    if alone:
        name, life = f"{alone[0].badge.app}-old-{ground.code('gone')[1:5]}", ground.settled("gone")
        gone = Database(name, alone[0].badge, life, "mysql", "5.7.38", 3306, "db.m6g.xlarge", 120, multi=False)
        yield _snapshot(ground, gone, name=f"{name}-final-snapshot", life=life, role=FORGOTTEN)


def cluster_copies(ground: Ground, name: str, first: Database) -> Iterator[Resource]:
    """Snapshots of an Aurora cluster, told by its first member."""
    for life in _weekly(ground, name):
        yield _cluster_snapshot(ground, first, name=f"awsbackup-{name}-{life.born:%Y%m%d}", life=life)


def _snapshot(ground: Ground, one: Database, *, name: str, life: Life, role: str) -> Resource:
    arn, automated = ground.arn("rds", f"snapshot:{name}"), name.startswith("awsbackup")
    tags = {"aws:backup:source-resource": one.name, **one.badge.tags} if automated else dict(one.badge.tags)
    item = common(ground, one, life.born) | {
        "DBSnapshotIdentifier": name,
        "DBSnapshotArn": arn,
        "DBInstanceIdentifier": one.name,
        "SnapshotType": "awsbackup" if automated else "manual",
        "Status": "available",
        "PercentProgress": 100,
        "Port": one.port,
        "SnapshotCreateTime": created(life, arn),
        "OriginalSnapshotCreateTime": created(life, arn),
        "InstanceCreateTime": created(one.life, one.name),
        "Encrypted": True,
        "TagList": aws_tags(tags),
    }
    bills = ground.bills(RDS, arn, BACKUP, weight=one.storage_gib)
    return Resource("rds:snapshot", ground.owner, ground.region, name, arn, life, item, tags, role, bills)


def _cluster_snapshot(ground: Ground, one: Database, *, name: str, life: Life) -> Resource:
    arn = ground.arn("rds", f"cluster-snapshot:{name}")
    item = {
        "DBClusterSnapshotIdentifier": name,
        "DBClusterSnapshotArn": arn,
        "DBClusterIdentifier": one.cluster,
        "SnapshotType": "awsbackup",
        "Status": "available",
        "PercentProgress": 100,
        "Engine": one.engine,
        "EngineVersion": one.version(life.born),
        "EngineMode": "provisioned",
        "AllocatedStorage": 120,
        "Port": one.port,
        "MasterUsername": "app",
        "SnapshotCreateTime": created(life, arn),
        "StorageEncrypted": True,
        "TagList": aws_tags(one.badge.tags),
    }
    bills, tags = ground.bills(RDS, arn, BACKUP, weight=120), one.badge.tags
    return Resource("rds:cluster-snapshot", ground.owner, ground.region, name, arn, life, item, tags, QUIET, bills)
