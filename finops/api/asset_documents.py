"""Assets, what happened to them, and accounts as documents. API and command line send the same ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from export import asset_records
from finops.api.envelope import Document, Meta, envelope, failure_line, instant
from finops.model.outcome import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from export import Record
    from finops.inventory import AssetDetail, Standing
    from finops.model.accounts import Account
    from finops.model.assets import Asset, AssetChange, AssetFilter, AssetPage, Neighbour
    from finops.model.period import Period

IDENTITY = (
    *("asset_id", "arn", "resource_id", "name", "kind", "service"),
    *("account", "account_name", "region", "state", "lifecycle"),
)
"""The fields of an asset that tell which one it is."""
SOURCE = "discovery"
NOT_LISTED = "not_listed"
"""Code of the failure of what no discovery has visited: nothing is known of it, which is not the same as nothing."""
_CELL = 30_000  # Excel's cells end at 32,767
_DISCOVER = "run `inventory discover`"


def assets_page(
    page: AssetPage,
    meta: Meta,
    *,
    names: Mapping[str, str],
    next_cursor: str | None,
    counts: Mapping[str, Mapping[str, int]] | None = None,
) -> Document:
    """`data.items[]` assets, `data.facets` how many have each value of each facet (with `counts`), `meta.total`."""
    data: Document = {"items": list(asset_records(page.items, account_names=names))}
    if counts is not None:
        data["facets"] = counts
    return envelope(data, _with(meta, total=page.total, next_cursor=next_cursor))


def asset_detail(detail: AssetDetail, meta: Meta, *, names: Mapping[str, str]) -> Document:
    """`data.asset`, `data.relationships[]` in both directions, `data.history[]` newest first."""
    data = {
        "asset": next(asset_records([detail.asset], account_names=names)),
        "relationships": [_relationship(neighbour) for neighbour in detail.neighbours],
        "history": [{"at": change.at, "kind": str(change.kind), **_values(change)} for change in detail.history],
    }
    return envelope(data, meta)


def changes_page(
    changes: Sequence[tuple[AssetChange, Asset]],
    meta: Meta,
    *,
    names: Mapping[str, str],
    total: int | None,
    next_cursor: str | None,
) -> Document:
    """`data.items[]` newest first: `at`, `change`, `field`, `before`, `after` and which asset it was.

    `meta.total` is null while there are further pages: only the last one knows.
    """
    records = asset_records((asset for _, asset in changes), account_names=names)
    items = [change_record(change, record) for (change, _), record in zip(changes, records, strict=True)]
    return envelope({"items": items}, _with(meta, total=total, next_cursor=next_cursor))


def accounts_document(
    accounts: Sequence[Account], tenant: str, *, as_of: datetime | None = None, failures: tuple[Failure, ...] = ()
) -> Document:
    """`data.items[]` accounts. `as_of` is when they were last listed; unless told, the latest of their `last_seen`.

    Partial when none are known: there always is one.
    """
    if not accounts and not failures:
        failures = (Failure(NOT_LISTED, "No account is known yet; run `accounts sync`."),)
    seen = max((account.last_seen for account in accounts if account.last_seen is not None), default=None)
    sources = sorted({account.source for account in accounts if account.source})
    meta = Meta(
        tenant=tenant,
        as_of=as_of or seen,
        source=", ".join(sources) or None,
        partial=bool(failures),
        failures=failures,
        more={"total": len(accounts)},
    )
    return envelope({"items": [account_record(account) for account in accounts]}, meta)


def inventory_meta(
    tenant: str, standing: Standing, only: AssetFilter | None = None, *, cost_period: Period | None = None
) -> Meta:
    """What an answer from the inventory says about itself, for what the filter concerns.

    `as_of` is the latest complete listing, `oldest` the one longest ago; `accounts` counts those visited, those that
    could not be entered, and those where something failed. `cost_period` holds the days that costs of assets are of.
    """
    days = None if cost_period is None else {"start": cost_period.start, "end": cost_period.end}
    failures = reasons(standing, only)
    counted = {"visited": len(standing.accounts), "closed": len(standing.closed), "failed": len(standing.failed)}
    return Meta(
        tenant=tenant,
        as_of=standing.checked,
        source=SOURCE,
        partial=bool(failures),
        failures=failures,
        more={"oldest": standing.oldest, "accounts": counted, "cost_period": days},
    )


def reasons(standing: Standing, only: AssetFilter | None = None) -> tuple[Failure, ...]:
    """Why an answer may lack assets: what could not be listed, and what was asked for but never visited."""
    asked = only.accounts if only else ()
    unknown = tuple(account for account in asked if account not in standing.accounts)
    if not standing.accounts and not unknown:
        return (Failure(NOT_LISTED, f"No discovery has listed anything of this yet; {_DISCOVER}."),)
    told = (Failure(NOT_LISTED, f"Nothing of this was ever listed there; {_DISCOVER}.", each) for each in unknown)
    return (*standing.failures, *told)


def file_notes(tenant: str, meta: Meta, *, standing: Standing, asked: str, now: datetime) -> tuple[str, ...]:
    """What a file says about itself: whose assets, which ones, how fresh, and what could not be listed."""
    lines = [
        f"Assets of tenant {tenant}",
        f"Filter: {asked or 'none'}",
        *_cost_note(meta),
        f"Made {instant(now)}, listed up to {instant(meta.as_of) if meta.as_of else 'never'}",
    ]
    if meta.failures:
        lacking = {failure.account for failure in meta.failures if failure.account}
        concerned = lacking | set(standing.accounts)
        lines.append(
            f"NOT COMPLETE: {len(lacking)} of {len(concerned)} accounts could not be listed, or not as a whole"
        )
    return (*lines, *(failure_line(failure) for failure in meta.failures))


def _cost_note(meta: Meta) -> tuple[str, ...]:
    days = meta.more.get("cost_period")
    if not isinstance(days, dict):
        return ()
    return (f"Costs are of {days['start']} up to, and without, {days['end']}; an empty cell is unknown, not free",)


def partial_heading(failures: Sequence[Failure]) -> str:
    """What could not be listed, in one cell: each missing permission or code with its accounts, the longest list cut.

    A CSV has one table and no comments. As the heading of one more, empty column it is seen by whoever opens the file,
    and every row still is an asset.
    """
    places: dict[str, list[str]] = {}
    for failure in failures:
        missing = f"missing {failure.missing_action}" if failure.missing_action else _fault(failure)
        places.setdefault(missing, []).append(" ".join(filter(None, (failure.account, failure.region))) or "everywhere")
    parts = [f"{what} in {', '.join(dict.fromkeys(where))}" for what, where in places.items()]
    text = f"PARTIAL: {'; '.join(parts)}"
    return text if len(text) <= _CELL else f"{text[:_CELL]}… (all of it: meta.failures of the same answer as JSON)"


def change_record(change: AssetChange, asset: Record) -> Document:
    """One change with the record of the asset it happened to, as that is now."""
    told: Document = {"at": change.at, "change": str(change.kind), **_values(change)}
    return told | {name: asset[name] for name in IDENTITY}


def account_record(account: Account) -> Document:
    """One account. Its external id is told to nobody, only whether there is one."""
    return {
        "account": account.id,
        "name": account.name,
        "status": account.status,
        "email": account.email,
        "unit": account.unit,
        "tags": account.tags,
        "role": account.role,
        "external_id": "set" if account.external_id_set else "not set",
        "regions": None if account.regions is None else list(account.regions),
        "source": account.source,
        "joined": account.joined,
        "first_seen": account.first_seen,
        "last_seen": account.last_seen,
    }


def account_names(accounts: Iterable[Account]) -> dict[str, str]:
    """Account id → name."""
    return {account.id: account.name for account in accounts}


def _fault(failure: Failure) -> str:
    return f"{failure.code} at {failure.service}" if failure.service else failure.code


def _relationship(neighbour: Neighbour) -> Document:
    other = neighbour.asset
    return {
        "relation": neighbour.relation,
        "direction": "outgoing" if neighbour.outgoing else "incoming",
        "kind": neighbour.kind,
        "target": neighbour.target,
        "asset_id": other.asset_id if other else None,
        "name": other.name if other else "",
    }


def _values(change: AssetChange) -> Document:
    return {"field": change.field, "before": change.before, "after": change.after}


def _with(meta: Meta, **more: object) -> Meta:
    return replace(meta, more={**meta.more, **more})
