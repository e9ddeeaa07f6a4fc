"""What evaluations leave behind: a few rows a day, and what Cost Explorer said of each key last."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, delete, insert, select

from finops.model.period import Period
from finops.model.tagging import Activation, BilledKey, DayScore, UntaggedCharge
from finops.store import estate_schema as widths
from finops.store.batches import execute_many
from finops.store.exact_text import fitted, storable
from finops.store.lake import tenant_name
from finops.store.tag_schema import tag_bill, tag_score

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from finops.store.database import Database


class TagScores:
    """Scores and billed keys of every tenant. Safe to share between threads and processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, tenant: str, day: date, scores: Sequence[DayScore]) -> None:
        """Keeps the scores of a day in place of those it had."""
        tenant = tenant_name(tenant)
        rows = [_score_row(tenant, score) for score in scores]

        def work(connection: Connection) -> None:
            connection.execute(delete(tag_score).where(tag_score.c.tenant == tenant, tag_score.c.day == day))
            execute_many(connection, insert(tag_score), rows)

        self._database.write(work)

    def scores(self, tenant: str, *, since: date, key: str | None = None) -> tuple[DayScore, ...]:
        """Scores from a day on, oldest first; of one key, or of all."""
        c = tag_score.c
        wanted = select(tag_score).where(c.tenant == tenant_name(tenant), c.day >= since)
        if key is not None:
            wanted = wanted.where(c.tag_key == fitted(key, widths.TAG_KEY))
        with self._database.reading() as connection:
            return tuple(_score(row) for row in connection.execute(wanted.order_by(c.day, c.tag_key)))

    def keep_billed(self, tenant: str, billed: Sequence[BilledKey]) -> None:
        """Keeps what was said of some keys in place of what was said before."""
        tenant = tenant_name(tenant)
        rows = [_billed_row(tenant, each) for each in billed]

        def work(connection: Connection) -> None:
            for row in rows:
                own = (tag_bill.c.tenant == tenant, tag_bill.c.tag_key == row["tag_key"])
                connection.execute(delete(tag_bill).where(*own))
                connection.execute(insert(tag_bill).values(row))

        self._database.write(work)

    def billed(self, tenant: str) -> dict[str, BilledKey]:
        """What was said of each key last."""
        wanted = select(tag_bill).where(tag_bill.c.tenant == tenant_name(tenant))
        with self._database.reading() as connection:
            return {row.tag_key: _billed(row) for row in connection.execute(wanted)}


def _score_row(tenant: str, score: DayScore) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "day": score.day,
        "tag_key": fitted(score.key, widths.TAG_KEY),
        "policy_version": score.policy_version,
        "judged": score.judged,
        "compliant": score.compliant,
        "exempt": score.exempt,
        "untaggable": score.untaggable,
        "unknown_tags": score.unknown,
        "currency": score.currency,
        "judged_cost": score.judged_cost,
        "compliant_cost": score.compliant_cost,
        "untagged_cost": score.untagged_cost,
        "evaluated": score.evaluated,
    }


def _score(row: Row[Any]) -> DayScore:
    fields = row._asdict()
    del fields["tenant"]
    return DayScore(key=fields.pop("tag_key"), unknown=fields.pop("unknown_tags"), **fields)


def _billed_row(tenant: str, billed: BilledKey) -> dict[str, Any]:
    charges = [
        [each.resource, each.charge_type, format(each.amount, "f"), each.account, each.service]
        for each in billed.charges
    ]
    return {
        "tenant": tenant,
        "tag_key": fitted(billed.key, widths.TAG_KEY),
        "activation": str(billed.activation),
        "fetched": billed.fetched,
        "period_start": billed.period and billed.period.start,
        "period_end": billed.period and billed.period.end,
        "currency": billed.currency,
        "untagged": None if billed.untagged is None else format(billed.untagged, "f"),
        "charges": storable(json.dumps(charges, ensure_ascii=False, separators=(",", ":"))),
    }


def _billed(row: Row[Any]) -> BilledKey:
    charges = (
        UntaggedCharge(resource, charge_type, Decimal(amount), account, service)
        for resource, charge_type, amount, account, service in json.loads(row.charges)
    )
    period = Period(row.period_start, row.period_end) if row.period_start else None
    untagged = None if row.untagged is None else Decimal(row.untagged)
    return BilledKey(
        row.tag_key, Activation(row.activation), row.fetched, period, row.currency, tuple(charges), untagged
    )
