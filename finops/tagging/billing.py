"""What the bill says of a tag key: untagged charges from stored line items, or from Cost Explorer's last days.

Reading asks what is stored. `fetch` alone asks Cost Explorer, at its price, and keeps what it said.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from finops.aws.cost_allocation import UNTOLD_CHARGE, activations, untagged_by_charge_type, untagged_by_resource
from finops.aws.cost_explorer import RESOURCE_DAYS
from finops.aws.failures import failure_of
from finops.model.costs import UNTAGGED, CostQuestion, Filter, Metric
from finops.model.errors import AwsError, CeilingReached
from finops.model.metering import Caller
from finops.model.money import ZERO, exact_sum, parse_amount
from finops.model.outcome import Failure
from finops.model.period import Period
from finops.model.tagging import Activation, BilledKey, UntaggedCharge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from decimal import Decimal

    from finops.aws.calls import Calls
    from finops.aws.cost_explorer import CePages
    from finops.costs import Costs
    from finops.model.costs import CostAnswer
    from finops.store import Store


FEATURE = "tags"
CEILING = "ceiling_reached"
USUAL_DAYS = 30
COST_EXPLORER = "cost_explorer"


@dataclass(frozen=True, slots=True)
class BilledCharges:
    """Untagged charges of a key, and what the bill says without looking at single charges.

    `untagged` None: nothing to hold the charges against; `total` is all cost of the period, tagged or not.
    """

    period: Period
    currency: str
    metric: str
    source: str
    charges: tuple[UntaggedCharge, ...]
    untagged: Decimal | None
    total: Decimal | None
    fetched: datetime | None
    notes: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()


class Bill:
    """Asks the stored bill, and on demand Cost Explorer. `resources` says whether resource-level costs are kept."""

    def __init__(
        self, store: Store, costs: Costs, calls: Calls, *, now: Callable[[], datetime], resources: bool
    ) -> None:
        self._store = store
        self._costs = costs
        self._calls = calls
        self._now = now
        self.resources = resources

    def usual_period(self, tenant: str) -> Period:
        """The last thirty complete days."""
        end = self._costs.complete_until(tenant) or self._now().date()
        return Period(end - timedelta(days=USUAL_DAYS), end)

    def from_lines(self, tenant: str, key: str, period: Period) -> BilledCharges | None:
        """Untagged charges from line items; None where none are stored of the period."""
        question = CostQuestion(
            tenant,
            period,
            group_by=("resource", "account", "service", "charge_type"),
            filters=(Filter(f"tag:{key}", (UNTAGGED,)),),
        )
        found = self._costs.answer(question)
        if not found.provenance.source:
            return None
        charges = tuple(
            UntaggedCharge(row.keys[0], row.keys[3], row.amount, row.keys[1], row.keys[2]) for row in found.rows
        )
        return self._held(tenant, key, period, charges, found)

    def from_cost_explorer(self, tenant: str, key: str) -> BilledCharges | None:
        """Untagged charges as Cost Explorer told them last; None where it was not asked for resources."""
        billed = self._store.tag_scores.billed(tenant).get(key)
        if billed is None or billed.period is None:
            return None
        question = CostQuestion(
            tenant, billed.period, metric=Metric.UNBLENDED, source=COST_EXPLORER, currency=billed.currency or None
        )
        whole = self._costs.answer(question)
        days = f"{billed.period.start} to {billed.period.last_day}"
        note = f"Cost Explorer tells resources of its last {RESOURCE_DAYS} days only; these are {days}."
        return BilledCharges(
            period=billed.period,
            currency=billed.currency,
            metric=str(Metric.UNBLENDED),
            source=COST_EXPLORER,
            charges=billed.charges,
            untagged=billed.untagged,
            total=whole.totals.get(billed.currency),
            fetched=billed.fetched,
            notes=(note,),
        )

    def _held(
        self, tenant: str, key: str, period: Period, charges: tuple[UntaggedCharge, ...], found: CostAnswer
    ) -> BilledCharges:
        """The charges beside the bill's own figure of what is untagged, asked by tag alone."""
        origin = found.provenance
        whole = CostQuestion(
            tenant, period, metric=origin.metric, source=origin.source or None, group_by=(f"tag:{key}",)
        )
        by_tag = self._costs.answer(whole)
        currency = found.currency or by_tag.currency
        untagged = total = None
        if by_tag.provenance.source and not by_tag.provenance.missing_days and currency:
            untagged = exact_sum(
                row.amount for row in by_tag.rows if row.keys[0] == UNTAGGED and row.currency == currency
            )
            total = by_tag.totals.get(currency, ZERO)
        failures = (*found.failures, *by_tag.failures)
        if not currency and len(found.totals) > 1:
            failures = (*failures, Failure("several_currencies", "The bill is in several currencies; ask for one."))
        return BilledCharges(
            period, currency, str(origin.metric), origin.source, charges, untagged, total, origin.fetched_at,
            origin.notes, tuple(dict.fromkeys(failures)),
        )  # fmt: skip

    def activation(self, tenant: str, key: str) -> Activation:
        """What Cost Explorer said last; unknown where it was never asked."""
        billed = self._store.tag_scores.billed(tenant).get(key)
        return billed.activation if billed else Activation.UNKNOWN

    def fetch(self, tenant: str, keys: Sequence[str], *, user: str = "") -> tuple[int, tuple[Failure, ...]]:
        """Asks Cost Explorer of these keys what it was not asked today, and keeps it; how many keys, and what failed.

        One request for the activations of all, and (where resource-level costs are kept) two or more for each key.
        """
        today = self._now().date()
        known = self._store.tag_scores.billed(tenant)
        due = [key for key in keys if key not in known or known[key].fetched.date() != today]
        if not due or not self._costs.coverage(tenant):
            return 0, ()
        caller = Caller(tenant, FEATURE, user)
        try:
            active = activations(self._calls, caller, due)
        except AwsError as error:
            return 0, (failure_of(error),)
        except CeilingReached as error:
            return 0, (Failure(CEILING, str(error), service="ce"),)
        kept, failures = [], []
        for key in due:
            billed, failure = self._asked(caller, key, active[key])
            kept.append(billed)
            failures += [failure] if failure else []
        self._store.tag_scores.keep_billed(tenant, kept)
        return len(kept), tuple(failures)

    def _asked(self, caller: Caller, key: str, active: Activation) -> tuple[BilledKey, Failure | None]:
        """One key; without charges where resources are not kept, or where they could not be asked."""
        now = self._now()
        nothing = BilledKey(key, active, now)
        end = min(self._costs.complete_until(caller.tenant) or now.date(), now.date())
        period = Period(min(now.date() - timedelta(days=RESOURCE_DAYS - 1), end - timedelta(days=1)), end)
        if not self.resources:
            return nothing, None
        try:
            pages = untagged_by_resource(self._calls, caller, key, period)
            whole = untagged_by_charge_type(self._calls, caller, key, period)
        except AwsError as error:
            return nothing, failure_of(error)
        except CeilingReached as error:
            return nothing, Failure(CEILING, str(error), service="ce")
        currency, charges = _charges(pages)
        _, by_type = _charges(whole)
        untagged = exact_sum(charge.amount for charge in by_type)
        tax = tuple(charge for charge in by_type if charge.charge_type == UNTOLD_CHARGE)
        return BilledKey(key, active, now, period, currency, (*charges, *tax), untagged), None


def _charges(pages: CePages) -> tuple[str, tuple[UntaggedCharge, ...]]:
    """The charges of all buckets added up, in the currency of most of them: an organization has one."""
    columns = pages.columns
    currencies = [each or "" for each in columns["currency"]]
    currency = max(sorted(set(currencies)), key=currencies.count, default="")
    resources = columns.get("resource") or [""] * len(currencies)
    amounts: dict[tuple[str, str], list[Decimal]] = {}
    rows = zip(resources, columns["charge_type"], columns["unblended"], currencies, strict=True)
    for resource, charge_type, amount, own in rows:
        if own == currency:
            amounts.setdefault((resource or "", charge_type or ""), []).append(parse_amount(amount or "0"))
    charges = (UntaggedCharge(*place, exact_sum(each)) for place, each in sorted(amounts.items()))
    return currency, tuple(charge for charge in charges if charge.amount)
