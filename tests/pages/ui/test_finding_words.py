"""Words and drawings of findings: names, cells of the matrix, labels of limits, how runs and events are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from finops.model.findings import FindingEvent, Verdict
from finops.model.jobs import Job, JobStatus, Progress
from pages.ui import finding_detail, finding_evidence, finding_names, savings_matrix, savings_run, savings_thresholds
from pages.ui.finding_evidence import Drawn, Limit
from pages.ui.savings_matrix import Place
from tests.pages.conftest import plain

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cpu_average", "CPU average"),
        ("size_gib", "Size, GiB"),
        ("unattached_days", "Unattached, days"),
        ("operations_day", "Operations a day"),
        ("iops", "IOPS"),
    ],
)
def test_fields_are_spoken(name: str, words: str) -> None:
    assert finding_names.spoken(name) == words


def test_every_verdict_has_a_name() -> None:
    assert set(finding_names.VERDICT_NAMES) == set(Verdict)


def test_two_series_are_told_in_one_line() -> None:
    days = (date(2026, 11, 6), date(2026, 11, 7))
    two = Drawn(days, {"read_ops": (0.0, 0.0), "write_ops": (0.0, 0.0)}, (), "operations")
    assert plain(two.words) == "Read operations and write operations, 6–7 Nov"
    cpu = Drawn(days, {"cpu_average": (0.0, 0.0), "cpu_maximum": (0.0, 0.0)}, (), "%")
    assert plain(cpu.words) == "CPU average and CPU maximum, %, 6–7 Nov"


# The matrix

STATES = {
    ("c", "1", "eu"): ("ok", ""),
    ("c", "1", "us"): ("denied", "ec2:DescribeVolumes"),
    ("c", "2", "eu"): ("no_data", ""),
    ("d", "", ""): ("throttled", "Throttling"),
    ("d", "1", "eu"): ("ok", ""),
}


def test_a_cell_is_the_gravest_state_of_its_regions() -> None:
    found = savings_matrix.cells(STATES, ["1", "2"])
    assert savings_matrix.cell_words(found["c", "1"]) == ["Denied", "1/2"]
    assert savings_matrix.cell_words(found["c", "2"]) == ["No data"]
    assert savings_matrix.cell_words(()) == ["—"]


def test_what_fails_without_an_account_fails_in_all_of_them() -> None:
    found = savings_matrix.cells(STATES, ["1", "2"])
    assert savings_matrix.cell_words(found["d", "1"]) == savings_matrix.cell_words(found["d", "2"]) == ["Throttled"]


def test_a_state_nobody_knows_is_no_ok() -> None:
    assert savings_matrix.worst([Place("eu", "ok", ""), Place("us", "brand_new", "")]) == "brand_new"
    assert savings_matrix.cell_words([Place("us", "brand_new", "")]) == ["Brand new"]


def test_the_matrix_is_told_in_a_sentence() -> None:
    found = savings_matrix.cells(STATES, ["1", "2"])
    told = savings_matrix.summary(found, ["c", "d"], ["1", "2"])
    assert told == "2 checks in 2 accounts: 1 denied, 2 throttled, 1 no data; the rest is seen in full."
    assert savings_matrix.summary({}, ["c"], ["1"]) == "1 check in 1 account, all seen in full."


# The evidence chart


def drawn(values: tuple[float | None, ...], *limits: Limit) -> Drawn:
    days = tuple(date(2026, 11, 6) + timedelta(days=number) for number in range(len(values)))
    return Drawn(days, {"cpu_average": values}, limits, "%")


def test_a_label_stands_where_no_value_is_in_its_way() -> None:
    falling = drawn((5.5,) * 7 + (1.0,) * 7, Limit("limit", 5))
    (label,) = finding_evidence.chart(falling).layout.annotations
    assert (label.xanchor, label.yanchor) == ("right", "bottom")
    rising = drawn((1.0,) * 7 + (5.5,) * 7, Limit("limit", 5))
    (label,) = finding_evidence.chart(rising).layout.annotations
    assert (label.xanchor, label.yanchor) == ("left", "bottom")
    over = drawn((5.5,) * 14, Limit("limit", 5))
    (label,) = finding_evidence.chart(over).layout.annotations
    assert label.yanchor == "top"


def test_the_axis_holds_values_and_limits_alike() -> None:
    figure = finding_evidence.chart(drawn((0.0, None, 0.0), Limit("limit", 40)))
    assert figure.layout.yaxis.range[1] > 40
    assert finding_evidence.chart(drawn((0.0, 0.0))).layout.yaxis.range[1] > 0
    assert figure.data[0].y[1] is None, "a day without data is a gap"


# Runs, events, names


def test_a_run_is_told_while_it_goes_on_and_when_it_ended() -> None:
    job = Job("1", "demo", "findings.run", {}, JobStatus.RUNNING, "ann", AT)
    going = Progress(3, 30, 1204, 10, 1, note="Idle EC2 instance")
    assert savings_run.words(job) == "The checks are about to begin"
    running = replace(job, progress=going)
    said = savings_run.words(running)
    assert said.startswith("Checking: Idle EC2 instance, 3 of 30 checks, 1,204 resources looked at, 1 failure")
    ended = replace(job, status=JobStatus.PARTIAL, counts={"flagged": 12, "new": 2})
    assert savings_run.outcome_words(ended) == "The run ended in part: 12 findings, 2 new"


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (("persona:ann", "snooze", "open", "snoozed", "later"), "Snoozed by ann: later"),
        (("run", "seen", "", "open", ""), "Found by the checks"),
        (("run", "gone", "open", "resolved", ""), "Resolved by the checks"),
        (("run", "seen", "resolved", "reopened", ""), "Reopened by the checks"),
        (("ann", "comment", "open", "open", "why?"), "Comment by ann: why?"),
    ],
)
def test_events_are_told(event: tuple[str, ...], words: str) -> None:
    by, action, before, after, text = event
    told = FindingEvent(1, "f", AT, by, action, before, after, text)
    assert plain(finding_detail.event_words(told)) == words


def test_names_of_resources_are_shortened() -> None:
    arn = "arn:aws:ec2:us-east-1:123456789012:volume/vol-1"
    assert savings_thresholds.short(arn) == "volume/vol-1 · 123456789012 · us-east-1"
    assert savings_thresholds.short("arn:aws:s3:::bucket") == "bucket"
    assert savings_thresholds.short("plain id") == "plain id"


def test_a_look_back_says_that_todays_findings_are_there() -> None:
    back = Progress(3, 13, note="earlier runs")
    job = Job("j-1", "demo", savings_run.HISTORY, {}, JobStatus.RUNNING, "scheduler", AT, progress=back)

    assert savings_run.words(job) == "Looking back at past weeks: 3 of 13. What is found today is here already"
