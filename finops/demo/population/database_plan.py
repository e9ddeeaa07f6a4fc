"""Which databases a place has, before RDS describes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from finops.demo.catalogue import RDS
from finops.demo.population.ground import HOURS_A_MONTH, Ground
from finops.demo.population.resource import BUSY, IDLE, OVERSIZED, PATCHY, QUIET, STOPPED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from finops.demo.population.life import Life
    from finops.demo.population.naming import Badge

SINGLE, MULTI = "InstanceUsage:db.r6g.2xl", "Multi-AZUsage:db.m6g.xl"
STORAGE, AURORA_IO, BACKUP = "RDS:Multi-AZ-GP3-Storage", "Aurora:StorageIOUsage", "RDS:ChargedBackupUsage"
EXTENDED = "ExtendedSupport:Yr1-Yr2:MySQL5.7"
_MEMBERS = 2
_WORTH_A_DATABASE = 1.5
_RELEASED = date(2025, 1, 15)
_RELEASE_DAYS, _RELEASES = 90, 14
_ENGINES = (("postgres", "16", 5432), ("mysql", "8.4.3", 3306), ("postgres", "17", 5432), ("mysql", "8.0.39", 3306))
_ROLES = (BUSY, IDLE, BUSY, OVERSIZED, BUSY, QUIET, IDLE)
_PARTS = ("orders", "users", "billing", "events", "reports", "sessions", "ledger")


@dataclass(frozen=True, slots=True)
class Database:
    """One instance before it is described."""

    name: str
    badge: Badge
    life: Life
    engine: str
    line: str
    port: int
    size_class: str
    storage_gib: int
    multi: bool
    cluster: str = ""
    role: str = BUSY
    released: int = 0
    state: str = "available"
    quirk: str = ""

    def version(self, day: date) -> str:
        """The engine version on a day: a line without a minor release gets a new one every quarter."""
        return self.line if "." in self.line[2:] else f"{self.line}.{release(day, self.released)}"


def release(today: date, words: int) -> int:
    """The minor release that databases which update themselves have reached."""
    return max(1, min(_RELEASES, ((today - _RELEASED).days + words % _RELEASE_DAYS) // _RELEASE_DAYS))


def planned(ground: Ground) -> Iterator[Database]:
    """The databases of a place: as many of each class as are paid for, some of them members of Aurora clusters."""
    single, multi = ground.machines(RDS, SINGLE), ground.machines(RDS, MULTI)
    aurora = max(1, single // 3) if ground.dollars(RDS, AURORA_IO) else 0
    storage = round(ground.quantity(RDS, STORAGE) / multi / 10) * 10 if multi else 100
    old = ground.quantity(RDS, EXTENDED) > HOURS_A_MONTH * _WORTH_A_DATABASE
    for index in range(single + multi):
        badge, life = ground.badge("rds", index), ground.settled("rds", index)
        engine, line, port = _ENGINES[index % len(_ENGINES)]
        released = ground.number("release", index)
        if old and index == single + multi - 1:
            engine, line, port = "mysql", "5.7.44", 3306
        name = f"{badge.app}-{_PARTS[index % len(_PARTS)]}-{badge.environment}-{index + 1}"
        role = _ROLES[index % len(_ROLES)]
        cluster = ""
        if index < min(single - (old and not multi), _MEMBERS * aurora):
            first = ground.badge("rds", index % aurora)
            cluster = f"{first.app}-aurora-{first.environment}-{index % aurora + 1}"
            engine, line, port, badge, released = "aurora-postgresql", "16", 5432, first, index % aurora
            name, life, role = f"{cluster}-{'wr'[index // aurora]}", ground.settled("rds", cluster), BUSY
        kind = "db.r6g.2xlarge" if index < single else "db.m6g.xlarge"
        size = 1 if cluster else max(20, storage if index >= single else 200)
        state, quirk = _trouble(ground, role, alone=not cluster)
        yield Database(
            *(name, badge, life, engine, line, port, kind, size, index >= single, cluster, role, released),
            state=state,
            quirk=quirk,
        )


def _trouble(ground: Ground, role: str, *, alone: bool) -> tuple[str, str]:
    """The state and the quirk of a database: some of a side place are stopped, idle ones of testers have gaps."""
    if ground.kind == "shared" and alone and not ground.main:
        return STOPPED, ""
    return "available", PATCHY if role == IDLE and ground.kind == "staging" else ""


def common(ground: Ground, one: Database, day: date) -> dict[str, Any]:
    """What instances and snapshots say alike of a day."""
    return {
        "Engine": one.engine,
        "EngineVersion": one.version(day),
        "AllocatedStorage": one.storage_gib,
        "StorageType": "aurora" if one.cluster else "gp3",
        "LicenseModel": "general-public-license" if one.engine == "mysql" else "postgresql-license",
        "MasterUsername": "app",
        "DbiResourceId": f"db-{ground.code('rds', one.name)[:12].upper()}",
        "IAMDatabaseAuthenticationEnabled": False,
    }
