"""A house in which everything is known and nothing happens, made of values: each test lets one thing happen in it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from finops.anomalies import AnomalyList
from finops.costs.standing import SourceState
from finops.inventory.standing import Standing as Listed
from finops.model.anomalies import Anomaly, AnomalyKind, AnomalyStatus, Detection, Direction
from finops.model.anomalies import Standing as AnomalyStanding
from finops.model.costs import Change, ComparedRow, Comparison, CostAnswer, Metric, Provenance
from finops.model.period import Period
from finops.model.reports import Interval, ReportRequest
from finops.model.tagging import DayScore, Policy, PolicyVersion
from finops.reports import Reports, Sources
from finops.tagging.compliance import Compliance, CostScore, KeyScore, Score
from finops.tagging.history import Movement
from finops.waste import FindingList
from finops.waste.totals import totals

if TYPE_CHECKING:
    from finops.model.costs import CostQuestion
    from finops.model.reports import Report
    from finops.reports import Chosen

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
SINCE = NOW - timedelta(days=7)
PROD, TEST = "111111111111", "222222222222"
NAMES = {PROD: "prod", TEST: "test"}
TENANT = "acme"


def score(compliant: int = 90, cost: str = "900", untagged: str = "100") -> Score:
    """90 of 100 assets and $900 of $1,000 comply."""
    costs = CostScore(
        *("USD", Decimal(cost), 1000 - Decimal(cost), Decimal(untagged)), Decimal(0), Decimal(0), Decimal(0)
    )
    return Score(compliant, 100 - compliant, 100 - compliant, 0, 0, 0, 0, (costs,))


def kept_score(key: str, at: datetime, **more: Any) -> DayScore:
    """The same as it was kept at an instant."""
    usual = DayScore(*(at.date(), key, 1, 100, 90, 0, 0, 0, "USD", Decimal(1000), Decimal(900), Decimal(100), at))
    return replace(usual, **more)


def anomaly(**more: Any) -> Anomaly:
    """Amazon EC2 of prod cost $700 more than expected on 18 Nov."""
    day = date(2026, 11, 18)
    usual = Anomaly(
        *("a" * 32, AnomalyKind.SPIKE, Direction.UP, AnomalyStatus.ONGOING, PROD, "Amazon EC2", "USD"),
        *(day, day, day, day, Decimal(900), Decimal(200), Decimal(150), Decimal(250), 20.0),
        *(Decimal(700), Decimal(3000), Decimal(200)),
        detected=NOW - timedelta(days=3),
    )
    return replace(usual, **more)


def mover(current: str, previous: str, service: str = "Amazon EC2", account: str = PROD) -> ComparedRow:
    """What a service cost in the window and before it."""
    return ComparedRow((account, service), "USD", Decimal(current), Decimal(previous), Change.GROWN)


@dataclass
class House:
    """What each capability answers. `broken` names those that raise what they hold."""

    rows: tuple[ComparedRow, ...] = (mover("700", "700"),)
    missing_days: int = 0
    failures: tuple[Any, ...] = ()
    complete_until: date | None = date(2026, 11, 22)
    fetched_at: datetime = NOW - timedelta(hours=3)
    source_status: str = "committed"
    findings: tuple[Any, ...] = ()
    finding_failures: tuple[Any, ...] = ()
    run_at: datetime | None = NOW - timedelta(hours=2)
    listed: Listed = field(default_factory=lambda: Listed(NOW, NOW, 10, (PROD, TEST), (), (), ()))
    score: Score = field(default_factory=score)
    kept: dict[str, tuple[DayScore, ...]] = field(
        default_factory=lambda: {key: (kept_score(key, SINCE - timedelta(days=1)),) for key in ("", "Owner")}
    )
    drift: tuple[Any, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()
    detection: Detection = field(default_factory=lambda: Detection(series=4, days=90, through=date(2026, 11, 21)))
    standings: tuple[Any, ...] = ()
    crossings: tuple[Any, ...] = ()
    jobs: tuple[Any, ...] = ()
    broken: dict[str, Exception] = field(default_factory=dict)
    asked: list[CostQuestion] = field(default_factory=list)

    def sources(self) -> Sources:
        """The house as what reports read."""
        run = None if self.run_at is None else SimpleNamespace(started=self.run_at, run_id="r1", failures=())
        waste = SimpleNamespace(checks=(), findings=lambda _, question: self._findings(question, run))
        tagging = SimpleNamespace(
            compliance=lambda *_, **__: self._or("tagging", self._compliance()),
            policy=lambda _: PolicyVersion(1, Policy()),
            trend=lambda _, key="", days=0: self.kept.get(key, ()),  # noqa: ARG005 - as the real one
            movement=lambda _: Movement(self.drift, 0, None),
        )
        inventory = SimpleNamespace(
            accounts=lambda _: [SimpleNamespace(id=key, name=name) for key, name in NAMES.items()],
            standing=lambda *_: self.listed,
        )
        made: Any = SimpleNamespace
        return Sources(
            costs=made(
                complete_until=lambda _: self.complete_until,
                account_names=lambda _: NAMES,
                sources=lambda _: self._or("sources", (self._source(),)),
                compare=self._compare,
                resource_period=lambda _: None,
            ),
            inventory=made(**vars(inventory)),
            waste=made(**vars(waste)),
            tagging=made(**vars(tagging)),
            anomalies=made(list=lambda _, question: self._anomalies(question)),
            forecasts=made(),
            budgets=made(list=lambda _: self._or("budgets", self.standings), crossings=lambda _: self.crossings),
            runs=lambda _: {} if run is None else made(x=run).__dict__,
            health=made(),
            jobs=lambda _: self._or("jobs", self.jobs),
            now=lambda: NOW,
        )

    def digest(
        self,
        chosen: Chosen | None = None,
        *,
        since: datetime = SINCE,
        first: bool = False,
        accounts: tuple[str, ...] = (),
    ) -> Report:
        """The digest of a reader whose last mail was of that instant, and whose next one is in a week."""
        interval = Interval(since, NOW, NOW + timedelta(days=7), first)
        request = ReportRequest("digest", TENANT, "persona:manager", scope={"account": accounts} if accounts else {})
        return Reports(self.sources()).make(request, chosen, interval)

    def _or(self, name: str, value: Any) -> Any:
        if name in self.broken:
            raise self.broken[name]
        return value

    def _source(self) -> SourceState:
        period = Period(date(2026, 1, 1), date(2026, 11, 23))
        return SourceState(
            *("cost_explorer", self.fetched_at, period, 10, self.source_status, self.failures, None, self.fetched_at, 1)
        )

    def _compare(self, question: CostQuestion, previous: Period) -> Comparison:
        self._or("costs", None)
        self.asked += [question, replace(question, period=previous)]
        told = Provenance("cost_explorer", "account_service", Metric.UNBLENDED, missing_days=self.missing_days)
        now, before = (CostAnswer(each, (), {}, {}, told, self.failures) for each in self.asked[-2:])
        return Comparison(now, before, self.rows)

    def _findings(self, question: Any, run: Any) -> FindingList:
        self._or("findings", None)
        wanted = tuple(
            each
            for each in self.findings
            if not question.filter.accounts or each.finding.account in question.filter.accounts
        )
        return FindingList(wanted, len(wanted), totals(each.finding for each in wanted), run, self.finding_failures)

    def _anomalies(self, question: Any) -> AnomalyList:
        self._or("anomalies", None)
        least = question.thresholds.min_impact
        return AnomalyList(
            tuple(AnomalyStanding(each) for each in self.anomalies if abs(each.impact) >= least), self.detection
        )

    def _compliance(self) -> Compliance:
        return Compliance(self.score, (KeyScore("Owner", self.score, {}),), self.score, assets=100)
