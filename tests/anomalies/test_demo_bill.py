"""The demo's bill through the facade: what is planted is found with its cause, and figures are those of the bill."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from finops.anomalies import AnomalyQuestion
from finops.anomalies.use import NO_USE, daily_use
from finops.demo.estate import Estate
from finops.demo.ledger import make_ledger
from finops.model.anomalies import AnomalyKind, AnomalyStatus, Direction, FeedbackVerdict, Sensitivity, Thresholds
from finops.model.costs import CostQuestion, Filter, Metric
from finops.model.errors import InputError
from finops.model.jobs import JobStatus
from finops.model.money import exact_sum

TENANT = "demo"
LEARNT = date(2026, 1, 1)


@pytest.fixture(scope="module")
def planted(finops):
    return make_ledger(Estate(seed=finops.settings.demo_seed), finops.now().date()).planted


@pytest.fixture(scope="module")
def found(finops):
    return finops.anomalies.detection(TENANT).anomalies


def test_every_planted_spike_is_found_with_its_cause(planted, found):
    told = {
        (each.account, each.service, each.day): [(part.region, part.usage_type) for part in each.cause.parts]
        for each in found
        if each.kind is AnomalyKind.SPIKE
    }
    for spike in planted.spikes:
        if spike.day >= LEARNT:
            assert told[spike.account, spike.service, spike.day] == [(spike.region, spike.usage_type)], spike


def test_a_spikes_impact_is_what_was_planted(planted, found):
    impact = {(each.account, each.service, each.day): each.impact for each in found}
    spikes = [spike for spike in planted.spikes if spike.day >= LEARNT]
    off = [abs(float(impact[s.account, s.service, s.day]) / (s.dollars * 0.97) - 1) for s in spikes]  # net of 3 %
    assert max(off) < 0.06


def test_the_planted_leaks_are_found_from_near_their_first_day_with_their_cause(planted, found):
    leaks = [leak for leak in planted.leaks if date(2025, 11, 1) <= leak.start < date(2026, 9, 1)]
    assert leaks
    for leak in leaks:
        each = next(
            each
            for each in found
            if each.kind is AnomalyKind.LEAK and each.service == leak.service and leak.start <= each.start < leak.end
        )
        assert each.account == leak.account
        assert each.start - leak.start < timedelta(days=21)
        assert each.last_seen == leak.end - timedelta(days=1)
        assert each.status is AnomalyStatus.OVER
        assert [(part.region, part.usage_type) for part in each.cause.parts] == [(leak.region, leak.usage_type)]


def test_trials_are_new_services_from_their_first_day(planted, found):
    starts = {(each.service, each.start) for each in found if each.kind is AnomalyKind.NEW}
    for trial in planted.trials:
        if trial.start >= LEARNT:
            assert (trial.service, trial.start) in starts


def test_support_tax_credits_and_refunds_are_no_anomalies(found):
    assert not {each.service for each in found} & {"Tax", "AWS Support (Business)"}
    assert {each.kind for each in found if each.direction is Direction.DOWN} == {AnomalyKind.DROP}
    assert not [each for each in found if each.direction is Direction.DOWN and each.last_seen == each.start]


def test_use_and_credits_add_up_to_the_bill(finops):
    use = daily_use(finops.costs, TENANT)
    days = use.panel.period
    asked = CostQuestion(TENANT, days, metric=Metric.NET_UNBLENDED, group_by=("charge_type",))
    given_back = finops.costs.answer(
        CostQuestion(
            TENANT,
            days,
            metric=Metric.NET_UNBLENDED,
            group_by=("charge_type",),
            filters=(Filter("charge_type", NO_USE),),
        )
    )
    whole = exact_sum(amount for each in use.amounts.values() for amount in each.values())
    assert given_back.totals["USD"] < 0
    assert abs(whole + given_back.totals["USD"] - finops.costs.answer(asked).totals["USD"]) < Decimal("1e-12")


def test_a_detection_is_kept_with_the_instant_of_the_first_one(finops):
    job = finops.jobs.run("anomalies.detect", TENANT, {}, user="test")
    assert job.status is JobStatus.COMPLETED
    assert job.counts["anomalies"] == job.counts["new"] > 20
    again = finops.jobs.run("anomalies.detect", TENANT, {}, user="test")
    assert again.counts["new"] == 0
    assert {each.detected for each in finops.anomalies.detection(TENANT).anomalies} == {finops.now()}


def test_thresholds_choose_among_what_is_found(finops, found):
    everything = finops.anomalies.list(TENANT).items
    assert len(everything) == len(found)
    assert [abs(each.anomaly.impact) for each in everything] == sorted(
        (abs(each.anomaly.impact) for each in everything), reverse=True
    )
    large = Thresholds(Decimal(2000), Decimal(100), Sensitivity.LOW, (AnomalyKind.SPIKE,), (Direction.UP,))
    some = finops.anomalies.list(TENANT, AnomalyQuestion(large)).items
    assert 0 < len(some) < len(everything)
    assert all(each.anomaly.impact >= 2000 and each.anomaly.percent >= 100 for each in some)


def test_a_back_test_counts_by_month_what_other_thresholds_tell(finops):
    tried = finops.anomalies.back_test(TENANT, Thresholds(min_impact=Decimal(100_000)), days=400)
    assert sum(tried.now.values()) == len(tried.fewer) > 10
    assert not tried.tried
    assert not tried.more


def test_the_days_of_a_series_carry_its_band(finops, found):
    each = next(each for each in found if each.kind is AnomalyKind.SPIKE)
    days = {day.day: day for day in finops.anomalies.history(TENANT, each)}
    there = days[each.day]
    assert there.flagged
    assert (there.cost, there.upper) == (each.actual, each.upper)
    assert not days[each.day - timedelta(days=1)].flagged


def test_feedback_silences_and_planned_activity_silences_its_place_and_time(finops, found):
    spikes = [each for each in found if each.kind is AnomalyKind.SPIKE and each.service == "AWS Lambda"]
    first = min(spikes, key=lambda each: each.start)
    second = min((each for each in spikes if each != first), key=lambda each: each.start)
    judge = finops.anomalies.judge
    until = second.start + timedelta(days=1)
    said = judge(TENANT, first.anomaly_id, FeedbackVerdict.PLANNED, by="ann", until=until, note="load test")
    assert said.silenced
    assert said.feedback.note == "load test"
    listed = {each.anomaly.anomaly_id for each in finops.anomalies.list(TENANT).items}
    assert not listed & {first.anomaly_id, second.anomaly_id}
    assert {each.anomaly_id for each in spikes} & listed
    all_of_them = finops.anomalies.list(TENANT, AnomalyQuestion(silenced=True)).items
    assert len(all_of_them) == len(found)
    assert judge(TENANT, second.anomaly_id, FeedbackVerdict.YES, by="bob").silenced is False
    assert judge(TENANT, first.anomaly_id, FeedbackVerdict.NO, by="bob").silenced is True
    assert not judge(TENANT, first.anomaly_id, FeedbackVerdict.YES, by="bob").silenced
    events, _ = finops.store.audit.list(TENANT)
    assert [event.by for event in events if event.action == "anomaly.judge"] == ["bob", "bob", "bob", "ann"]


@pytest.mark.parametrize(
    ("verdict", "until", "field"),
    [
        (FeedbackVerdict.PLANNED, None, "until"),
        (FeedbackVerdict.YES, date(2027, 1, 1), "until"),
        (FeedbackVerdict.PLANNED, date(2020, 1, 1), "until"),
    ],
)
def test_feedback_that_does_not_fit_is_refused(finops, found, verdict, until, field):
    with pytest.raises(InputError) as caught:
        finops.anomalies.judge(TENANT, found[0].anomaly_id, verdict, by="ann", until=until)
    assert caught.value.field == field


def test_an_unknown_anomaly_is_refused(finops):
    with pytest.raises(InputError, match="no anomaly"):
        finops.anomalies.judge(TENANT, "0" * 32, FeedbackVerdict.NO, by="ann")


def test_where_nothing_is_stored_nothing_is_said_to_be_fine(finops):
    listed = finops.anomalies.list("acme")
    assert not listed.items
    assert [failure.code for failure in listed.detection.failures] == ["not_stored"]
    assert finops.jobs.run("anomalies.detect", "acme", {}, user="test").status is JobStatus.FAILED
