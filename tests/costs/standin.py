"""Costs over the demo: real clients, real store, answers at botocore's wire, a clock that tests move; the truth."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from aws_session import AwsSessions
from finops.aws.calls import Calls
from finops.aws.permissions import permitted
from finops.costs import CostExplorer, Costs, CostsOptions
from finops.demo.estate import TAG_KEYS, Estate
from finops.demo.handler import DemoOptions, HttpAnswer, demo_hook
from finops.demo.ledger import METRICS, Ledger, make_ledger
from finops.demo.sts import demo_credentials
from finops.model.costs import CE_METRICS, CostQuestion, Granularity
from finops.model.period import Period
from finops.store import Store, open_store
from finops.store.upgrade import upgrade

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from botocore.session import Session

    from finops.aws.cost_explorer import CePages, CeRequest
    from finops.costs import Explorer
    from finops.demo.usage import Line
    from finops.model.metering import Caller

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TENANT = "demo"
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 21))
EVERYTHING = Period(date(2025, 10, 1), date(2026, 11, 21))


@dataclass
class Clock:
    """A now that tests move."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def later(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class Setup:
    """How a bench is made. `wrap` stands between the refresh and Cost Explorer; `hooks` come before the demo."""

    accounts: int = 2
    tag_keys: tuple[str, ...] = ("Owner",)
    categories: tuple[str, ...] = ()
    ceiling: Decimal | None = None
    options: DemoOptions = field(default_factory=DemoOptions)
    now: datetime = NOW
    wrap: Callable[[Explorer], Explorer] = lambda explorer: explorer
    hooks: Sequence[Callable[[Session], None]] = ()


@dataclass
class Bench:
    """One tenant's costs and what they stand on."""

    costs: Costs
    store: Store
    clock: Clock
    estate: Estate
    calls: Calls

    def spent(self) -> Decimal:
        return self.store.meter.spent(f"{self.clock.at:%Y-%m}")


def open_bench(folder: Path, setup: Setup) -> Bench:
    """A bench over the folder's SQLite file and lake; several may share a folder, as several processes would."""
    url = f"sqlite:///{folder / 'costs.db'}"
    upgrade(url)
    clock = Clock(setup.now)
    store = open_store(
        database_url=url, lake_url=str(folder / "lake"), ceiling=setup.ceiling, promoted_tags=TAG_KEYS, now=clock
    )
    estate = Estate(accounts=setup.accounts)
    hooks = (*setup.hooks, demo_hook(estate, now=clock, options=setup.options))
    sessions = AwsSessions(permitted=permitted(), now=clock, static_keys=demo_credentials(), hooks=hooks)
    calls = Calls(sessions, store.meter, now=clock)
    options = CostsOptions(setup.tag_keys, setup.categories, folder / "rejects")
    costs = Costs(store, setup.wrap(CostExplorer(calls)), now=clock, options=options)
    return Bench(costs, store, clock, estate, calls)


@dataclass
class Counting:
    """Hands every request on and remembers it."""

    inner: Explorer
    requests: list[CeRequest] = field(default_factory=list)

    def cost_and_usage(self, request: CeRequest, caller: Caller) -> CePages:
        self.requests.append(request)
        return self.inner.cost_and_usage(request, caller)


@dataclass
class Crediting:
    """Cost Explorer after AWS has granted a credit late: one more row on that day, in every grouping."""

    inner: Explorer
    day: date | None = None
    amount: str = "-12.3400000000"

    def cost_and_usage(self, request: CeRequest, caller: Caller) -> CePages:
        pages = self.inner.cost_and_usage(request, caller)
        if self.day is not None and request.granularity is Granularity.DAILY and self.day in request.period.dates():
            values = {
                "charge_date": str(self.day),
                "charge_type": "Credit",
                "service": "Late credit",
                "currency": "USD",
            }
            values |= {"account": "999999999999", "region": "global", "usage_type": "NoUsageType", "estimated": "true"}
            for name, column in pages.columns.items():
                column.append(self.amount if name in CE_METRICS.values() else values.get(name, ""))
        return pages


class Truth:
    """The made-up bill read row by row: what every answer must come to."""

    def __init__(self, estate: Estate, today: date) -> None:
        ledger = make_ledger(estate, today)
        self.ledger: Ledger = ledger
        self._rows = [
            (ledger.first_day + timedelta(days=int(day)), ledger.lines[int(line)])
            for day, line in zip(ledger.day, ledger.line, strict=True)
        ]
        self._amounts = {CE_METRICS[name]: ledger.amounts[index] for index, name in enumerate(METRICS)}

    def figures(self, question: CostQuestion) -> dict[tuple[tuple[str, ...], date | None], Decimal]:
        """Amounts by keys and bucket; groups whose amounts are zero left out."""
        found: dict[tuple[tuple[str, ...], date | None], int] = defaultdict(int)
        amounts = self._amounts[str(question.metric or "unblended")]
        for number, day, line in self._matching(question):
            found[_keys(question, line), _bucket(question, day)] += int(amounts[number])
        return {place: Decimal(amount).scaleb(-10) for place, amount in found.items() if amount}

    def _matching(self, question: CostQuestion) -> Iterator[tuple[int, date, Line]]:
        for number, (day, line) in enumerate(self._rows):
            if question.period.start <= day < question.period.end and all(
                (value_of(line, condition.dimension) in condition.values) is not condition.exclude
                for condition in question.filters
            ):
                yield number, day, line


def value_of(line: Line, dimension: str) -> str:
    """A charge's value in a dimension."""
    if dimension.startswith("tag:"):
        return line.tag_values[TAG_KEYS.index(dimension.removeprefix("tag:"))]
    if dimension.startswith("category:"):
        return line.team
    return str(getattr(line, {"charge_type": "record_type"}.get(dimension, dimension)))


def _keys(question: CostQuestion, line: Line) -> tuple[str, ...]:
    return tuple(value_of(line, dimension) for dimension in question.group_by)


def _bucket(question: CostQuestion, day: date) -> date | None:
    if question.granularity is Granularity.TOTAL:
        return None
    return day if question.granularity is Granularity.DAILY else day.replace(day=1)


def total(bench: Bench, period: Period = NOVEMBER, *group_by: str) -> dict[str, Decimal]:
    answer = bench.costs.answer(CostQuestion(TENANT, period, group_by=group_by))
    assert answer.reconciles
    return answer.totals


def true_total(bench: Bench, period: Period = NOVEMBER) -> Decimal:
    ledger = make_ledger(bench.estate, bench.clock.at.date())
    return Decimal(int(ledger.amounts[0, ledger.rows_of(period)].sum())).scaleb(-10)


class FailAt:
    """A hook that fails chosen Cost Explorer calls, counted from 1, as AWS would."""

    def __init__(self, *calls: int, code: str = "LimitExceededException", status: int = 400) -> None:
        self.calls, self.code, self.status, self.seen = set(calls), code, status, 0

    def __call__(self, session: Session) -> None:
        session.register("before-call.cost-explorer.GetCostAndUsage", self.answer)  # type: ignore[arg-type]

    def answer(self, **_: Any) -> tuple[HttpAnswer, dict[str, Any]] | None:
        self.seen += 1
        if self.seen not in self.calls:
            return None
        error = {
            "Error": {"Code": self.code, "Message": "as played"},
            "ResponseMetadata": {"HTTPStatusCode": self.status},
        }
        return HttpAnswer(self.status), error
