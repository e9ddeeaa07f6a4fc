"""Anomalies: what costs more or less than anything before explains, since when, why, and what people say of it.

    anomalies.detect("default")
    anomalies.list("default", AnomalyQuestion(statuses=(AnomalyStatus.ONGOING,)))

Detection reads stored costs and sends no request. It is the same for everyone; thresholds choose among what it finds.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from finops.anomalies.alerts import back_test, standings, told
from finops.anomalies.aws_matching import matched, unmatched
from finops.anomalies.detector import detect
from finops.anomalies.explaining import Explainer
from finops.anomalies.records import anomalies_of, series_days
from finops.anomalies.use import daily_use, last_complete
from finops.model.anomalies import (
    USUAL_THRESHOLDS,
    AnomalyStatus,
    Detection,
    Feedback,
    FeedbackVerdict,
    Thresholds,
)
from finops.model.aws_anomalies import AwsFindings, AwsSide
from finops.model.errors import InputError
from finops.model.jobs import Outcome, Progress
from finops.model.outcome import Failure

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from finops.anomalies.alerts import BackTest
    from finops.anomalies.aws_findings import AwsDesk
    from finops.anomalies.detector import Scores
    from finops.anomalies.use import Use
    from finops.costs import Costs
    from finops.model.anomalies import Anomaly, SeriesDay, Standing
    from finops.store import Store

__all__ = ["Anomalies", "AnomalyList", "AnomalyQuestion"]

NOT_STORED = "not_stored"
MOST_NOTE = 4_000
_KEPT = 2


@dataclass(frozen=True, slots=True)
class AnomalyQuestion:
    """Which anomalies are wanted; empty tuples mean any. `since` and `until` (exclusive) bound their last day."""

    thresholds: Thresholds = field(default_factory=Thresholds)
    statuses: tuple[AnomalyStatus, ...] = ()
    accounts: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    silenced: bool = False


@dataclass(frozen=True, slots=True)
class AnomalyList:
    """All that fit, largest impact first, and the detection that they come from."""

    items: tuple[Standing, ...]
    detection: Detection
    aws: AwsSide = field(default_factory=lambda: AwsSide(AwsFindings()))


@dataclass(frozen=True, slots=True)
class _Found:
    detection: Detection
    use: Use | None
    scores: Scores | None


class Anomalies:
    """The anomalies of every tenant. Safe to share between threads."""

    def __init__(self, store: Store, costs: Costs, *, now: Callable[[], datetime], aws: AwsDesk | None = None) -> None:
        self._store = store
        self._costs = costs
        self._now = now
        self._aws = aws
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str, date], _Found] = OrderedDict()

    # Detecting

    def detect(self, tenant: str, *, report: Callable[[Progress], None] = lambda _: None) -> Outcome:
        """Detects over all stored days, and keeps the records with the instant each was first found."""
        report(Progress(0, 1, note="detecting"))
        found = self._found(tenant).detection
        if not found.series:
            return Outcome({}, found.failures, nothing_done=True)
        fresh = self._store.anomalies.keep(tenant, found.anomalies, at=self._now())
        report(Progress(1, 1, items=len(found.anomalies)))
        counts = {
            "series": found.series,
            "learning": found.learning,
            "days": found.days,
            "anomalies": len(found.anomalies),
            "ongoing": sum(each.status is AnomalyStatus.ONGOING for each in found.anomalies),
            "new": fresh,
        }
        return Outcome(counts, found.failures)

    def detection(self, tenant: str) -> Detection:
        """What a detection finds now. Kept in memory while the costs stay the same."""
        found = self._found(tenant).detection
        first = self._store.anomalies.detected(tenant)
        dated = tuple(replace(each, detected=first.get(each.anomaly_id)) for each in found.anomalies)
        return replace(found, anomalies=dated)

    # Reading

    def list(self, tenant: str, question: AnomalyQuestion | None = None) -> AnomalyList:
        """The anomalies that fit, largest impact first. Silenced ones only where they are asked for too."""
        asked = question or AnomalyQuestion()
        found = self.detection(tenant)
        aws = self.aws(tenant)
        everything = self._standings(tenant, found)
        side = AwsSide(aws, unmatched(found.anomalies, aws.findings))
        return AnomalyList(tuple(each for each in everything if _fits(each, asked)), found, side)

    def anomaly(self, tenant: str, anomaly_id: str) -> Standing:
        """One anomaly. InputError when there is none of this id."""
        for each in self._standings(tenant, self.detection(tenant)):
            if each.anomaly.anomaly_id == anomaly_id:
                return each
        raise InputError("anomaly_id", "there is no anomaly of this id")

    def history(self, tenant: str, anomaly: Anomaly) -> tuple[SeriesDay, ...]:
        """Every day of the anomaly's series with its band and flags."""
        found = self._found(tenant)
        if found.use is None or found.scores is None:
            return ()
        return series_days(found.use, found.scores, (anomaly.account, anomaly.service, anomaly.currency))

    def back_test(
        self, tenant: str, tried: Thresholds, *, now: Thresholds = USUAL_THRESHOLDS, days: int = 90
    ) -> BackTest:
        """What other thresholds would have told of in the last days."""
        everything = standings(self.detection(tenant).anomalies, self._store.anomalies.feedback(tenant))
        return back_test(everything, now, tried, since=self._now().date() - timedelta(days=days))

    # People

    def judge(
        self,
        tenant: str,
        anomaly_id: str,
        verdict: FeedbackVerdict,
        *,
        by: str,
        until: date | None = None,
        note: str = "",
    ) -> Standing:
        """Keeps what a person says of an anomaly, in place of what was said before; returns how it stands.

        InputError for an unknown anomaly, a planned activity without a day in the future, or a day without one.
        """
        anomaly = self.anomaly(tenant, anomaly_id).anomaly
        at = self._now()
        if (verdict is FeedbackVerdict.PLANNED) is (until is None):
            raise InputError("until", "planned activity needs the day until which it is planned, and nothing else does")
        if until is not None and until <= anomaly.start:
            raise InputError("until", f"until must be after {anomaly.start}, when the anomaly began")
        if len(note) > MOST_NOTE:
            raise InputError("note", f"note must have at most {MOST_NOTE:,} characters")
        said = Feedback(anomaly_id, anomaly.account, anomaly.service, verdict, by, at, until, note)
        self._store.anomalies.say(tenant, said)
        return self.anomaly(tenant, anomaly_id)

    # AWS's own findings

    def aws(self, tenant: str) -> AwsFindings:
        """What AWS Cost Anomaly Detection last said; sends no request."""
        return self._aws.kept(tenant) if self._aws is not None else AwsFindings()

    def ask_aws(self, tenant: str, *, user: str = "") -> AwsFindings:
        """Asks AWS for its findings, at most once a day, and keeps them: see `finops.anomalies.aws_findings`."""
        return self._aws.ask(tenant, user=user) if self._aws is not None else AwsFindings()

    def _standings(self, tenant: str, found: Detection) -> tuple[Standing, ...]:
        theirs = matched(found.anomalies, self.aws(tenant).findings)
        judged = standings(found.anomalies, self._store.anomalies.feedback(tenant))
        return tuple(replace(each, aws=theirs.get(each.anomaly.anomaly_id)) for each in judged)

    def locks(self, tenant: str) -> tuple[str, ...]:  # noqa: ARG002 - detections of a tenant take turns
        """The name that no two detections of a tenant may hold together."""
        return ("anomalies",)

    def _version(self, tenant: str) -> str:
        return self._costs.version(tenant)

    def _found(self, tenant: str) -> _Found:
        key = (tenant, self._version(tenant), self._now().date())
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = self._made(tenant)
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return made

    def _made(self, tenant: str) -> _Found:
        use = daily_use(self._costs, tenant)
        if use is None:
            reason = "No daily cost by account and service is stored; refresh costs, or import a bill."
            return _Found(Detection(failures=(Failure(NOT_STORED, reason),)), None, None)
        scores = detect(use.panel, incomplete_days=use.incomplete)
        origin = use.provenance
        explainer = Explainer(self._costs, tenant, use.panel.period, origin.metric, origin.source)
        found = tuple(replace(each, cause=explainer.cause(each)) for each in anomalies_of(use, scores))
        detection = Detection(
            anomalies=found,
            series=len(use.keys),
            learning=int(scores.learning[:, -1].sum()),
            days=use.panel.days,
            through=last_complete(use),
            metric=origin.metric,
            source=origin.source,
            fetched_at=origin.fetched_at,
            notes=(*origin.notes, *use.notes),
            failures=use.failures,
        )
        return _Found(detection, use, scores)


def _fits(each: Standing, asked: AnomalyQuestion) -> bool:
    anomaly = each.anomaly
    return (
        (asked.silenced or not each.silenced)
        and told(anomaly, asked.thresholds)
        and (not asked.statuses or anomaly.status in asked.statuses)
        and (not asked.accounts or anomaly.account in asked.accounts)
        and (not asked.services or anomaly.service in asked.services)
        and (asked.since is None or anomaly.last_seen >= asked.since)
        and (asked.until is None or anomaly.last_seen < asked.until)
    )
