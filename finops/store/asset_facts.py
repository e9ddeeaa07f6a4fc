"""What a listing says of a resource, as the store keeps it: storable texts, canonical JSON, and a stable identity."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from finops.store import estate_schema as widths
from finops.store.exact_text import fitted, storable

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from finops.model.assets import Place, Seen

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
_WORDS = json.JSONEncoder()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a resource. `tags` (None: unknown), `details` and `links` are canonical JSON."""

    kind: str
    service: str
    account: str
    region: str
    state: str
    created: datetime | None
    resource_id: str
    name: str
    arn: str
    tags: str | None
    details: str
    links: str

    def after(self, known: Facts) -> Facts:
        """These facts, completed by what was known before where they leave something open; `known` itself if equal.

        Without its tags a resource may have lost the name it takes from one of them.
        """
        if self == known:
            return known
        named = self.tags is None and self.name in {"", self.resource_id}
        whole = replace(
            self,
            created=self.created or known.created,
            tags=known.tags if self.tags is None else self.tags,
            name=known.name if named else self.name,
        )
        return known if whole == known else whole

    @property
    def tag_rows(self) -> dict[str, str]:
        """Tags as they are filtered by: fitted keys and values."""
        return {
            fitted(key, widths.TAG_KEY): fitted(value, widths.TAG_VALUE)
            for key, value in json.loads(self.tags or "{}").items()
        }

    @property
    def search(self) -> str:
        """Name, id, ARN and tags, case-folded, one a line."""
        tags = (f"{key}={value}" for key, value in json.loads(self.tags or "{}").items())
        own_id = () if self.resource_id in self.arn else (self.resource_id,)
        return "\n".join(dict.fromkeys((self.name, *own_id, self.arn, *tags))).casefold()

    @property
    def name_key(self) -> str:
        """What the name is sorted by."""
        return self.name.casefold()[: widths.NAME_KEY]


@dataclass(frozen=True, slots=True)
class Sight:
    """One item of a listing, ready to be kept. `at_home`: its ARN names the account it was listed in.

    `gauges` are details that move by themselves.
    """

    asset_id: str
    facts: Facts
    ended: bool
    at_home: bool
    gauges: frozenset[str] = frozenset()


def sight(tenant: str, place: Place, seen: Seen, gauges: frozenset[str] = frozenset()) -> Sight:
    """An item as it is kept; the same item always gives the same."""
    return Sight(asset_id(tenant, seen), _facts(seen), seen.ended, at_home(seen.arn, place.account), gauges)


def without(details: str, gauges: Collection[str]) -> str:
    """Details, as canonical JSON, without some of them."""
    if not gauges:
        return details
    return canonical({name: value for name, value in json.loads(details).items() if name not in gauges})


def _facts(seen: Seen) -> Facts:
    links = {
        (fitted(link.relation, widths.RELATION), fitted(link.target_kind, widths.KIND), storable(link.target))
        for link in seen.links
    }
    return Facts(
        kind=fitted(seen.kind, widths.KIND),
        service=fitted(seen.service, widths.SERVICE),
        account=fitted(seen.account, widths.ACCOUNT),
        region=fitted(seen.region, widths.REGION),
        state=fitted(seen.state, widths.STATE),
        created=seen.created,
        resource_id=storable(seen.resource_id),
        name=storable(seen.name),
        arn=storable(seen.arn),
        tags=None if seen.tags is None else canonical(seen.tags),
        details=canonical(seen.details),
        links=canonical([list(link) for link in sorted(links)]),
    )


def asset_id(tenant: str, seen: Seen) -> str:
    """Who a resource is: its ARN; without one its id, account and region; without that its name, account and service.

    The first 32 hexadecimal digits of a SHA-256, the same in every run and on every database.
    """
    if seen.arn:
        return digest(tenant, "arn", seen.arn)
    if seen.resource_id:
        return digest(tenant, "id", seen.resource_id, seen.account, seen.region)
    return digest(tenant, "name", seen.name, seen.account, seen.service)


def arn_id(tenant: str, arn: str) -> str:
    """The asset id of the resource with this ARN."""
    return digest(tenant, "arn", arn)


def place_key(tenant: str, place: Place) -> str:
    """The key of a place."""
    return digest(tenant, place.account, place.region, place.kind)


def text_key(tenant: str, text: str) -> str:
    """The key by which a resource id, or what a link points to, is found."""
    return digest(tenant, text)


def digest(*words: str) -> str:
    """The first 32 hexadecimal digits of the SHA-256 of texts, whatever they hold."""
    return hashlib.sha256(_WORDS.encode(words).encode()).hexdigest()[: widths.KEY]


def at_home(arn: str, account: str) -> bool:
    """Whether an ARN names this account as the owner. Shared subnets are listed by many accounts, owned by one."""
    return arn.split(":", 5)[4:5] == [account]


def canonical(value: object) -> str:
    """JSON with sorted keys, without spaces, of storable texts: equal values give equal texts."""
    try:
        text = _ENCODER.encode(value)
    except (TypeError, ValueError):  # a type that JSON does not have, or a number that it cannot spell
        return _ENCODER.encode(_plain(value))
    return text if "\\u0000" not in text and storable(text) == text else _ENCODER.encode(_plain(value))


def _plain(value: object) -> Any:
    """The value in JSON's types; what has none becomes text, numbers that JSON cannot spell become null."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {storable(str(key)): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return storable(str(value))
