"""What one person chose to see, and what a tenant sets for everyone: a small file each, under a name that tells nobody.

    preferences = UserPreferences.of(settings)
    kept = preferences.read(person.principal)
    saved = preferences.save(person.principal, replace(kept.chosen, metric="amortized"), kept)
    levels_for(kept.chosen, preferences.tenant("default").chosen, check)

The last writer wins, choice by choice, and is told what another window had saved meanwhile.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Generic, Self

from finops.model.anomalies import Sensitivity, Thresholds
from finops.model.errors import StoreError
from finops.model.findings import Category
from finops.model.preference_files import MOST_BYTES, MOST_COLUMNS, MOST_TABLES, Kept, read, written
from finops.model.preferences import Chosen, Merge, Preferences, TenantSettings, effective_values, merged
from finops.model.thresholds import GENERAL, Effective, Origin, Tunable, effective, of_check
from finops.reports import Chosen as ReportThresholds
from finops.store.blobs import FolderBlobs, blobs_beside
from finops.store.signing import installation_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from config import Settings
    from finops.facade import Finops
    from finops.model.findings import Levels
    from finops.store.blobs import Blobs
    from finops.waste.check import Check
    from finops.waste.listing import Deviations

__all__ = [
    "KEY_FILE",
    "MOST_COLUMNS",
    "MOST_TABLES",
    "Effective",
    "Kept",
    "Merge",
    "Origin",
    "Preferences",
    "Saved",
    "TenantSettings",
    "Tunable",
    "UserPreferences",
    "alert_percent",
    "deviations_for",
    "deviations_of",
    "levels_for",
    "report_thresholds",
    "thresholds_of",
    "tunables_of",
    "value_for",
    "values_for",
]

FOLDER = "prefs"
KEY_FILE = "prefs.key"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Saved(Generic[Chosen]):
    """What is kept after a save, what was kept before it, and how both met."""

    kept: Kept[Chosen]
    before: Kept[Chosen]
    merge: Merge


class UserPreferences:
    """The preferences kept in one place. Safe to share between threads, and in a folder between processes.

    File names are HMAC-SHA256 of the principal, keyed by `secret`, or without one by a random key made here once.
    """

    def __init__(self, folder: Path, *, secret: str = "", blobs: Blobs | None = None) -> None:
        self._own = FolderBlobs(folder)
        self._blobs: Blobs = blobs or self._own
        self._secret = secret

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The preferences of an installation: in its data folder, or beside its lake on S3; named with its key."""
        secret = settings.secret_key.get_secret_value() if settings.secret_key is not None else ""
        remote = blobs_beside(settings.lake_url, FOLDER) if settings.lake_url.startswith("s3://") else None
        return cls(settings.data_dir / FOLDER, secret=secret, blobs=remote)

    # People

    def kept(self, principal: str) -> Preferences:
        """What a person chose; defaults where nothing is kept or it cannot be read."""
        return self.read(principal).chosen

    def read(self, principal: str) -> Kept[Preferences]:
        """What a person chose, with its revision.

        A file that is damaged is set aside, under a name that says so, which the answer carries until the person has
        seen it (`dismiss`); defaults serve.
        """
        return self._read("person", principal, Preferences())

    def change(self, principal: str, change: Callable[[Preferences], Preferences]) -> Preferences:
        """Keeps what `change` makes of a person's preferences, and returns it.

        InputError for more than can be kept, StoreError when it cannot be written.
        """
        return self._change("person", principal, Preferences(), lambda kept: replace(kept, chosen=change(kept.chosen)))

    def save(self, principal: str, mine: Preferences, base: Kept[Preferences]) -> Saved[Preferences]:
        """Keeps what a window shows. `base` is what it had read: what it changed wins over what was saved since.

        InputError for more than can be kept, StoreError when it cannot be written.
        """
        return self._save("person", principal, mine, base)

    def dismiss(self, principal: str) -> None:
        """The person has seen that a damaged file was set aside."""
        self._change("person", principal, Preferences(), lambda kept: replace(kept, set_aside=""))

    # Tenants

    def tenant(self, tenant: str) -> Kept[TenantSettings]:
        """What a tenant sets for everyone, with its revision; nothing where nothing is kept or it cannot be read."""
        return self._read("tenant", tenant, TenantSettings())

    def change_tenant(self, tenant: str, change: Callable[[TenantSettings], TenantSettings]) -> TenantSettings:
        """Keeps what `change` makes of a tenant's settings, and returns it; errors as for `change`."""
        return self._change("tenant", tenant, TenantSettings(), lambda kept: replace(kept, chosen=change(kept.chosen)))

    def save_tenant(self, tenant: str, mine: TenantSettings, base: Kept[TenantSettings]) -> Saved[TenantSettings]:
        """Keeps what a window shows of a tenant's settings; as for `save`."""
        return self._save("tenant", tenant, mine, base)

    def dismiss_tenant(self, tenant: str) -> None:
        """An administrator has seen that a damaged file of the tenant was set aside."""
        self._change("tenant", tenant, TenantSettings(), lambda kept: replace(kept, set_aside=""))

    # Files

    def _read(self, kind: str, whose: str, empty: Chosen) -> Kept[Chosen]:
        try:
            name = self._name(kind, whose)
            content = self._blobs.get(name, MOST_BYTES + 1)
            return Kept(empty) if content is None else read(content, empty)
        except StoreError as error:
            log.warning("preferences cannot be read, defaults serve: %s", error)
            return Kept(empty, trouble=f"What was chosen cannot be read at the moment, defaults serve: {error}.")
        except ValueError:
            return self._mended(name, empty)

    def _mended(self, name: str, empty: Chosen) -> Kept[Chosen]:
        """Sets a damaged file aside and starts a new one that says so, unless someone else was quicker."""
        try:
            with self._blobs.turn():
                return self._current(name, empty)
        except StoreError as error:
            log.warning("preferences in %s are damaged and cannot be set aside: %s", name, error)
            return Kept(empty, trouble=f"What was chosen is damaged and defaults serve; it stays where it is: {error}.")

    def _current(self, name: str, empty: Chosen) -> Kept[Chosen]:
        """What is kept, within a turn."""
        content = self._blobs.get(name, MOST_BYTES + 1)
        if content is None:
            return Kept(empty)
        try:
            return read(content, empty)
        except ValueError as error:
            stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
            aside = f"{name.removesuffix('.json')}.{stamp}.damaged"
            log.warning("preferences in %s are damaged (%s) and set aside as %s, defaults serve", name, error, aside)
        self._blobs.set_aside(name, aside)
        fresh = Kept(empty, revision=1, set_aside=aside)
        self._blobs.put(name, written(fresh))
        return fresh

    def _change(self, kind: str, whose: str, empty: Chosen, change: Callable[[Kept[Chosen]], Kept[Chosen]]) -> Chosen:
        try:
            name = self._name(kind, whose)
            with self._blobs.turn():
                before = self._current(name, empty)
                after = change(before)
                if after != before:
                    self._blobs.put(name, written(replace(after, revision=before.revision + 1)))
        except StoreError as error:
            raise StoreError(f"the preferences cannot be kept: {error}") from error
        return after.chosen

    def _save(self, kind: str, whose: str, mine: Chosen, base: Kept[Chosen]) -> Saved[Chosen]:
        found: list[Saved[Chosen]] = []

        def change(now: Kept[Chosen]) -> Kept[Chosen]:
            chosen, merge = merged(base.chosen, mine, now.chosen)
            after = replace(now, chosen=chosen, revision=now.revision + (chosen != now.chosen))
            found.append(Saved(after, now, merge))
            return replace(now, chosen=chosen)

        self._change(kind, whose, type(mine)(), change)
        return found[-1]

    def _name(self, kind: str, whose: str) -> str:
        digest = hmac.new(self._key(), whose.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        return f"{digest}.json" if kind == "person" else f"{kind}-{digest}.json"

    def _key(self) -> bytes:
        return installation_key(self._own, KEY_FILE, secret=self._secret)


# Thresholds


def tunables_of(checks: Iterable[Check]) -> tuple[Tunable, ...]:
    """Everything that can be tuned: thresholds of checks, by what they look for, then those that belong to no check."""
    order = tuple(Category)
    ordered = sorted(checks, key=lambda each: (order.index(each.category), each.title))
    found = (of_check(each.check_id, each.title, each.category.capitalize(), each.all_thresholds) for each in ordered)
    return (*(one for group in found for one in group), *GENERAL)


def thresholds_of(
    preferences: Preferences, settings: TenantSettings, tunables: Iterable[Tunable]
) -> tuple[Effective, ...]:
    """The value of each threshold that holds for one person of a tenant, and whose it is."""
    return effective_values(tunables, preferences, settings)


def levels_for(preferences: Preferences, settings: TenantSettings, check: Check) -> Levels:
    """The thresholds that a check judges by for one person: lock, else the person's, else the tenant's, else its own.

    `Preferences()` gives those of somebody who has chosen nothing.
    """
    own = of_check(check.check_id, check.title, check.category.capitalize(), check.all_thresholds)
    return {each.tunable.name: float(each.value) for each in thresholds_of(preferences, settings, own)}


def deviations_of(finops: Finops, preferences: Preferences, settings: TenantSettings) -> Deviations:
    """The thresholds of the checks that hold for a person, where they are others than findings are stored by."""
    if not preferences.thresholds and not settings.defaults and not settings.locks:
        return ()
    return finops.waste.deviations(lambda check: levels_for(preferences, settings, check))


def deviations_for(finops: Finops, principal: str, tenant: str) -> Deviations:
    """The same for whoever a principal is, by what they and the tenant keep."""
    kept = UserPreferences.of(finops.settings)
    return deviations_of(finops, kept.read(principal).chosen, kept.tenant(tenant).chosen)


def values_for(settings: Settings, principal: str, tenant: str, names: Iterable[str]) -> dict[str, float | str]:
    """The thresholds of `names`, which belong to no check, that hold for a principal: lock, own, tenant's, built-in."""
    kept = UserPreferences.of(settings)
    own, everyone = kept.read(principal).chosen, kept.tenant(tenant).chosen
    return {name: value_for(name, own, everyone) for name in names}


def alert_percent(settings: Settings, principal: str, tenant: str) -> Decimal:
    """The share of a budget that a person wants to hear of."""
    name = "budget.alert_percent"
    return Decimal(str(values_for(settings, principal, tenant, [name])[name]))


def report_thresholds(finops: Finops, principal: str, tenant: str) -> ReportThresholds:
    """What reports of a principal go by: deviations of checks, thresholds of anomalies and digests, targets of tags.

    Where nobody has chosen anything the built-in ones hold, as on the pages.
    """
    kept = UserPreferences.of(finops.settings)
    own, everyone = kept.read(principal).chosen, kept.tenant(tenant).chosen

    def amount(name: str) -> Decimal:
        value = value_for(name, own, everyone)
        return Decimal(f"{value:f}") if isinstance(value, float) else Decimal(value)

    return ReportThresholds(
        deviations_of(finops, own, everyone),
        Thresholds(
            amount("anomaly.min_impact_usd"),
            amount("anomaly.min_impact_percent"),
            Sensitivity(str(value_for("anomaly.sensitivity", own, everyone))),
        ),
        amount("tags.target_count_percent"),
        amount("tags.target_cost_percent"),
        amount("digest.min_saving_usd"),
        amount("digest.min_change_usd"),
        amount("digest.min_change_percent"),
    )


def value_for(name: str, preferences: Preferences, settings: TenantSettings) -> float | str:
    """The value of a threshold that belongs to no check, as in `anomaly.sensitivity`. KeyError for an unknown name."""
    tunable = {each.key: each for each in GENERAL}[name]
    found = effective(tunable, own=preferences.thresholds, defaults=settings.defaults, locks=settings.locks)
    return found.value
