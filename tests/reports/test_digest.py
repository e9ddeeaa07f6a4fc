"""Each kind of news is told with its figures, over the reader's thresholds; silence needs that everything is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from finops.model.anomalies import AnomalyStatus, Detection, Thresholds
from finops.model.budgets import Basis, Crossing, Threshold
from finops.model.errors import StoreError
from finops.model.findings import FindingState, FindingStatus, ResolvedHow
from finops.model.jobs import Job, JobStatus
from finops.model.outcome import Failure
from finops.model.period import Period
from finops.reports import Chosen
from finops.waste.listing import Standing
from pages.ui import anomaly_links, finding_links, forecast_links
from scheduler import has_news
from tests.api import stock
from tests.reports.made import figure, opened, records
from tests.reports.quiet import NOW, PROD, SINCE, TENANT, TEST, House, anomaly, kept_score, mover, score

if TYPE_CHECKING:
    from finops.model.reports import Report

DAY = timedelta(days=1)
DENIED = Failure("AccessDenied", "no", PROD, "eu-west-1", "ec2", "ec2:DescribeVolumes")
SECTIONS = {
    *("Budgets crossed", "Cost movers", "Anomalies", "New findings", "Resolved findings", "Snoozes about to end"),
    *("Compliance drift", "New failures"),
}


def finding(name: str, saving: str = "50.00", **more: Any) -> Standing:
    """A finding of a real run, flagged for the first time when asked for."""
    real = opened("findings").waste.findings(stock.TENANT).items[0].finding
    account, seen = more.pop("account", PROD), more.pop("seen", NOW - DAY)
    made = replace(
        real,
        fingerprint=name,
        resource_id=name,
        resource_arn="",
        name=f"name of {name}",
        account=account,
        monthly_saving=Decimal(saving),
        monthly_cost=None,
        currency="USD",
        title="Idle volume",
    )
    state = more.pop("state", None)
    status = more.pop("status", FindingStatus.OPEN)
    assert not more
    return Standing(made, status, state, seen, seen)


def state(name: str, status: FindingStatus, **more: Any) -> FindingState:
    return FindingState(TENANT, name, status, NOW - DAY, "ann", "x", PROD, "", "", name, **more)


def names(report: Report) -> list[str]:
    return [table.name for table in report.tables]


def checked(report: Report) -> set[str]:
    return {str(row["section"]) for row in records(report, "checked")} if "checked" in names(report) else set()


def test_nothing_new_is_said_with_what_was_looked_at():
    report = House().digest()
    assert report.headline == "Nothing new since 16 Nov"
    assert not report.partial, report.missing
    assert names(report) == ["checked"]
    assert checked(report) == SECTIONS
    assert not has_news(report)


BROKEN = {
    "findings": "Findings could not be read: gone",
    "costs": "Cost movers could not be read: gone",
    "anomalies": "Anomalies could not be read: gone",
    "budgets": "Budgets could not be read: gone",
    "tagging": "Compliance drift could not be read: gone",
    "jobs": "Failures could not be read: gone",
}


@pytest.mark.parametrize("part", BROKEN)
def test_a_part_that_cannot_be_read_prevents_silence_and_hides_no_other(part):
    report = House(broken={part: StoreError("gone")}, anomalies=()).digest()
    assert has_news(report)
    assert BROKEN[part] in report.missing
    assert report.headline == "Nothing new since 16 Nov in what could be read"
    assert len(checked(report)) >= len(SECTIONS) - 3


INCOMPLETE: dict[str, dict[str, Any]] = {
    "a refused account in the costs": {"failures": (DENIED,)},
    "days without costs": {"missing_days": 2},
    "costs that nobody fetched": {"fetched_at": NOW - timedelta(days=9)},
    "a refresh that failed": {"source_status": "failed", "failures": (DENIED,)},
    "no complete day": {"complete_until": None},
    "a check that was refused": {"finding_failures": (DENIED,)},
    "no check has run": {"run_at": None},
    "old findings": {"run_at": NOW - timedelta(days=9)},
    "an account not listed": {"listed": replace(House().listed, failed=(PROD,), failures=(DENIED,))},
    "assets of unknown tags": {"score": replace(score(), unknown=4)},
    "series still learned": {"detection": Detection(series=4, learning=2, days=20)},
    "no daily cost": {"detection": Detection()},
}


@pytest.mark.parametrize("what", INCOMPLETE)
def test_missing_data_is_never_silence(what):
    report = House(**INCOMPLETE[what]).digest()
    assert report.partial
    assert has_news(report)


def test_new_findings_over_the_readers_threshold_with_their_net_saving():
    house = House(
        findings=(
            finding("vol-1", "60.00"),
            finding("vol-2", "40.00", account=TEST),
            finding("vol-3", "9.99"),
            finding("old", "500.00", seen=SINCE - DAY),
            finding("next", "500.00", seen=NOW),
        )
    )
    report = house.digest()
    assert report.headline == "2 new findings could save $100 a month"
    rows = records(report, "new_findings")
    assert [(row["resource"], row["label"], row["monthly_saving"]) for row in rows] == [
        ("name of vol-1", "prod", Decimal("60.00")),
        ("name of vol-2", "test", Decimal("40.00")),
    ]
    assert "1 more one below your threshold" in next(t.note for t in report.tables if t.name == "new_findings")
    assert [row["label"] for row in records(report, "by_account")] == ["prod", "test"]
    assert "New findings" not in checked(report)
    assert has_news(report)
    assert len(records(house.digest(Chosen(min_saving=Decimal(0))), "new_findings")) == 3
    assert "new_findings" not in names(house.digest(Chosen(min_saving=Decimal(61))))


def test_the_scope_of_a_schedule_narrows_it():
    house = House(findings=(finding("vol-1", "60.00"), finding("vol-2", "40.00", account=TEST)))
    report = house.digest(accounts=(TEST,))
    assert [row["resource"] for row in records(report, "new_findings")] == ["name of vol-2"]
    assert f"account={TEST}" in next(t.page for t in report.tables if t.name == "new_findings")
    assert {each.values for question in house.asked for each in question.filters} == {(TEST,)}


def test_what_was_resolved_is_told_with_what_it_was_worth():
    done = state("vol-1", FindingStatus.RESOLVED, resolved_at=NOW - DAY, resolved_how=ResolvedHow.SEEN_GONE,
                 saving_when_resolved=Decimal("33.00"))  # fmt: skip
    early = replace(done, fingerprint="vol-2", resolved_at=SINCE - DAY)
    report = House(
        findings=(
            finding("vol-1", seen=SINCE - DAY, state=done, status=FindingStatus.RESOLVED),
            finding("vol-2", seen=SINCE - DAY, state=early, status=FindingStatus.RESOLVED),
        )
    ).digest()
    assert report.headline == "1 finding resolved, worth $33.00 a month"
    (row,) = records(report, "resolved_findings")
    assert (row["resource"], row["what"], row["monthly_saving"]) == ("name of vol-1", "gone in AWS", Decimal("33.00"))


def test_snoozes_that_end_before_the_next_mail_are_told():
    soon = state("vol-1", FindingStatus.SNOOZED, until=NOW + 6 * DAY, reason="after the release")
    later = replace(soon, fingerprint="vol-2", until=NOW + 7 * DAY)
    report = House(
        findings=(
            finding("vol-1", seen=SINCE - DAY, state=soon, status=FindingStatus.SNOOZED),
            finding("vol-2", seen=SINCE - DAY, state=later, status=FindingStatus.SNOOZED),
        )
    ).digest()
    assert report.headline == "1 snooze ends before 30 Nov, worth $50.00 a month"
    (row,) = records(report, "snoozes")
    assert (row["resource"], row["at"], row["what"]) == ("name of vol-1", NOW + 6 * DAY, "after the release")


def test_movers_compare_complete_days_with_the_same_weekdays_and_say_which():
    house = House(rows=(mover("940", "700"), mover("690", "700", "Amazon S3"), mover("0", "70", "Amazon SQS", TEST)))
    report = house.digest()
    days, before = (question.period for question in house.asked)
    assert (days, before) == (
        Period(date(2026, 11, 15), date(2026, 11, 22)),
        Period(date(2026, 11, 8), date(2026, 11, 15)),
    )
    assert report.headline == "EC2 in prod cost $240 more in 15–21 Nov than in 8–14 Nov"
    assert [(row["service"], row["label"], row["delta"]) for row in records(report, "movers")] == [
        ("Amazon EC2", "prod", Decimal(240)),
        ("Amazon SQS", "test", Decimal(-70)),
    ]
    assert figure(report, "Largest change").value == "+$240"
    calm = Chosen(min_change=Decimal(2000))
    assert "movers" not in names(house.digest(calm))
    steep = Chosen(min_change_percent=Decimal(50))
    assert [row["service"] for row in records(house.digest(steep), "movers")] == ["Amazon SQS"]


def test_a_daily_digest_holds_a_day_against_the_same_weekday():
    house = House(rows=(mover("130", "100"),))
    house.digest(since=NOW - DAY)
    days, before = (question.period for question in house.asked)
    assert (days.start, before.start, days.days) == (date(2026, 11, 21), date(2026, 11, 14), 1)


def test_windows_of_mails_that_follow_each_other_share_no_day_and_leave_none_out():
    told = []
    for back in (14, 7):
        house = House(complete_until=date(2026, 11, 22) - timedelta(days=back - 7))
        house.digest(since=NOW - timedelta(days=back))
        told.append(house.asked[0].period)
    assert told[0].start + timedelta(days=7) == told[1].start


def test_anomalies_are_told_when_found_and_when_over():
    ended = anomaly(
        anomaly_id="b" * 32, detected=SINCE - 5 * DAY, start=date(2026, 11, 8), last_seen=date(2026, 11, 16),
        status=AnomalyStatus.OVER, service="Amazon RDS",
    )  # fmt: skip
    known = anomaly(anomaly_id="c" * 32, detected=SINCE - DAY)
    backfilled = anomaly(anomaly_id="d" * 32, start=date(2026, 2, 1), last_seen=date(2026, 2, 3))
    house = House(anomalies=(anomaly(), ended, known, backfilled))
    report = house.digest()
    assert report.headline == "EC2 in prod cost $700 more than expected since 18 Nov"
    assert [(row["label"], row["what"]) for row in records(report, "anomalies")] == [
        ("EC2, prod", "new, spike"),
        ("RDS, prod", "ended, spike"),
    ]
    assert figure(report, "New anomalies").change == "+$700 so far, 1 ended"
    assert "anomalies" not in names(house.digest(Chosen(anomalies=Thresholds(Decimal(701)))))


def crossing(percent: int, figure_of: str, at: datetime, **more: Any) -> Crossing:
    period = Period(date(2026, 11, 1), date(2026, 12, 1))
    return Crossing(
        "b1", period, Threshold(Basis.ACTUAL, Decimal(percent)), at, Decimal(figure_of), Decimal(1000), "USD", **more
    )


NAMED = SimpleNamespace(
    budget=SimpleNamespace(budget_id="b1", name="Production"), status="over", failures=(), reasons=()
)


def test_budgets_that_were_crossed_are_told_with_their_figures():
    house = House(
        standings=(NAMED,),
        crossings=(
            crossing(100, "1040", NOW - DAY),
            crossing(80, "810", SINCE - DAY),
            crossing(90, "905", SINCE - DAY, fell=NOW - DAY),
        ),
    )
    report = house.digest()
    assert report.headline == "Production crossed 100 % of its November budget: $1,040 of $1,000"
    assert [(row["threshold"], row["what"]) for row in records(report, "budgets")] == [
        ("100 % spent", "crossed"),
        ("90 % spent", "corrected below it since"),
    ]


def test_compliance_drift_is_told_in_points_and_at_todays_costs():
    house = House(
        score=score(88, "850", "150"), drift=(SimpleNamespace(since=NOW - DAY), SimpleNamespace(since=SINCE - DAY))
    )
    report = house.digest()
    assert report.headline == "Tag compliance fell by 5.0 points to 85.0 % of cost, +$50.00 without tags"
    row = records(report, "compliance")[0]
    assert (row["key"], row["cost_points"], row["points"], row["delta_untagged"]) == (
        *("All keys", "\N{MINUS SIGN}5.0", "\N{MINUS SIGN}2.0"),
        Decimal("50.00"),
    )
    assert "1 asset was compliant and is not any more" in next(t.note for t in report.tables if t.name == "compliance")
    half = {key: (replace(each[0], judged_cost=Decimal(500), compliant_cost=Decimal(450), untagged_cost=Decimal(50)),)
            for key, each in House().kept.items()}  # fmt: skip
    assert "compliance" not in names(House(kept=half).digest()), "sums over fewer days are no drift"


def test_a_changed_policy_is_nobodys_drift():
    kept = {"": (kept_score("", SINCE - DAY, policy_version=0),)}
    report = House(score=score(50), kept=kept).digest()
    assert "compliance" not in names(report)
    assert "the policy changed" in str(records(report, "checked"))


def job(kind: str, status: JobStatus, ended: datetime, *failures: Failure) -> Job:
    return Job(kind, TENANT, kind, {}, status, "ann", ended, ended=ended, failures=failures)


def test_failures_are_told_once_and_not_when_mended():
    other = replace(DENIED, account=TEST)
    again = job("costs.refresh", JobStatus.PARTIAL, NOW - DAY, DENIED)
    before = job("costs.refresh", JobStatus.PARTIAL, SINCE - DAY, DENIED)
    assert "failures" not in names(House(jobs=(again, before)).digest())
    worse = replace(again, failures=(DENIED, other))
    report = House(jobs=(worse, before)).digest()
    (row,) = records(report, "failures")
    assert (row["name"], row["failures"]) == ("Refresh of costs", 1)
    assert TEST in str(row["reason"])
    mended = job("costs.refresh", JobStatus.COMPLETED, NOW - timedelta(hours=1))
    assert "failures" not in names(House(jobs=(mended, worse, before)).digest())
    died = job("findings.run", JobStatus.FAILED, NOW - DAY)
    assert House(jobs=(died,)).digest().headline == "Run of the checks failed"


def test_two_readers_with_other_last_mails_read_other_things():
    house = House(findings=(finding("vol-1", "60.00", seen=NOW - 3 * DAY), finding("vol-2", "40.00")))
    weekly, daily = house.digest(), house.digest(since=NOW - 2 * DAY)
    assert len(records(weekly, "new_findings")) == 2
    assert [row["resource"] for row in records(daily, "new_findings")] == ["name of vol-2"]
    assert weekly.title == "What changed since 16 Nov"
    assert daily.title == "What changed since 21 Nov"


def test_a_first_mail_says_so():
    facts = dict(House().digest(first=True).provenance.facts)
    assert facts["Since"] == (
        "2026-11-16 06:00 UTC: no mail of this schedule has reached you before, so it looks back 7 days"
    )
    assert "the last mail of this schedule that reached you" in dict(House().digest().provenance.facts)["Since"]


def test_the_headline_is_the_sentence_about_most_dollars():
    small = House(findings=(finding("vol-1", "60.00"),), rows=(mover("940", "700"),))
    assert small.digest().headline.startswith("EC2 in prod cost")
    large = House(findings=(finding("vol-1", "6000.00"),), rows=(mover("940", "700"),))
    assert large.digest().headline == "1 new finding could save $6,000 a month"
    assert large.digest().figures[0].label == "New findings, a month"


def test_every_section_links_to_its_page():
    house = House(findings=(finding("vol-1", "60.00"),), rows=(mover("940", "700"),), anomalies=(anomaly(),))
    pages = {table.name: table.page for table in house.digest().tables}
    assert pages["new_findings"] == f"/savings?min_saving=10&tenant={TENANT}"
    assert pages["movers"] == f"/cost_analysis?start=2026-11-15&end=2026-11-22&group_by=service&tenant={TENANT}"
    assert pages["anomalies"] == f"/anomalies?tenant={TENANT}"


def test_pages_know_the_filters_of_the_links():
    snoozed = state("vol-2", FindingStatus.SNOOZED, until=NOW + DAY, reason="x")
    done = state("vol-3", FindingStatus.RESOLVED, resolved_at=NOW - DAY, saving_when_resolved=Decimal(20))
    house = House(
        findings=(
            finding("vol-1", "60.00"),
            finding("vol-2", state=snoozed, status=FindingStatus.SNOOZED),
            finding("vol-3", state=done, status=FindingStatus.RESOLVED),
        ),
        standings=(NAMED,),
        crossings=(crossing(100, "1040", NOW - DAY),),
        anomalies=(anomaly(),),
    )
    links = [urlsplit(table.page) for table in house.digest(accounts=(PROD,)).tables if table.page]
    asked = {link.path: set(parse_qs(link.query)) - {"tenant"} for link in links}
    assert asked["/savings"] <= finding_links.KNOWN
    assert asked["/anomalies"] <= anomaly_links.KNOWN
    assert asked["/forecast"] <= forecast_links.KNOWN
    for link in links:
        if link.path == "/savings":
            params = {name: values for name, values in parse_qs(link.query).items() if name != "tenant"}
            view, notices = finding_links.read(params)
            assert not notices
            assert view.only.accounts == (PROD,)


def test_the_same_house_gives_the_same_digest():
    house = House(findings=(finding("vol-1"),), rows=(mover("940", "700"),), anomalies=(anomaly(),))
    one, other = house.digest(), house.digest()
    assert (one.headline, one.figures, one.charts) == (other.headline, other.figures, other.charts)
    assert [list(table.rows()) for table in one.tables] == [list(table.rows()) for table in other.tables]
