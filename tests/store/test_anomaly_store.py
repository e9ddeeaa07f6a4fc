"""Anomalies in every database: the first detection's instant stays, feedback replaces feedback."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from finops.model.anomalies import Anomaly, AnomalyKind, AnomalyStatus, Direction, Feedback, FeedbackVerdict
from finops.store.anomaly_store import AnomalyStore

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
ONE = Anomaly(
    anomaly_id="a" * 32,
    kind=AnomalyKind.SPIKE,
    direction=Direction.UP,
    status=AnomalyStatus.ONGOING,
    account="111111111111",
    service="Amazon Simple Storage Service",
    currency="USD",
    start=date(2026, 11, 18),
    flagged_first=date(2026, 11, 18),
    last_seen=date(2026, 11, 18),
    day=date(2026, 11, 18),
    actual=Decimal("120.123456789"),
    expected=Decimal("20.00"),
    lower=Decimal("10.00"),
    upper=Decimal("30.00"),
    score=50.0,
    impact=Decimal("100.12"),
    impact_month=None,
    expected_total=Decimal("20.00"),
)


def test_the_instant_of_the_first_detection_stays(shared_database):
    store = AnomalyStore(shared_database)
    assert store.keep("first", [ONE], at=NOW) == 1
    later = replace(ONE, status=AnomalyStatus.OVER)
    other = replace(ONE, anomaly_id="b" * 32)
    assert store.keep("first", [later, other], at=NOW + timedelta(days=1)) == 1
    assert store.detected("first") == {"a" * 32: NOW, "b" * 32: NOW + timedelta(days=1)}
    assert store.keep("first", [], at=NOW) == 0
    assert store.detected("second") == {}


def test_feedback_takes_the_place_of_what_was_said_before(shared_database):
    store = AnomalyStore(shared_database)
    said = Feedback("a" * 32, ONE.account, ONE.service, FeedbackVerdict.PLANNED, "ann", NOW, date(2026, 12, 1), "ü\0")
    store.say("third", said)
    assert store.feedback("third") == {"a" * 32: replace(said, note="ü\N{REPLACEMENT CHARACTER}")}
    store.say("third", replace(said, verdict=FeedbackVerdict.NO, until=None, note=""))
    assert store.feedback("third")["a" * 32].verdict is FeedbackVerdict.NO
    assert store.feedback("fourth") == {}
