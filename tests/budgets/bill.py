"""A bill made of rows, answering what forecasts ask of the stored one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from finops.model.costs import CostAnswer, CostQuestion, CostRow, Coverage, CubeSpec, Granularity, Metric, Provenance
from finops.model.money import exact_sum
from finops.model.outcome import Failure
from finops.model.period import Period

Line = tuple[str, str, date, Decimal]
"""Service, account, day, amount."""
CUBE = CubeSpec("account_service", ("account", "service"))


@dataclass
class Bill:
    """Its lines, complete until the day after the last one unless told. `questions` keeps what was asked."""

    lines: list[Line]
    complete: date | None = None
    missing: tuple[Period, ...] = ()
    questions: list[CostQuestion] = field(default_factory=list)

    @property
    def held(self) -> Period:
        days = [day for _, _, day, _ in self.lines]
        return Period(min(days), max(days) + timedelta(days=1))

    def answer(self, question: CostQuestion) -> CostAnswer:
        self.questions.append(question)
        if not question.dimensions <= set(CUBE.dimensions):
            nowhere = Provenance("", "", Metric.UNBLENDED, notes=("Nothing stored carries that.",))
            return CostAnswer(question, (), {}, {}, nowhere, (Failure("not_stored", "Nothing stored carries that."),))
        sums: dict[tuple[tuple[str, ...], date], list[Decimal]] = defaultdict(list)
        for service, account, day, amount in self.lines:
            named = {"service": service, "account": account}
            fits = all(named[each.dimension] in each.values for each in question.filters)
            if fits and question.period.start <= day < question.period.end:
                sums[tuple(named[name] for name in question.group_by), day].append(amount)
        rows = tuple(CostRow(keys, day, exact_sum(each), "USD") for (keys, day), each in sums.items())
        totals = {"USD": exact_sum(row.amount for row in rows)} if rows else {}
        origin = Provenance("focus", CUBE.name, Metric.UNBLENDED, covered=question.period)
        return CostAnswer(question, rows, totals, totals, origin)

    def coverage(self, tenant: str) -> tuple[Coverage, ...]:
        if not self.lines or tenant != "acme":
            return ()
        fetched = datetime(2026, 11, 20, tzinfo=UTC)
        held = (Metric.UNBLENDED,), ("USD",)
        return (Coverage("focus", CUBE, Granularity.DAILY, self.held, *held, fetched, missing=self.missing),)

    def complete_until(self, tenant: str) -> date | None:
        return (self.complete or self.held.end) if self.lines and tenant == "acme" else None

    def version(self, tenant: str) -> str:
        return f"{tenant}-{len(self.lines)}"


def lines(first: date, days: int, **services: str) -> list[Line]:
    """So many days of services at a daily amount, in one account."""
    return [
        (service, "1", first + timedelta(days=place), Decimal(amount))
        for place in range(days)
        for service, amount in services.items()
    ]
