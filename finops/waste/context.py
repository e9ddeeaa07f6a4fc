"""What a check is given to measure with: the inventory, metrics, further reads and prices, on one day.

A check never sees a store, a credential or a client. Everything here may be shared between threads, and whatever takes
too long is stopped at its next question to AWS.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from finops.aws.calls import Ask
from finops.aws.cloudwatch import DAY, Series, Values, Window, series_values
from finops.aws.failures import failure_of
from finops.model.errors import AwsError
from finops.model.findings import DAYS_A_MONTH, Observation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from finops.aws.calls import Calls
    from finops.aws.permissions import Operation
    from finops.model.assets import Asset
    from finops.model.findings import Fact
    from finops.model.metering import Caller
    from finops.model.outcome import Failure
    from finops.model.period import Period
    from finops.waste.estate import Estate
    from finops.waste.prices import Prices

T = TypeVar("T")
K = TypeVar("K")
R = TypeVar("R")

THREADS = 16


@dataclass(frozen=True, slots=True)
class Gauge:
    """A CloudWatch metric of a resource, under the name that facts and charts give it.

    `dimensions` makes (name, value) pairs of an asset.
    """

    label: str
    namespace: str
    metric: str
    statistic: str
    dimensions: Callable[[Asset], tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Measured:
    """Series of each asset id by label; those of a place that failed are not there, and `failures` says why."""

    window: Window
    values: Mapping[str, Mapping[str, Values]]
    failures: tuple[Failure, ...] = ()

    def of(self, asset: Asset) -> Mapping[str, Values]:
        """The series of one asset by label, without those that could not be asked."""
        return self.values.get(asset.asset_id, {})

    def with_more(self, other: Measured) -> Measured:
        """These series and those of the same window that were asked later, for some of the assets."""
        both = {asset_id: {**held, **other.values.get(asset_id, {})} for asset_id, held in self.values.items()}
        return Measured(self.window, {**other.values, **both}, (*self.failures, *other.failures))


class OutOfTime(AwsError):  # noqa: N818 - the name says what happened
    """The check has used up its time."""

    def __init__(self) -> None:
        super().__init__("The check took too long.", kind=AwsError.UNAVAILABLE, code="OutOfTime")


@dataclass(frozen=True, slots=True)
class Reads:
    """Questions to AWS on behalf of a check, a few at a time; nothing more is asked once its time is up."""

    calls: Calls
    caller: Caller
    until: float
    threads: int = THREADS

    def answers(self, asks: Iterable[tuple[K, Ask]]) -> list[tuple[K, dict[str, Any] | Failure]]:
        """The answer of each single call, or why there is none, in the order asked."""
        return self.each(asks, lambda ask: self.calls.call(ask, self.caller))

    def pages(self, asks: Iterable[tuple[K, Ask]]) -> list[tuple[K, list[dict[str, Any]] | Failure]]:
        """All pages of each question, or why they are not all there: never a part of them."""
        return self.each(asks, lambda ask: list(self.calls.pages(ask, self.caller)))

    def each(self, asks: Iterable[tuple[K, T]], answer: Callable[[T], R]) -> list[tuple[K, R | Failure]]:
        """What `answer` makes of each question, failures of AWS as values."""

        def one(entry: tuple[K, T]) -> tuple[K, R | Failure]:
            try:
                if time.monotonic() > self.until:
                    raise OutOfTime
                return entry[0], answer(entry[1])
            except AwsError as error:
                return entry[0], failure_of(error)

        waiting = list(asks)
        if len(waiting) <= 1:
            return [one(entry) for entry in waiting]
        with ThreadPoolExecutor(min(self.threads, len(waiting)), thread_name_prefix="waste") as pool:
            return list(pool.map(one, waiting))


@dataclass(frozen=True, slots=True)
class Context:
    """One run, as a check sees it. `now` is the instant of the run; `bill_period` the days that bills are known for."""

    tenant: str
    now: datetime
    estate: Estate
    reads: Reads
    prices: Prices
    bill_period: Period | None = None
    _series: dict[tuple[str, str, Window, Series], Values] = field(default_factory=dict)

    def ask(self, operation: Operation, params: Mapping[str, Any], asset: Asset, *required: str) -> Ask:
        """A question in an asset's account and region."""
        return Ask(operation, params, required, asset.account, asset.region)

    def metrics(self, assets: Sequence[Asset], gauges: Sequence[Gauge], days: int, *, seconds: int = DAY) -> Measured:
        """The gauges of assets over the last whole days: one batch of calls for each account and region.

        What another check of this run has asked already is not asked again.
        """
        window = Window.of_days(self.now, days, seconds)
        wanted: dict[tuple[str, str], list[tuple[tuple[str, str], Series]]] = {}
        for asset in assets:
            for gauge in gauges:
                series = Series(gauge.namespace, gauge.metric, gauge.statistic, gauge.dimensions(asset))
                place = wanted.setdefault((asset.account, asset.region), [])
                place.append(((asset.asset_id, gauge.label), series))
        asks = [(where, (where, [one for _, one in entries])) for where, entries in wanted.items()]
        failures: list[Failure] = []
        values: dict[str, dict[str, Values]] = {}
        for where, found in self.reads.each(asks, lambda ask: self._values(*ask, window)):
            if not isinstance(found, tuple):
                failures.append(found)
                continue
            for ((asset_id, label), _), known in zip(wanted[where], found, strict=True):
                values.setdefault(asset_id, {})[label] = known
        return Measured(window, values, tuple(failures))

    def _values(self, where: tuple[str, str], wanted: list[Series], window: Window) -> tuple[Values, ...]:
        new = [one for one in dict.fromkeys(wanted) if (*where, window, one) not in self._series]
        if new:
            found = series_values(self.reads.calls, where, new, window, self.reads.caller)
            self._series.update(zip(((*where, window, one) for one in new), found, strict=True))
        return tuple(self._series[(*where, window, one)] for one in wanted)

    def observation(
        self,
        check_id: str,
        asset: Asset,
        facts: Mapping[str, Fact],
        *,
        measured: Measured | None = None,
        amounts: Mapping[str, Decimal | None] | None = None,
        issue: str = "",
    ) -> Observation:
        """Facts about an asset, with what is known of its series, its bill and its place.

        `amounts` are dollars a month; those that are None are left out: unknown. Where the asset's place could not be
        listed the last time, the fact `unlisted_since` says when it last could. Without a time of creation there is no
        `age_days`: when the inventory first saw it says nothing about its age.
        """
        known = {name: amount for name, amount in (amounts or {}).items() if amount is not None}
        bill = self.monthly_bill(asset)
        stale = self.estate.unlisted_since(asset)
        return Observation(
            check_id=check_id,
            account=asset.account,
            region=asset.region,
            kind=asset.kind,
            resource_id=asset.resource_id,
            arn=asset.arn,
            name=asset.name,
            issue=issue,
            created=asset.created or None,
            tags=asset.tags,
            facts={
                **({"age_days": (self.now - asset.created).days} if asset.created else {}),
                **({"unlisted_since": stale.isoformat()} if stale else {}),
                **facts,
            },
            series=measured.of(asset) if measured else {},
            window_start=measured.window.start.date() if measured else None,
            window_end=measured.window.end.date() if measured else None,
            amounts={**({"bill": bill} if bill is not None else {}), **known},
            currency=asset.currency or "USD",
        )

    def monthly_bill(self, asset: Asset) -> Decimal | None:
        """What the asset costs a month by its own bill: its average day, times 365/12. None where that is unknown."""
        if asset.cost is None or self.bill_period is None:
            return None
        lived = (self.bill_period.end - asset.created.date()).days if asset.created else self.bill_period.days
        days = max(1, min(self.bill_period.days, lived))
        return (asset.cost / days * DAYS_A_MONTH).quantize(Decimal("0.000001"))
