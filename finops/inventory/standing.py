"""How fresh and how whole the inventory is: when places were last listed completely, and what could not be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finops.inventory.reasons import closed, told_once

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from finops.model.assets import AssetFilter, PlaceState
    from finops.model.outcome import Failure


@dataclass(frozen=True, slots=True)
class Standing:
    """What an answer says about itself.

    `checked` is the latest complete listing, `oldest` the one longest ago of a place that was ever complete. `accounts`
    are those that were visited, `closed` those that could not be entered, `failed` those where something failed.
    """

    checked: datetime | None
    oldest: datetime | None
    places: int
    accounts: tuple[str, ...]
    closed: tuple[str, ...]
    failed: tuple[str, ...]
    failures: tuple[Failure, ...]

    @property
    def partial(self) -> bool:
        """Whether something could not be listed, or its tags not be asked."""
        return bool(self.failures)


def standing(places: Iterable[PlaceState], only: AssetFilter | None = None) -> Standing:
    """The standing of the places; with `only`, of those that its accounts, regions, services and kinds concern."""
    concerned = [place for place in places if only is None or _concerns(place, only)]
    complete = [place.complete for place in concerned if place.complete is not None]
    told = [failure for place in concerned for failure in (place.failure, place.tags_failure) if failure is not None]
    failures = told_once(told)
    return Standing(
        checked=max(complete, default=None),
        oldest=min(complete, default=None),
        places=len(concerned),
        accounts=tuple(sorted({place.place.account for place in concerned} - {""})),
        closed=tuple(sorted({failure.account for failure in failures if closed(failure)})),
        failed=tuple(sorted({failure.account for failure in failures})),
        failures=failures,
    )


def _concerns(state: PlaceState, only: AssetFilter) -> bool:
    place = state.place
    service = place.kind.partition(":")[0]
    return (
        (not only.accounts or place.account in {"", *only.accounts})
        and (not only.regions or place.region in only.regions or place.region == "global")
        and (not only.kinds or place.kind in only.kinds or service == "account")
        and (not only.services or service in only.services or service == "account")
    )
