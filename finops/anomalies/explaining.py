"""Asks the stored costs what is behind an anomaly: regions, usage types and, where line items exist, resources."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from finops.anomalies.cause import MOST, WEEKS, Window, change, smallest_set
from finops.anomalies.use import NO_USE
from finops.costs.cubes import NO_RESOURCE
from finops.model.anomalies import AnomalyKind, Cause, CausePart, CauseResource
from finops.model.costs import CostQuestion, Filter, Granularity
from finops.model.money import CENT
from finops.model.period import Period

if TYPE_CHECKING:
    from finops.anomalies.use import Bill
    from finops.model.anomalies import Anomaly
    from finops.model.costs import CostAnswer, Metric

ACCOUNT, SERVICE = "account", "service"
MOST_RESOURCES = 10
_RESOURCE_SHARE = Decimal("0.05")
_SHARE = Decimal("0.0001")

Parts = dict[tuple[str, ...], dict[date, float]]


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains anomalies of one tenant; the same question is asked once, since answers are remembered."""

    bill: Bill
    tenant: str
    known: Period
    metric: Metric | None
    source: str
    kept: dict[str, dict[str, Parts]] = field(default_factory=dict)

    def cause(self, anomaly: Anomaly) -> Cause:
        """The cause of an anomaly. Without parts where no small set of them explains it, or nothing is stored."""
        window = _window(anomaly, self.known)
        whole = _whole(anomaly, window)
        parts = self._parts(anomaly, ("region", "usage_type"), window)
        basis = ACCOUNT
        if parts is None:
            basis, found = SERVICE, self._of_service(anomaly, window, whole)
        else:
            changes = {(keys[0], keys[1]): change(days, window) for keys, days in parts.items()}
            found = tuple((region, name, changes[region, name]) for region, name in smallest_set(changes, whole))
        told = tuple(_part(region, usage_type, delta, whole) for region, usage_type, delta in found)
        return Cause(told, self._resources(anomaly, window, whole), basis if told else "")

    def _of_service(self, anomaly: Anomaly, window: Window, whole: float) -> tuple[tuple[str, str, float], ...]:
        """Regions and usage types of the service in all accounts, each asked by itself, and put together.

        Where either is one alone, so is each pair; otherwise the usage types are told without a region.
        """
        regions, types = (self._changed(anomaly, name, window, whole) for name in ("region", "usage_type"))
        if len(types) == 1 and len(regions) > 1:
            name = next(iter(types))
            return tuple((region, name, delta) for region, delta in regions.items())
        region = next(iter(regions)) if len(regions) == 1 else ""
        if not types:
            return tuple((each, "", delta) for each, delta in regions.items())
        return tuple((region, name, delta) for name, delta in types.items())

    def _changed(self, anomaly: Anomaly, dimension: str, window: Window, whole: float) -> dict[str, float]:
        """What the smallest set of values changed by, brought down to this account where others moved along with it."""
        days = self._service(anomaly, dimension)
        changes = {name[0]: change(amounts, window) for name, amounts in days.items()}
        together = sum(changes.values())
        along = together * whole > 0 and abs(together) > MOST * abs(whole)
        against = together if along else whole
        return {name: changes[name] / against * whole for name in smallest_set(changes, against)}

    def _service(self, anomaly: Anomaly, dimension: str) -> Parts:
        """Daily amounts of the anomaly's service in all accounts, by region or usage type; asked once for all."""
        name = f"{dimension} {anomaly.currency}"
        if name not in self.kept:
            found = self._asked(CostQuestion(
                self.tenant, self.known, Granularity.DAILY, self.metric, ("service", dimension),
                currency=anomaly.currency, source=self.source,
            ))  # fmt: skip
            services: dict[str, Parts] = {}
            for (service, value), days in (found or {}).items():
                services.setdefault(service, {})[value,] = days
            self.kept[name] = services
        return self.kept[name].get(anomaly.service, {})

    def _parts(self, anomaly: Anomaly, dimensions: tuple[str, ...], window: Window) -> Parts | None:
        """Daily amounts of the anomaly's account and service by dimensions; None where they are not stored together."""
        start = max(self.known.start, window.episode.start - timedelta(days=7 * (WEEKS + 1)))
        return self._asked(CostQuestion(
            self.tenant, Period(start, window.episode.end), Granularity.DAILY, self.metric, dimensions,
            filters=(
                Filter("account", (anomaly.account,)),
                Filter("service", (anomaly.service,)),
                Filter("charge_type", NO_USE, exclude=True),
            ),
            currency=anomaly.currency, source=self.source,
        ))  # fmt: skip

    def _asked(self, question: CostQuestion) -> Parts | None:
        answer = self.bill.answer(question)
        return _by_part(answer) if answer.provenance.source else None

    def _resources(self, anomaly: Anomaly, window: Window, whole: float) -> tuple[CauseResource, ...]:
        parts = self._parts(anomaly, ("resource",), window)
        changes = {
            keys[0]: Decimal(str(change(days, window))).quantize(CENT)
            for keys, days in (parts or {}).items()
            if keys[0] not in {"", NO_RESOURCE}
        }
        least = abs(Decimal(str(whole))) * _RESOURCE_SHARE
        sign = 1 if whole > 0 else -1
        found = [CauseResource(name, delta) for name, delta in changes.items() if sign * delta > least]
        return tuple(sorted(found, key=lambda each: (-sign * each.delta, each.resource_id))[:MOST_RESOURCES])


def _by_part(answer: CostAnswer) -> Parts:
    found: Parts = defaultdict(dict)
    for row in answer.rows:
        if row.day is not None:
            found[row.keys][row.day] = float(row.amount)
    return found


def _window(anomaly: Anomaly, known: Period) -> Window:
    """The episode's days and weeks before it; of a leak the last one alone: it may follow the end of another."""
    weeks = 1 if anomaly.kind is AnomalyKind.LEAK else WEEKS
    return Window(Period(anomaly.start, anomaly.last_seen + timedelta(days=1)), known, weeks)


def _whole(anomaly: Anomaly, window: Window) -> float:
    """The change a day that is to be explained. A leak is held against its last days, in which it is largest."""
    days = Decimal((anomaly.last_seen - anomaly.start).days + 1)
    if anomaly.kind is AnomalyKind.LEAK and days > len(window.days):
        middle = 2 * days - len(window.days)  # a climb's last days lie above its mean by this much
        return float(anomaly.impact / days * middle / days)
    return float(anomaly.impact / days)


def _part(region: str, usage_type: str, delta: float, whole: float) -> CausePart:
    exact = Decimal(str(delta)).quantize(CENT)
    return CausePart(region, usage_type, exact, Decimal(str(delta / whole)).quantize(_SHARE))
