"""The inventory as a run sees it: assets that are there, what they point to, and which places could not be listed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from finops.model.assets import GLOBAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from finops.model.accounts import Account
    from finops.model.assets import Asset, AssetChange, Link, PlaceState
    from finops.model.outcome import Failure


class Estate:
    """What there is, read once at the start of a run.

    `links` holds what each asset points to, by asset id; `changes` what happened to assets of late, newest first.
    """

    def __init__(
        self,
        assets: Iterable[Asset],
        *,
        links: Mapping[str, tuple[Link, ...]],
        places: Iterable[PlaceState],
        accounts: Iterable[Account],
        changes: Iterable[AssetChange] = (),
    ) -> None:
        self.accounts = tuple(accounts)
        self._kinds: dict[str, list[Asset]] = {}
        for asset in assets:
            self._kinds.setdefault(asset.kind, []).append(asset)
        for found in self._kinds.values():
            found.sort(key=lambda asset: (asset.account, asset.region, asset.resource_id))
        self._links = links
        self._changes: dict[tuple[str, str], list[AssetChange]] = {}
        for change in changes:
            self._changes.setdefault((change.asset_id, change.field), []).append(change)
        self._places = {(each.place.kind, each.place.account, each.place.region): each for each in places}

    def of(self, *kinds: str) -> tuple[Asset, ...]:
        """The active assets of the kinds, by account, region and id."""
        return tuple(asset for kind in kinds for asset in self._kinds.get(kind, ()))

    def links(self, asset: Asset, relation: str = "", kind: str = "") -> tuple[Link, ...]:
        """What an asset points to, of a relation or towards a kind where these are named."""
        return tuple(
            link
            for link in self._links.get(asset.asset_id, ())
            if (not relation or link.relation == relation) and (not kind or link.target_kind == kind)
        )

    def target(self, asset: Asset, relation: str, kind: str) -> Asset | None:
        """The first asset it points to so, None when it is not in the inventory."""
        for link in self.links(asset, relation, kind):
            found = self.named(kind, asset.account, asset.region, link.target)
            if found is not None:
                return found
        return None

    def named(self, kind: str, account: str, region: str, name: str) -> Asset | None:
        """The asset of an id (in that account and region) or an ARN."""
        return self._names.get((kind, account, region, name)) or self._names.get((kind, "", "", name))

    def pointing(self, kind: str, relation: str, target: Asset) -> tuple[Asset, ...]:
        """The assets of a kind that point so to this one."""
        return tuple(
            asset
            for name in dict.fromkeys((target.arn, target.resource_id))
            for asset in self._backwards.get((kind, relation, name), ())
            if name == target.arn or (asset.account, asset.region) == (target.account, target.region)
        )

    def complete(self, kind: str, account: str, region: str) -> bool:
        """Whether the latest listing of a place was whole: only then does an absence say anything."""
        state = self._place(kind, account, region)
        return state is not None and state.failure is None and state.complete is not None

    def unlisted_since(self, asset: Asset) -> datetime | None:
        """The last whole listing of an asset's place where a later one failed; None where all is well."""
        state = self._place(asset.kind, asset.account, asset.region)
        if state is None or state.failure is None:
            return None
        return state.complete or asset.last_seen

    def left(self, asset: Asset, field: str, value: str) -> datetime | None:
        """When a field of the asset was last seen to change from a value to another; None when it was not seen."""
        return next(
            (change.at for change in self._changes.get((asset.asset_id, field), ()) if change.before == value), None
        )

    def failures(self, *kinds: str) -> tuple[Failure, ...]:
        """Why places of the kinds could not be listed."""
        return tuple(
            state.failure for (kind, *_), state in self._places.items() if kind in kinds and state.failure is not None
        )

    def places(self, *kinds: str) -> tuple[PlaceState, ...]:
        """Every place of the kinds that was ever visited."""
        return tuple(state for (kind, *_), state in self._places.items() if kind in kinds)

    def _place(self, kind: str, account: str, region: str) -> PlaceState | None:
        return self._places.get((kind, account, region)) or self._places.get((kind, account, GLOBAL))

    @cached_property
    def _names(self) -> dict[tuple[str, str, str, str], Asset]:
        found: dict[tuple[str, str, str, str], Asset] = {}
        for assets in self._kinds.values():
            for asset in assets:
                found[asset.kind, asset.account, asset.region, asset.resource_id] = asset
                if asset.arn:
                    found[asset.kind, "", "", asset.arn] = asset
        return found

    @cached_property
    def _backwards(self) -> dict[tuple[str, str, str], list[Asset]]:
        found: dict[tuple[str, str, str], list[Asset]] = {}
        for assets in self._kinds.values():
            for asset in assets:
                for link in self._links.get(asset.asset_id, ()):
                    found.setdefault((asset.kind, link.relation, link.target), []).append(asset)
        return found
