"""What Anomalies asks the facade, each question once per state of the anomalies: a warm rerun asks nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from finops.anomalies import AnomalyQuestion
from finops.model.anomalies import Sensitivity, Thresholds
from finops.model.costs import CostQuestion, Filter, Granularity
from finops.model.period import Period
from finops.model.thresholds import ANOMALY, GENERAL
from pages.ui.cache import remembered
from user_prefs import thresholds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping
    from datetime import date

    from finops.anomalies import AnomalyList
    from finops.anomalies.alerts import BackTest
    from finops.model.anomalies import Anomaly, Detection, SeriesDay, Standing
    from finops.model.costs import CostAnswer
    from finops.model.thresholds import Effective
    from pages.ui.anomaly_view import AnomalyView
    from pages.ui.page import Context

T = TypeVar("T")

MIN_IMPACT, MIN_PERCENT, SENSITIVITY = (f"{ANOMALY}.{name}" for name in ("min_impact_usd", "min_impact_percent",
                                                                         "sensitivity"))  # fmt: skip
TRIED_DAYS = 90


@dataclass(frozen=True)
class Answers:
    """The anomalies of the context's tenant as the page asks them."""

    context: Context

    @cached_property
    def version(self) -> str:
        """Changes with the stored costs, the day, what people say, and what AWS said."""
        finops, tenant = self.context.finops, self.context.tenant
        said = sorted(
            (one.anomaly_id, one.verdict, one.at, one.until, one.note)
            for one in finops.store.anomalies.feedback(tenant).values()
        )
        asked = finops.anomalies.aws(tenant).asked
        return f"{self.context.version} {self.today} {asked} {len(said)}:{hash(tuple(said)):x}"

    @property
    def today(self) -> date:
        """The day of this run."""
        return self.context.now.date()

    def kept(self, question: Hashable, build: Callable[[], T]) -> T:
        """What was built for this question as long as the anomalies stand as they do."""
        return remembered((self.context.tenant, self.version, "anomalies", question), build)

    @cached_property
    def everything(self) -> AnomalyList:
        """Every anomaly of every stored day, whatever anybody's thresholds, silenced ones too."""
        asked = AnomalyQuestion(silenced=True)
        return self.kept("everything", lambda: self.context.finops.anomalies.list(self.context.tenant, asked))

    @property
    def detection(self) -> Detection:
        """What was looked at and found."""
        return self.everything.detection

    @cached_property
    def effective(self) -> Mapping[str, Effective]:
        """The person's own thresholds of anomalies by name, and whose value each is."""
        wanted = [each for each in GENERAL if each.owner == ANOMALY]
        found = thresholds_of(self.context.preferences, self.context.tenant_settings, wanted)
        return {each.tunable.key: each for each in found}

    @cached_property
    def mine(self) -> Thresholds:
        """The thresholds that hold for the person."""
        held = {name: each.value for name, each in self.effective.items()}
        impact, percent = (Decimal(f"{held[name]:.10g}") for name in (MIN_IMPACT, MIN_PERCENT))
        return Thresholds(impact, percent, Sensitivity(str(held[SENSITIVITY])))

    def list(self, view: AnomalyView) -> tuple[Standing, ...]:
        """The anomalies of a view, largest impact first."""
        asked = view.question(self.mine, self.today)
        return self.kept(asked, lambda: self.context.finops.anomalies.list(self.context.tenant, asked).items)

    def one(self, anomaly_id: str) -> Standing | None:
        """One anomaly, whatever the filters; None when there is none."""
        return next((one for one in self.everything.items if one.anomaly.anomaly_id == anomaly_id), None)

    @cached_property
    def accounts(self) -> Mapping[str, str]:
        """Name of each account by its id."""
        return self.context.finops.costs.account_names(self.context.tenant)

    @cached_property
    def offered(self) -> Mapping[str, tuple[str, ...]]:
        """Accounts and services that have anomalies, those with most first."""
        return self.kept("offered", self._offered)

    def _offered(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, dict[str, int]] = {"account": {}, "service": {}}
        for one in self.everything.items:
            for name, value in (("account", one.anomaly.account), ("service", one.anomaly.service)):
                found[name][value] = found[name].get(value, 0) + 1
        return {
            name: tuple(sorted(counts, key=lambda value: (-counts[value], value))) for name, counts in found.items()
        }

    def period(self, view: AnomalyView) -> Period | None:
        """The stored days that a view looks at."""
        held = self.context.finops.costs.period(self.context.tenant)
        since = view.since(self.today)
        if held is None or since is None:
            return held
        return Period(since, max(held.end, since + timedelta(days=1))).clipped(held)

    def daily(self, view: AnomalyView, period: Period, currency: str) -> CostAnswer:
        """What each day cost in the view's accounts and services, in the metric that detection reads."""
        chosen = (("account", view.accounts), ("service", view.services))
        filters = tuple(Filter(name, values) for name, values in chosen if values)
        found = self.detection
        question = CostQuestion(
            self.context.tenant, period, Granularity.DAILY, found.metric, filters=filters, currency=currency or None,
            source=found.source or None,
        )  # fmt: skip
        return self.kept(question, lambda: self.context.finops.costs.answer(question))

    def history(self, anomaly: Anomaly) -> tuple[SeriesDay, ...]:
        """Every day of the anomaly's series."""
        tenant = self.context.tenant
        asked = ("history", anomaly.account, anomaly.service, anomaly.currency)
        return self.kept(asked, lambda: self.context.finops.anomalies.history(tenant, anomaly))

    def back_test(self, tried: Thresholds) -> BackTest:
        """What other thresholds would have told of in the last ninety days."""
        tenant = self.context.tenant
        asked = ("back_test", tried, self.mine)
        return self.kept(
            asked, lambda: self.context.finops.anomalies.back_test(tenant, tried, now=self.mine, days=TRIED_DAYS)
        )

    @property
    def stale_after(self) -> timedelta:
        """Costs older than this may hide what goes on now."""
        return timedelta(hours=48)
