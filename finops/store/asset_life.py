"""How the life of assets goes, without any I/O: what listings make of what is known.

    book = Book(places, lives, at=at, gone_after=gone_after)
    for listed in listings: book.see(place_key, sights)
    for listed in complete ones: book.miss(place_key)

One place answers for an asset: among those that list it the one whose account the ARN names, then that of the lowest
key, whatever the order they are listed in. Another one is remembered, and takes over when the first no longer lists the
asset, or was not listed itself for the whole grace period. So a subnet shared by many accounts keeps one account, and
what moved is not missing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from finops.model.assets import ChangeKind, Lifecycle
from finops.store.asset_facts import at_home, canonical, without

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime, timedelta

    from finops.store.asset_facts import Facts, Sight


@dataclass(slots=True)
class PlaceFacts:
    """What the life of an asset asks of a place: whose it is, its latest complete listing, and if there was one before.

    Before its first complete listing a place is not `watched`: what it shows was there already, for all anybody knows.
    """

    account: str
    complete: datetime | None = None
    watched: bool = False


@dataclass(slots=True)
class Life:
    """An asset on its way through a book. `asset_no` is None until it has a row."""

    asset_id: str
    facts: Facts
    place_key: str
    lifecycle: Lifecycle
    first_seen: datetime
    last_seen: datetime
    missing_since: datetime | None = None
    other_place: str | None = None
    other_seen: datetime | None = None
    asset_no: int | None = None

    @property
    def standing(self) -> tuple[object, ...]:
        """What of the life itself is stored, `last_seen` apart."""
        return (self.place_key, self.lifecycle, self.missing_since, self.other_place, self.other_seen)


@dataclass(frozen=True, slots=True)
class Event:
    """One change of one asset; values as JSON."""

    life: Life
    kind: ChangeKind
    field: str = ""
    before: str | None = None
    after: str | None = None


@dataclass(slots=True)
class Book:
    """Everything that one call of `store` looks at. `lives` and `events` are what came of it."""

    places: Mapping[str, PlaceFacts]
    lives: dict[str, Life]
    at: datetime
    gone_after: timedelta
    events: list[Event] = field(default_factory=list)
    _seen: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def see(self, place_key: str, sights: Iterable[Sight]) -> None:
        """What a place lists exists. Of two items with one identity the later one counts."""
        for sight in {each.asset_id: each for each in sights}.values():
            self._seen[place_key].add(sight.asset_id)
            life = self.lives.get(sight.asset_id)
            if life is None:
                self._appear(place_key, sight)
            elif self._is_late(life):
                continue
            elif life.place_key == place_key or self._takes_over(place_key, sight, life):
                self._recognise(place_key, sight, life)
            elif not sight.ended:
                life.other_place, life.other_seen, life.last_seen = place_key, self.at, self.at

    def miss(self, place_keys: Iterable[str]) -> None:
        """What places answer for and do not list any more is missing, and gone when it was missing long enough.

        To be called once, with the places that were listed completely, after everything was seen.
        """
        missed = set(place_keys)
        for life in self.lives.values():
            if life.place_key in missed and life.asset_id not in self._seen[life.place_key]:
                self._absent(life)

    @property
    def seen(self) -> int:
        """How many items were listed."""
        return sum(len(ids) for ids in self._seen.values())

    def counts(self) -> dict[str, int]:
        """How many assets each kind of change happened to."""
        met = {(event.kind, event.life.asset_id) for event in self.events}
        return dict(Counter(str(kind) for kind, _ in met))

    def _appear(self, place_key: str, sight: Sight) -> None:
        life = Life(sight.asset_id, sight.facts, place_key, Lifecycle.ACTIVE, self.at, self.at)
        self.lives[sight.asset_id] = life
        if self.places[place_key].watched:
            self.events.append(Event(life, ChangeKind.APPEARED))
            self._live(life, ended=sight.ended)
            return
        self.events.append(Event(life, ChangeKind.FOUND))
        if sight.ended:  # over before anybody watched: no news either
            life.lifecycle, life.missing_since = Lifecycle.GONE, self.at

    def _recognise(self, place_key: str, sight: Sight, life: Life) -> None:
        if life.place_key != place_key:
            self._hand_over(place_key, life)
        facts = sight.facts.after(life.facts)
        self.events += changes(life, life.facts, facts, sight.gauges)
        life.facts = facts
        life.last_seen = self.at
        self._live(life, ended=sight.ended)

    def _live(self, life: Life, *, ended: bool) -> None:
        """Brings the lifecycle in line with having been seen now."""
        if ended and life.lifecycle != Lifecycle.GONE:
            life.lifecycle, life.missing_since = Lifecycle.GONE, life.missing_since or self.at
            self.events.append(Event(life, ChangeKind.GONE))
        elif not ended and life.lifecycle != Lifecycle.ACTIVE:
            life.lifecycle, life.missing_since = Lifecycle.ACTIVE, None
            self.events.append(Event(life, ChangeKind.BACK))

    def _absent(self, life: Life) -> None:
        if life.lifecycle == Lifecycle.ACTIVE and life.last_seen <= self.at:
            if self._claimed(life):
                life.place_key, life.other_place, life.other_seen = str(life.other_place), None, None
                return
            life.lifecycle, life.missing_since = Lifecycle.MISSING, self.at
            self.events.append(Event(life, ChangeKind.MISSING))
        since = life.missing_since if life.lifecycle == Lifecycle.MISSING else None
        if since is not None and self.at - since >= self.gone_after:
            life.lifecycle = Lifecycle.GONE
            self.events.append(Event(life, ChangeKind.GONE))

    def _is_late(self, life: Life) -> bool:
        """Whether something newer is known: a later sight, or the later listing that told that it was missing."""
        known = self._complete(life.place_key) if life.lifecycle != Lifecycle.ACTIVE else None
        return self.at < life.last_seen or (known is not None and self.at < known)

    def _takes_over(self, place_key: str, sight: Sight, life: Life) -> bool:
        """Whether a place answers from now on for what another one answered for."""
        if life.lifecycle != Lifecycle.ACTIVE:
            return not (sight.ended and life.lifecycle == Lifecycle.GONE)
        owned_at_home = at_home(life.facts.arn, self.places[life.place_key].account)
        if (not sight.at_home, place_key) < (not owned_at_home, life.place_key):
            return True
        listed = self._complete(life.place_key)
        return life.other_place == place_key and listed is not None and self.at - listed >= self.gone_after

    def _hand_over(self, place_key: str, life: Life) -> None:
        """Lets a place answer for an asset; the one that did so until now is the other one that lists it."""
        listed = self._complete(life.place_key) or life.last_seen
        former = life.place_key if life.lifecycle == Lifecycle.ACTIVE else None
        life.other_place, life.other_seen = former, min(listed, life.last_seen) if former else None
        life.place_key = place_key

    def _claimed(self, life: Life) -> bool:
        """Whether another place still lists the asset: it did within the grace period, and not completely without."""
        if life.other_place is None or life.other_seen is None or self.at - life.other_seen > self.gone_after:
            return False
        complete = self._complete(life.other_place)
        return complete is None or life.other_seen >= complete

    def _complete(self, place_key: str) -> datetime | None:
        return self.places[place_key].complete


def changes(life: Life, before: Facts, after: Facts, gauges: Collection[str] = ()) -> list[Event]:
    """One event for each recorded field that differs. Tags that become known are no change of the asset.

    Details that are `gauges` move by themselves: alone they are no news, and they are no part of it.
    """
    found = []
    if before.state != after.state:
        found.append(Event(life, ChangeKind.CHANGED, "state", canonical(before.state), canonical(after.state)))
    if before.name != after.name:
        found.append(Event(life, ChangeKind.CHANGED, "name", canonical(before.name), canonical(after.name)))
    if before.tags is not None and before.tags != after.tags:
        found.append(Event(life, ChangeKind.CHANGED, "tags", before.tags, after.tags))
    details = [without(facts.details, gauges) for facts in (before, after)]
    if details[0] != details[1]:
        found.append(Event(life, ChangeKind.CHANGED, "details", *details))
    return found
