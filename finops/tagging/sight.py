"""What evaluations are made of, read once for each version of the inventory and shared by all questions after it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, TypeVar

from finops.tagging.autopsy import Body
from finops.tagging.estate import read_estate
from finops.tagging.evaluation import evaluated
from finops.tagging.kinds import UNTAGGABLE, matcher
from finops.tagging.neighbours import neighbourhood
from finops.tagging.suggestions import Guesser

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping
    from datetime import date

    from finops.inventory import Inventory
    from finops.model.tagging import Policy, PolicyVersion
    from finops.store import Store
    from finops.tagging.estate import Estate
    from finops.tagging.evaluation import Evaluation
    from finops.tagging.neighbours import Neighbourhood

T = TypeVar("T")

ESTATES, EVALUATIONS, GUESSERS, SORTS_OF_MORE = 2, 8, 8, 2
"""How many estates are remembered, and how much of what is made from each."""
_ID_FIRST = ("ec2", "s3")
"""Services whose ids bills spell without their ARN: they win where several services share an id."""


class _Kept:
    """The latest few results of something slow, by a key that changes with what they are made from."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._held: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is remembered, made now where nothing is. Two at once may both make it."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                held: T = self._held[key]
                return held
        made = make()
        with self._lock:
            self._held[key] = made
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        return made


class _Held:
    """One estate, and whatever was made from it: forgotten together."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.evaluations = _Kept(EVALUATIONS)
        self.guessers = _Kept(GUESSERS)
        self.more = _Kept(SORTS_OF_MORE)


class TagSight:
    """Reads estates, and evaluates policies over them. Safe to share between threads."""

    def __init__(self, store: Store, inventory: Inventory) -> None:
        self._store = store
        self._inventory = inventory
        self._estates = _Kept(ESTATES)

    def _held(self, tenant: str) -> _Held:
        version = self._inventory.version(tenant)
        return self._estates.get(
            (tenant, version), lambda: _Held(read_estate(version, self._store.tag_assets.rows(tenant)))
        )

    def account_tags(self, tenant: str) -> dict[str, Mapping[str, str] | None]:
        """The tags of each account, None where they are unknown."""
        return {account.id: account.tags for account in self._inventory.accounts(tenant)}

    def evaluation(self, tenant: str, policy: PolicyVersion, day: date) -> Evaluation:
        """The verdicts of a policy on a day."""
        held, accounts = self._held(tenant), self.account_tags(tenant)
        told = tuple((name, None if tags is None else tuple(sorted(tags.items()))) for name, tags in accounts.items())
        return held.evaluations.get((policy, told, day), lambda: evaluated(held.estate, policy, accounts, day))

    def another(self, tenant: str, found: Evaluation, policy: PolicyVersion) -> Evaluation:
        """The verdicts of another policy on the very estate, accounts and day of an evaluation."""
        held = self._estates.get((tenant, found.estate.version), lambda: _Held(found.estate))
        key = ("another", policy, found.policy, found.day, id(found.account_tags))
        return held.evaluations.get(key, lambda: evaluated(found.estate, policy, found.account_tags, found.day))

    def neighbourhood(self, tenant: str, estate: Estate) -> Neighbourhood:
        """What the assets of an estate have in common."""
        held = self._estates.get((tenant, estate.version), lambda: _Held(estate))
        return held.more.get("around", lambda: neighbourhood(estate, self._store.tag_assets.ties(tenant)))

    def guesser(self, tenant: str, found: Evaluation, key: str) -> Guesser:
        """What guesses values of a key, measured once for an evaluation: at 100,000 assets that takes seconds."""
        held = self._estates.get((tenant, found.estate.version), lambda: _Held(found.estate))

        def made() -> tuple[Evaluation, Guesser]:  # holds the evaluation, so that its id stays its own
            return found, Guesser(found, self.neighbourhood(tenant, found.estate), key)

        return held.guessers.get((id(found), key), made)[1]

    def bodies(self, tenant: str, policy: Policy, resources: Iterable[str]) -> dict[str, Body]:
        """What the autopsy looks at of resources, by the id or ARN that a bill has for each; those known only."""
        held = self._held(tenant)
        estate = held.estate
        places = held.more.get("places", lambda: self._places(tenant, estate))
        wanted = {name: int(estate.numbers[places[name]]) for name in resources if name in places}
        shown = {asset.asset_no: asset for asset in self._store.tag_assets.shown(sorted(set(wanted.values())))}
        untaggable = matcher((*UNTAGGABLE, *policy.untaggable))
        return {
            name: Body(shown[number].asset_id, shown[number].tags, not untaggable(shown[number].kind))
            for name, number in wanted.items()
            if number in shown
        }

    def _places(self, tenant: str, estate: Estate) -> dict[str, int]:
        """Where each ARN and id stands in the estate."""
        services = estate.facets["service"]
        number_places = {number: place for place, number in enumerate(estate.numbers.tolist())}
        places: dict[str, int] = {}
        for rows in self._store.tag_assets.ties(tenant):
            for number, resource_id, arn, _, _ in rows:
                place = number_places.get(number)
                if place is None:
                    continue
                first = services.values[services.codes[place]] in _ID_FIRST
                if resource_id and (first or resource_id not in places):
                    places[resource_id] = place
                if arn:
                    places[arn] = place
        return places
