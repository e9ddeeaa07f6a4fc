"""An inventory of a few assets in a store of its own, and an evaluation told a second time in plain Python."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops.facade import Finops, open_finops
from finops.model.accounts import Account
from finops.model.assets import Listed, Place, Seen
from finops.model.tagging import Policy, PolicyVersion, Rule
from finops.tagging.estate import Estate, read_estate
from tests import stocked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

TENANT = "acme"
ONE, TWO = "111111111111", "222222222222"
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
TODAY = NOW.date()
GRACE = timedelta(days=7)


def seen(number: int, tags: Mapping[str, str] | None, kind: str = "ec2:instance", **more: Any) -> Seen:
    """One asset. It is in the first account unless told."""
    service, _, noun = kind.partition(":")
    account, region = more.pop("account", ONE), more.pop("region", "us-east-1")
    resource_id = more.pop("resource_id", f"{noun}-{number}")
    usual = {
        "name": f"{noun} {number}",
        "arn": f"arn:aws:{service}:{region}:{account}:{noun}/{resource_id}",
        "created": NOW - timedelta(days=400),
    }
    return Seen(kind, service, account, region, resource_id, tags=tags, **(usual | more))


def keep(finops: Finops, assets: Sequence[Seen], at: datetime = NOW) -> None:
    """Keeps the assets as discovery would."""
    places: dict[Place, list[Seen]] = {}
    for each in assets:
        places.setdefault(Place(each.account, each.region, each.kind), []).append(each)
    listed = [Listed(place, tuple(items)) for place, items in places.items()]
    finops.store.assets.store(TENANT, listed, at=at, gone_after=GRACE)


def price(finops: Finops, amounts: Mapping[str, str], currency: str = "USD") -> None:
    """Says what assets cost, by resource id."""
    finops.inventory.price(TENANT, {name: (Decimal(amount), currency) for name, amount in amounts.items()})


@contextmanager
def opened(
    folder: Path,
    assets: Sequence[Seen],
    *rules: Rule,
    accounts: Mapping[str, Mapping[str, str] | None] | None = None,
    now: datetime = NOW,
) -> Iterator[Finops]:
    """The facade over some assets, with a policy of some rules."""
    finops = open_finops(stocked.settings(folder, tenant=TENANT), now=lambda: now)
    try:
        told = accounts if accounts is not None else {ONE: {}, TWO: {}}
        known = [Account(each, f"name of {each}", "ACTIVE", tags=tags, source="test") for each, tags in told.items()]
        finops.store.accounts.save(TENANT, known, at=NOW)
        if assets:
            keep(finops, assets)
        if rules:
            finops.tagging.save(TENANT, Policy(rules), over=0, by="ann")
        yield finops
    finally:
        finops.close()


def estate_of(assets: Sequence[Seen], first_seen: date = TODAY, costs: Sequence[tuple[int | None, str]] = ()) -> Estate:
    """The columns of some assets, without a store in between; costs in micro-units, with their currency."""
    priced = costs or [(None, "")] * len(assets)
    moment = datetime.combine(first_seen, datetime.min.time())
    rows = [
        (
            number,
            each.kind,
            each.service,
            each.account,
            each.region,
            each.tags is not None,
            each.created and each.created.replace(tzinfo=None),
            moment,
            *priced[number - 1],
            None if each.tags is None else _json(each.tags),
        )
        for number, each in enumerate(assets, 1)
    ]
    return read_estate(1, [rows] if rows else [])


def version(*rules: Rule, **more: Any) -> PolicyVersion:
    """A policy of some rules as if it had been saved."""
    return PolicyVersion(1, Policy(rules, **more))


def told_plainly(  # noqa: C901, PLR0911, PLR0912 - the rules of the page docs/tagging.md, one after the other
    rule: Rule,
    asset: Seen,
    account_tags: Mapping[str, str] | None,
    untaggable: Sequence[str] = (),
    today: date = TODAY,
) -> str | None:
    """The verdict as docs/tagging.md tells it, in the order in which it is told there."""

    def means(patterns: Sequence[str]) -> bool:
        service = asset.kind.split(":", maxsplit=1)[0]
        return "*" in patterns or asset.kind in patterns or f"{service}:*" in patterns

    if not means(rule.kinds):
        return None
    required = rule.required and (not rule.required_kinds or means(rule.required_kinds))
    if means(untaggable):
        return "untaggable" if required else None
    if asset.tags is None:
        return "unknown"

    def value_of(text: str) -> str:
        allowed = [".*".join(re.escape(part) for part in each.split("*")) for each in rule.values]
        allowed += list(rule.patterns)
        if not allowed or any(re.fullmatch(each, text, re.DOTALL) for each in allowed):
            return "ok"
        if any(re.fullmatch(each, text, re.DOTALL | re.IGNORECASE) for each in allowed):
            return "ok" if rule.case == "normalise" else "bad_case"
        return "bad_value"

    names = {name.casefold() for name in (rule.key, *rule.aliases)}
    spelled = {key: value for key, value in asset.tags.items() if key != rule.key and key.casefold() in names}
    own = asset.tags.get(rule.key)
    if own is not None and own.strip():
        verdict = value_of(own)
    elif any(value.strip() for value in spelled.values()):
        verdict = "alias"
    else:
        verdict = "missing" if own is None and not spelled else "empty"
        if rule.inherit:
            if account_tags is None:
                return "unknown"
            inherited = account_tags.get(rule.key, "")
            if inherited.strip():
                verdict = value_of(inherited)
        if verdict in {"missing", "empty"} and not required:
            return None
    if verdict != "ok":
        born = asset.created.date() if asset.created else today
        if rule.since is not None and born < rule.since:
            return "exempt"
        for each in rule.exemptions:
            if today < each.until and means(each.kinds) and (not each.accounts or asset.account in each.accounts):
                return "exempt"
    return verdict


def _json(tags: Mapping[str, str]) -> str:

    return json.dumps(dict(tags), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
