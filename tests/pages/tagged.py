"""Houses with hand-made assets and tags, as a discovery would have listed them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.model.accounts import Account
from finops.model.assets import Listed, Place, Seen
from finops.model.tagging import Policy, Rule
from finops.tagging.policy import policy_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from finops.facade import Finops

TENANT, ONE, TWO = "demo", "111111111111", "222222222222"
GRACE = timedelta(days=7)


def seen(number: int, tags: Mapping[str, str] | None, *, kind: str = "ec2:instance", account: str = ONE) -> Seen:
    """One asset."""
    service, _, noun = kind.partition(":")
    arn = f"arn:aws:{service}:us-east-1:{account}:{noun}/{noun}-{number}"
    return Seen(kind, service, account, "us-east-1", f"{noun}-{number}", arn=arn, name=f"{noun} {number}", tags=tags)


def estate(
    finops: Finops, assets: Sequence[Seen], *rules: Rule, costs: Mapping[str, str] | None = None, currency: str = "USD"
) -> None:
    """Lists the assets, prices some by resource id, and keeps a policy of the rules where there are any."""
    now = finops.now()
    accounts = [Account(each, f"account {each[0]}", "ACTIVE", tags={}, source="test") for each in (ONE, TWO)]
    finops.store.accounts.save(TENANT, accounts, at=now)
    places: dict[Place, list[Seen]] = {}
    for each in assets:
        places.setdefault(Place(each.account, each.region, each.kind), []).append(each)
    listed = [Listed(place, tuple(items)) for place, items in places.items()]
    finops.store.assets.store(TENANT, listed, at=now, gone_after=GRACE)
    finops.inventory.price(TENANT, {name: (Decimal(amount), currency) for name, amount in (costs or {}).items()})
    if rules:
        finops.tagging.save(TENANT, Policy(rules), over=0, by="persona:manager", note="the first")


def document(*rules: Rule) -> dict[str, object]:
    """A policy as JSON has it."""
    return policy_document(Policy(rules))
